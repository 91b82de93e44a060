"""A uniform grid under every device: irregular samples in, 25 Hz cells out, a minute at a time.

Each cell holds the mean of the straight line through the samples around it. That one rule
smooths a fast device against aliasing, fills a slow one, and takes jitter as it comes. Blocks
are anchored to UTC minutes and computed whole, so how the samples were cut into chunks cannot
show in a single bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.samples import NS_PER_S, Acceleration

__all__ = [
    "BLOCK_NS",
    "BLOCK_S",
    "CELLS_PER_BLOCK",
    "CELL_NS",
    "GAP_NS",
    "GRID_HZ",
    "Block",
    "Grid",
]

GRID_HZ = 25
"""Cells a second: holds all that a limb does (below 10 Hz), and 40 ms divides a second evenly."""
CELL_NS = NS_PER_S // GRID_HZ
BLOCK_S = 60
"""Seconds a block: small against the 90 s within which an episode must be known."""
BLOCK_NS = BLOCK_S * NS_PER_S
CELLS_PER_BLOCK = BLOCK_S * GRID_HZ

GAP_NS = NS_PER_S
"""Nanoseconds between two samples from which on nothing is known of the time between them:
five samples of the slowest device."""

EDGES_NS = np.arange(CELLS_PER_BLOCK + 1) * CELL_NS
EDGES_S = EDGES_NS / NS_PER_S
"""Edges of the cells of a block, from its start."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A UTC minute on the grid.

    Parameters
    ----------
    minute
        Whole minutes since 1970.
    xyz_g : float32, shape (1500, 3)
        Mean acceleration of each cell in g; NaN where nothing was recorded.
    """

    minute: int
    xyz_g: npt.NDArray[np.float32]


class Grid:
    """Turns acceleration chunks into blocks as soon as their minute is complete."""

    def __init__(self) -> None:
        # The first of these samples is the last one before the block under construction.
        self._times_ns = np.empty(0, np.int64)
        self._xyz_g = np.empty((0, 3), np.float32)
        self._done_before: int | None = None

    def feed(self, chunk: Acceleration) -> Iterator[Block]:
        """Take the next chunk and yield every minute that it completes."""
        self._times_ns = np.concatenate([self._times_ns, chunk.times_ns])
        self._xyz_g = np.concatenate([self._xyz_g, chunk.xyz_g])
        if len(self._times_ns) == 0:
            return
        yield from self._blocks_before(int(self._times_ns[-1]) // BLOCK_NS)

    def finish(self) -> Iterator[Block]:
        """Yield the minute that the end of the recording cut short."""
        if len(self._times_ns) == 0:
            return
        yield from self._blocks_before(int(self._times_ns[-1]) // BLOCK_NS + 1)

    def _blocks_before(self, end_minute: int) -> Iterator[Block]:
        times_ns, xyz_g = self._times_ns, self._xyz_g
        first = 0
        for minute in _minutes_with_samples(times_ns, self._done_before, end_minute):
            start_ns, end_ns = minute * BLOCK_NS, (minute + 1) * BLOCK_NS
            first = max(int(np.searchsorted(times_ns, start_ns, side="right")) - 1, 0)
            last = int(np.searchsorted(times_ns, end_ns, side="left")) + 1
            cells = _cell_means(times_ns[first:last] - start_ns, xyz_g[first:last])
            if not np.isnan(cells[:, 0]).all():
                yield Block(minute, cells)
        self._done_before = end_minute
        keep = int(np.searchsorted(times_ns, end_minute * BLOCK_NS, side="right")) - 1
        if keep > 0:
            self._times_ns, self._xyz_g = times_ns[keep:], xyz_g[keep:]


def _minutes_with_samples(
    times_ns: npt.NDArray[np.int64], first_minute: int | None, end_minute: int
) -> list[int]:
    minutes = times_ns // BLOCK_NS
    starts = minutes[np.flatnonzero(np.diff(minutes, prepend=minutes[0] - 1))].tolist()
    return [
        minute
        for minute in starts
        if minute < end_minute and (first_minute is None or minute >= first_minute)
    ]


def _cell_means(
    times_ns: npt.NDArray[np.int64], xyz_g: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Mean of the piecewise linear signal over each cell of one block.

    Parameters
    ----------
    times_ns : int64, shape (n,)
        Relative to the start of the block; may reach over both its ends.
    xyz_g : float32, shape (n, 3)

    Returns
    -------
    float32, shape (1500, 3)
        NaN in every cell that is not wholly covered.
    """
    cells = np.full((CELLS_PER_BLOCK, 3), np.nan, np.float32)
    if len(times_ns) < 2:
        return cells
    seconds = times_ns / NS_PER_S
    step_s = seconds[1:] - seconds[:-1]
    values = xyz_g.astype(np.float64)
    slopes = (values[1:] - values[:-1]) / step_s[:, None]
    areas = np.zeros_like(values)
    np.cumsum((values[:-1] + values[1:]) * (step_s[:, None] / 2), axis=0, out=areas[1:])

    segment = np.searchsorted(times_ns, EDGES_NS, side="right") - 1
    segment = np.minimum(np.maximum(segment, 0), len(step_s) - 1)
    into_s = (EDGES_S - seconds[segment])[:, None]
    area_to_edge = areas[segment] + into_s * (values[segment] + slopes[segment] * (into_s / 2))

    covered = (EDGES_NS[:-1] >= times_ns[0]) & (EDGES_NS[1:] <= times_ns[-1])
    for gap in np.flatnonzero(np.diff(times_ns) > GAP_NS):
        covered &= (EDGES_NS[1:] <= times_ns[gap]) | (EDGES_NS[:-1] >= times_ns[gap + 1])
    means = (area_to_edge[1:] - area_to_edge[:-1]) * GRID_HZ
    cells[covered] = means[covered]
    return cells
