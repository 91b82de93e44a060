"""The activity count of an actigraph, from the acceleration in cells.

Methods: te Lindert and Van Someren 2013, Sleep 36:781-789, for counts from a raw acceleration:
the axis across the wrist, 3 to 11 Hz, the highest value of each second in steps of the
actigraph, summed over 15 s, less an offset, times a gain. Walch et al. 2019, SLEEP 42:zsz180, for
the filter and the Gaussian mean that makes one number of an epoch of 30 s.

The published filter runs at 50 Hz. Here its response is laid onto the 25 Hz cells, what the mean
over a cell takes away is given back, and the result is read twice a cell, so that peaks are as
high. A wearable slower than 25 Hz has no such band: what is left of a movement there, in the
corners of the straight lines between its samples, is raised to the height that it has at full
rate (`GAIN_BY_RATE`). Its counts tell movement from stillness, and roughly how much.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from detector.cells import CELL_HZ, cell_response

__all__ = ["COUNT_S", "activity_counts", "smooth_counts"]

Doubles = npt.NDArray[np.float64]

COUNT_S = 15
"""Seconds a count, as published."""
BAND_HZ = (3.0, 11.0)
FILTER_ORDER = 5
FILTER_HZ = 50
"""The published Butterworth filter: its band, its order, and the rate at which it was digital. It
runs forwards and backwards, so that its response is squared."""
REACH_CELLS = 25
"""Cells (1 s) to either side that the filter is cut at: it has decayed to 1 % there."""
READS_A_CELL = 2
"""The filtered line is read at 50 Hz: between 25 Hz cells a peak at 11 Hz would slip through."""
RESPONSE_POINTS = 4096
"""Points of the response that the taps are made of: far more than there are taps."""

STEP_G = 5.0 / 128
"""Acceleration in g of one step of the actigraph: 128 of them reach to 5 g, as published."""
HIGHEST_STEP = 129
OFFSET_STEPS, COUNTS_A_STEP = 18.0, 3.07
"""Steps of 15 s that make no count, and counts a step beyond, as published."""
MIN_SECONDS = 8
"""Seconds of 15 that must have been recorded; the others are taken to be like them."""

GAIN_BY_RATE = ((5.0, 4.8), (10.0, 1.8), (12.5, 1.5), (25.0, 1.25), (32.0, 1.1), (50.0, 1.0))
"""Sampling rate in Hz and what the filtered acceleration is multiplied by. Measured on 400 s of a
real wrist at 50 Hz, sampled anew at each rate: 1 over the sum of its peaks."""

SMOOTHING_S = 50.0
"""Standard deviation in seconds of the Gaussian mean, as published."""
WINDOW_S = 300
"""Seconds to either side of the middle of an epoch that the mean reaches, as published."""
MIN_WEIGHT = 0.25
"""Part of the Gaussian's weight that must have been recorded: at either end of a night half of it
is missing as it is."""


def activity_counts(z_g: npt.NDArray[np.floating], rate_hz: float) -> Doubles:
    """Return the count of each 15 s.

    Parameters
    ----------
    z_g : shape (n,)
        Acceleration across the wrist in g in cells of 25 Hz, from a whole second on; NaN where
        nothing was recorded.
    rate_hz
        How often the wearable itself measured.

    Returns
    -------
    float64, shape (n // 375,)
        NaN where too little was recorded.
    """
    counts = len(z_g) // (COUNT_S * CELL_HZ)
    if not counts:
        return np.empty(0)
    steps = _steps(z_g[: counts * COUNT_S * CELL_HZ], _gain(rate_hz)).reshape(counts, COUNT_S)
    known = ~np.isnan(steps)
    seconds = known.sum(axis=1)
    mean = np.where(known, steps, 0.0).sum(axis=1) / np.maximum(seconds, 1)
    count = np.maximum(mean * COUNT_S - OFFSET_STEPS, 0.0) * COUNTS_A_STEP
    return np.where(seconds >= MIN_SECONDS, count, np.nan)


def smooth_counts(counts: Doubles) -> Doubles:
    """Return the Gaussian mean round the middle of each epoch of 30 s.

    Parameters
    ----------
    counts : float64, shape (n,)
        From `activity_counts`.

    Returns
    -------
    float64, shape (n // 2,)
        NaN where too little was recorded within reach.
    """
    weights = _gaussian()
    reach = len(weights) // 2
    if len(counts) < 2:
        return np.empty(0)
    known = ~np.isnan(counts)
    weight = np.convolve(np.pad(known.astype(np.float64), reach), weights, "valid")[1::2]
    total = np.convolve(np.pad(np.where(known, counts, 0.0), reach), weights, "valid")[1::2]
    enough = np.asarray(weight >= MIN_WEIGHT)
    return np.where(enough, total / np.where(enough, weight, 1.0), np.nan)


def _steps(z_g: npt.NDArray[np.floating], gain: float) -> Doubles:
    """Return the highest step that each second reaches, from 1; NaN where it was not recorded."""
    starts = np.arange(0, len(z_g), CELL_HZ)
    low = np.minimum.reduceat(z_g, starts).astype(np.float64)
    high = np.maximum.reduceat(z_g, starts).astype(np.float64)
    known = ~np.isnan(low)
    steps = np.where(known, 1.0, np.nan)
    low = _around(np.where(known, low, np.inf), np.minimum)
    high = _around(np.where(known, high, -np.inf), np.maximum)

    # What stays within a small range cannot reach the second step whatever its shape.
    taps = _taps()
    reached = gain * np.abs(taps).sum(axis=0).max() / 2 * (high[known] - low[known])
    at = np.flatnonzero(known)[reached >= STEP_G]
    cells = at[:, None] * CELL_HZ + _around_a_second()
    windows = z_g.take(cells, mode="clip") - ((low[at] + high[at]) / 2)[:, None]
    windows[np.isnan(windows) | (cells < 0) | (cells >= len(z_g))] = 0.0
    peaks = np.abs(windows @ taps).max(axis=1) * gain
    steps[at] = np.minimum(np.floor(peaks / STEP_G) + 1, HIGHEST_STEP)
    return steps


def _around(values: Doubles, combine: np.ufunc) -> Doubles:
    """Combine each second with the one before and the one after it."""
    combined = values.copy()
    combined[1:] = combine(combined[1:], values[:-1])
    combined[:-1] = combine(combined[:-1], values[1:])
    return combined


def _gain(rate_hz: float) -> float:
    rates, gains = zip(*GAIN_BY_RATE, strict=True)
    return float(np.interp(np.log(rate_hz), np.log(rates), gains))


def _around_a_second() -> npt.NDArray[np.int64]:
    """Cells that the filter of a second reaches, from the first of that second."""
    return np.arange(-REACH_CELLS, CELL_HZ + REACH_CELLS)


@cache
def _taps() -> Doubles:
    """Filter of one second: from the cells around it, a row each, to what is read in it."""
    cells = _around_a_second()
    reads = np.arange(CELL_HZ * READS_A_CELL) / READS_A_CELL
    distance = reads[None, :] - cells[:, None]
    frequency = np.linspace(0.0, CELL_HZ / 2, RESPONSE_POINTS)
    # The mean over a cell, which the cells took, is divided out again.
    response = _published_response(frequency) / cell_response(frequency)
    reach = np.arange(0, REACH_CELLS + 0.25, 1 / READS_A_CELL)
    waves = np.cos(2 * np.pi * np.outer(reach, frequency) / CELL_HZ)
    impulse = (waves * response).mean(axis=1)
    taps = np.where(
        np.abs(distance) <= REACH_CELLS,
        impulse[np.minimum(np.abs(distance) * READS_A_CELL, len(reach) - 1).astype(np.int64)],
        0.0,
    )
    return np.asarray(taps - taps.mean(axis=0))


def _published_response(frequency_hz: Doubles) -> Doubles:
    """Response of the digital Butterworth band-pass that runs forwards and backwards."""
    low, high = (np.tan(np.pi * edge / FILTER_HZ) for edge in BAND_HZ)
    warped = np.tan(np.pi * np.maximum(frequency_hz, 1e-6) / FILTER_HZ)
    detuned = (warped**2 - low * high) / (warped * (high - low))
    return np.asarray(1 / (1 + detuned ** (2 * FILTER_ORDER)))


@cache
def _gaussian() -> Doubles:
    """Weights of the counts round the middle of an epoch, which is where the second one begins.

    Between counts the published method draws straight lines and weighs every second of them.
    """
    seconds = np.arange(1 - WINDOW_S, WINDOW_S)
    bell = np.exp(-0.5 * (seconds / SMOOTHING_S) ** 2)
    reach = WINDOW_S // COUNT_S
    starts = np.arange(-reach, reach + 1) * COUNT_S
    share = np.maximum(1 - np.abs(seconds - starts[:, None]) / COUNT_S, 0.0)
    weights = share @ bell
    return np.asarray(weights / weights.sum())
