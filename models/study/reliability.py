"""Whether probabilities are what they say: among awakenings of 0.3, are three in ten cramps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.classifier import rebase
from models.study.table import Table

__all__ = ["BINS", "Bin", "Reliability", "reliability"]

Doubles = npt.NDArray[np.float64]

BINS = 10
"""Bins of a reliability diagram; of equal width in one sense, of equal weight in the other."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Awakenings of like probability.

    Parameters
    ----------
    share
        Of all awakenings, by weight.
    said, happened
        Mean probability, and share that were cramps.
    """

    share: float
    said: float
    happened: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """Expected calibration error in both senses, with the bins of the first.

    Parameters
    ----------
    equal_width
        Mean distance between said and happened over bins of equal width.
    equal_weight
        The same over bins that hold as many awakenings each.
    """

    equal_width: float
    equal_weight: float
    bins: tuple[Bin, ...]


def reliability(
    table: Table,
    probability: Doubles,
    *,
    stated: float,
    cramps_a_week: float | None,
    least: float = 0.0,
) -> Reliability:
    """Hold probabilities against what happened.

    Parameters
    ----------
    probability : shape (awakenings,)
        As the model gives them.
    stated
        Share of awakenings that are cramps, for which the model states its probabilities.
    cramps_a_week
        Cramps weigh what so many a week make of them. None takes the nights as they are, and
        carries the probabilities to the share of cramps in them.
    least
        Awakenings of a lower probability are left out: of most, nobody would think of a cramp.
    """
    sure = (table.cramp | table.harmless) & (probability >= least)
    cramp, probability = table.cramp[sure], probability[sure]
    weight = np.ones(len(cramp))
    if cramps_a_week is None:
        own = min(max(float(cramp.mean()) if len(cramp) else 0.0, 1e-4), 1 - 1e-4)
        probability = np.array([rebase(each, stated, own) for each in probability.tolist()])
    else:
        happened = sum(len(night.cramps) for night in table.nights)
        weight[cramp] = cramps_a_week / 7 * table.worn_nights.sum() / max(happened, 1)
    order = np.argsort(probability, kind="stable")
    ranked = np.cumsum(weight[order]) / max(weight.sum(), 1e-12)
    place = np.empty(len(order), np.intp)
    place[order] = np.minimum((ranked * BINS).astype(np.intp), BINS - 1)
    bins = _bins(
        np.minimum((probability * BINS).astype(np.intp), BINS - 1), cramp, probability, weight
    )
    return Reliability(
        equal_width=_error(bins),
        equal_weight=_error(_bins(place, cramp, probability, weight)),
        bins=bins,
    )


def _bins(
    place: npt.NDArray[np.intp], cramp: npt.NDArray[np.bool_], probability: Doubles, weight: Doubles
) -> tuple[Bin, ...]:
    total = weight.sum()
    return tuple(
        Bin(
            share=float(weight[there].sum() / total),
            said=float(np.average(probability[there], weights=weight[there])),
            happened=float(np.average(cramp[there], weights=weight[there])),
        )
        for there in (place == each for each in range(BINS))
        if there.any()
    )


def _error(bins: tuple[Bin, ...]) -> float:
    return sum(each.share * abs(each.said - each.happened) for each in bins)
