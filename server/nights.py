"""Which night an instant belongs to, in the wearer's zone.

A night runs from local noon to local noon and is named by the date on which it began.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ingest.samples import NS_PER_S
from ingest.zones import local_time

__all__ = [
    "FIRST_NIGHT",
    "LAST_NIGHT",
    "NOON",
    "ONE_DAY",
    "by_night",
    "day_of",
    "local_time",
    "night_bounds",
    "night_of",
]

FIRST_NIGHT, LAST_NIGHT = date(1678, 1, 1), date(2261, 12, 31)
"""Nights that can be stored: those that 64 bits of nanoseconds reach from 1970, in whole years."""

NOON = time(12)
"""Local time at which one night ends and the next begins: the hour the fewest people sleep."""

DAY_BEGINS = timedelta(hours=4)
"""Local time before which 'last night' is still the one before: whoever looks at the page at
half past midnight is up late, not early."""

ONE_DAY = timedelta(days=1)


def day_of(moment: datetime) -> date:
    """Name the day that somebody awake at a local time is in."""
    return (moment - DAY_BEGINS).date()


def night_of(instant_ns: int, zone: ZoneInfo) -> date:
    """Name the night that holds an instant; local noon itself begins the next one."""
    local = local_time(instant_ns, zone)
    return local.date() if local.time() >= NOON else local.date() - ONE_DAY


def night_bounds(night: date, zone: ZoneInfo) -> tuple[int, int]:
    """Give the beginning and the end of a night in UTC nanoseconds.

    It lasts 24 h, but 23 h and 25 h where the clock changes.
    """
    return _noon_ns(night, zone), _noon_ns(night + ONE_DAY, zone)


def by_night(start_ns: int, end_ns: int, zone: ZoneInfo) -> Iterator[tuple[date, int, int]]:
    """Cut a span at every local noon: the night, the start and the end of each piece."""
    night = night_of(start_ns, zone)
    while start_ns < end_ns:
        cut_ns = min(end_ns, night_bounds(night, zone)[1])
        if start_ns < cut_ns:
            yield night, start_ns, cut_ns
            start_ns = cut_ns
        night += ONE_DAY


def _noon_ns(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, NOON, zone).timestamp()) * NS_PER_S
