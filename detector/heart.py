"""Heart rate on an even line of 5 s bins, whatever the cadence, dropouts and spikes left out."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from detector.ranks import median
from detector.runs import Run, runs_of
from ingest.samples import NS_PER_S, HeartRate, RRIntervals

__all__ = ["BIN_S", "Readings", "bin_heart_rate", "bridged", "silences"]

Doubles = npt.NDArray[np.float64]

BIN_S = 5
"""Seconds a bin: the cadence of the slowest wearable that streams heart rate all night."""
LOWEST_BPM, HIGHEST_BPM = 30.0, 220.0
"""What a living person can show; a reading outside is an optical or electrical error."""
SPIKE_BPM = 25.0
"""A bin this far from the median of its neighbours is an error: hearts change by less in 10 s."""
SPIKE_WINDOW = 7
"""Bins (35 s) the neighbours are taken from: a heart may rise and stay risen within more."""
SPIKE_MIN_READ = 4
"""Bins of the window, its own among them, that must have been read: of a wearable that reads
every 10 s or more seldom nobody can say that a single reading is an error."""
BRIDGED_BINS = 6
"""Bins without a reading (30 s) that the last reading may stand for."""
SILENCE_CADENCES = 2.5
"""Times its own usual interval that a wearable must not have read to be silent: two readings were
missed."""

SLOWEST_CADENCE_BINS = 60
"""Bins (5 min) between two readings of the slowest sensor that reads all night; what reads more
seldom has lost the heart."""

BASELINE_S = 300
"""Seconds before an onset that make the level it is compared with."""
BASELINE_GUARD_S = 10
"""Seconds right before the onset left out: the heart may already rise."""
MIN_BASELINE_BINS = 6
"""Half a minute at least that the readings stand for, or there is no level to compare with."""
RESPONSE_S = 60
"""Seconds after the end of an awakening in which its peak may still come."""
MAX_RESPONSE_S = 360
"""Seconds after the onset beyond which a peak belongs to something else."""
PEAK_BINS = 3
"""Bins (15 s) the peak is averaged over, so that one reading cannot make it."""

HeartRateRise = float | None


class Readings:
    """All readings of one kind, 12 bytes each; as the chunks they came in, one takes 400."""

    def __init__(self) -> None:
        self._times_ns = array("q")
        self._values = array("f")

    def add(self, times_ns: npt.NDArray[np.int64], values: npt.NDArray[np.float32]) -> None:
        """Take the next ones."""
        self._times_ns.frombytes(times_ns.astype(np.int64, copy=False).tobytes())
        self._values.frombytes(values.astype(np.float32, copy=False).tobytes())

    def copied(self) -> Readings:
        """Give one that goes on apart from this."""
        twin = Readings()
        twin._times_ns, twin._values = self._times_ns[:], self._values[:]
        return twin

    @property
    def times_ns(self) -> npt.NDArray[np.int64]:
        """When, in UTC nanoseconds, shape (n,)."""
        return np.array(self._times_ns, np.int64)

    @property
    def values(self) -> npt.NDArray[np.float32]:
        """What was read, shape (n,)."""
        return np.array(self._values, np.float32)


def bin_heart_rate(
    start_s: int, length_s: int, rates: Sequence[HeartRate], intervals: Sequence[RRIntervals]
) -> Doubles:
    """Return the median heart rate of each bin in bpm, NaN where there is no believable reading.

    Parameters
    ----------
    start_s
        Seconds since 1970 of the first bin.
    length_s
        Seconds to cover.
    rates, intervals
        Chunks in order. Beat-to-beat intervals fill the bins that have no rate.
    """
    bins = -(-length_s // BIN_S)
    from_rates = _median_by_bin(
        start_s, bins, [(chunk.times_ns, chunk.bpm.astype(np.float64)) for chunk in rates]
    )
    from_intervals = _median_by_bin(
        start_s,
        bins,
        [(chunk.times_ns, _rate_of(chunk.rr_ms.astype(np.float64))) for chunk in intervals],
    )
    level = np.where(np.isnan(from_rates), from_intervals, from_rates)
    return _without_spikes(level)


def heart_rate_rise(bins: Doubles, onset_s: int, end_s: int) -> HeartRateRise:
    """Return how far the heart rate rose above its level before an awakening, in bpm.

    Parameters
    ----------
    bins
        From `bin_heart_rate`.
    onset_s, end_s
        Seconds since the first bin.

    Returns
    -------
    float or None
        None where the readings do not cover both the time before and the time of the awakening.
    """
    first = max(onset_s - BASELINE_S, 0) // BIN_S
    last = max(onset_s - BASELINE_GUARD_S, 0) // BIN_S
    before = bridged(bins[first:last])
    before = before[~np.isnan(before)]
    response_end_s = min(end_s + RESPONSE_S, onset_s + MAX_RESPONSE_S)
    response = bridged(bins[onset_s // BIN_S : -(-response_end_s // BIN_S)])
    if len(before) < MIN_BASELINE_BINS or len(response) < PEAK_BINS:
        return None
    smooth = np.lib.stride_tricks.sliding_window_view(response, PEAK_BINS).mean(axis=1)
    smooth = smooth[~np.isnan(smooth)]
    if not len(smooth):
        return None
    return float(smooth.max() - median(before))


def silences(bins: Doubles) -> list[Run]:
    """Return where the sensor read nothing for longer than between two of its readings.

    Parameters
    ----------
    bins
        From `bin_heart_rate`.

    Returns
    -------
    list of (int, int)
        Half-open, in seconds since the first bin; the whole time where nothing was ever read.
    """
    read_at = np.flatnonzero(~np.isnan(bins))
    cadence = float(median(np.diff(read_at))) if len(read_at) > 1 else 1.0
    usual = min(cadence, SLOWEST_CADENCE_BINS)
    shortest = max(BRIDGED_BINS, SILENCE_CADENCES * usual)
    return [
        (start * BIN_S, end * BIN_S)
        for start, end in runs_of(np.isnan(bins))
        if end - start > shortest
    ]


def _rate_of(rr_ms: Doubles) -> Doubles:
    return np.divide(60_000.0, rr_ms, out=np.zeros_like(rr_ms), where=rr_ms > 0)


def _median_by_bin(
    start_s: int, bins: int, chunks: Sequence[tuple[npt.NDArray[np.int64], Doubles]]
) -> Doubles:
    medians = np.full(bins, np.nan)
    if not chunks:
        return medians
    times_ns = np.concatenate([times for times, _ in chunks])
    bpm = np.concatenate([values for _, values in chunks])
    index = (times_ns - start_s * NS_PER_S) // (BIN_S * NS_PER_S)
    kept = (bpm >= LOWEST_BPM) & (bpm <= HIGHEST_BPM) & (index >= 0) & (index < bins)
    index, bpm = index[kept], bpm[kept]
    order = np.lexsort((bpm, index))
    index, bpm = index[order], bpm[order]
    first = np.flatnonzero(np.diff(index, prepend=-1))
    count = np.diff(first, append=len(index))
    medians[index[first]] = (bpm[first + (count - 1) // 2] + bpm[first + count // 2]) / 2
    return medians


def _without_spikes(level: Doubles) -> Doubles:
    side = SPIKE_WINDOW // 2
    padded = np.pad(level, side, constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(padded, SPIKE_WINDOW)
    read = (~np.isnan(around)).sum(axis=1)
    # NaN is sorted to the end.
    ordered = np.sort(around, axis=1)
    bins = np.arange(len(level))
    middle = (ordered[bins, (read - 1) // 2] + ordered[bins, read // 2]) / 2
    spike = (read >= SPIKE_MIN_READ) & (np.abs(level - middle) > SPIKE_BPM)
    return np.where(spike, np.nan, level)


def bridged(bins: Doubles) -> Doubles:
    """Let each reading stand for the bins after it, for at most half a minute."""
    known = ~np.isnan(bins)
    last = np.maximum.accumulate(np.where(known, np.arange(len(bins)), -1))
    age = np.arange(len(bins)) - last
    usable = (last >= 0) & (age <= BRIDGED_BINS)
    return np.where(usable, bins[np.maximum(last, 0)], np.nan)
