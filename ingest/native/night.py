"""Reads a native recording, whatever of it is left: compacted folder and segments, as one night."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from ingest.errors import RecordingError, SampleError
from ingest.native import parquet
from ingest.native.batches import format_of
from ingest.native.description import (
    Description,
    acceleration_names,
    format_description,
    parse_description,
    parse_night_json,
    placement_names,
)
from ingest.native.layout import NIGHT_JSON, Layout, look
from ingest.native.segment import SegmentBatch, SegmentFault, read_segment, segment_text
from ingest.native.tables import (
    EVENTS,
    FAULTS,
    HEART_RATE,
    HEART_RATE_CONTACT,
    MARKS,
    RR_INTERVALS,
    Columns,
    Record,
    Table,
    columns_of,
    concatenate,
    records_of,
    times_of,
)
from ingest.recording import (
    Damage,
    Event,
    Recording,
    Repeats,
    SampleStream,
    in_live_order,
)
from ingest.samples import Acceleration, Fault, FaultKind, HeartRate, Mark, RRIntervals, Samples
from ingest.sensor import Placement, Sensor
from ingest.text_file import open_error

__all__ = [
    "Found",
    "Fresh",
    "Reading",
    "StoredNight",
    "describe",
    "latest",
    "main_sensor",
    "read",
    "read_faults",
]

Kind = TypeVar("Kind", bound=Record)
Pair: TypeAlias = tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]

BATCHES_A_CHUNK = 64
"""Batches handed on as one: about two minutes, so that the detector is not called for each."""


class Found(NamedTuple):
    """A record, and the name of the table it comes from."""

    table: str
    record: Record


@dataclass(slots=True)
class Reading:
    """What one pass over a recording left out, filled as it goes on."""

    repeats: Repeats = field(default_factory=Repeats)
    damage: list[Damage] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class StoredNight:
    """A native recording on the disk.

    Parameters
    ----------
    description
        With every sensor of any of its parts. One that not all parts tell in the same counts is
        without them here.
    layout
        Its files.
    texts
        Every description found, to read damaged parts with.
    damage
        What is wrong with the description.
    """

    description: Description
    layout: Layout
    texts: tuple[str, ...]
    damage: tuple[Damage, ...]

    @property
    def main_sensor(self) -> int:
        """The place of the sensor that a night is judged by: the first on a wrist, or the first."""
        return main_sensor(self.description.sensors)

    def records(self, reading: Reading) -> Iterator[Found]:
        """Read everything, by time within each table; what is left out goes to ``reading``.

        Raises
        ------
        RecordingError
            If a file cannot be opened.
        """
        reading.damage += self.damage
        fresh = Fresh(reading.repeats)
        for table in self.compacted:
            for record in self.table_records(table, fresh, reading):
                yield Found(table, record)
        for path in self.layout.segments:
            yield from self.segment_records(path, fresh, reading)

    def faults(self) -> Iterator[Fault]:
        """Read the faults as they were written; of the compacted folder no other table."""
        reading = Reading()
        fresh = Fresh(reading.repeats)
        if FAULTS.name in self.compacted:
            yield from _only(Fault, self.table_records(FAULTS.name, fresh, reading))
        for path in self.layout.segments:
            found = self.segment_records(path, fresh, reading)
            yield from _only(Fault, (each.record for each in found))

    @property
    def compacted(self) -> tuple[str, ...]:
        """The tables that the compacted folder holds, by name."""
        if self.layout.parquet is None:
            return ()
        text = parquet.folder_text(self.layout.parquet) or self.texts[0]
        return tuple(table.name for table in (*format_of(text).tables, EVENTS))

    def table_records(self, table: str, fresh: Fresh, reading: Reading) -> Iterator[Record]:
        """Read a table of the compacted folder."""
        assert self.layout.parquet is not None
        path = self.layout.parquet / parquet.file_name(table)
        last_ns: int | None = None
        problem: str | None = None
        for found in parquet.read_table(path, table, self.texts):
            if isinstance(found, parquet.GroupFault) and found.spared:
                reading.damage.append(Damage(path, found.problem, spared=True))
                continue
            if isinstance(found, parquet.GroupFault):
                problem = problem or found.problem
                continue
            first_ns, end_ns = _span(found.table, found.columns)
            if problem is not None:
                reading.damage.append(Damage(path, problem, last_ns, first_ns))
                problem = None
            last_ns = end_ns
            yield from _records(path, found.table, fresh.rows(found.table, found.columns), reading)
        if problem is not None:
            reading.damage.append(Damage(path, problem, last_ns))

    def segment_records(self, path: Path, fresh: Fresh, reading: Reading) -> Iterator[Found]:
        """Read a segment."""
        last_ns: int | None = None
        fault: SegmentFault | None = None
        gathered: list[SegmentBatch] = []
        for found in read_segment(path, self.texts):
            if isinstance(found, SegmentFault) and found.spared:
                reading.damage.append(Damage(path, found.problem, spared=True))
                continue
            if isinstance(found, SegmentFault):
                yield from _together(path, gathered, fresh, reading)
                gathered.clear()
                fault = fault or found
                continue
            first_ns, end_ns = _batch_span(found)
            if fault is not None:
                reading.damage.append(Damage(path, fault.problem, last_ns, first_ns))
                fault = None
            last_ns = last_ns if end_ns is None else end_ns
            gathered.append(found)
            if len(gathered) == BATCHES_A_CHUNK:
                yield from _together(path, gathered, fresh, reading)
                gathered.clear()
        yield from _together(path, gathered, fresh, reading)
        if fault is not None:
            reading.damage.append(Damage(path, fault.problem, last_ns, tail=fault.tail))


class Fresh:
    """Leaves out rows that are not later than all before them in the same table."""

    def __init__(self, repeats: Repeats):
        self._repeats = repeats
        self._last_ns: dict[str, int] = {}

    def rows(self, table: Table, columns: Columns) -> Columns:
        """Give the rows that are new."""
        times_ns = times_of(table, columns)
        if not times_ns.size:
            return columns
        last_ns = self._last_ns.get(table.name)
        if last_ns is not None and times_ns[0] <= last_ns:
            start = int(np.searchsorted(times_ns, last_ns, side="right"))
            self._repeats.count += start
            columns = [column[start:] for column in columns]
        self._last_ns[table.name] = max(int(times_ns[-1]), last_ns or 0)
        return columns


def main_sensor(sensors: Sequence[Sensor]) -> int:
    """Give the place of the sensor a night is judged by: the first on a wrist, or the first."""
    wrists = [at for at, each in enumerate(sensors) if each.placement is Placement.WRIST]
    return wrists[0] if wrists else 0


def describe(folder: Path) -> StoredNight:
    """Find out what a native recording is, by whichever of its files says so.

    Raises
    ------
    RecordingError
        If none does.
    """
    layout = look(folder)
    name = folder.resolve().name
    damage: list[Damage] = []
    found: list[Description] = []
    first_error: RecordingError | None = None
    try:
        found.append(_night_json(folder, name))
    except RecordingError as error:
        first_error = error
        damage.append(Damage(error.path, error.problem, spared=True))
    found += [parse_description(folder, text, name) for text in _texts(layout)]
    if not found:
        assert first_error is not None
        raise first_error
    description = replace(
        found[0],
        sensors=_merged([each.sensors for each in found]),
        contact=any(each.contact for each in found),
    )
    texts = tuple(dict.fromkeys(map(format_description, found)))
    return StoredNight(description, layout, texts, tuple(damage))


def read(folder: Path, sensor: int | None = None) -> Recording:
    """Open a native recording as one that any reader hands on.

    Parameters
    ----------
    sensor
        Place of the sensor whose acceleration is wanted; `StoredNight.main_sensor` without it.

    Raises
    ------
    RecordingError
        If nothing of it can be read. What is damaged is left out, and said by
        `SampleStream.damage`.
    """
    night = describe(folder)
    sensors = night.description.sensors
    place = night.main_sensor if sensor is None else sensor
    wanted = acceleration_names(sensors)[place]
    info = night.description.info
    info = replace(info, device=sensors[place].device or info.device)
    opened = Reading(damage=list(night.damage))
    events: tuple[Event, ...] = ()
    if EVENTS.name in night.compacted:
        found = night.table_records(EVENTS.name, Fresh(opened.repeats), opened)
        events = tuple(_only(Event, found))

    def samples() -> SampleStream:
        reading = Reading(damage=list(opened.damage))
        return SampleStream(_samples(night, wanted, reading), reading.repeats, reading.damage)

    remarks: tuple[str, ...] = ()
    if sensor is None and len(sensors) > 1:
        places = placement_names(sensors)
        others = ", ".join(each for at, each in enumerate(places) if at != place)
        remarks = (f"{folder}: judged by the {places[place]}. Kept beside it: {others}.",)
    return Recording(info, samples, events, remarks=remarks, faults=partial(read_faults, folder))


def read_faults(folder: Path) -> tuple[Fault, ...]:
    """Read the faults that were recorded, each once, with its latest end.

    Raises
    ------
    RecordingError
        If nothing of the recording can be read.
    """
    return latest(describe(folder).faults())


def latest(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Give each fault once, by time: it was written when it began, and again when it had ended."""
    ends: dict[tuple[int, FaultKind], Fault] = {}
    for fault in faults:
        key = fault.start_ns, fault.kind
        ends[key] = max(fault, ends.get(key, fault))
    return tuple(sorted(ends.values()))


def _samples(night: StoredNight, wanted: str, reading: Reading) -> Iterator[Samples]:
    """Read the samples of one sensor and the readings beside them, as a live night brings them."""
    fresh = Fresh(reading.repeats)
    if wanted in night.compacted:
        rates = _only(HeartRate, night.table_records(HEART_RATE.name, fresh, reading))
        intervals = _only(RRIntervals, night.table_records(RR_INTERVALS.name, fresh, reading))
        acceleration = night.table_records(wanted, fresh, reading)
        yield from in_live_order(
            _only(Acceleration, acceleration),
            [
                _one_heart_rate(rates),
                RRIntervals(*_joined([(each.times_ns, each.rr_ms) for each in intervals])),
            ],
        )
        yield from _only(Mark, night.table_records(MARKS.name, fresh, reading))
    for path in night.layout.segments:
        for table, record in night.segment_records(path, fresh, reading):
            if isinstance(record, Acceleration) and table != wanted:
                continue
            if not isinstance(record, Fault | Event):
                yield record


def _one_heart_rate(rates: Iterable[HeartRate]) -> HeartRate:
    columns = columns_of(HEART_RATE_CONTACT, [*rates])
    assert columns is not None, "only counts of acceleration may not fit"
    joined = records_of(HEART_RATE_CONTACT, columns)
    return next(_only(HeartRate, joined), HeartRate(*_joined([])))


def _only(kind: type[Kind], records: Iterable[Record]) -> Iterator[Kind]:
    return (record for record in records if isinstance(record, kind))


def _joined(parts: Sequence[Pair]) -> Pair:
    times_ns = np.concatenate([np.empty(0, np.int64), *(times for times, _ in parts)])
    return times_ns, np.concatenate([np.empty(0, np.float32), *(values for _, values in parts)])


def _records(path: Path, table: Table, columns: Columns, reading: Reading) -> list[Record]:
    try:
        return records_of(table, columns)
    except (SampleError, ValueError) as error:
        first_ns, last_ns = _span(table, columns)
        problem = f"has {table.name} that cannot be used ({error})"
        reading.damage.append(Damage(path, problem, first_ns, last_ns))
        return []


def _together(
    path: Path, batches: Sequence[SegmentBatch], fresh: Fresh, reading: Reading
) -> Iterator[Found]:
    """Hand the batches on as one."""
    if not batches:
        return
    for table in batches[0].format.tables:
        columns = concatenate([each.batch.columns[table.name] for each in batches])
        for record in _records(path, table, fresh.rows(table, columns), reading):
            yield Found(table.name, record)


def _span(table: Table, columns: Columns) -> tuple[int | None, int | None]:
    times_ns = times_of(table, columns)
    return (int(times_ns[0]), int(times_ns[-1])) if times_ns.size else (None, None)


def _batch_span(found: SegmentBatch) -> tuple[int | None, int | None]:
    """Give the first and the last time of a batch, by its acceleration where it has some."""
    tables = found.format.tables
    for kind in ([each for each in tables if each.is_acceleration], tables):
        times = [times_of(table, found.batch.columns[table.name]) for table in kind]
        filled = [each for each in times if each.size]
        if filled:
            return int(min(each[0] for each in filled)), int(max(each[-1] for each in filled))
    return None, None


def _night_json(folder: Path, name: str) -> Description:
    path = folder / NIGHT_JSON
    try:
        content = path.read_bytes()
    except OSError as error:
        raise open_error(path, error) from error
    return parse_night_json(path, content, name)


def _texts(layout: Layout) -> Iterator[str]:
    """Give the descriptions that the parts of a recording carry."""
    parts = [] if layout.parquet is None else [parquet.folder_text(layout.parquet)]
    parts += map(segment_text, layout.segments)
    yield from (text for text in parts if text is not None)


def _merged(found: Sequence[tuple[Sensor, ...]]) -> tuple[Sensor, ...]:
    """Join the sensors of all parts by name; counts stay where all agree on them."""
    sensors: dict[str, Sensor] = {}
    for part in found:
        for name, sensor in zip(acceleration_names(part), part, strict=True):
            known = sensors.setdefault(name, sensor)
            if known.counts_per_g != sensor.counts_per_g:
                sensors[name] = replace(known, counts_per_g=None)
    return tuple(sensors.values())
