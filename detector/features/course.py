"""How a movement goes: how long, how strong, in how many bursts, and how it begins and ends."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from detector.features.body import Body, Candidate
from detector.runs import runs_of

__all__ = ["COURSE", "course"]

COURSE = {
    "length": "s",
    "moving": "s",
    "moving_share": "1",
    "bursts": "1",
    "longest_burst": "s",
    "longest_pause": "s",
    "first_minute": "1",
    "last_half_minute": "1",
    "onset_strength": "1",
    "strong": "s",
    "faint_share": "1",
    "decline": "ln",
    "busiest_half_minute": "s",
    "busiest_minute": "s",
    "busiest_two_minutes": "s",
    "core": "s",
    "core_share": "1",
    "until_core": "s",
}
"""Unit of every feature of this file."""

FIRST_S = 15
"""Seconds that count as the beginning: a cramp starts at its full strength."""
FLOOR_G = 0.001
"""Added before a logarithm, in g: below the noise of any wearable."""
STRONG_G = 0.1
"""Deviation of a second, in g, that is more than fidgeting."""
DENSE_S, DENSE_MOVING_S = 31, 12
"""Seconds round one, and how many of them hold movement, where it is part of the core: what lies
around, a fidget before it and the settling after it, dilutes what is measured on the whole."""
FAINT_G = 0.05
"""Deviation of a second, in g, below which a movement is faint: fingers, a blanket."""


def course(body: Body, candidate: Candidate) -> dict[str, float]:
    """Measure how the movement of an awakening goes."""
    rows = slice(candidate.start, candidate.end)
    moving, spread_g = body.moving[rows], body.spread_g[rows]
    length = len(moving)
    bursts = runs_of(moving)
    pauses = [later[0] - earlier[1] for earlier, later in pairwise(bursts)]
    moved_g = spread_g[moving]
    third = max(length // 3, 5)
    peak_g = float(spread_g.max())
    so_far = _counted(moving)
    return {
        "length": float(length),
        "moving": float(len(moved_g)),
        "moving_share": len(moved_g) / length,
        "bursts": float(len(bursts)),
        "longest_burst": float(max(end - start for start, end in bursts)),
        "longest_pause": float(max(pauses, default=0)),
        "first_minute": float(moving[:60].sum()) / 60,
        "last_half_minute": float(moving[-30:].mean()),
        "onset_strength": float(spread_g[:FIRST_S].max()) / peak_g,
        "strong": float((spread_g > STRONG_G).sum()),
        "faint_share": float((moved_g < FAINT_G).mean()),
        "decline": math.log(
            (float(spread_g[:third].mean()) + FLOOR_G) / (float(spread_g[-third:].mean()) + FLOOR_G)
        ),
        "busiest_half_minute": float(_within(so_far, 30).max()),
        "busiest_minute": float(_within(so_far, 60).max()),
        "busiest_two_minutes": float(_within(so_far, 120).max()),
        **_core(moving),
    }


def _core(moving: npt.NDArray[np.bool_]) -> dict[str, float]:
    """Measure the longest stretch in which movement is dense, NaN where it is nowhere."""
    edge = np.zeros(DENSE_S // 2, np.bool_)
    around = _counted(np.concatenate([edge, moving, edge]))
    dense = runs_of(_within(around, DENSE_S) >= DENSE_MOVING_S)
    if not dense:
        return {"core": 0.0, "core_share": math.nan, "until_core": math.nan}
    start, end = max(dense, key=lambda run: run[1] - run[0])
    return {
        "core": float(end - start),
        "core_share": float(moving[start:end].mean()),
        "until_core": float(start),
    }


def _counted(moving: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Count the seconds of movement up to each second, from none."""
    return np.concatenate([[0], np.cumsum(moving)])


def _within(so_far: npt.NDArray[np.int64], seconds: int) -> npt.NDArray[np.int64]:
    """Count the seconds of movement in every window of so many, or in all where there are fewer."""
    width = min(seconds, len(so_far) - 1)
    return np.asarray(so_far[width:] - so_far[:-width])
