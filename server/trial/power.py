"""How likely a trial is to show a halving, before it is begun; computed exactly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.alerts.chances import beta_below, log_gamma
from server.alerts.nightly import NightCount
from server.associations.judged import LEAST_CRAMP_NIGHTS, LEAST_NIGHTS
from server.associations.ratio import INTERVAL
from server.trial.plan import BLOCK_NIGHTS, PAIRS

__all__ = ["USUAL_NIGHTS", "Power", "Usual", "power", "usual_nights"]

USUAL_NIGHTS = 84
"""Nights by which the next ones are foreseen: twelve weeks, as long as most trials."""

HALVING = 0.5
"""Ratio that is looked for."""

LEAST_SHARE = 1e-12
"""What stands in for a share of no or of all nights, which have no logarithm."""

TAIL = (1 - INTERVAL) / 2


@dataclass(frozen=True, slots=True)
class Usual:
    """The nights before a trial.

    Parameters
    ----------
    cramp_nights
        Share of the counted nights that are cramp nights.
    counted
        Share of all nights that are counted.
    """

    cramp_nights: float
    counted: float


@dataclass(frozen=True, slots=True)
class Power:
    """What a trial of some length would show.

    Parameters
    ----------
    halving
        Chance that 'fewer' is said where the habit halves the cramp nights.
    mistaken
        Chance that 'fewer' or 'more' is said where it changes nothing.
    """

    pairs: int
    halving: float
    mistaken: float

    @property
    def weeks(self) -> int:
        """How long it takes."""
        return 2 * self.pairs * BLOCK_NIGHTS // 7


def usual_nights(valid: Iterable[NightCount], nights: int) -> Usual | None:
    """Sum up the nights before a trial.

    Parameters
    ----------
    valid
        Those that are counted.
    nights
        How many there are from the first that is known, `USUAL_NIGHTS` at the most.

    Returns
    -------
    None where too few are counted to foresee anything.
    """
    counts = [each.cramp_night for each in valid]
    if len(counts) < LEAST_NIGHTS:
        return None
    return Usual(sum(counts) / len(counts), len(counts) / nights)


def power(usual: Usual) -> tuple[Power, ...]:
    """Foresee a trial of each length, if the nights go on as they were."""
    return tuple(_power(usual, pairs) for pairs in PAIRS)


def _power(usual: Usual, pairs: int) -> Power:
    """Go through all that can come of a trial.

    The nights that are counted are taken to be as many on either side of each pair: then the pairs
    together are judged as one would be.
    """
    nights = round(pairs * BLOCK_NIGHTS * usual.counted)
    found = np.arange(nights + 1.0)
    with_it, without = found[:, None], found[None, :]
    more = 1 - beta_below(0.5, with_it + 0.5, without + 0.5)
    enough = (with_it + without >= LEAST_CRAMP_NIGHTS) & (nights >= LEAST_NIGHTS)
    fewer = enough & (more < TAIL)
    otherwise = enough & (more > 1 - TAIL)
    before = _binomial(nights, usual.cramp_nights)
    halved = _binomial(nights, HALVING * usual.cramp_nights)
    return Power(
        pairs=pairs,
        halving=float(halved @ fewer @ before),
        mistaken=float(before @ (fewer | otherwise) @ before),
    )


def _binomial(nights: int, share: float) -> NDArray[np.float64]:
    """Give the chance of each number of cramp nights."""
    share = min(max(share, LEAST_SHARE), 1 - LEAST_SHARE)
    found = np.arange(nights + 1.0)
    ways = log_gamma(nights + 1) - log_gamma(found + 1) - log_gamma(nights - found + 1)
    logs = ways + found * np.log(share) + (nights - found) * np.log1p(-share)
    return np.asarray(np.exp(logs))
