"""Turns tables of numbers into the records of `ingest.samples`.

Seconds become nanoseconds, repeated times are left out and counted, and a recording that no
detector could use, by its rate or its length, is refused with the figure found.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.errors import RecordingError, SampleError
from ingest.number_table import Block, Column, NumberTable, find_fault, read_blocks
from ingest.recording import Repeats, SampleStream, in_live_order
from ingest.samples import (
    MAX_ABS_G,
    MAX_BPM,
    MAX_RATE_HZ,
    MAX_RR_MS,
    MIN_RATE_HZ,
    NS_PER_S,
    Acceleration,
    HeartRate,
    RRIntervals,
    Samples,
)

__all__ = [
    "MAX_RECORDING_S",
    "acceleration_columns",
    "bpm_column",
    "check_head",
    "read_acceleration",
    "read_heart_rate",
    "read_rr_intervals",
    "rr_column",
    "stream_sorted",
    "within_a_recording",
]

MAX_RECORDING_S = 72 * 3600.0
"""Longest recording in seconds: three days are never a night, but often a wrong clock."""

READINGS_MARGIN_NS = 30 * 60 * NS_PER_S
"""Nanoseconds around the acceleration in which heart rate is kept, where the file spans days.

Half an hour is enough for a resting level before the first movement.
"""

RATE_TOLERANCE = 0.1
"""Part of a rate by which it may miss the limits: a nominal 5 Hz may be 4.6 Hz by the clock."""

HEAD_ROWS = 4096
"""Rows by which the rate is judged first: 20 s at the fastest rate, a median that stands still."""

SORTED_CHUNK_ROWS = 8192
"""Rows of a chunk of sorted acceleration: under three minutes at 50 Hz."""

_MAX_INTERVAL_NS = NS_PER_S / (MIN_RATE_HZ * (1 - RATE_TOLERANCE))
_MIN_INTERVAL_NS = NS_PER_S / (MAX_RATE_HZ * (1 + RATE_TOLERANCE))

Times = npt.NDArray[np.int64]


def acceleration_columns(x: str, y: str, z: str) -> tuple[Column, ...]:
    """Describe the three axes by the names a format gives them."""
    advice = "Acceleration is in g, gravity included; leave out rows that were not measured."
    return tuple(Column(name, -MAX_ABS_G, MAX_ABS_G, advice) for name in (x, y, z))


def bpm_column(name: str) -> Column:
    """Describe a column of heart rate, in which an empty cell is no reading."""
    advice = "Heart rate is in beats per minute; leave the cell empty where there is no reading."
    return Column(name, 0.0, MAX_BPM, advice, empty=0.0)


def rr_column(name: str) -> Column:
    """Describe a column of RR intervals."""
    return Column(name, 0.0, MAX_RR_MS, "RR intervals are in milliseconds.")


def within_a_recording(table: NumberTable, first_s: float) -> NumberTable:
    """Limit the times of a table to those of a recording that begins at ``first_s``."""
    time = replace(
        table.time,
        low=first_s - MAX_RECORDING_S,
        high=first_s + MAX_RECORDING_S,
        advice=(
            f"A recording lasts at most {MAX_RECORDING_S / 3600:g} h from its first acceleration: "
            "split it into nights, a folder each, or correct the clock."
        ),
    )
    return replace(table, time=time)


def check_head(table: NumberTable) -> float:
    """Judge acceleration by its first rows, and give the time of the first in seconds.

    Raises
    ------
    RecordingError
        If there are fewer than two samples, or their rate is outside the limits.
    """
    times: list[npt.NDArray[np.float64]] = []
    for block in read_blocks(table):
        times.append(block.times_s)
        if sum(map(len, times)) >= HEAD_ROWS:
            break
    times_s = np.sort(np.concatenate(times)[:HEAD_ROWS]) if times else np.empty(0)
    _require_rate(table.path, _nanoseconds(times_s, 0))
    return float(times_s[0])


def read_acceleration(table: NumberTable, zero_ns: int, repeats: Repeats) -> Iterator[Acceleration]:
    """Stream acceleration whose times rise, chunk by chunk as it lies in the file.

    Parameters
    ----------
    table
        Times and three axes; its first rows have passed `check_head`.
    zero_ns
        UTC nanoseconds at which the table's seconds begin.
    repeats
        Is added to.

    Raises
    ------
    RecordingError
        At the first row that cannot be used, or at the end if most of it had a wrong rate.
    """
    last_ns: int | None = None
    intervals = too_long = too_short = 0
    for block in read_blocks(table):
        times_ns = _nanoseconds(block.times_s, zero_ns)
        steps_ns = np.diff(times_ns, prepend=times_ns[0] - 1 if last_ns is None else last_ns)
        new = steps_ns > 0
        chunk = _acceleration(table, times_ns, block.values, new, repeats)
        if len(chunk):
            yield chunk
        # Before the very first row there is no interval.
        gaps_ns = steps_ns[new][1 if last_ns is None else 0 :]
        intervals += len(gaps_ns)
        too_long += int(np.count_nonzero(gaps_ns > _MAX_INTERVAL_NS))
        too_short += int(np.count_nonzero(gaps_ns < _MIN_INTERVAL_NS))
        last_ns = int(times_ns[-1])
    # More than half of them outside a limit is the median of all outside it, without a sort.
    if 2 * max(too_long, too_short) > intervals:
        raise RecordingError(
            table.path,
            f"has most of its samples {'farther apart' if too_long > too_short else 'closer'} "
            f"than acceleration at {MIN_RATE_HZ:g} to {MAX_RATE_HZ:g} Hz",
            "Leave out the part recorded at another rate.",
        )


def _read_sorted(
    table: NumberTable, zero_ns: int, low_s: float, high_s: float, repeats: Repeats
) -> list[Acceleration]:
    """Read acceleration whose times may fall, and sort it; this takes the window into memory.

    A night at 50 Hz needs about 60 MB. Rows of the same time keep their order, and the first stays.

    Parameters
    ----------
    low_s, high_s
        Window of the table's times, half-open; other rows are left out.

    Raises
    ------
    RecordingError
        If a row cannot be used, or there is too little, too much or at a wrong rate.
    """
    kept = []
    for block in read_blocks(table):
        inside = (block.times_s >= low_s) & (block.times_s < high_s)
        kept.append(block if inside.all() else Block(block.times_s[inside], block.values[inside]))
    times_ns, values = _sorted(kept, zero_ns)
    if not len(times_ns) and math.isfinite(high_s):
        raise RecordingError(
            table.path,
            f"has no acceleration from {low_s:g} s to {high_s:g} s, the span of the labels",
            "Check that both files are of the same person.",
        )
    _require_rate(table.path, times_ns)
    if times_ns[-1] - times_ns[0] > MAX_RECORDING_S * NS_PER_S:
        raise RecordingError(
            table.path,
            f"spans {(times_ns[-1] - times_ns[0]) / NS_PER_S / 3600:.0f} h",
            f"A recording lasts at most {MAX_RECORDING_S / 3600:g} h: split it into nights.",
        )
    new = np.diff(times_ns, prepend=times_ns[0] - 1) > 0
    whole = _acceleration(table, times_ns, values, new, repeats)
    return [
        Acceleration(
            whole.times_ns[start : start + SORTED_CHUNK_ROWS],
            whole.xyz_g[start : start + SORTED_CHUNK_ROWS],
        )
        for start in range(0, len(whole), SORTED_CHUNK_ROWS)
    ]


def read_heart_rate(
    table: NumberTable,
    zero_ns: int,
    repeats: Repeats,
    window_ns: tuple[int, int] | None = None,
) -> HeartRate:
    """Read a whole file of heart rate, sorted; outside the window, if any, it is left out.

    Raises
    ------
    RecordingError
        At a row that cannot be used.
    """
    times_ns, values = _readings(table, zero_ns, repeats, window_ns)
    try:
        return HeartRate(times_ns, values)
    except SampleError as error:
        raise find_fault(table, str(error)) from error


def read_rr_intervals(table: NumberTable, zero_ns: int, repeats: Repeats) -> RRIntervals:
    """Read a whole file of RR intervals.

    Raises
    ------
    RecordingError
        At a row that cannot be used.
    """
    times_ns, values = _readings(table, zero_ns, repeats, None)
    try:
        return RRIntervals(times_ns, values)
    except SampleError as error:
        raise find_fault(table, str(error)) from error


def stream_sorted(
    acceleration: NumberTable,
    heart_rate: NumberTable | None,
    zero_ns: int,
    window_s: Callable[[], tuple[float, float]],
) -> SampleStream:
    """Stream a night of a public set: sorted, with the heart rate around its acceleration.

    Parameters
    ----------
    zero_ns
        UTC nanoseconds at which the tables' seconds begin.
    window_s
        Gives the span of the tables' times to keep, half-open; asked when the first sample is.
    """
    repeats = Repeats()

    def samples() -> Iterator[Samples]:
        low_s, high_s = window_s()
        chunks = _read_sorted(acceleration, zero_ns, low_s, high_s, repeats)
        readings = []
        if heart_rate:
            first_ns, last_ns = int(chunks[0].times_ns[0]), int(chunks[-1].times_ns[-1])
            around_ns = (first_ns - READINGS_MARGIN_NS, last_ns + READINGS_MARGIN_NS)
            readings.append(read_heart_rate(heart_rate, zero_ns, repeats, around_ns))
        yield from in_live_order(chunks, readings)

    return SampleStream(samples(), repeats)


def _nanoseconds(times_s: npt.NDArray[np.float64], zero_ns: int) -> Times:
    # In two parts: a float64 of seconds keeps the nanosecond for 97 days, one of nanoseconds
    # would lose it, and Unix seconds would lose more than they have to.
    whole_s = np.floor(times_s)
    part_ns = np.rint((times_s - whole_s) * NS_PER_S).astype(np.int64)
    return whole_s.astype(np.int64) * NS_PER_S + part_ns + zero_ns


def _acceleration(
    table: NumberTable,
    times_ns: Times,
    values: npt.NDArray[np.float32],
    new: npt.NDArray[np.bool_],
    repeats: Repeats,
) -> Acceleration:
    if not new.all():
        repeats.count += int(np.count_nonzero(~new))
        times_ns, values = times_ns[new], values[new]
    try:
        return Acceleration(times_ns, values)
    except SampleError as error:
        raise find_fault(table, str(error)) from error


def _sorted(blocks: list[Block], zero_ns: int) -> tuple[Times, npt.NDArray[np.float32]]:
    if not blocks:
        return np.empty(0, np.int64), np.empty((0, 1), np.float32)
    times_ns = _nanoseconds(np.concatenate([block.times_s for block in blocks]), zero_ns)
    values = np.concatenate([block.values for block in blocks])
    if (np.diff(times_ns) >= 0).all():
        return times_ns, values
    order = np.argsort(times_ns, kind="stable")
    return times_ns[order], values[order]


def _readings(
    table: NumberTable, zero_ns: int, repeats: Repeats, window_ns: tuple[int, int] | None
) -> tuple[Times, npt.NDArray[np.float32]]:
    times_ns, columns = _sorted(list(read_blocks(table)), zero_ns)
    values = columns[:, 0]
    if window_ns is not None:
        inside = (times_ns >= window_ns[0]) & (times_ns <= window_ns[1])
        times_ns, values = times_ns[inside], values[inside]
    if not times_ns.size:
        return times_ns, values
    new = np.diff(times_ns, prepend=times_ns[0] - 1) > 0
    repeats.count += int(np.count_nonzero(~new))
    return times_ns[new], values[new]


def _require_rate(path: Path, times_ns: Times) -> None:
    """Refuse rising times, repeats among them, that are too few or of a rate out of bounds."""
    steps_ns = np.diff(times_ns)
    intervals_ns = steps_ns[steps_ns > 0]
    if len(times_ns) < 2:
        raise RecordingError(
            path,
            f"has {'one sample' if len(times_ns) else 'no samples'} of acceleration",
            "A recording needs at least two, and a night of them to be worth reading.",
        )
    rate_hz = NS_PER_S / float(np.median(intervals_ns)) if intervals_ns.size else 0.0
    if NS_PER_S / _MAX_INTERVAL_NS <= rate_hz <= NS_PER_S / _MIN_INTERVAL_NS:
        return
    if 2 * len(intervals_ns) < len(steps_ns):
        raise RecordingError(
            path,
            f"repeats a time in {len(steps_ns) - len(intervals_ns)} of its first "
            f"{len(times_ns)} rows: its clock is too coarse",
            "Export it with times to the millisecond or finer.",
        )
    raise RecordingError(
        path,
        f"has acceleration at {rate_hz:.3g} Hz",
        f"A rate of {MIN_RATE_HZ:g} to {MAX_RATE_HZ:g} Hz is needed: record or export it faster "
        "or slower, and give times in seconds.",
    )
