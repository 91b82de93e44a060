"""How much more cramps come and go in bad weeks than nights of their own would."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from server.alerts.chances import beta_below
from server.alerts.rules import RULES
from server.associations.ratio import INTERVAL

__all__ = ["LEAST_FORTNIGHTS", "swing"]

LEAST_FORTNIGHTS = 3
"""Fortnights that each side has nights in before anything is known of good and bad ones. A run of
fourteen nights lies in one, or in parts of two."""

SHIFT_NIGHTS = 2
"""Nights between two ways to cut the time into fortnights: a bad one keeps to no calendar, and is
not to be cut in two by all of them."""

NONE_YET = 0.5
"""Cramp nights added to both sides, so that a side without any has a logarithm."""

LARGEST_T = 1e3
"""Where a quantile of the t distribution is looked for: with two degrees of freedom that of nine
chances in ten is 2.9."""

Floats = NDArray[np.float64]


def swing(
    cramp_nights: Mapping[date, float], with_it: AbstractSet[date], without: AbstractSet[date]
) -> float | None:
    """Give the variance of a ratio over that of Poisson counts; at least 1.

    The nights of a fortnight may be alike, those of two are not: how much the ratio changes as
    each fortnight is left out in turn tells its variance (the jackknife, Efron 1982), the more
    surely the more fortnights there are (Student 1908). Of the ways to cut the time into them that
    one counts which tells most. What comes and goes night by night is on both sides of a bad
    fortnight, which costs nothing; what holds for weeks may stand for a bad time alone.

    Parameters
    ----------
    cramp_nights
        Of each counted night, the chance that it was a cramp night.

    Returns
    -------
    None where a side has nights in too few fortnights to tell.
    """
    nights = [night for night in cramp_nights if night in with_it or night in without]
    days = np.array([night.toordinal() for night in nights], np.int64)
    chances = np.array([cramp_nights[night] for night in nights])
    kept = np.array([night in with_it for night in nights], float)
    found = [
        _of_fortnights((days + shift) // RULES.swing_block_nights, chances, kept)
        for shift in range(0, RULES.swing_block_nights, SHIFT_NIGHTS)
    ]
    return None if None in found else max(each for each in found if each is not None)


def _of_fortnights(fortnight: NDArray[np.int64], chances: Floats, kept: Floats) -> float | None:
    _, place = np.unique(fortnight, return_inverse=True)
    sides = [(_summed(place, side), _summed(place, side * chances)) for side in (kept, 1 - kept)]
    if min(np.count_nonzero(valid) for valid, _ in sides) < LEAST_FORTNIGHTS:
        return None
    (with_it, cramps_with), (without, cramps_without) = sides
    logs = _left_out(cramps_with, with_it) - _left_out(cramps_without, without)
    variance = (len(logs) - 1) * float(logs.var())
    alone = sum(1 / (float(cramps.sum()) + NONE_YET) for _, cramps in sides)
    return 1 + _widening(len(logs)) * max(0.0, variance / alone - 1)


def _summed(place: NDArray[np.int64], values: Floats) -> Floats:
    return np.asarray(np.bincount(place, values), float)


def _left_out(cramps: Floats, valid: Floats) -> Floats:
    """Give the logarithm of the rate without each fortnight."""
    return np.asarray(np.log((cramps.sum() - cramps + NONE_YET) / (valid.sum() - valid)))


@cache
def _widening(fortnights: int) -> float:
    """Give the square of a quantile of the t distribution over that of the normal one.

    By halving where it lies: P(|T| > t) is an incomplete beta function.
    """
    freedom = fortnights - 1.0
    least, most = 0.0, LARGEST_T
    while most - least > 1e-9 * most:
        t = (least + most) / 2
        if float(beta_below(freedom / (freedom + t * t), freedom / 2, 0.5)) > 1 - INTERVAL:
            least = t
        else:
            most = t
    return (most / NormalDist().inv_cdf((1 + INTERVAL) / 2)) ** 2
