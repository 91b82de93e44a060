"""Writes a night as it comes, so that whatever is killed, at most about 2 s of it are missing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Self

from ingest.errors import RecordingError, SampleError, SettingsError
from ingest.native import disk
from ingest.native.batches import END, Batch, batch_format
from ingest.native.description import Description, acceleration_names, format_night_json
from ingest.native.layout import NIGHT_JSON, is_native, look, segment_name
from ingest.native.night import describe
from ingest.native.tables import Columns, Record, columns_of, table_name
from ingest.recording import Event, part
from ingest.samples import (
    MAX_LABEL_CHARS,
    NS_PER_S,
    Acceleration,
    Fault,
    HeartRate,
    Mark,
    RecordingInfo,
    RRIntervals,
    Samples,
)
from ingest.sensor import Sensor
from ingest.zones import require_zone

__all__ = ["FLUSH_AFTER_NS", "MAX_ROWS", "RecordingWriter"]

FLUSH_AFTER_NS = 3 * NS_PER_S // 2
"""Nanoseconds a sample waits before its batch is due: with chunks or ticks twice a second, none
waits longer than 2 s."""

MAX_ROWS = 4096
"""Rows of a table in one batch: 80 KiB of acceleration, where readers take 1 MiB for all tables."""


class RecordingWriter:
    """Appends to the recording of a night, in a segment of its own.

    Make one with `open`. Every method that writes raises `RecordingWriteError` where the disk
    does not take it; what is not written yet is kept, and the next flush tries again.

    Examples
    --------
    >>> with RecordingWriter.open(folder, info, [Sensor(counts_per_g=1024)]) as writer:
    ...     writer.append(samples)
    """

    def __init__(self, folder: Path, description: Description, clock_ns: Callable[[], int]) -> None:
        self._folder = folder
        self._clock_ns = clock_ns
        self._held = ExitStack()
        self._last_ns: dict[str, int] = {}
        self._waiting: dict[str, list[Record]] = {}
        self._waiting_since_ns = 0
        self._names = acceleration_names(description.sensors)
        self._begin(description)

    @classmethod
    def open(
        cls,
        folder: Path,
        info: RecordingInfo,
        sensors: Sequence[Sensor] = (Sensor(),),
        *,
        contact: bool = False,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> Self:
        """Begin a segment, in a new recording or in one that is there.

        Parameters
        ----------
        folder
            Made when it is not there.
        info
            What is known of the night; a recording that is there keeps what it says of itself.
        sensors
            Every source of acceleration that may be appended.
        contact
            Whether to keep what heart rate says of touching the skin.
        clock_ns
            Monotonic nanoseconds.

        Raises
        ------
        RecordingError
            If the folder is another recording.
        RecordingWriteError
            If it cannot be written, or another process is writing it.
        SettingsError
            If the zone is unknown.
        """
        require_zone(info.timezone)
        if not sensors:
            raise SettingsError("A recording needs at least one sensor of acceleration.")
        disk.make_folder(folder)
        with ExitStack() as held:
            held.enter_context(disk.lock(folder))
            description = _described(folder, Description(info, tuple(sensors), contact))
            writer = cls(folder, description, clock_ns)
            writer._held = held.pop_all()
            return writer

    @property
    def path(self) -> Path:
        """The segment being written."""
        return self._path

    def append(self, record: Samples | Fault, sensor: int = 0) -> None:
        """Take samples, a mark or a fault; they are on the disk after at most about 2 s.

        A fault that goes on is appended when it begins, its end being its start, and again, with
        the same start, when it has ended.

        Parameters
        ----------
        sensor
            Of acceleration: its place in the sensors given to `open`.

        Raises
        ------
        SampleError
            If samples are not after those before them in the same stream.
        """
        name = table_name(record, self._names[sensor])
        if isinstance(record, Acceleration | HeartRate | RRIntervals):
            if not len(record):
                return
            self._require_later(name, record)
        elif isinstance(record, Mark) and len(record.label) > MAX_LABEL_CHARS:
            raise SampleError(f"a mark has more than {MAX_LABEL_CHARS} characters; shorten it")
        if not any(self._waiting.values()):
            self._waiting_since_ns = self._clock_ns()
        self._waiting.setdefault(name, []).extend(_cut(record))
        self.tick()

    def tick(self) -> None:
        """Flush if it is time; to be called now and then while nothing is appended."""
        if not any(self._waiting.values()):
            return
        if self._clock_ns() - self._waiting_since_ns >= FLUSH_AFTER_NS or self._is_full():
            self.flush()

    def flush(self) -> None:
        """Bring everything appended so far down to the disk."""
        while any(self._waiting.values()):
            taken = {name: _first(records) for name, records in self._waiting.items()}
            columns: dict[str, Columns] = {}
            for place, table in enumerate(self._format.tables):
                filled = columns_of(table, taken.get(table.name, []))
                if filled is None:
                    self._widen(place)
                    break
                columns[table.name] = filled
            else:
                self._write(self._format.encode(Batch(self._number, columns)))
                self._number += 1
                for name, records in taken.items():
                    del self._waiting[name][: len(records)]

    def close(self) -> None:
        """Flush and end the segment. The lock is given up whether that works or not."""
        try:
            self.flush()
            self._write(END)
        finally:
            os.close(self._descriptor)
            self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self, description: Description) -> None:
        path = self._folder / segment_name(look(self._folder).last + 1)
        batches = batch_format(description)
        disk.create(path, batches.head)
        disk.sync_folder(self._folder)
        with disk.writing(path):
            self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        self._path, self._description, self._format = path, description, batches
        self._number = 0

    def _write(self, message: bytes) -> None:
        disk.append(self._path, self._descriptor, message)

    def _require_later(self, name: str, record: Acceleration | HeartRate | RRIntervals) -> None:
        last_ns = self._last_ns.get(name)
        if last_ns is not None and record.times_ns[0] <= last_ns:
            raise SampleError(f"{name}: a chunk begins before the one before it has ended")
        self._last_ns[name] = int(record.times_ns[-1])

    def _widen(self, sensor: int) -> None:
        """Go over to float32, in a new segment, where counts would lose a bit."""
        self._write(END)
        before = self._descriptor
        sensors = list(self._description.sensors)
        sensors[sensor] = replace(sensors[sensor], counts_per_g=None)
        self._begin(replace(self._description, sensors=tuple(sensors)))
        os.close(before)

    def _is_full(self) -> bool:
        return any(_rows(records) >= MAX_ROWS for records in self._waiting.values())


def _described(folder: Path, given: Description) -> Description:
    """Write what is known of a new night; of one that is there, keep it."""
    path = folder / NIGHT_JSON
    names = [each.name for each in folder.iterdir()]
    if is_native(names):
        kept = replace(describe(folder).description, sensors=given.sensors, contact=given.contact)
        if NIGHT_JSON in names:
            return kept
        given = kept
    elif any(not name.startswith(".") for name in names):
        raise RecordingError(
            folder, "holds other files already", "Give a new folder, or the one of this night."
        )
    disk.write_aside(path, format_night_json(given).encode())
    return given


def _cut(record: Record) -> list[Record]:
    """Cut samples into pieces that fit a batch."""
    if isinstance(record, Mark | Fault | Event):
        return [record]
    return [part(record, at, at + MAX_ROWS) for at in range(0, len(record), MAX_ROWS)]


def _first(records: Sequence[Record]) -> Sequence[Record]:
    """Give as many of the first records as fit a batch."""
    rows = 0
    for count, record in enumerate(records):
        rows += _rows([record])
        if rows > MAX_ROWS:
            return records[:count]
    return list(records)


def _rows(records: Sequence[Record]) -> int:
    return sum(1 if isinstance(each, Mark | Fault | Event) else len(each) for each in records)
