"""The night by the second: level, spread and jerk of each axis, from which the rest is made.

The numbers are kept for each axis apart and uncalibrated. Calibration is a gain and an offset
for each axis, so it can be applied to them afterwards, exactly, when the night has shown what
it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.grid import BLOCK_S, GRID_HZ, Block

__all__ = ["MinuteSummary", "Seconds", "join_minutes", "summarise_minute"]

Doubles = npt.NDArray[np.float64]

MIN_CELLS = 20
"""Cells of 25 that a second must hold to count as recorded."""


@dataclass(frozen=True, slots=True, eq=False)
class MinuteSummary:
    """One block by the second; NaN in seconds that were not recorded.

    Parameters
    ----------
    minute
        Whole minutes since 1970.
    mean_g, variance_g2, jerk2 : float64, shape (60, 3)
        Mean in g, variance in g^2 and mean squared jerk in (g/s)^2 of each axis.
    """

    minute: int
    mean_g: Doubles
    variance_g2: Doubles
    jerk2: Doubles


@dataclass(frozen=True, slots=True, eq=False)
class Seconds:
    """A whole recording by the second, without holes: what was not recorded is NaN.

    Parameters
    ----------
    start_s
        Seconds since 1970 of the first row.
    mean_g, variance_g2, jerk2 : float64, shape (n, 3)
        As in `MinuteSummary`.
    """

    start_s: int
    mean_g: Doubles
    variance_g2: Doubles
    jerk2: Doubles

    def __len__(self) -> int:
        return len(self.mean_g)

    @property
    def recorded(self) -> npt.NDArray[np.bool_]:
        """Where a second was recorded, shape (n,)."""
        return ~np.isnan(self.mean_g[:, 0])

    @property
    def deviation_g(self) -> Doubles:
        """Standard deviation within each second over the three axes together, in g, shape (n,)."""
        return np.asarray(np.sqrt(self.variance_g2.sum(axis=1)))

    @property
    def jerk_g_per_s(self) -> Doubles:
        """Root mean square of the jerk in each second, in g/s, shape (n,)."""
        return np.asarray(np.sqrt(self.jerk2.sum(axis=1)))


def summarise_minute(block: Block, before: Block | None) -> MinuteSummary:
    """Reduce one block to its seconds.

    Parameters
    ----------
    block
        The minute.
    before
        The block before it, whose last cell the first jerk is taken against; None or an
        earlier minute where there is none.
    """
    cells = block.xyz_g.astype(np.float64)
    adjoining = before is not None and before.minute == block.minute - 1
    last = before.xyz_g[-1:].astype(np.float64) if adjoining and before is not None else cells[:1]
    jerk = np.diff(cells, axis=0, prepend=last) * GRID_HZ
    mean_g, variance_g2 = _mean_and_variance(cells)
    return MinuteSummary(block.minute, mean_g, variance_g2, _mean_by_second(jerk * jerk))


def _mean_and_variance(values: Doubles) -> tuple[Doubles, Doubles]:
    """Mean and variance of each axis in each second of a block, NaN where too little is there."""
    mean = _mean_by_second(values)
    deviation = values - np.repeat(mean, GRID_HZ, axis=0)
    return mean, _mean_by_second(deviation * deviation)


def _mean_by_second(values: Doubles) -> Doubles:
    """Mean of each axis over the recorded cells of each second, NaN where too few were."""
    by_second = values.reshape(BLOCK_S, GRID_HZ, 3)
    mean = by_second.sum(axis=1) / GRID_HZ
    if np.isnan(mean).any():
        missing = np.isnan(by_second)
        count = (~missing).sum(axis=1)
        sums = np.where(missing, 0.0, by_second).sum(axis=1)
        mean = np.where(count >= MIN_CELLS, sums / np.maximum(count, 1), np.nan)
    return np.asarray(mean)


def join_minutes(minutes: Sequence[MinuteSummary]) -> Seconds:
    """Lay the minutes of a recording onto one unbroken line of seconds.

    Parameters
    ----------
    minutes
        In order; at least one.
    """
    first, last = minutes[0].minute, minutes[-1].minute
    length = (last - first + 1) * BLOCK_S
    mean_g, variance_g2, jerk2 = (np.full((length, 3), np.nan) for _ in range(3))
    for summary in minutes:
        at = (summary.minute - first) * BLOCK_S
        mean_g[at : at + BLOCK_S] = summary.mean_g
        variance_g2[at : at + BLOCK_S] = summary.variance_g2
        jerk2[at : at + BLOCK_S] = summary.jerk2
    return Seconds(first * BLOCK_S, mean_g, variance_g2, jerk2)
