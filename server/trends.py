"""How a wearer's nights go over the weeks, and at which hours.

Everything is counted by the functions that the page and the alerts count by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from server.alerts.nightly import WearerNight
from server.known_nights import KnownNights, known_nights
from server.night_sums import BY_HOUR, FIGURES, HOURS, HourFigures, NightFigures
from server.nights import ONE_DAY
from server.queries import Nights
from server.store import Store

__all__ = ["MAX_WEEKS", "Hour", "Trends", "Week", "trends"]

Floats: TypeAlias = NDArray[np.float64]

MAX_WEEKS = 1044
"""Weeks at the most: twenty years, in the size of a page."""

WEEKS = 52
"""Weeks where nobody says how many: a year, through which cramps come and go."""

NIGHTS_A_WEEK = 7
WEEK = NIGHTS_A_WEEK * ONE_DAY

FROM_NOON = [*range(12, HOURS), *range(12)]
"""The hours of the clock in the order of a night."""


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


def trends(store: Store, session: Session, wearer: str, within: Nights) -> Trends:
    """Count the weeks and the hours of a range of nights.

    Parameters
    ----------
    within
        The newest night where no last one is given, and a year before it where no first one is.
        The weeks that these are in are counted whole.
    """
    known = known_nights(store, session, wearer)
    if not known.nights:
        return Trends((), _hours(known.by_hour))
    newest = known.nights[-1].night
    monday = _monday(min(within[1] or newest, newest))
    first = _monday(within[0]) if within[0] else monday - (WEEKS - 1) * WEEK
    first = max(first, monday - (MAX_WEEKS - 1) * WEEK)
    days = [first.toordinal(), (monday + WEEK).toordinal()]
    wanted = slice(*np.searchsorted(known.days, days).tolist())
    return Trends(
        _weeks(known, wanted, first, max((monday + WEEK - first) // WEEK, 0)),
        _hours(known.by_hour[wanted]),
        known.nights[wanted],
    )


def _monday(night: date) -> date:
    return night - night.weekday() * ONE_DAY


def _weeks(known: KnownNights, wanted: slice, first: date, weeks: int) -> tuple[Week, ...]:
    sums = np.zeros((weeks, FIGURES))
    numbers = (known.days[wanted] - first.toordinal()) // NIGHTS_A_WEEK
    np.add.at(sums, numbers, known.figures[wanted])
    return tuple(
        _week(first + number * WEEK, NightFigures(*row)) for number, row in enumerate(sums.tolist())
    )


def _week(monday: date, sums: NightFigures) -> Week:
    return Week(
        first=monday,
        last=monday + WEEK - ONE_DAY,
        recorded=int(sums.recorded),
        valid=int(sums.valid),
        searched_s=sums.searched_s,
        cramps=sums.cramps,
        cramp_nights=sums.cramp_nights,
        confirmed=int(sums.confirmed),
        open=int(sums.open),
        likely=int(sums.likely),
        possible=int(sums.possible),
    )


def _hours(nights: Sequence[Floats]) -> tuple[Hour, ...]:
    sums = sum(nights, start=np.zeros(BY_HOUR))
    by_hour = [HourFigures(*row) for row in sums.tolist()]
    return tuple(
        Hour(
            hour=hour,
            searched_s=by_hour[hour].searched_s,
            cramps=by_hour[hour].cramps,
            likely=int(by_hour[hour].likely),
            possible=int(by_hour[hour].possible),
        )
        for hour in FROM_NOON
    )
