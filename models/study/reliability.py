"""Whether probabilities are what they say: among awakenings of 0.3, are three in ten cramps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.classifier import rebase
from models.study.found import INTERVAL, people_drawn
from models.study.table import Table

__all__ = ["BINS", "Bin", "Reliability", "error_by_people", "reliability"]

Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

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
    sure = _sure(table, probability, least)
    cramp, probability = table.cramp[sure], probability[sure]
    weight = np.ones(len(cramp))
    if cramps_a_week is None:
        own = _own_share(cramp, weight)
        probability = np.array([rebase(each, stated, own) for each in probability.tolist()])
    else:
        happened = _happened(table).sum()
        weight[cramp] = _weight_of_cramps(cramps_a_week, table.worn_nights.sum(), happened)
    order = np.argsort(probability, kind="stable")
    ranked = np.cumsum(weight[order]) / max(weight.sum(), 1e-12)
    place = np.empty(len(order), np.intp)
    place[order] = np.minimum((ranked * BINS).astype(np.intp), BINS - 1)
    bins = _bins(_of_equal_width(probability), cramp, probability, weight)
    return Reliability(
        equal_width=_error(bins),
        equal_weight=_error(_bins(place, cramp, probability, weight)),
        bins=bins,
    )


def error_by_people(
    table: Table,
    probability: Doubles,
    *,
    stated: float,
    cramps_a_week: float | None,
    least: float = 0.0,
    seed: int,
) -> tuple[float, float, float]:
    """Return the error over bins of equal width and its 95 % interval, people drawn anew.

    In each draw all is read from the people drawn: what cramps weigh, or the share of cramps that
    the probabilities are carried to.

    Chance makes an error of probabilities that hold, and drawing people adds its own to it: the
    percentiles of what was drawn lie too high, and would leave out a zero. So this is the basic
    interval of the bootstrap (Davison and Hinkley 1997, Bootstrap Methods and their Application,
    section 5.2): by as much as draws lie above the error, the truth is taken to lie below it. It
    ends at zero and holds the error itself. It is rough with few people, and close to zero.

    Parameters
    ----------
    table, probability, stated, cramps_a_week, least
        As `reliability` takes them.

    Returns
    -------
    error, low, high
        The interval is NaN where fewer than two people have an awakening that counts.
    """
    held = reliability(
        table, probability, stated=stated, cramps_a_week=cramps_a_week, least=least
    ).equal_width
    sure = _sure(table, probability, least)
    person, drawn = people_drawn(table, seed=seed)
    whose = person[table.night[sure]]
    if len(np.unique(whose)) < 2:
        return held, np.nan, np.nan
    cramp, said = table.cramp[sure], probability[sure]
    with np.errstate(divide="ignore"):
        log_odds = np.log(said) - np.log1p(-said)
    worn, happened = np.bincount(person, table.worn_nights), np.bincount(person, _happened(table))
    errors = []
    for people in drawn:
        times = np.bincount(people, minlength=len(worn))
        weight = times[whose].astype(np.float64)
        if cramps_a_week is None:
            own = _own_share(cramp, weight)
            shift = np.log(own / (1 - own)) - np.log(stated / (1 - stated))
            said = 1 / (1 + np.exp(-(log_odds + shift)))
        else:
            weight[cramp] *= _weight_of_cramps(
                cramps_a_week, float(times @ worn), int(times @ happened)
            )
        if weight.any():
            over = np.bincount(_of_equal_width(said), weight * (said - cramp), BINS)
            errors.append(np.abs(over).sum() / weight.sum())
    high, low = 2 * held - np.percentile(errors, INTERVAL)
    return held, float(np.clip(low, 0.0, held)), float(max(high, held))


def _sure(table: Table, probability: Doubles, least: float) -> Flags:
    """Awakenings of which it is known what they were, but for those of a lower probability."""
    return (table.cramp | table.harmless) & (probability >= least)


def _happened(table: Table) -> npt.NDArray[np.intp]:
    """Cramps of each night."""
    return np.array([len(night.cramps) for night in table.nights])


def _own_share(cramp: Flags, weight: Doubles) -> float:
    """Share of awakenings that are cramps, within what can be carried to."""
    share = float(weight[cramp].sum() / weight.sum()) if weight.any() else 0.0
    return min(max(share, 1e-4), 1 - 1e-4)


def _weight_of_cramps(a_week: float, worn_nights: float, happened: float) -> float:
    """Weight of each cramp that makes of all of them so many a week."""
    return a_week / 7 * worn_nights / max(happened, 1)


def _of_equal_width(probability: Doubles) -> npt.NDArray[np.intp]:
    """Bin of each probability where all bins are as wide."""
    return np.minimum((probability * BINS).astype(np.intp), BINS - 1)


def _bins(
    place: npt.NDArray[np.intp], cramp: Flags, probability: Doubles, weight: Doubles
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
