"""The page on which the owner sees whether notices arrive, and tries it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response
from fastapi.responses import RedirectResponse

from server import notice_log
from server.context import NotifierInUse, StoreInUse, WearerAsked, WearerInUse
from server.notice_routes import SubscriptionNumber
from server.notify.compose import zone_now
from server.notify.kinds import TITLES, kind_of
from server.notify.status_words import HOW_TO_SET_ONE, NO_CHANNEL, became, tried_last
from server.notify.subscriptions import channel_of, subscriptions, unsubscribe
from server.pages import asked, page

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

SHOWN_NOTICES = 20
"""The newest notices on the page: a week's worth on a few channels."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, as the page shows it.

    Parameters
    ----------
    browser
        Its number, where it is a browser.
    """

    name: str
    shown: str
    last: str
    browser: int | None


@router.get("/settings")
def settings(
    store: StoreInUse, notifier: NotifierInUse, whose: WearerInUse, wearer: WearerAsked = None
) -> Response:
    """Show the channels, what came of the last notice on each, and a button to try it."""
    with store.reading() as session:
        zone = zone_now(session, whose)
        newest = notice_log.notices(session, whose, newest=notice_log.LOOKED_BACK)
        browsers = {channel_of(each): each.id for each in subscriptions(session, whose)}
        shown = notifier.channels(session, whose)
    last = {each.channel: each for each in newest if each.sent_ns is not None or each.problem}
    home = notifier.home
    return page(
        "settings.html",
        asked=asked(wearer),
        channels=[
            Channel(name, what, tried_last(last.get(name), zone), browsers.get(name))
            for name, what in shown.items()
        ],
        home=None if home is None else (home.shown, home.problem),
        push_key=notifier.push_key,
        no_channel=NO_CHANNEL,
        how_to_set_one=HOW_TO_SET_ONE,
        notices=[
            (shown.get(each.channel, each.channel), TITLES[kind_of(each.key)], became(each, zone))
            for each in newest[::-1][:SHOWN_NOTICES]
        ],
    )


@router.post("/settings/test")
def send_test(
    notifier: NotifierInUse,
    whose: WearerInUse,
    channel: Annotated[str, Query(max_length=64)],
    wearer: WearerAsked = None,
) -> Response:
    """Send a test on a channel, and show the page again."""
    if not notifier.test(whose, channel):
        raise HTTPException(404)
    return RedirectResponse(f"/settings{asked(wearer)}", 303)


@router.post("/settings/browsers/{subscription_id}/forget")
def forget(
    store: StoreInUse,
    whose: WearerInUse,
    subscription_id: SubscriptionNumber,
    wearer: WearerAsked = None,
) -> Response:
    """Tell a browser no more, and show the page again."""
    if not store.write(lambda session: unsubscribe(session, whose, subscription_id)):
        raise HTTPException(404)
    return RedirectResponse(f"/settings{asked(wearer)}", 303)
