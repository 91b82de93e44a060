"""The diary over the API: entries with an id of the writer's choosing, so that twice is once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import Field, JsonValue
from pydantic.dataclasses import dataclass
from sqlalchemy.orm import Session

from server import diary, schema, wearers
from server.conditions import ConditionInUse, tagged
from server.context import IdInPath, LiveInUse, Speaker, StoreInUse, Today, WearerInUse
from server.cursors import Place
from server.diary import DiaryEntry
from server.events import EventKind
from server.listing import NightListing, page, stretch
from server.nights import FIRST_NIGHT, LAST_NIGHT, ONE_DAY
from server.problem_kinds import ProblemError, ProblemKind
from server.problems import CHANGED_RESPONSE, PROBLEM_RESPONSES

__all__ = ["router"]

router = APIRouter(prefix="/api/v1/diary", tags=["diary"], responses=PROBLEM_RESPONSES)

Kind = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_-]{0,31}$",
        description="What it is about, in lower-case letters, digits and hyphens",
        examples=["drink"],
    ),
]


class DiaryListing(NightListing):
    """A list of entries."""

    kind: Kind | None = Field(default=None, description="Only those of this kind")


@dataclass(frozen=True, slots=True)
class DiaryMessage:
    """An entry of the diary."""

    day: Annotated[
        date,
        Field(
            ge=FIRST_NIGHT,
            le=LAST_NIGHT,
            description="The day it is about, by the calendar where the wearer is",
            examples=["2026-11-21"],
        ),
    ]
    kind: Kind
    payload: Annotated[
        dict[str, JsonValue],
        Field(
            description=f"What is told; {diary.MAX_PAYLOAD_CHARS} characters of JSON at most",
            examples=[{"what": "water", "ml": 300}],
        ),
    ]


@router.get("", summary="The entries of the diary, newest day first")
def list_entries(
    request: Request,
    store: StoreInUse,
    wearer: WearerInUse,
    query: Annotated[DiaryListing, Query()],
) -> schema.Page[schema.DiaryEntry]:
    with store.reading() as session:
        zone = wearers.home(session, wearer)
        entries = diary.entries(session, wearer, query.within, kind=query.kind)

    def place(each: DiaryEntry) -> Place:
        return each.day.isoformat(), each.given_ns, each.id

    found = stretch(query, entries, place, str, int, str)
    items = [schema.DiaryEntry.of(each, zone) for each in found.items]
    return page(request, query, found, place, items)


@router.get("/{entry_id}", summary="One entry of the diary")
def get_entry(
    store: StoreInUse, wearer: WearerInUse, entry_id: IdInPath, response: Response
) -> schema.DiaryEntry:
    with store.reading() as session:
        found = _shown(session, wearer, entry_id)
    if found is None:
        raise HTTPException(404, f"No diary entry has the id {entry_id}.")
    tagged(response, found)
    return found


@router.put(
    "/{entry_id}",
    summary="Write an entry; the same id again takes its place",
    responses={
        201: {"model": schema.DiaryEntry, "description": "Written as a new entry."},
        **CHANGED_RESPONSE,
    },
)
def put_entry(
    store: StoreInUse,
    live: LiveInUse,
    wearer: WearerInUse,
    speaker: Speaker,
    entry_id: IdInPath,
    message: DiaryMessage,
    condition: ConditionInUse,
    today: Today,
    response: Response,
) -> schema.DiaryEntry:
    # Where the wearer is, the day may have begun already.
    if message.day > today + ONE_DAY:
        detail = "This day is still to come. Choose a day that has begun."
        raise ProblemError(ProblemKind.NOT_YET, detail)
    entry = DiaryEntry(
        entry_id, message.day, message.kind, message.payload, store.now_ns(), speaker
    )

    def work(session: Session) -> tuple[bool, bool, schema.DiaryEntry]:
        before = diary.entry(session, wearer, entry_id)
        zone = wearers.home(session, wearer)
        condition.require(None if before is None else schema.DiaryEntry.of(before, zone))
        if before is not None and _says_the_same(before, entry):
            return False, False, schema.DiaryEntry.of(before, zone)
        diary.put_entry(session, wearer, entry)
        return before is None, True, schema.DiaryEntry.of(entry, zone)

    new, is_news, kept = store.write(work)
    if is_news:
        live.events.publish(wearer, EventKind.DIARY, f"/api/v1/diary/{entry_id}")
    if new:
        response.status_code = 201
    tagged(response, kept)
    return kept


@router.delete(
    "/{entry_id}", status_code=204, summary="Take an entry out", responses=CHANGED_RESPONSE
)
def remove_entry(
    store: StoreInUse,
    live: LiveInUse,
    wearer: WearerInUse,
    entry_id: IdInPath,
    condition: ConditionInUse,
) -> None:
    def work(session: Session) -> bool:
        condition.require(_shown(session, wearer, entry_id))
        return diary.remove_entry(session, wearer, entry_id)

    if not store.write(work):
        raise HTTPException(404, f"No diary entry has the id {entry_id}.")
    live.events.publish(wearer, EventKind.DIARY, f"/api/v1/diary/{entry_id}")


def _shown(session: Session, wearer: str, entry_id: str) -> schema.DiaryEntry | None:
    found = diary.entry(session, wearer, entry_id)
    zone: ZoneInfo = wearers.home(session, wearer)
    return None if found is None else schema.DiaryEntry.of(found, zone)


def _says_the_same(before: DiaryEntry, entry: DiaryEntry) -> bool:
    return replace(before, given_ns=entry.given_ns) == entry
