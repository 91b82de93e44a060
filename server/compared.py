"""Compares how often there were cramps in two periods; it says how often, and never why."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from server.alerts.chances import ratio_above
from server.alerts.nightly import WearerNight, count_night
from server.alerts.rules import RULES, Rules

__all__ = ["Comparison", "Period", "Verdict", "compare", "count_period"]

NIGHTS_A_WEEK = 7

SPREAD = 1.645
"""Standard deviations on either side of an interval: nine chances in ten lie within."""

SURE = 0.95
"""Probability from which 'more' or 'fewer' is said: the same one in twenty as outside an interval
on one side."""

JEFFREYS = 0.5
"""What is added to nights with and without cramps before any is seen: as good as nothing."""


class Verdict(StrEnum):
    """What can be said of the second period beside the first."""

    TOO_EARLY = "too_early"
    MORE = "more"
    FEWER = "fewer"
    NO_TELLING = "no_telling"


@dataclass(frozen=True, slots=True)
class Period:
    """A period, of which valid nights alone are counted.

    Parameters
    ----------
    cramp_nights, cramps
        Expected numbers: the wearer's word, and probabilities where there is none.
    least, most
        Cramp nights a week between which the rate lies with nine chances in ten; nan without a
        valid night.
    """

    first: date
    last: date
    valid: int
    cramp_nights: float
    cramps: float
    least: float
    most: float

    @property
    def nights(self) -> int:
        """Nights from the first to the last, recorded or not."""
        return (self.last - self.first).days + 1

    @property
    def a_week(self) -> float:
        """Cramp nights in seven valid nights; nan without any."""
        return NIGHTS_A_WEEK * self.cramp_nights / self.valid if self.valid else math.nan


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two periods and what can be said of the second."""

    before: Period
    after: Period
    verdict: Verdict


def count_period(
    nights: Iterable[WearerNight], first: date, last: date, rules: Rules = RULES
) -> Period:
    """Count the nights of a period as the alerts count them."""
    counted = (count_night(each, rules) for each in nights if first <= each.night <= last)
    valid = [each for each in counted if each.valid]
    found = sum(each.cramp_night for each in valid)
    least, most = _interval(found, len(valid))
    return Period(
        first=first,
        last=last,
        valid=len(valid),
        cramp_nights=found,
        cramps=sum(each.cramps for each in valid),
        least=NIGHTS_A_WEEK * least,
        most=NIGHTS_A_WEEK * most,
    )


def compare(before: Period, after: Period, rules: Rules = RULES) -> Comparison:
    """Say of the second period whether there were more or fewer cramp nights in it.

    The rates are each Gamma distributed given the nights, as in the alerts.
    """
    if min(before.valid, after.valid) < rules.least_known_nights:
        return Comparison(before, after, Verdict.TOO_EARLY)
    more = float(
        ratio_above(
            1.0,
            after.cramp_nights + JEFFREYS,
            after.valid,
            before.cramp_nights + JEFFREYS,
            before.valid,
        )
    )
    verdict = Verdict.NO_TELLING
    if more >= SURE:
        verdict = Verdict.MORE
    elif more <= 1 - SURE:
        verdict = Verdict.FEWER
    return Comparison(before, after, verdict)


def _interval(found: float, of: int) -> tuple[float, float]:
    """Give the least and the most share of nights: the score interval (Wilson 1927)."""
    if not of:
        return math.nan, math.nan
    share, weight = found / of, SPREAD**2 / of
    middle = (share + weight / 2) / (1 + weight)
    half = SPREAD * math.sqrt((share * (1 - share) + weight / 4) / of) / (1 + weight)
    return max(middle - half, 0.0), min(middle + half, 1.0)
