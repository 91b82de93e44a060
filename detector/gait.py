"""Steps at the wrist: a steady beat of the length of the acceleration, second after second.

A hand that rubs in an even beat looks the same for as long as it keeps the beat; what rests on
steps (whether the wearer got up, the two cues of a walk) shares that doubt.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from detector.cells import CELL_HZ
from detector.runs import runs_of

__all__ = ["MIN_WALK_S", "find_walking"]

Doubles = npt.NDArray[np.float64]

WINDOW_S = 4
"""Seconds the beat is looked for in: six to eight steps."""
WINDOW_CELLS = np.arange(WINDOW_S * CELL_HZ)
"""Cells of that, from its first."""
SHORTEST_STEP, LONGEST_STEP = round(0.40 * CELL_HZ), round(0.80 * CELL_HZ)
"""Cells between steps: 2.5 steps a second, a brisk walk, to 1.25, a shuffle at night."""
LAGS = np.arange(SHORTEST_STEP // 2, LONGEST_STEP + 1)
"""Lags in cells: from half a step, where a beat must be at its opposite, to a whole slow one."""
MIN_POWER_G2 = 1e-6
"""A variance of (1 mg)^2 stands for none."""
MIN_CORRELATION = 0.6
"""Autocorrelation at the beat that steps reach and restless movement rarely does."""
SD_LIMITS_G = (0.03, 0.6)
"""Strength of walking at the wrist in g: less is breathing or a tremor, more is shaking."""
MIN_WALK_S = 5
"""Seconds on end that make a walk, about eight steps."""


def find_walking(length_g: Doubles) -> npt.NDArray[np.bool_]:
    """Return which seconds belong to a walk.

    Parameters
    ----------
    length_g : float64, shape (n * 25,)
        Length of the calibrated acceleration in cells of `detector.cells`; NaN where not recorded.

    Returns
    -------
    bool, shape (n,)
    """
    seconds = len(length_g) // CELL_HZ
    walking = np.zeros(seconds, np.bool_)
    if seconds < WINDOW_S:
        return walking
    strong_s = _strong(length_g)
    beats = np.ones(seconds - WINDOW_S + 1, np.bool_)
    for second in range(WINDOW_S):
        beats &= strong_s[second : second + len(beats)]
    strong = np.flatnonzero(beats)
    if len(strong):
        beats[strong] = _keep_a_beat(length_g[strong[:, None] * CELL_HZ + WINDOW_CELLS])
    for start, end in runs_of(beats):
        if end - start >= MIN_WALK_S - WINDOW_S + 1:
            walking[start : end + WINDOW_S - 1] = True
    return walking


def _strong(length_g: Doubles) -> npt.NDArray[np.bool_]:
    """Return which seconds are as strong as a walk."""
    seconds = len(length_g) // CELL_HZ
    spread_g = length_g[: seconds * CELL_HZ].reshape(seconds, CELL_HZ).std(axis=1)
    # NaN fails every comparison, so a second with a gap is none.
    return np.asarray((spread_g > SD_LIMITS_G[0]) & (spread_g < SD_LIMITS_G[1]))


def _keep_a_beat(windows: Doubles) -> npt.NDArray[np.bool_]:
    """Return which windows, a row each, come again after a step and not after half of one."""
    centred = windows - windows.mean(axis=1, keepdims=True)
    products = [(centred[:, lag:] * centred[:, :-lag]).sum(axis=1) for lag in LAGS]
    correlation = np.stack(products, axis=1) / (WINDOW_S * CELL_HZ - LAGS)
    correlation /= np.maximum((centred * centred).mean(axis=1), MIN_POWER_G2)[:, None]
    at_steps = correlation[:, LAGS >= SHORTEST_STEP].max(axis=1)
    return np.asarray((at_steps > MIN_CORRELATION) & (correlation.min(axis=1) < 0))
