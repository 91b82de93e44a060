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
from ingest.rate import Rate
from ingest.recording import ReadSoFar, Repeats, SampleStream, in_live_order
from ingest.samples import (
    MAX_ABS_G,
    MAX_BPM,
    MAX_RECORDING_S,
    MAX_RR_MS,
    NS_PER_S,
    Acceleration,
    HeartRate,
    RRIntervals,
    Samples,
)

__all__ = [
    "UNIX_S",
    "acceleration_columns",
    "bpm_column",
    "check_head",
    "read_acceleration",
    "read_heart_rate",
    "read_rr_intervals",
    "rr_column",
    "stream_sorted",
    "unix_mistake",
    "within_a_recording",
]

READINGS_MARGIN_NS = 30 * 60 * NS_PER_S
"""Nanoseconds around the acceleration in which heart rate is kept, where the file spans days.

Half an hour is enough for a resting level before the first movement.
"""

HEAD_ROWS = 4096
"""Rows that are looked at first: of a file in the wrong unit they span hours."""

HOPELESS_STEP_S = 5.0
"""Seconds between samples from which on the head alone condemns a file: milliseconds of a 200 Hz
device taken for seconds, or counts a minute. The head then spans over five hours."""

UNIX_S = (946_684_800.0, 4_102_444_800.0)
"""Unix seconds of the years 2000 and 2100, between which a device's clock can be right."""

UNIX_UNITS = {"seconds": 1.0, "milliseconds": 1e3, "microseconds": 1e6, "nanoseconds": 1e9}
"""Units in which programs count from 1970, and how many make a second."""

SORTED_CHUNK_ROWS = 8192
"""Rows of a chunk of sorted acceleration: under three minutes at 50 Hz."""

Times = npt.NDArray[np.int64]


def acceleration_columns(x: str, y: str, z: str) -> tuple[Column, ...]:
    """Describe the three axes by the names a format gives them."""
    advice = "Acceleration is in g, gravity included; leave out rows that were not measured."
    return tuple(
        Column(name, -MAX_ABS_G, MAX_ABS_G, advice, mistaken=_unit_mistake) for name in (x, y, z)
    )


def bpm_column(name: str) -> Column:
    """Describe a column of heart rate, in which an empty cell is no reading."""
    advice = "Heart rate is in beats per minute; leave the cell empty where there is no reading."
    return Column(name, 0.0, MAX_BPM, advice, empty=0.0)


def rr_column(name: str) -> Column:
    """Describe a column of RR intervals."""
    return Column(name, 0.0, MAX_RR_MS, "RR intervals are in milliseconds.")


def unix_mistake(time_s: float) -> str | None:
    """Name the unit of a time that counts from 1970, as a sentence; None where it does not."""
    for unit, a_second in UNIX_UNITS.items():
        if UNIX_S[0] <= time_s / a_second <= UNIX_S[1]:
            return f"This looks like Unix {unit}."
    return None


def within_a_recording(table: NumberTable, first_s: float) -> NumberTable:
    """Limit the times of a table to those of a recording that begins at ``first_s``."""
    time = replace(
        table.time,
        low=first_s - MAX_RECORDING_S,
        high=first_s + MAX_RECORDING_S,
        advice=(
            f"A recording lasts at most {MAX_RECORDING_S / 3600:g} h from its first acceleration: "
            "split it into nights, a folder each, or correct the clock. Times are in seconds, "
            "not in milliseconds."
        ),
    )
    return replace(table, time=time)


def check_head(table: NumberTable) -> float:
    """Look at the first rows of acceleration, and give the time of the first in seconds.

    Raises
    ------
    RecordingError
        If there are fewer than two samples, or no more than these and their rate is outside the
        limits, or they are so far apart that the rest cannot make it good.
    """
    times: list[npt.NDArray[np.float64]] = []
    for block in read_blocks(table):
        times.append(block.times_s)
        if sum(map(len, times)) > HEAD_ROWS:
            break
    times_s = np.sort(np.concatenate(times)[: HEAD_ROWS + 1]) if times else np.empty(0)
    times_ns = _nanoseconds(times_s, 0)
    _require_two(table.path, times_ns)
    if len(times_s) <= HEAD_ROWS or np.median(np.diff(times_s)) >= HOPELESS_STEP_S:
        _require_rate(table.path, times_ns)
    return float(times_s[0])


def read_acceleration(
    table: NumberTable, zero_ns: int, repeats: Repeats, read: ReadSoFar | None = None
) -> Iterator[Acceleration]:
    """Stream acceleration whose times rise, chunk by chunk as it lies in the file.

    Parameters
    ----------
    table
        Times and three axes; its first rows have passed `check_head`.
    zero_ns
        UTC nanoseconds at which the table's seconds begin.
    repeats
        Is added to.
    read
        Is told how much of the file has been read.

    Raises
    ------
    RecordingError
        At the first row that cannot be used, or at the end if most of it had a wrong rate.
    """
    last_ns: int | None = None
    rate = Rate()
    for block in read_blocks(table, read):
        times_ns = _nanoseconds(block.times_s, zero_ns)
        steps_ns = np.diff(times_ns, prepend=times_ns[0] - 1 if last_ns is None else last_ns)
        new = steps_ns > 0
        chunk = _acceleration(table, times_ns, block.values, new, repeats)
        if len(chunk):
            yield chunk
        # Before the very first row there is no step.
        rate.add(steps_ns[1 if last_ns is None else 0 :])
        last_ns = int(times_ns[-1])
    rate.require(table.path)


def _read_sorted(
    table: NumberTable,
    zero_ns: int,
    low_s: float,
    high_s: float,
    repeats: Repeats,
    read: ReadSoFar,
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
    for block in read_blocks(table, read):
        inside = (block.times_s >= low_s) & (block.times_s < high_s)
        kept.append(block if inside.all() else Block(block.times_s[inside], block.values[inside]))
    times_ns, values = _sorted(kept, zero_ns)
    if not len(times_ns) and math.isfinite(high_s):
        raise RecordingError(
            table.path,
            f"has no acceleration from {low_s:g} s to {high_s:g} s, the span of the labels",
            "Check that both files are of the same person.",
        )
    _require_two(table.path, times_ns)
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
    repeats, read = Repeats(), ReadSoFar()

    def samples() -> Iterator[Samples]:
        low_s, high_s = window_s()
        chunks = _read_sorted(acceleration, zero_ns, low_s, high_s, repeats, read)
        readings = []
        if heart_rate:
            first_ns, last_ns = int(chunks[0].times_ns[0]), int(chunks[-1].times_ns[-1])
            around_ns = (first_ns - READINGS_MARGIN_NS, last_ns + READINGS_MARGIN_NS)
            readings.append(read_heart_rate(heart_rate, zero_ns, repeats, around_ns))
        yield from in_live_order(chunks, readings)

    return SampleStream(samples(), repeats, read=read)


def _unit_mistake(value: float) -> str | None:
    """Name the units that acceleration may be in where it is beyond belief in g."""
    return "Divide mg by 1000, m/s² by 9.81." if abs(value) > MAX_ABS_G else None


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


def _require_two(path: Path, times_ns: Times) -> None:
    if len(times_ns) < 2:
        raise RecordingError(
            path,
            f"has {'one sample' if len(times_ns) else 'no samples'} of acceleration",
            "A recording needs at least two, and a night of them to be worth reading.",
        )


def _require_rate(path: Path, times_ns: Times) -> None:
    rate = Rate()
    rate.add(np.diff(times_ns))
    rate.require(path)
