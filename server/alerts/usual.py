"""What is usual for a wearer, learnt from their own nights.

Nights the wearer has answered and nights they have not are two different measures: in the one there
are no false alarms, in the other many. Each has its own usual, so that a wearer who stops answering
is not taken for one whose cramps have become more.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from server.alerts.rules import Rules

__all__ = ["NightRow", "Scale", "Usual", "nothing_known", "put", "scale", "some", "take_in"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEAST_SURE = 0.02
"""Weight of a probability below which it is not taken: a model that is never surer than that
would make single nights worth more than they can be."""


@dataclass(frozen=True, slots=True)
class NightRow:
    """One night of several people, each ``[people]``; what is not valid is zero everywhere.

    Parameters
    ----------
    kinds
        ``[2, people]``: the share of the night that is of the answered and of the other kind.
    first, further
        Cramps expected, the first of the night and those after it.
    certain
        Sum of squared probabilities.
    """

    valid: Flags
    kinds: Floats
    first: Floats
    further: Floats
    certain: Floats
    season: Floats


@dataclass(frozen=True, slots=True)
class Usual:
    """Sums over the nights taken in, older ones counting less: ``[2, people]`` or ``[people]``.

    Parameters
    ----------
    nights, first, further, certain
        By kind of night: answered, not answered.
    squares
        Of the cramps of answered nights.
    residual, variance, block_nights
        Of the block that goes on: how much more than usual, and how much chance explains.
    swing, blocks
        Squared residuals over their variances of the blocks that are full, and their number.
    """

    nights: Floats
    first: Floats
    further: Floats
    certain: Floats
    squares: Floats
    residual: Floats
    variance: Floats
    block_nights: Floats
    swing: Floats
    blocks: Floats


Record = TypeVar("Record", Usual, "Scale")


def nothing_known(people: int) -> Usual:
    """Give the usual of people of whom no night is known."""
    kinds = [np.zeros((2, people)) for _ in range(4)]
    return Usual(*kinds, *(np.zeros(people) for _ in range(6)))


@dataclass(frozen=True, slots=True)
class Scale:
    """What a night is measured by, made from the usual: ``[2, people]`` by kind, or ``[people]``.

    Parameters
    ----------
    weekly
        Cramps a week that are usual.
    ratio
        Rise that is looked for.
    sure
        Part of a doubling that shows: 1 where every cramp is the wearer's word.
    known
        Whether enough nights of the kind are known.
    first, further
        Log-likelihood of the rise for the first cramp of a night and for each further one, divided
        by the swing.
    silent
        What each night takes from that, so that usual nights add nothing on average.
    worth
        What a further cramp is worth, the first being worth 1.
    expected, variance
        Of the worth of the cramps of a night.
    swing
        How much more the counts go up and down over the weeks than chance explains; at least 1.
    nights
        Valid nights that the usual is known from, older ones counting less.
    information
        Cramps a week that could be told in full and would tell as much.
    unsure
        Part of what is counted that is no more than a probability.
    """

    weekly: Floats
    ratio: Floats
    sure: Floats
    known: Flags
    first: Floats
    further: Floats
    silent: Floats
    worth: Floats
    expected: Floats
    variance: Floats
    swing: Floats
    nights: Floats
    information: Floats
    unsure: Floats


def some(record: Record, people: NDArray[np.intp]) -> Record:
    """Take some of the people out of a record of arrays."""
    columns = (getattr(record, each.name)[..., people] for each in fields(record))
    return type(record)(*columns)


def put(usual: Usual, people: NDArray[np.intp], other: Usual) -> None:
    """Put some of the people back."""
    for each in fields(usual):
        getattr(usual, each.name)[..., people] = getattr(other, each.name)


def take_in(
    usual: Usual,
    row: NightRow,
    by: Scale,
    taken: Flags,
    rules: Rules,
    *,
    ends: Flags,
    learnt: Flags,
) -> Usual:
    """Take a night in.

    Parameters
    ----------
    by
        The scale from before; the swing is measured against it.
    taken
        Whose night is taken in.
    ends
        Whose block of nights ends with this one.
    learnt
        Whose learning time is over: before that there is nothing to measure the swing against.
    """
    counts = row.valid & taken
    kinds = row.kinds * counts
    fades = np.where(counts, 0.5 ** (1 / rules.usual_half_life_nights), 1.0)
    exposure = kinds * row.season
    worth = (kinds * (row.first + by.worth * row.further)).sum(0)
    measured = counts & learnt
    residual = usual.residual + (worth - (exposure * by.expected).sum(0)) * measured
    variance = usual.variance + (exposure * by.variance).sum(0) * measured
    block_nights = usual.block_nights + measured
    nights = usual.nights * fades + exposure
    # The usual is itself uncertain, the more so the fewer nights it is known from.
    uncertain = 1 + block_nights / np.maximum(nights.sum(0), 1.0)
    full = ends & taken & (2 * block_nights >= rules.swing_block_nights)
    fades_block = np.where(full, fades**rules.swing_block_nights, 1.0)
    goes_on = ~(ends & taken)
    cramps = row.first + row.further
    return Usual(
        nights=nights,
        first=usual.first * fades + kinds * row.first,
        further=usual.further * fades + kinds * row.further,
        certain=usual.certain * fades + kinds * row.certain,
        squares=usual.squares * fades + kinds[0] * cramps**2,
        residual=residual * goes_on,
        variance=variance * goes_on,
        block_nights=block_nights * goes_on,
        swing=usual.swing * fades_block
        + full * residual**2 / np.maximum(variance * uncertain, 1e-9),
        blocks=usual.blocks * fades_block + full,
    )


def scale(usual: Usual, rules: Rules) -> Scale:
    """Make the scale that the next nights are measured by.

    The bunching of cramps within a night is that of a negative binomial of constant variance over
    mean: a further cramp of a night is then worth less than its first, and where there is no
    bunching, as much. What is left, the swing over the weeks, divides all evidence.
    """
    prior_nights = rules.prior_nights
    first = (usual.first + rules.prior_cramps) / (usual.nights + prior_nights)
    further = usual.further / (usual.nights + prior_nights)
    seen = usual.first + usual.further
    sure = np.clip((usual.certain + 1) / (seen + 1), LEAST_SURE, 1.0)
    nights = usual.nights.sum(0)
    nightly = (seen.sum(0) + rules.prior_cramps) / (nights + prior_nights)
    ratio = np.clip(1 + 1 / (7 * nightly), rules.ratio_least, rules.ratio_most)
    shown = 1 + (ratio - 1) * sure
    clusters = nightly / (_bunching(usual, rules) - 1)
    log_shown = np.log(shown)
    log_further = np.log1p((shown - 1) * clusters / (1 + clusters))
    worth = log_further / log_shown
    expected = first + worth * further
    variance = (first + worth**2 * further) * sure
    measured = (usual.swing + rules.swing_weight * rules.swing_prior) / (
        usual.blocks + rules.swing_weight
    )
    swing = np.maximum(1.0, 1 + rules.swing_stretch * (measured - 1))
    usual_evidence = first * (shown - 1) + further * np.expm1(log_further)
    share = usual.nights / np.maximum(nights, 1.0)
    by_sure_and_swing = sure * swing
    return Scale(
        weekly=7 * nightly,
        ratio=ratio,
        sure=sure,
        known=usual.nights >= rules.least_known_nights,
        first=log_shown / by_sure_and_swing,
        further=log_further / by_sure_and_swing,
        silent=usual_evidence / by_sure_and_swing,
        worth=worth,
        expected=expected,
        variance=variance,
        swing=swing,
        nights=nights,
        information=7 * (share * (expected * sure) ** 2 / variance).sum(0) / swing,
        unsure=(share * (1 - sure)).sum(0),
    )


def _bunching(usual: Usual, rules: Rules) -> Floats:
    """Estimate variance over mean of the cramps of a night, from the answered ones."""
    cramps = usual.first[0] + usual.further[0]
    about_mean = usual.squares - cramps**2 / np.maximum(usual.nights[0], 1.0)
    weight = rules.bunching_weight
    found = (np.maximum(about_mean, 0.0) + weight * rules.bunching_prior) / (cramps + weight)
    # At exactly 1 the negative binomial is the Poisson distribution, and has no cluster size.
    return np.asarray(np.maximum(found, 1.001))
