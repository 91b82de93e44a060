"""How much the heart rate changes round an epoch, against what is usual in this sleep.

Method: Walch et al. 2019, SLEEP 42:zsz180. The heart rate, drawn through as a line, is filtered
with a difference of Gaussians, which answers to change within minutes and not to level or drift;
divided by the 90th percentile of its size, so that a lively and a calm heart look alike; and its
standard deviation in the minutes round an epoch is the feature. The published method steps by
1 s, this one by the bins of `detector.heart`; over windows of minutes that is the same
(`tests/detector/test_heart_feature.py`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from detector.heart import BIN_S
from detector.ranks import percentile

__all__ = ["heart_feature"]

Doubles = npt.NDArray[np.float64]

NARROW_S, WIDE_S = 120.0, 600.0
"""Standard deviations of the two Gaussians in seconds, as published."""
WIDE_SHARE = 0.75
"""Weight of the wide one against the narrow one, as published."""
KERNEL_S = 147
"""Seconds to either side that the kernel is cut at, as published."""
WINDOW_S = 300
"""Seconds to either side of the middle of an epoch, as published."""
USUAL_PERCENTILE = 90
"""Percentile of the size of the filtered line that it is divided by, as published."""
EPOCH_BINS = 30 // BIN_S
BRIDGED_S = 120
"""Seconds that a straight line between two readings may bridge and still be known."""
MIN_KNOWN = 0.5
"""Part of the window round an epoch that must be known."""
MIN_KNOWN_BINS = 600 // BIN_S
"""Bins (10 min) that must be known at all, or there is nothing usual to compare with."""


def heart_feature(bins: Doubles) -> Doubles:
    """Return the feature of each epoch of 30 s of one sleep.

    Parameters
    ----------
    bins : float64, shape (n,)
        Heart rate in bpm of each 5 s of that sleep and of nothing else, from
        `detector.heart.bin_heart_rate`; NaN where there is no reading.

    Returns
    -------
    float64, shape (n // 6,)
        NaN where the heart rate is not known.
    """
    epochs = len(bins) // EPOCH_BINS
    read_at = np.flatnonzero(~np.isnan(bins))
    known = _known(read_at, len(bins))
    if known.sum() < MIN_KNOWN_BINS:
        return np.full(epochs, np.nan)
    level = np.interp(np.arange(len(bins)), read_at, bins[read_at])
    change = _difference_of_gaussians(level - level.mean())
    usual = percentile(np.abs(change[known]), USUAL_PERCENTILE)
    if usual == 0:
        return np.full(epochs, np.nan)

    reach = WINDOW_S // BIN_S
    middle = np.arange(epochs) * EPOCH_BINS + EPOCH_BINS // 2
    first, last = np.maximum(middle - reach, 0), np.minimum(middle + reach, len(bins))
    count = _sums(known.astype(np.float64), first, last)
    enough = count >= MIN_KNOWN * (last - first)
    held = np.where(known, change / usual, 0.0)
    count = np.where(enough, count, 1.0)
    mean = _sums(held, first, last) / count
    variance = _sums(held * held, first, last) / count - mean * mean
    return np.where(enough, np.sqrt(np.maximum(variance, 0.0)), np.nan)


def _known(read_at: npt.NDArray[np.int64], length: int) -> npt.NDArray[np.bool_]:
    """Return the bins that have a reading or lie between two that are close."""
    known = np.zeros(length, np.bool_)
    known[read_at] = True
    steps = np.diff(read_at)
    for gap in np.flatnonzero((steps > 1) & (steps <= BRIDGED_S // BIN_S)):
        known[read_at[gap] : read_at[gap + 1]] = True
    return known


def _difference_of_gaussians(line: Doubles) -> Doubles:
    """Filter a line, which is mirrored at its ends."""
    reach = KERNEL_S // BIN_S
    seconds = np.arange(-reach, reach + 1) * BIN_S
    kernel = np.exp(-0.5 * (seconds / NARROW_S) ** 2)
    kernel -= WIDE_SHARE * np.exp(-0.5 * (seconds / WIDE_S) ** 2)
    return np.convolve(np.pad(line, reach, mode="symmetric"), kernel, "valid")


def _sums(values: Doubles, first: npt.NDArray[np.int64], last: npt.NDArray[np.int64]) -> Doubles:
    sums = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray(sums[last] - sums[first])
