"""Notices over the API: what became of them, a test, and the browsers that are told."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass
from sqlalchemy.orm import Session

from server import notice_log, schema
from server.context import CallerInUse, NotifierInUse, StoreInUse, WearerInUse
from server.cursors import Place
from server.listing import Listing, page, stretch
from server.nights import local_time
from server.notice_log import StoredNotice
from server.notify.channels import PushKeys, add_browser, channels, remove
from server.notify.kinds import Kind, kind_of
from server.notify.own_channels import ChannelAction, note_channel, own_channel
from server.notify.reach import require_outside
from server.problems import PROBLEM_RESPONSES
from server.wearer_day import zone_now
from server.wire import Text

__all__ = ["SubscriptionNumber", "router"]

router = APIRouter(prefix="/api/v1", tags=["notices"], responses=PROBLEM_RESPONSES)

POINT_BYTES = 65
"""Length of an uncompressed point of P-256, as browsers give their keys."""
AUTH_BYTES = 16
"""Length of the secret that a browser shares with whoever tells it (RFC 8291)."""

P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
"""The keys of the browser in the example of RFC 8291, section 5."""

SubscriptionNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]
"""Id of a browser that is told."""


class Notice(schema.Answer):
    """A notice, and what became of it."""

    id: int = Field(examples=[12])
    channel: str = Field(examples=["ntfys-3f9a"])
    kind: Kind
    key: str = Field(description="What it is about", examples=["morning:2026-11-21"])
    text: str
    tries: int = Field(examples=[1])
    sent: schema.Moment | None = Field(description="Null where it was not")
    next_try: schema.Moment | None = Field(description="Null where it was sent or given up")
    problem: str = Field(description="Why it could not be sent; empty where it could")

    @classmethod
    def of(cls, notice: StoredNotice, zone: ZoneInfo) -> Self:
        """Give a notice local times."""
        sent_ns, next_ns = notice.sent_ns, notice.next_try_ns
        return cls(
            id=notice.id,
            channel=notice.channel,
            kind=kind_of(notice.key),
            key=notice.key,
            text=notice.text,
            tries=notice.tries,
            sent=None if sent_ns is None else local_time(sent_ns, zone),
            next_try=None if next_ns is None else local_time(next_ns, zone),
            problem=notice.problem,
        )


class Browser(schema.Answer):
    """A browser that is told."""

    id: int = Field(examples=[3])


def _https(endpoint: str) -> str:
    address = urlsplit(endpoint)
    if address.scheme != "https" or not address.hostname or address.username:
        raise ValueError("the address of a push service begins with https://")
    return endpoint


def _key(text: str) -> str:
    if len(_decoded(text)) != POINT_BYTES:
        raise ValueError(f"a key of a browser has {POINT_BYTES} bytes in base64url")
    return text


def _secret(text: str) -> str:
    if len(_decoded(text)) != AUTH_BYTES:
        raise ValueError(f"the secret of a browser has {AUTH_BYTES} bytes in base64url")
    return text


def _decoded(text: str) -> bytes:
    padded = text + "=" * (-len(text) % 4)
    try:
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


@dataclass(frozen=True, slots=True)
class SubscriptionMessage:
    """A browser that wants to be told, as its own PushSubscription says it."""

    endpoint: Annotated[
        str,
        Field(max_length=2048, examples=["https://push.example.org/send/abc"]),
        AfterValidator(_https),
    ]
    p256dh: Annotated[str, Field(max_length=128, examples=[P256DH]), AfterValidator(_key)]
    auth: Annotated[str, Field(max_length=64, examples=[AUTH]), AfterValidator(_secret)]
    name: Annotated[Text, Field(min_length=1, max_length=80, examples=["Browser on Linux"])]


@router.get("/notices", summary="Notices, the newest first")
def list_notices(
    request: Request,
    store: StoreInUse,
    wearer: WearerInUse,
    query: Annotated[Listing, Query()],
) -> schema.Page[Notice]:
    with store.reading() as session:
        zone = zone_now(session, wearer)
        notices = notice_log.notices(session, wearer)

    def place(each: StoredNotice) -> Place:
        return (each.id,)

    found = stretch(query, notices, place, int)
    items = [Notice.of(each, zone) for each in found.items]
    return page(request, query, found, place, items)


@router.post(
    "/notices/test",
    status_code=202,
    response_class=Response,
    summary="Send a test on a channel",
)
def send_test(
    notifier: NotifierInUse,
    wearer: WearerInUse,
    caller: CallerInUse,
    name: Annotated[str, Query(alias="channel", max_length=64, examples=["ntfys-3f9a"])],
) -> Response:
    if not notifier.test(wearer, name, caller.person):
        raise HTTPException(404, "No channel has that name.")
    return Response(status_code=202)


@router.put("/push-subscriptions", summary="Tell a browser; the same again takes its new keys")
def tell_browser(
    store: StoreInUse,
    notifier: NotifierInUse,
    wearer: WearerInUse,
    caller: CallerInUse,
    asked: SubscriptionMessage,
) -> Browser:
    """Keep a browser; one of somebody else's than the owner's waits until the wearer agrees."""
    if notifier.push_key is None:
        raise HTTPException(404, "Browsers are not told here: set CRAMPWATCH_PUSH_CONTACT.")
    keys = PushKeys(asked.endpoint, asked.p256dh, asked.auth)
    person, at_ns = caller.require_person(), store.now_ns()
    if person is not None:
        require_outside(urlsplit(asked.endpoint).hostname or "")

    def work(session: Session) -> int:
        notifier.begin(session, wearer)
        before = channels(session, wearer)
        found = add_browser(session, wearer, person, asked.name, keys, added_ns=at_ns)
        if all(each.id != found.id for each in before):
            note_channel(session, caller, ChannelAction.ADD, found, at_ns)
        return found.id

    return Browser(id=store.write(work))


@router.delete(
    "/push-subscriptions/{subscription_id}",
    status_code=204,
    summary="Tell a browser no more",
)
def forget_browser(
    store: StoreInUse,
    wearer: WearerInUse,
    caller: CallerInUse,
    subscription_id: SubscriptionNumber,
) -> None:
    at_ns = store.now_ns()

    def work(session: Session) -> bool:
        found = own_channel(session, caller, wearer, subscription_id)
        if found is None or found.keys is None:
            return False
        remove(session, found)
        note_channel(session, caller, ChannelAction.REMOVE, found, at_ns)
        return True

    if not store.write(work):
        raise HTTPException(404, f"No browser has the id {subscription_id}.")
