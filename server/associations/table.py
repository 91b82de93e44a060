"""Everything that the diary tells of, compared at once with the nights as the alerts count them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from server.alerts.nightly import NightCount, WearerNight, count_night
from server.alerts.rules import RULES, Rules
from server.associations.exposure import Subject, Told, exposures
from server.associations.judged import Judgement, has_enough, judge
from server.associations.ratio import Pair, Side
from server.associations.swing import swing
from server.nights import ONE_DAY

__all__ = ["NIGHTS", "Association", "Associations", "associations", "side", "valid_counts"]

NIGHTS = 365
"""Nights that are looked at: a year, through which cramps come and go, and no more, because what
somebody did years ago was beside other things than now."""


@dataclass(frozen=True, slots=True)
class Association:
    """Something that the diary tells of, and the nights with it beside those without it.

    Parameters
    ----------
    about
        As of `server.associations.exposure.Exposure`.
    """

    subject: Subject
    about: str
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Associations:
    """All that was compared, always in the same order.

    Parameters
    ----------
    first, last
        The nights that were looked at: the year up to the last one, or fewer.
    judged
        Of how many there are nights enough; these are allowed for as compared at once.
    """

    first: date
    last: date
    valid: int
    judged: int
    found: tuple[Association, ...]

    @property
    def of_a_year(self) -> bool:
        """Whether it is of a whole year."""
        return self.first == _year_before(self.last)


def associations(
    nights: Iterable[WearerNight],
    told: Told,
    last: date,
    rules: Rules = RULES,
    *,
    since: date = date.min,
) -> Associations:
    """Compare the nights of the year up to a last one by all that the diary tells.

    Parameters
    ----------
    since
        The first night that is looked at, where that is later than the year begins.
    """
    first = max(since, _year_before(last))
    counted = valid_counts((each for each in nights if first <= each.night <= last), rules)
    cramp_nights = {night: count.cramp_night for night, count in counted.items()}
    pairs = [
        (
            each,
            Pair(side(counted, each.with_it), side(counted, each.without)),
            swing(cramp_nights, each.with_it, each.without),
        )
        for each in exposures(told, counted)
    ]
    judged = sum(
        has_enough(pair.with_it, pair.without) and swung is not None for _, pair, swung in pairs
    )
    return Associations(
        first=first,
        last=last,
        valid=len(counted),
        judged=judged,
        found=tuple(
            Association(each.subject, each.about, judge([pair], max(judged, 1), swung))
            for each, pair, swung in pairs
        ),
    )


def _year_before(last: date) -> date:
    return last - (NIGHTS - 1) * ONE_DAY


def valid_counts(nights: Iterable[WearerNight], rules: Rules = RULES) -> Mapping[date, NightCount]:
    """Count the valid nights as the alerts do; any other is missing, not free of cramps."""
    counted = ((each.night, count_night(each, rules)) for each in nights)
    return {night: count for night, count in counted if count.valid}


def side(counted: Mapping[date, NightCount], nights: AbstractSet[date]) -> Side:
    """Sum up nights of which all that are counted are known."""
    found = [count for night, count in counted.items() if night in nights]
    return Side(len(found), sum(each.cramp_night for each in found))
