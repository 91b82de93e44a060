"""A night that never began, of a wearer whose nights can be relied on to begin."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.samples import NS_PER_S, FaultKind
from server import words
from server.alerts.rules import RULES
from server.figures import SIMULATOR
from server.going_on import nights_begun
from server.known_nights import known_nights
from server.nights import NOON, ONE_DAY, night_of
from server.notify.kinds import GIVEN_UP_AFTER_NS, Kind, Notice
from server.store import Store
from server.tables import RecordingRow
from server.wearer_day import zone_now

__all__ = ["late_at", "not_begun"]

LOOKED_BACK = 28
"""Nights before tonight that say when a night begins: four weeks, each weekday four times."""

LEAST_BEGUN = 20
"""Nights among these that began and were counted: five in seven. Who is new, or records only now
and then, misses nothing by a night without."""

LATE = timedelta(hours=3)
"""After the usual hour by the clock on the wall: more than a long evening, and most of the night is
still ahead."""

BEGUN_BY_THEN = 0.9
"""Share of the nights that had begun by that hour. Where it is less, as with work by turns at night
and by day, nobody can tell that a night is late."""

MOST_MISSED = 2
"""Nights in a row that are told of: who heard of two without recording has stopped, or is away."""


def late_at(
    begun: Mapping[date, timedelta], counted: Collection[date], night: date, zone: ZoneInfo
) -> datetime | None:
    """Give when a night is to be told of unless it has begun; None where it never is.

    Parameters
    ----------
    begun
        How long after noon, by the clock on the wall, nights began.
    counted
        Nights of which enough was searched to count.
    """
    before = [night - ago * ONE_DAY for ago in range(1, LOOKED_BACK + 1)]
    usual = [begun[each] for each in before if each in begun and each in counted]
    if len(usual) < LEAST_BEGUN or begun.keys().isdisjoint(before[:MOST_MISSED]):
        return None
    late = timedelta(seconds=median(each.total_seconds() for each in usual)) + LATE
    if sum(each <= late for each in usual) < BEGUN_BY_THEN * len(usual):
        return None
    return (datetime.combine(night, NOON) + late).replace(tzinfo=zone)


def not_begun(store: Store, session: Session, wearer: str, now_ns: int) -> Notice | None:
    """Write of tonight where it should have begun and has not; None elsewhere.

    Not told is what is late by more than a fault is worth sending: a server that was away until
    then wakes nobody.
    """
    zone = zone_now(session, wearer)
    night = night_of(now_ns, zone)
    begun = nights_begun(session, wearer, night - LOOKED_BACK * ONE_DAY)
    newest = _newest(session, wearer)
    if newest is None or newest[0] >= night or night in begun:
        return None
    nights = known_nights(store, session, wearer).nights
    counted = {each.night for each in nights if each.searched_s >= RULES.valid_from_s}
    late = late_at(begun, counted, night, zone)
    if late is None:
        return None
    late_by_ns = now_ns - int(late.timestamp()) * NS_PER_S
    if not 0 <= late_by_ns < GIVEN_UP_AFTER_NS[Kind.FAULT]:
        return None
    about = f"{FaultKind.NIGHT_NOT_BEGUN}::{night}"
    return Notice(Kind.FAULT, about, words.not_begun(newest[1], zone))


def _newest(session: Session, wearer: str) -> tuple[date, int] | None:
    """Give the night and the end, in UTC nanoseconds, of the recording that ended last."""
    found = (
        select(RecordingRow.night, RecordingRow.end_ns)
        .where(RecordingRow.wearer_id == wearer, ~RecordingRow.source.startswith(SIMULATOR))
        .order_by(RecordingRow.end_ns.desc())
        .limit(1)
    )
    row = session.execute(found).first()
    return None if row is None else (row.night, row.end_ns)
