"""What a night adds to the sums of its week and of the hours of the day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from detector.night import Span, Standing
from ingest.samples import NS_PER_S
from server.alerts.nightly import WearerNight, count_night
from server.alerts.shown import confirmed, unanswered
from server.asked_nights import NightFacts
from server.nights import local_time

__all__ = [
    "BY_HOUR",
    "FIGURES",
    "HOURS",
    "HourFigures",
    "NightFigures",
    "NightSums",
    "night_sums",
]

HOURS = 24
HOUR_NS = 3600 * NS_PER_S
DAY_NS = HOURS * HOUR_NS

CHANGE_NS = 15 * 60 * NS_PER_S
"""Clocks change at whole quarters of an hour (UTC), in every zone of today."""


class NightFigures(NamedTuple):
    """What a night adds to its week; what follows `valid` and `searched_s` only if it is valid.

    `likely` and `possible` are of every night, as its page tells them.
    """

    recorded: float
    valid: float
    searched_s: float
    cramps: float
    cramp_nights: float
    confirmed: float
    open: float
    likely: float
    possible: float


class HourFigures(NamedTuple):
    """What a night adds to an hour."""

    searched_s: float
    cramps: float
    likely: float
    possible: float


FIGURES = len(NightFigures._fields)
BY_HOUR = (HOURS, len(HourFigures._fields))


@dataclass(frozen=True, slots=True)
class NightSums:
    """What a night adds.

    Parameters
    ----------
    by_hour
        ``[24, 4]``: `HourFigures` of each full hour by the clock of the wearer, from midnight on.
    """

    figures: NightFigures
    by_hour: NDArray[np.float64]


def night_sums(night: WearerNight, facts: NightFacts, home: ZoneInfo) -> NightSums:
    """Sum up a night by the functions that the page and the alerts count by.

    Parameters
    ----------
    night, facts
        The same night, with the answers put to the episodes and as it is stored.
    home
        The zone of a night that no recording is of.
    """
    count = count_night(night)
    standings = Counter(each.standing for each in night.episodes)
    figures = NightFigures(
        recorded=night.searched_s > 0,
        valid=count.valid,
        searched_s=night.searched_s,
        cramps=count.cramps if count.valid else 0.0,
        cramp_nights=count.cramp_night if count.valid else 0.0,
        confirmed=confirmed(night) if count.valid else 0,
        open=unanswered(night) if count.valid else 0,
        likely=standings[Standing.LIKELY],
        possible=standings[Standing.POSSIBLE],
    )
    zone = home if facts.timezone is None else ZoneInfo(facts.timezone)
    return NightSums(figures, _by_hour(night, facts, zone))


def _by_hour(night: WearerNight, facts: NightFacts, zone: ZoneInfo) -> NDArray[np.float64]:
    pieces = [piece for span in facts.searched for piece in _by_the_clock(span, zone)]
    sums = np.zeros(BY_HOUR)
    sums[:, 0] = _seconds_by_hour(pieces)
    for found, asked in zip(facts.told, night.episodes, strict=True):
        hour = local_time(found.start_ns, zone).hour
        likely = asked.standing is Standing.LIKELY
        sums[hour] += HourFigures(0.0, asked.counts, likely, not likely)
    return sums


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
