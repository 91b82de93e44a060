"""When 'fewer' or 'more' is said of nights with something, and when it is too early to tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import add

from server.alerts.rules import RULES
from server.associations.ratio import INTERVAL, Pair, RateRatio, Side, rate_ratio

__all__ = [
    "ALIKE_WITHIN",
    "LEAST_CRAMP_NIGHTS",
    "LEAST_NIGHTS",
    "Judgement",
    "Verdict",
    "has_enough",
    "judge",
]

LEAST_NIGHTS = int(RULES.least_known_nights)
"""Valid nights on each side before anything is said: two weeks, as for two periods and the alerts,
so that each day of the week is there twice."""

LEAST_CRAMP_NIGHTS = 6
"""Cramp nights on both sides together before anything is said: the least of which one may be put
down wrongly without a change of the verdict, if all the others are on one side."""

ALIKE_WITHIN = 1.5
"""Ratio up to which, either way, 'about as many' is said: less than the halving or doubling that
somebody would notice."""


class Verdict(StrEnum):
    """What can be said of nights with something beside nights without it."""

    TOO_EARLY = "too_early"
    FEWER = "fewer"
    MORE = "more"
    ALIKE = "alike"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was counted, and what can be said of it.

    Parameters
    ----------
    ratio
        With a 90 % interval; None where there is nothing to compare.
    spread
        Whether the nights lie in fortnights enough to know of good and bad ones.
    """

    with_it: Side
    without: Side
    ratio: RateRatio | None
    verdict: Verdict
    spread: bool = True


def has_enough(with_it: Side, without: Side) -> bool:
    """Tell whether there are enough nights to say anything of them."""
    return (
        min(with_it.valid, without.valid) >= LEAST_NIGHTS
        and with_it.cramp_nights + without.cramp_nights >= LEAST_CRAMP_NIGHTS
    )


def judge(pairs: Sequence[Pair], compared: int = 1, swing: float | None = 1.0) -> Judgement:
    """Judge nights with something.

    Parameters
    ----------
    compared
        How many things are judged at once. 'Fewer' and 'more' are said where an interval that is as
        much wider leaves out 1 (Bonferroni), so that with nine chances in ten none of them is said
        of things that all make no difference; with eight in ten of what was kept for whole
        fortnights of which some were bad (docs/together.md).
    swing
        As of `server.associations.ratio.rate_ratio`; None where it is not known.
    """
    with_it = reduce(add, (each.with_it for each in pairs), Side())
    without = reduce(add, (each.without for each in pairs), Side())
    ratio = rate_ratio(pairs, swing=swing or 1.0)
    wider = rate_ratio(pairs, 1 - (1 - INTERVAL) / compared, swing or 1.0)
    verdict = Verdict.TOO_EARLY
    if ratio is None or wider is None or swing is None or not has_enough(with_it, without):
        pass
    elif wider.most < 1:
        verdict = Verdict.FEWER
    elif wider.least > 1:
        verdict = Verdict.MORE
    elif ratio.least > 1 / ALIKE_WITHIN and ratio.most < ALIKE_WITHIN:
        verdict = Verdict.ALIKE
    return Judgement(with_it, without, ratio, verdict, spread=swing is not None)
