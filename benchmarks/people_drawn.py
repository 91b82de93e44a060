"""Intervals of what several people share, people drawn anew."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.study.found import INTERVAL, RESAMPLES

__all__ = ["draw_people", "ratio_interval"]

SEED = 1
"""Where the draws begin: the same each time."""


def draw_people(people: int) -> npt.NDArray[np.int64]:
    """Draw as many people as there are, shape (`RESAMPLES`, people)."""
    return np.random.default_rng(SEED).integers(0, people, (RESAMPLES, people))


def ratio_interval(
    part: npt.NDArray[np.integer] | npt.NDArray[np.float64],
    whole: npt.NDArray[np.integer] | npt.NDArray[np.float64],
) -> tuple[float, float]:
    """Return the 95 % interval of one sum over people against another.

    Parameters
    ----------
    part, whole : shape (people,)
        Such as what was found of each person, and what there was.

    Returns
    -------
    low, high
        NaN where fewer than two people have any.
    """
    if np.count_nonzero(whole) < 2:
        return np.nan, np.nan
    drawn = draw_people(len(whole))
    sums = whole[drawn].sum(axis=1)
    some = sums > 0
    low, high = np.percentile(part[drawn].sum(axis=1)[some] / sums[some], INTERVAL)
    return float(low), float(high)
