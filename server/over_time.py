"""A wearer's nights over months: the calendar, and the year that is drawn beside it.

Everything is counted by the functions that the API and the alerts count by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias
from weakref import WeakKeyDictionary

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from detector.night import Standing
from server import alert_log, summary
from server.alert_log import StoredAlert
from server.alerting import usual_now
from server.alerts.judge import UsualWeek
from server.alerts.nightly import WearerNight, count_night
from server.answers import GivenAnswer, answered, answers
from server.by_wearer import by_wearer
from server.figures import NightFigures, NightState
from server.kept_tables import AlertEventRow, AlertStep, Leg, Muscle, Said
from server.night_changes import last_change
from server.nights import ONE_DAY
from server.store import Store

__all__ = [
    "CalendarNight",
    "Month",
    "MonthCount",
    "StoodAlert",
    "Told",
    "by_season",
    "calendar_month",
    "month_counts",
    "months_around",
    "told_of",
    "usual_week",
]

Fingerprint: TypeAlias = tuple[int | None, int | None]

_USUAL: WeakKeyDictionary[Store, dict[str, tuple[Fingerprint, UsualWeek | None]]] = by_wearer()
"""What was usual for whom, and what that was judged from: years of nights take a second."""


ANY_YEAR = 2000
"""What stands for all years together."""


@dataclass(frozen=True, slots=True)
class CalendarNight:
    """A night of the calendar.

    Parameters
    ----------
    figures
        As its page has them.
    told
        Cramps by the wearer's word.
    likely, possible
        Awakenings that wait for an answer, or of which the wearer is not sure.
    rejected
        Awakenings that were none, by the wearer's word.
    alert
        Whether an alert stood.
    """

    figures: NightFigures
    told: int
    likely: int
    possible: int
    rejected: int
    alert: bool

    @property
    def mark(self) -> str:
        """Name the mark that stands for it; the wearer's word counts before the detector's."""
        if self.told or self.likely:
            return "likely"
        if self.possible:
            return "possible"
        state = replace(self.figures, likely=0, possible=0).state
        return NightState.PARTLY.value if state is NightState.UNKNOWN else state.value

    @property
    def number(self) -> int:
        """What stands in the mark."""
        return self.told + self.likely or self.possible


@dataclass(frozen=True, slots=True)
class StoodAlert:
    """An alert, and the nights from which and until which it stood; None where it still does."""

    alert: StoredAlert
    until: date | None


@dataclass(frozen=True, slots=True)
class Month:
    """A month, by weeks; None stands for days beside it and for those to come."""

    first: date
    weeks: tuple[tuple[CalendarNight | None, ...], ...]
    alerts: tuple[StoodAlert, ...]


@dataclass(frozen=True, slots=True)
class MonthCount:
    """The valid nights of a month, and what was in them."""

    first: date
    valid: int
    cramps: float
    cramp_nights: float


@dataclass(frozen=True, slots=True)
class Told:
    """What the wearer told of cramps: how many in which leg and muscle, and of which pain."""

    cramps: int
    legs: Counter[Leg | None]
    muscles: Counter[Muscle | None]
    pains: Counter[int | None]


def months_around(month: date) -> tuple[date, date]:
    """Give the first days of the months before and after one."""
    return (month - ONE_DAY).replace(day=1), (month + 31 * ONE_DAY).replace(day=1)


def calendar_month(
    session: Session, wearer: str, month: date, until: date, *, first_weekday: int = 0
) -> Month:
    """Lay out a month, given by its first day; of what comes after a night nothing is said.

    Parameters
    ----------
    first_weekday
        With which a week begins; Monday is 0.
    """
    last = months_around(month)[1] - ONE_DAY
    nights = [month + number * ONE_DAY for number in range(last.day)]
    nights = [each for each in nights if each <= until]
    episodes = summary.episodes(session, wearer, (month, last))
    given = answered(episodes, answers(session, wearer, (month, last)))
    told = Counter(each.night for each in given.left if each.said is Said.YES)
    open_: Counter[tuple[date, Standing]] = Counter()
    rejected: Counter[date] = Counter()
    for each in episodes:
        answer = given.by_episode.get(each.id)
        if answer is None or answer.said is Said.UNSURE:
            open_[each.night, each.standing] += 1
        elif answer.said is Said.YES:
            told[each.night] += 1
        else:
            rejected[each.night] += 1
    stood = tuple(
        each
        for each in map(_stood, alert_log.alerts(session, wearer, (None, last)))
        if each.until is None or each.until >= month
    )
    cells: list[CalendarNight | None] = [None] * ((month.weekday() - first_weekday) % 7)
    for figures in summary.figures(session, wearer, nights):
        night = figures.night
        cells.append(
            CalendarNight(
                figures,
                told=told[night],
                likely=open_[night, Standing.LIKELY],
                possible=open_[night, Standing.POSSIBLE],
                rejected=rejected[night],
                alert=any(each.alert.night <= night <= (each.until or until) for each in stood),
            )
        )
    cells += [None] * (-len(cells) % 7)
    weeks = tuple(tuple(cells[start : start + 7]) for start in range(0, len(cells), 7))
    return Month(month, weeks, stood)


def month_counts(nights: Iterable[WearerNight], first: date, last: date) -> tuple[MonthCount, ...]:
    """Count the months from that of a night to that of another, both as far as they are given."""
    valid: Counter[date] = Counter()
    cramps: dict[date, float] = {}
    cramp_nights: dict[date, float] = {}
    for each in (night for night in nights if first <= night.night <= last):
        counted = count_night(each)
        if counted.valid:
            month = each.night.replace(day=1)
            valid[month] += 1
            cramps[month] = cramps.get(month, 0.0) + counted.cramps
            cramp_nights[month] = cramp_nights.get(month, 0.0) + counted.cramp_night
    months = [first.replace(day=1)]
    while (after := months_around(months[-1])[1]) <= last:
        months.append(after)
    return tuple(
        MonthCount(each, valid[each], cramps.get(each, 0.0), cramp_nights.get(each, 0.0))
        for each in months
    )


def by_season(months: Iterable[MonthCount]) -> tuple[MonthCount, ...]:
    """Put the months of all years together, from January to December."""
    known = tuple(months)
    return tuple(
        MonthCount(
            date(ANY_YEAR, number, 1),
            sum(each.valid for each in known if each.first.month == number),
            sum(each.cramps for each in known if each.first.month == number),
            sum(each.cramp_nights for each in known if each.first.month == number),
        )
        for number in range(1, 13)
    )


def told_of(given: Sequence[GivenAnswer]) -> Told:
    """Count what was told of cramps."""
    cramps = [each for each in given if each.said is Said.YES]
    return Told(
        cramps=len(cramps),
        legs=Counter(each.leg for each in cramps),
        muscles=Counter(each.muscle for each in cramps),
        pains=Counter(each.pain for each in cramps),
    )


def usual_week(store: Store, wearer: str) -> UsualWeek | None:
    """Give what is usual for a wearer as the alerts see it, judged anew where anything is new."""
    with store.reading() as session:
        fingerprint = _fingerprint(session, wearer)
    known = _USUAL.setdefault(store, {})
    found = known.get(wearer)
    if found is None or found[0] != fingerprint:
        found = known[wearer] = (fingerprint, usual_now(store, wearer)[1])
    return found[1]


def _stood(alert: StoredAlert) -> StoodAlert:
    cleared = [each.night for each in alert.events if each.step is AlertStep.CLEARED]
    return StoodAlert(alert, min(cleared, default=None))


def _fingerprint(session: Session, wearer: str) -> Fingerprint:
    """Give what changes with all that a judgement of the alerts depends on."""
    steps = select(func.max(AlertEventRow.id)).where(AlertEventRow.wearer_id == wearer)
    return last_change(session, wearer), session.scalar(steps)
