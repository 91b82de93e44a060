"""Made-up samples, and what of them a recording gives back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from ingest.native.night import Reading, describe
from ingest.native.tables import Record
from ingest.native.writer import RecordingWriter
from ingest.samples import (
    NS_PER_S,
    Acceleration,
    Fault,
    FaultKind,
    HeartRate,
    Mark,
    RecordingInfo,
    RRIntervals,
    Samples,
)
from ingest.sensor import Sensor, to_g

START_NS = 1_792_873_800_123_456_789
INFO = RecordingInfo("night", START_NS, "Europe/Berlin", "a wristband", "right", "made up")
COUNTS_PER_G = 1024.0
SENSORS = (Sensor(counts_per_g=COUNTS_PER_G),)
RATE_HZ = 50
SECOND = RATE_HZ

Rows = dict[str, list[tuple[object, ...]]]


class Clock:
    """A monotonic clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        return self.now_ns


def acceleration(first: int, count: int, seed: int = 0) -> Acceleration:
    """Samples by their number; the same number gives the same sample."""
    numbers = np.arange(first, first + count, dtype=np.int64)
    spread = (numbers[:, None] * np.array([7919, 104729, 1299709]) + seed * 31) % 2000 - 1000
    times_ns = START_NS + numbers * (NS_PER_S // RATE_HZ)
    return Acceleration(times_ns, to_g(spread.astype(np.int16), COUNTS_PER_G))


def heart_rate(first: int, count: int = 1) -> HeartRate:
    """Readings once a second."""
    numbers = np.arange(first, first + count, dtype=np.int64)
    return HeartRate(START_NS + numbers * NS_PER_S, (50 + numbers % 40).astype(np.float32))


def rr_intervals(first: int, count: int = 1) -> RRIntervals:
    """Intervals once a second."""
    numbers = np.arange(first, first + count, dtype=np.int64)
    return RRIntervals(START_NS + numbers * NS_PER_S, (900 + numbers % 90).astype(np.float32))


def mark(second: int, label: str = "this was one") -> Mark:
    """A mark of the wearer."""
    return Mark(START_NS + second * NS_PER_S, label)


def fault(start_s: int, end_s: int, kind: FaultKind = FaultKind.OFF_WRIST) -> Fault:
    """A fault that the collector saw."""
    return Fault(START_NS + start_s * NS_PER_S, START_NS + end_s * NS_PER_S, kind)


def a_night(seconds: int, first: int = 0) -> list[Samples]:
    """Every second its samples, as a wearable would send them."""
    return [
        record
        for second in range(first, first + seconds)
        for record in (
            acceleration(second * SECOND, SECOND),
            heart_rate(second),
            rr_intervals(second),
        )
    ]


def write_night(
    folder: Path,
    records: Iterable[Samples | Fault],
    sensors: Sequence[Sensor] = SENSORS,
    close: bool = True,
) -> Path:
    """Write records, flushed every two seconds of their own time, and give the segment."""
    clock = Clock()
    writer = RecordingWriter.open(folder, INFO, sensors, clock_ns=clock)
    for record in records:
        if isinstance(record, Acceleration):
            clock.now_ns = int(record.times_ns[0])
        writer.append(record)
    if close:
        writer.close()
    return writer.path


def rows_of_records(found: Iterable[tuple[str, Record]]) -> Rows:
    """Every row by table, whatever the chunks; numbers by their bits."""
    rows: Rows = {}
    for table, record in found:
        into = rows.setdefault(table, [])
        if isinstance(record, Acceleration):
            bits = record.xyz_g.view(np.int32).tolist()
            into += [(time, *xyz) for time, xyz in zip(record.times_ns.tolist(), bits, strict=True)]
        elif isinstance(record, HeartRate | RRIntervals):
            values = record.bpm if isinstance(record, HeartRate) else record.rr_ms
            bits = values.view(np.int32).tolist()
            into += zip(record.times_ns.tolist(), bits, strict=True)
        else:
            into.append((repr(record),))
    return rows


def stored(folder: Path) -> tuple[Rows, Reading]:
    """Everything in a recording, and what was left out."""
    reading = Reading()
    return rows_of_records(describe(folder).records(reading)), reading


def given(records: Iterable[Record], acceleration_table: str = "acceleration_wrist") -> Rows:
    """What a recording of the records has to give back."""
    from ingest.native.tables import table_name

    return rows_of_records((table_name(each, acceleration_table), each) for each in records)


def is_part_of(found: Rows, whole: Rows) -> bool:
    """Tell whether every row found is one of the whole, and in its order."""
    for table, rows in found.items():
        rest = iter(whole.get(table, []))
        if not all(row in rest for row in rows):
            return False
    return True
