"""The tables a night is kept in, and the way from records to their columns and back."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingest.native.description import Description, acceleration_names
from ingest.recording import Event
from ingest.samples import Acceleration, Fault, FaultKind, HeartRate, Mark, RRIntervals, Samples
from ingest.sensor import to_counts, to_g

__all__ = [
    "EVENTS",
    "FAULTS",
    "HEART_RATE",
    "HEART_RATE_CONTACT",
    "MARKS",
    "RR_INTERVALS",
    "Column",
    "Columns",
    "Record",
    "Table",
    "columns_of",
    "concatenate",
    "crc32",
    "from_struct",
    "in_g",
    "records_of",
    "table_name",
    "tables_of",
    "times_of",
    "to_struct",
]

Record: TypeAlias = Samples | Fault | Event
"""Whatever a native recording can hold."""

Column: TypeAlias = npt.NDArray[Any] | list[str]
Columns: TypeAlias = list[Column]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a recording.

    Parameters
    ----------
    name
        Of the column in a segment, and of the Parquet file.
    types
        Arrow types by the name of the column; the first is the time.
    counts_per_g
        Of a table of acceleration in counts; None where it is in g, and for other tables.
    """

    name: str
    types: tuple[tuple[str, Any], ...]
    counts_per_g: float | None = None

    @property
    def struct(self) -> Any:
        """Arrow's type of a row."""
        return pa.struct([pa.field(name, kind, nullable=False) for name, kind in self.types])

    @property
    def is_acceleration(self) -> bool:
        """Whether it is the table of a sensor."""
        return self.name.startswith("acceleration_")

    @property
    def timed(self) -> bool:
        """Whether its rows rise in time, so that a repeat can be told."""
        return self not in (MARKS, FAULTS, EVENTS)


NOT_TOLD = -1
"""Contact of a reading whose sensor cannot tell."""

HEART_RATE = Table("heart_rate", (("time_ns", pa.int64()), ("bpm", pa.float32())))
HEART_RATE_CONTACT = Table(HEART_RATE.name, (*HEART_RATE.types, ("contact", pa.int8())))
"""The same, of a recording that says of each reading whether the sensor touched the skin."""
RR_INTERVALS = Table("rr_intervals", (("time_ns", pa.int64()), ("rr_ms", pa.float32())))
MARKS = Table("marks", (("time_ns", pa.int64()), ("label", pa.string())))
FAULTS = Table("faults", (("start_ns", pa.int64()), ("end_ns", pa.int64()), ("kind", pa.string())))
EVENTS = Table(
    "events",
    (
        ("onset_s", pa.float64()),
        ("duration_s", pa.float64()),
        ("label", pa.string()),
        ("extra", pa.string()),
    ),
)
"""What really happened; ``extra`` is a JSON object of text."""


def tables_of(description: Description) -> tuple[Table, ...]:
    """Give every table of a recording but `EVENTS`, in the order of the columns of a segment."""
    names = acceleration_names(description.sensors)
    return (
        *(
            _acceleration_table(name, sensor.counts_per_g)
            for name, sensor in zip(names, description.sensors, strict=True)
        ),
        HEART_RATE_CONTACT if description.contact else HEART_RATE,
        RR_INTERVALS,
        MARKS,
        FAULTS,
    )


def table_name(record: Record, acceleration: str) -> str:
    """Name the table that a record belongs to; that of acceleration is given."""
    match record:
        case Acceleration():
            return acceleration
        case HeartRate():
            return HEART_RATE.name
        case RRIntervals():
            return RR_INTERVALS.name
        case Mark():
            return MARKS.name
        case Fault():
            return FAULTS.name
        case Event():
            return EVENTS.name


def columns_of(table: Table, records: Sequence[Record]) -> Columns | None:
    """Lay records of one kind out as the columns of their table.

    Returns
    -------
    None where acceleration cannot be told in the counts of the table without loss.
    """
    if table.is_acceleration:
        chunks = [record for record in records if isinstance(record, Acceleration)]
        xyz_g = np.concatenate([np.empty((0, 3), np.float32), *(each.xyz_g for each in chunks)])
        values = xyz_g if table.counts_per_g is None else to_counts(xyz_g, table.counts_per_g)
        if values is None:
            return None
        return [_times(chunks), *(np.ascontiguousarray(axis) for axis in values.T)]
    if table in (HEART_RATE, HEART_RATE_CONTACT):
        rates = [record for record in records if isinstance(record, HeartRate)]
        columns: Columns = [_times(rates), _floats([each.bpm for each in rates])]
        return columns if table == HEART_RATE else [*columns, _contacts(rates)]
    if table == RR_INTERVALS:
        intervals = [record for record in records if isinstance(record, RRIntervals)]
        return [_times(intervals), _floats([each.rr_ms for each in intervals])]
    if table == MARKS:
        marks = [record for record in records if isinstance(record, Mark)]
        return [_int64([each.time_ns for each in marks]), [each.label for each in marks]]
    if table == FAULTS:
        faults = [record for record in records if isinstance(record, Fault)]
        return [
            _int64([each.start_ns for each in faults]),
            _int64([each.end_ns for each in faults]),
            [str(each.kind) for each in faults],
        ]
    events = [record for record in records if isinstance(record, Event)]
    return [
        np.array([each.onset_s for each in events], np.float64),
        np.array([each.duration_s for each in events], np.float64),
        [each.label for each in events],
        [json.dumps(dict(each.extra), ensure_ascii=False) for each in events],
    ]


def records_of(table: Table, columns: Columns) -> list[Record]:
    """Turn columns into records.

    Raises
    ------
    SampleError
        If they break the promise of `ingest.samples`.
    ValueError
        If a word in them means nothing here.
    """
    first = columns[0]
    if not len(first):
        return []
    if table.is_acceleration:
        values = np.stack([np.asarray(column) for column in columns[1:]]).T
        xyz_g = values if table.counts_per_g is None else to_g(values, table.counts_per_g)
        return [Acceleration(np.asarray(first), xyz_g)]
    if table == HEART_RATE:
        return [HeartRate(np.asarray(first), np.asarray(columns[1]))]
    if table == HEART_RATE_CONTACT:
        contact = np.asarray(columns[2])
        told = contact if (contact != NOT_TOLD).any() else None
        return [HeartRate(np.asarray(first), np.asarray(columns[1]), told)]
    if table == RR_INTERVALS:
        return [RRIntervals(np.asarray(first), np.asarray(columns[1]))]
    rows = zip(*(np.asarray(column, object).tolist() for column in columns), strict=True)
    if table == MARKS:
        return [Mark(time_ns, label) for time_ns, label in rows]
    if table == FAULTS:
        return [Fault(start_ns, end_ns, FaultKind(kind)) for start_ns, end_ns, kind in rows]
    return [Event(row[0], row[1], row[2], json.loads(row[3])) for row in rows]


def in_g(table: Table) -> Table:
    """Give a table with its acceleration in g."""
    if table.counts_per_g is None:
        return table
    return _acceleration_table(table.name, None)


def times_of(table: Table, columns: Columns) -> npt.NDArray[np.int64]:
    """Give the times of rows that rise in time; none for the tables whose rows do not."""
    return np.asarray(columns[0] if table.timed else [], np.int64)


def concatenate(parts: Sequence[Columns]) -> Columns:
    """Put columns of the same table one below the other."""
    if len(parts) == 1:
        return parts[0]
    return [
        [text for part in column for text in part]
        if isinstance(column[0], list)
        else np.concatenate(column)
        for column in zip(*parts, strict=True)
    ]


def crc32(columns: Columns, seed: int) -> int:
    """Checksum of the content of columns, whatever holds it.

    It is the CRC-32 of zlib over the number of rows as int64, then each column: the bytes of its
    numbers, little-endian, or its texts in UTF-8 with a zero byte between them.
    """
    checksum = zlib.crc32(len(columns[0]).to_bytes(8, "little"), seed)
    for column in columns:
        if isinstance(column, list):
            checksum = zlib.crc32("\0".join(column).encode(), checksum)
        elif column.size:
            checksum = zlib.crc32(column.data, checksum)
    return checksum


def to_struct(table: Table, columns: Columns) -> Any:
    """Make Arrow's array of rows."""
    arrays = [
        pa.array(column, kind) for column, (_, kind) in zip(columns, table.types, strict=True)
    ]
    return pa.StructArray.from_arrays(arrays, fields=list(table.struct))


def from_struct(table: Table, rows: Any) -> Columns:
    """Take the columns out of Arrow's array of rows.

    Raises
    ------
    ValueError
        Or one of Arrow's, if a value is missing or not text.
    """
    return [_column(rows.field(place), kind) for place, (_, kind) in enumerate(table.types)]


def _column(array: Any, kind: Any) -> Column:
    if array.null_count:
        raise ValueError("a value is missing")
    if pa.types.is_string(kind):
        texts: list[str] = array.to_pylist()
        return texts
    values: npt.NDArray[Any] = array.to_numpy(zero_copy_only=True)
    return values


def _acceleration_table(name: str, counts_per_g: float | None) -> Table:
    axis = pa.float32() if counts_per_g is None else pa.int16()
    types = (("time_ns", pa.int64()), ("x", axis), ("y", axis), ("z", axis))
    return Table(name, types, counts_per_g)


def _times(records: Sequence[Acceleration | HeartRate | RRIntervals]) -> npt.NDArray[np.int64]:
    return np.concatenate([np.empty(0, np.int64), *(each.times_ns for each in records)])


def _floats(arrays: Sequence[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    return np.concatenate([np.empty(0, np.float32), *arrays])


def _contacts(rates: Sequence[HeartRate]) -> npt.NDArray[np.int8]:
    told = [
        np.full(len(each), NOT_TOLD, np.int8) if each.contact is None else each.contact
        for each in rates
    ]
    return np.concatenate([np.empty(0, np.int8), *told])


def _int64(numbers: Sequence[int]) -> npt.NDArray[np.int64]:
    return np.array(numbers, np.int64)
