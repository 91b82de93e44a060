"""A closer look at the minutes that hold movement: an even grid of 25 Hz under every device."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from detector.seconds import GAP_NS
from detector.short_sums import sum_over_second
from ingest.samples import NS_PER_S, Acceleration

__all__ = ["CELL_HZ", "cell_response", "cells_between"]

CELL_HZ = 25
"""Cells a second: holds all that a limb does (below 10 Hz), and 40 ms divides a second evenly."""
POINTS = 3
"""Points a cell, 75 a second, whose mean it is: that smooths a fast device against aliasing."""


def cells_between(
    moving: Sequence[Acceleration], start_s: int, end_s: int, axes: Sequence[int] = (0, 1, 2)
) -> npt.NDArray[np.float64]:
    """Lay samples onto the even grid.

    Parameters
    ----------
    moving
        Samples of minutes, in order; neighbours may share samples at their edge.
    start_s, end_s
        Seconds since 1970, half-open.
    axes
        Those wanted, x being 0.

    Returns
    -------
    float64, shape ((end_s - start_s) * 25, axes)
        Mean acceleration of each cell in g; NaN where nothing was recorded or kept.
    """
    cells = np.full(((end_s - start_s) * CELL_HZ, len(axes)), np.nan, order="F")
    for minute in moving:
        times_s = (minute.times_ns - start_s * NS_PER_S) / NS_PER_S
        first = max(math.ceil(times_s[0] * CELL_HZ), 0)
        last = min(math.floor(times_s[-1] * CELL_HZ), len(cells))
        if first >= last:
            continue
        at_s = _points_s(first, last)
        gaps = np.flatnonzero(minute.times_ns[1:] - minute.times_ns[:-1] > GAP_NS)
        unknown = [np.searchsorted(at_s, times_s[gap : gap + 2], side="right") for gap in gaps]
        for column, axis in enumerate(axes):
            line = np.interp(at_s, times_s, minute.xyz_g[:, axis])
            for begin, end in unknown:
                line[begin:end] = np.nan
            cells[first:last, column] = sum_over_second(line.reshape(-1, POINTS)) / POINTS
    return cells


@lru_cache(maxsize=1)
def _points_s(first: int, last: int) -> npt.NDArray[np.float64]:
    """Give when the points of some cells are, in seconds: the same for minute after minute."""
    return (np.arange(first * POINTS, last * POINTS) + 0.5) / (CELL_HZ * POINTS)


def cell_response(frequency_hz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return what the mean over a cell leaves of a wave of each frequency below 25 Hz."""
    step = np.pi * np.maximum(frequency_hz, 1e-9) / (CELL_HZ * POINTS)
    return np.asarray(np.sin(POINTS * step) / (POINTS * np.sin(step)))
