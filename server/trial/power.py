"""How likely a trial is to show a halving, before it is begun; computed exactly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Self

import numpy as np
from numpy.typing import NDArray

from server.alerts.chances import beta_below
from server.alerts.nightly import NightCount
from server.associations.judged import LEAST_CRAMP_NIGHTS, LEAST_NIGHTS
from server.associations.ratio import INTERVAL
from server.trial.plan import BLOCK_NIGHTS, PAIRS

__all__ = ["USUAL_NIGHTS", "Power", "Usual", "power", "usual_nights"]

USUAL_NIGHTS = 84
"""Nights by which the next ones are foreseen: twelve weeks, as long as most trials."""

HALVING = 0.5
"""Ratio that is looked for."""

PARTS = 4
"""Parts of a cramp night that are told apart: a night without an answer counts by its probability.
With finer parts the chances differ by less than one in a hundred."""

TAIL = (1 - INTERVAL) / 2


@dataclass(frozen=True, slots=True)
class Usual:
    """The nights before a trial.

    Parameters
    ----------
    counts
        Of the counted nights the share that counts as nothing, as one part of a cramp night, as
        two and so on up to a whole one; ``[PARTS + 1]``.
    counted
        Share of all nights that are counted.
    """

    counts: tuple[float, ...]
    counted: float

    @classmethod
    def answered(cls, cramp_nights: float, counted: float) -> Self:
        """Give nights of which it is known whether each was a cramp night."""
        return cls((1 - cramp_nights, *[0.0] * (PARTS - 1), cramp_nights), counted)

    @property
    def cramp_nights(self) -> float:
        """Share of the counted nights that are cramp nights."""
        return sum(part * share for part, share in enumerate(self.counts)) / PARTS


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
    parts = PARTS * np.array([each.cramp_night for each in valid])
    if len(parts) < LEAST_NIGHTS:
        return None
    # Between two parts of each, so that their sum stays what it is.
    apart = np.abs(parts - np.arange(PARTS + 1)[:, None])
    shares = np.maximum(0.0, 1 - apart).mean(1)
    return Usual(tuple(map(float, shares)), len(parts) / nights)


def power(usual: Usual) -> tuple[Power, ...]:
    """Foresee a trial of each length, if the nights go on as they were."""
    return tuple(_power(usual, pairs) for pairs in PAIRS)


def _power(usual: Usual, pairs: int) -> Power:
    """Go through all that can come of a trial.

    The nights that are counted are taken to be as many on either side of each pair: then the pairs
    together are judged as one would be. Of a halving the nights show as much as their probabilities
    do: a cramp night less is a night as those without a cramp are.
    """
    nights = round(pairs * BLOCK_NIGHTS * usual.counted)
    found = np.arange(PARTS * nights + 1) / PARTS
    with_it, without = found[:, None], found[None, :]
    more = 1 - beta_below(0.5, with_it + 0.5, without + 0.5)
    enough = (with_it + without >= LEAST_CRAMP_NIGHTS) & (nights >= LEAST_NIGHTS)
    fewer = enough & (more < TAIL)
    otherwise = enough & (more > 1 - TAIL)
    before = _sums(nights, np.array(usual.counts))
    halved = _sums(nights, _halved(usual))
    return Power(
        pairs=pairs,
        halving=float(halved @ fewer @ before),
        mistaken=float(before @ (fewer | otherwise) @ before),
    )


def _halved(usual: Usual) -> NDArray[np.float64]:
    """Give what the nights count where half of the cramp nights are without a cramp.

    Of the nights that count as much, that share has a cramp: probabilities are taken at their word.
    """
    counts, share = np.array(usual.counts), usual.cramp_nights
    chance = np.arange(PARTS + 1) / PARTS
    with_cramp, without = counts * chance, counts * (1 - chance)
    if share < 1:
        without /= 1 - share
    else:
        without[0] = 1.0
    return np.asarray(HALVING * with_cramp + (1 - HALVING * share) * without)


def _sums(nights: int, counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the chance of each sum, in parts of a cramp night, of nights of their own."""
    return reduce(np.convolve, [counts] * nights, np.ones(1))
