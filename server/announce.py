"""Tells who listens of what a night or an answer changed, alerts included."""

from __future__ import annotations

from detector.night import Night
from server import queries, wearers
from server.alerting import judge_beside
from server.events import EventKind
from server.live import Live
from server.store import Store

__all__ = ["judge_and_tell", "tell_of_answer", "tell_of_night"]


def tell_of_night(
    store: Store, live: Live, asked: str | None, night: Night, *, is_news: bool = True
) -> None:
    """Tell who listens of a night that was stored, judge it for alerts, and tell of those.

    Parameters
    ----------
    is_news
        False of one that was stored already, as it is.
    """
    with store.reading() as session:
        wearer = wearers.resolve(session, asked)
        stored = queries.recording(session, wearer, night.id)
    if is_news and stored is not None:
        live.events.publish(wearer, EventKind.NIGHT, f"/api/v1/nights/{stored.night}")
    judge_and_tell(store, live, wearer)


def tell_of_answer(store: Store, live: Live, wearer: str, *, is_news: bool) -> None:
    """Tell who listens of an answer that was kept or taken back, and judge the nights with it."""
    if is_news:
        live.events.publish(wearer, EventKind.ANSWER, "/api/v1/answers")
    # With the same again as well: the server may have stopped before it judged with the first.
    judge_and_tell(store, live, wearer)


def judge_and_tell(store: Store, live: Live, wearer: str) -> None:
    """Judge the nights for alerts, and tell who listens of the one that is raised."""
    if judge_beside(store, wearer) is not None:
        live.events.publish(wearer, EventKind.ALERT, "/api/v1/alerts")
