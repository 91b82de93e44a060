"""A closer look at the minutes that hold movement: an even grid of 25 Hz under every device."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from detector.seconds import GAP_NS
from ingest.samples import NS_PER_S, Acceleration

__all__ = ["CELL_HZ", "cell_response", "cells_between"]

CELL_HZ = 25
"""Cells a second: holds all that a limb does (below 10 Hz), and 40 ms divides a second evenly."""
POINTS = 3
"""Points a cell, 75 a second, whose mean it is: that smooths a fast device against aliasing."""


def cells_between(
    moving: Sequence[Acceleration], start_s: int, end_s: int
) -> npt.NDArray[np.float64]:
    """Lay samples onto the even grid.

    Parameters
    ----------
    moving
        Samples of minutes, in order; neighbours may share samples at their edge.
    start_s, end_s
        Seconds since 1970, half-open.

    Returns
    -------
    float64, shape ((end_s - start_s) * 25, 3)
        Mean acceleration of each cell in g; NaN where nothing was recorded or kept.
    """
    cells = np.full(((end_s - start_s) * CELL_HZ, 3), np.nan)
    for minute in moving:
        times_s = (minute.times_ns - start_s * NS_PER_S) / NS_PER_S
        first = max(math.ceil(times_s[0] * CELL_HZ), 0)
        last = min(math.floor(times_s[-1] * CELL_HZ), len(cells))
        if first >= last:
            continue
        at_s = (np.arange(first * POINTS, last * POINTS) + 0.5) / (CELL_HZ * POINTS)
        after = np.searchsorted(times_s, at_s)
        known = (minute.times_ns[after] - minute.times_ns[after - 1]) <= GAP_NS
        for axis in range(3):
            line = np.where(known, np.interp(at_s, times_s, minute.xyz_g[:, axis]), np.nan)
            cells[first:last, axis] = line.reshape(-1, POINTS).mean(axis=1)
    return cells


def cell_response(frequency_hz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return what the mean over a cell leaves of a wave of each frequency below 25 Hz."""
    step = np.pi * np.maximum(frequency_hz, 1e-9) / (CELL_HZ * POINTS)
    return np.asarray(np.sin(POINTS * step) / (POINTS * np.sin(step)))
