"""How a wearer's nights go over the weeks, and at which hours.

Everything is counted by the functions that the page and the alerts count by.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from detector.night import Span, Standing
from ingest.samples import NS_PER_S
from server import queries, wearers
from server.alerts.nightly import WearerNight, count_night
from server.alerts.rules import RULES, Rules
from server.alerts.shown import confirmed, unanswered
from server.asked_nights import FoundEpisode, asked_nights, searched_spans, told_episodes
from server.nights import ONE_DAY, local_time
from server.queries import Nights
from server.spans import united
from server.tables import RecordingRow

__all__ = ["MAX_WEEKS", "Hour", "Trends", "Week", "trends"]

MAX_WEEKS = 1044
"""Weeks at the most: twenty years, in the size of a page."""

WEEKS = 52
"""Weeks where nobody says how many: a year, through which cramps come and go."""

WEEK = 7 * ONE_DAY

UTC = ZoneInfo("UTC")

HOURS = 24
FROM_NOON = [*range(12, HOURS), *range(12)]
"""The hours of the clock in the order of a night."""
HOUR_NS = 3600 * NS_PER_S
DAY_NS = HOURS * HOUR_NS

CHANGE_NS = 15 * 60 * NS_PER_S
"""Clocks change at whole quarters of an hour (UTC), in every zone of today."""


@dataclass(frozen=True, slots=True)
class Week:
    """Seven nights from a Monday on.

    Parameters
    ----------
    valid
        Nights of which enough was searched to count; what follows is of these alone.
    cramps
        Expected number: calibrated probabilities until the wearer has answered.
    confirmed
        Cramps by the wearer's word.
    open
        Awakenings and marks without an answer.
    likely, possible
        Of all nights, as their pages tell them.
    """

    first: date
    last: date
    recorded: int
    valid: int
    searched_s: float
    cramps: float
    cramp_nights: float
    confirmed: int
    open: int
    likely: int
    possible: int


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour by the clock of the wearer, over all nights.

    Parameters
    ----------
    searched_s
        Seconds in which awakenings were looked for at this hour.
    cramps
        Expected number, as of a week.
    """

    hour: int
    searched_s: float
    cramps: float
    likely: int
    possible: int


@dataclass(frozen=True, slots=True)
class Trends:
    """Weeks, oldest first, the 24 hours from noon on, and the nights they were counted from."""

    weeks: tuple[Week, ...]
    hours: tuple[Hour, ...]
    nights: tuple[WearerNight, ...] = ()


def trends(session: Session, wearer: str, within: Nights, rules: Rules = RULES) -> Trends:
    """Count the weeks and the hours of a range of nights.

    Parameters
    ----------
    within
        The newest night where no last one is given, and a year before it where no first one is.
        The weeks that these are in are counted whole.
    """
    newest = queries.newest_night(session, wearer)
    if newest is None:
        return Trends((), _hours((), {}, {}, {}, UTC))
    last = min(within[1] or newest, newest)
    monday = _monday(last)
    first = _monday(within[0]) if within[0] else monday - (WEEKS - 1) * WEEK
    first = max(first, monday - (MAX_WEEKS - 1) * WEEK)
    told = told_episodes(session, wearer, first)
    spans = searched_spans(session, wearer, first)
    nights = [
        each
        for each in asked_nights(session, wearer, first, told=told, searched=spans)
        if each.night < monday + WEEK
    ]
    zones = _zones(session, wearer, first)
    home = wearers.home(session, wearer)
    return Trends(
        _weeks(nights, first, monday, rules),
        _hours(nights, told, spans, zones, home),
        tuple(nights),
    )


def _monday(night: date) -> date:
    return night - night.weekday() * ONE_DAY


def _weeks(
    nights: Iterable[WearerNight], first: date, last: date, rules: Rules
) -> tuple[Week, ...]:
    by_week: dict[date, list[WearerNight]] = {}
    for each in nights:
        by_week.setdefault(_monday(each.night), []).append(each)
    mondays = (first + number * WEEK for number in range((last - first) // WEEK + 1))
    return tuple(_week(monday, by_week.get(monday, ()), rules) for monday in mondays)


def _week(monday: date, nights: Sequence[WearerNight], rules: Rules) -> Week:
    counted = [(each, count_night(each, rules)) for each in nights]
    valid = [(night, count) for night, count in counted if count.valid]
    standings = Counter(each.standing for night in nights for each in night.episodes)
    return Week(
        first=monday,
        last=monday + WEEK - ONE_DAY,
        recorded=sum(each.searched_s > 0 for each in nights),
        valid=len(valid),
        searched_s=sum(each.searched_s for each in nights),
        cramps=sum(count.cramps for _, count in valid),
        cramp_nights=sum(count.cramp_night for _, count in valid),
        confirmed=sum(confirmed(night) for night, _ in valid),
        open=sum(unanswered(night) for night, _ in valid),
        likely=standings[Standing.LIKELY],
        possible=standings[Standing.POSSIBLE],
    )


def _zones(session: Session, wearer: str, since: date) -> dict[date, ZoneInfo]:
    """Give the zone of each night: where its last recording was made, as on the page."""
    found = (
        select(RecordingRow.night, RecordingRow.timezone)
        .where(RecordingRow.wearer_id == wearer, RecordingRow.night >= since)
        .order_by(RecordingRow.end_ns)
    )
    return {night: ZoneInfo(timezone) for night, timezone in session.execute(found)}


def _hours(
    nights: Iterable[WearerNight],
    told: Mapping[date, Sequence[FoundEpisode]],
    spans: Mapping[date, Sequence[Span]],
    zones: Mapping[date, ZoneInfo],
    home: ZoneInfo,
) -> tuple[Hour, ...]:
    pieces: list[tuple[int, int]] = []
    cramps: dict[int, float] = defaultdict(float)
    standings: Counter[tuple[int, Standing]] = Counter()
    for night in nights:
        zone = zones.get(night.night, home)
        for span in united(spans.get(night.night, ())):
            pieces.extend(_by_the_clock(span, zone))
        for found, asked in zip(told.get(night.night, ()), night.episodes, strict=True):
            hour = local_time(found.start_ns, zone).hour
            cramps[hour] += asked.counts
            standings[hour, asked.standing] += 1
    searched_s = _seconds_by_hour(pieces)
    return tuple(
        Hour(
            hour=hour,
            searched_s=float(searched_s[hour]),
            cramps=float(cramps[hour]),
            likely=standings[hour, Standing.LIKELY],
            possible=standings[hour, Standing.POSSIBLE],
        )
        for hour in FROM_NOON
    )


def _by_the_clock(span: Span, zone: ZoneInfo) -> Iterator[tuple[int, int]]:
    """Give a span in nanoseconds of the local clock, in two pieces where that changes."""
    offset_ns = _offset_ns(span.start_ns, zone)
    if _offset_ns(span.end_ns, zone) == offset_ns:
        yield span.start_ns + offset_ns, span.end_ns + offset_ns
        return
    start_ns = span.start_ns
    while start_ns < span.end_ns:
        end_ns = min((start_ns // CHANGE_NS + 1) * CHANGE_NS, span.end_ns)
        offset_ns = _offset_ns(start_ns, zone)
        yield start_ns + offset_ns, end_ns + offset_ns
        start_ns = end_ns


def _offset_ns(instant_ns: int, zone: ZoneInfo) -> int:
    offset = local_time(instant_ns, zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds()) * NS_PER_S


def _seconds_by_hour(pieces: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """Add up how many seconds of spans of the local clock lie in each hour of the day."""
    edges = np.array(pieces, np.int64).reshape(-1, 2)[:, :, None]
    hours_ns = np.arange(HOURS) * HOUR_NS
    # What of an hour has passed until an instant, in all days since 1970.
    passed_ns = edges // DAY_NS * HOUR_NS + np.clip(edges % DAY_NS - hours_ns, 0, HOUR_NS)
    return np.asarray((passed_ns[:, 1] - passed_ns[:, 0]).sum(0) / NS_PER_S)
