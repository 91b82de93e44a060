"""Runs of true seconds, and the few things every stage does with them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["Run", "edges_of", "inside", "join_close", "runs_of"]

Places = npt.NDArray[np.int64]

Run = tuple[int, int]
"""Half-open range of indices."""


def edges_of(flags: npt.NDArray[np.bool_]) -> tuple[Places, Places]:
    """Return where each run of true values begins, and where it ends, in order."""
    bounded = np.zeros(len(flags) + 2, np.bool_)
    bounded[1:-1] = flags
    edges = np.flatnonzero(bounded[1:] != bounded[:-1])
    return edges[::2], edges[1::2]


def runs_of(flags: npt.NDArray[np.bool_]) -> list[Run]:
    """Return every run of true values, in order."""
    begins, ends = edges_of(flags)
    return list(zip(begins.tolist(), ends.tolist(), strict=True))


def join_close(runs: list[Run], gap: int) -> list[Run]:
    """Join runs that lie at most `gap` indices apart."""
    joined: list[Run] = []
    for start, end in runs:
        if joined and start - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def inside(runs: list[Run], length: int) -> npt.NDArray[np.bool_]:
    """Return flags of the given length, true inside the runs."""
    flags = np.zeros(length, np.bool_)
    for start, end in runs:
        flags[start:end] = True
    return flags
