"""The ratio of two rates of cramp nights, with an interval that stands small and zero counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["INTERVAL", "Pair", "RateRatio", "Side", "rate_ratio"]

INTERVAL = 0.90
"""Chance that the interval holds what is told, as for everything else that crampwatch compares."""

WIDEST = 14.0
"""Natural logarithm of the largest ratio that is looked at: a million, far beyond what any number
of nights can show."""

STEP = 0.01
"""Distance between two ratios that are looked at, as a logarithm: one per cent."""

LOG_RATIOS: NDArray[np.float64] = np.arange(-WIDEST, WIDEST + STEP, STEP)


@dataclass(frozen=True, slots=True)
class Side:
    """Valid nights of one kind, and how many of them are expected to have been cramp nights."""

    valid: int = 0
    cramp_nights: float = 0.0

    def __add__(self, other: Side) -> Side:
        """Put the nights of both together."""
        return Side(self.valid + other.valid, self.cramp_nights + other.cramp_nights)

    def __sub__(self, other: Side) -> Side:
        """Leave out nights that are among them."""
        return Side(self.valid - other.valid, self.cramp_nights - other.cramp_nights)


@dataclass(frozen=True, slots=True)
class Pair:
    """Nights with something, and nights without it that they are compared with."""

    with_it: Side
    without: Side


@dataclass(frozen=True, slots=True)
class RateRatio:
    """The rate of cramp nights with something over the rate without it.

    Parameters
    ----------
    ratio
        Median.
    least, most
        Between which it lies with the chance asked for; `most` is infinite where no night without
        it was a cramp night.
    """

    ratio: float
    least: float
    most: float


def rate_ratio(
    pairs: Sequence[Pair], chance: float = INTERVAL, swing: float = 1.0
) -> RateRatio | None:
    """Estimate the ratio of two rates.

    Given how many cramp nights a pair has in all, those with it are binomial, whatever the rate
    without it is (Przyborowski and Wilenski 1940). The prior is that of Jeffreys; for a single pair
    the share is then Beta distributed, as a share is in the reports. Where one side has no cramp
    night, the interval reaches to its end (Brown, Cai and DasGupta 2001). A night is one cramp
    night at the most, so the interval is if anything too wide where most nights are cramp nights.

    Parameters
    ----------
    pairs
        Each with its own rate, all with the same ratio.
    swing
        Variance over what nights of their own would have: as many cramp nights tell that much less.

    Returns
    -------
    None where no pair has valid nights on both sides and a cramp night.
    """
    known = [
        pair
        for pair in pairs
        if pair.with_it.valid
        and pair.without.valid
        and pair.with_it.cramp_nights + pair.without.cramp_nights > 0
    ]
    if not known:
        return None
    with_it = np.array([pair.with_it.cramp_nights / swing for pair in known])[:, None]
    without = np.array([pair.without.cramp_nights / swing for pair in known])[:, None]
    log_odds = LOG_RATIOS + np.array(
        [[math.log(pair.with_it.valid / pair.without.valid)] for pair in known]
    )
    log_share, log_rest = -np.logaddexp(0, -log_odds), -np.logaddexp(0, log_odds)
    log_chance = (with_it * log_share + without * log_rest).sum(0)
    information = ((with_it + without) * np.exp(log_share + log_rest)).sum(0)
    log_chance += 0.5 * np.log(information)
    density = np.exp(log_chance - log_chance.max())
    below = (np.cumsum(density) - density / 2) / density.sum()
    tail = (1 - chance) / 2
    quantiles = np.interp((tail, 0.5, 1 - tail), below, LOG_RATIOS)
    least, ratio, most = map(float, np.exp(quantiles))
    return RateRatio(
        ratio=ratio,
        least=least if with_it.sum() > 0 else 0.0,
        most=most if without.sum() > 0 else math.inf,
    )
