"""How much more cramps come and go in bad weeks than nights of their own would."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date

from server.alerts.rules import RULES
from server.associations.ratio import Pair, Side

__all__ = ["swing"]

LEAST_FORTNIGHTS = 2
"""Fortnights to leave out in turn before that tells anything."""

NONE_YET = 0.5
"""Cramp nights added to both sides, so that a side without any has a logarithm."""


def swing(
    cramp_nights: Mapping[date, float], with_it: AbstractSet[date], without: AbstractSet[date]
) -> float:
    """Give the variance of a ratio over that of Poisson counts; at least 1.

    The nights of a fortnight may be alike, those of two are not: how much the ratio changes as
    each fortnight is left out in turn tells its variance (the jackknife, Efron 1982). What comes
    and goes night by night is on both sides of a bad fortnight, which costs nothing; what holds
    for weeks may stand for a bad time alone.

    Parameters
    ----------
    cramp_nights
        Of each counted night, the chance that it was a cramp night.
    """
    pairs: dict[int, Pair] = defaultdict(lambda: Pair(Side(), Side()))
    for night, chance in cramp_nights.items():
        fortnight, one = night.toordinal() // RULES.swing_block_nights, Side(1, chance)
        if night in with_it:
            before = pairs[fortnight]
            pairs[fortnight] = Pair(before.with_it + one, before.without)
        elif night in without:
            before = pairs[fortnight]
            pairs[fortnight] = Pair(before.with_it, before.without + one)
    with_them = sum((each.with_it for each in pairs.values()), Side())
    without_them = sum((each.without for each in pairs.values()), Side())
    left = [(with_them - each.with_it, without_them - each.without) for each in pairs.values()]
    logs = [_log_rate(one) - _log_rate(other) for one, other in left if one.valid and other.valid]
    if len(logs) < LEAST_FORTNIGHTS:
        return 1.0
    mean = sum(logs) / len(logs)
    variance = (len(logs) - 1) / len(logs) * sum((each - mean) ** 2 for each in logs)
    alone = sum(1 / (side.cramp_nights + NONE_YET) for side in (with_them, without_them))
    return max(1.0, variance / alone)


def _log_rate(side: Side) -> float:
    return math.log((side.cramp_nights + NONE_YET) / side.valid)
