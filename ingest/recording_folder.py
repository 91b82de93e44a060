"""Reads and writes the plain recording folder: a night as files any tool can open.

``recording.json`` and ``accelerometer.csv`` have to be there; ``heart_rate.csv``,
``rr_intervals.csv`` and ``events.csv`` may. Each ``.csv`` may be a ``.csv.gz``.
"""

from __future__ import annotations

import gzip
import io
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Self, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from ingest.errors import RecordingError, SampleError
from ingest.events_csv import read_events, write_events
from ingest.file_names import TABLE_SUFFIXES
from ingest.number_table import Column, NumberTable
from ingest.recording import (
    Event,
    ReadSoFar,
    Recording,
    Repeats,
    SampleStream,
    in_live_order,
)
from ingest.recording_json import format_info, read_info
from ingest.sample_tables import (
    acceleration_columns,
    bpm_column,
    check_head,
    read_acceleration,
    read_heart_rate,
    read_rr_intervals,
    rr_column,
    unix_mistake,
    within_a_recording,
)
from ingest.samples import (
    NS_PER_S,
    Acceleration,
    HeartRate,
    Mark,
    RecordingInfo,
    RRIntervals,
    Samples,
)
from ingest.text_file import open_error
from ingest.zones import is_zone, zone_advice

__all__ = ["read", "write"]

MAX_OFFSET_S = 14 * 24 * 3600.0
"""Farthest a time may be from the start, in seconds: two weeks, where Unix seconds are decades."""

GZIP_LEVEL = 6
"""gzip's own default: level 9 takes three times as long for a hundredth of the size."""

ROWS_A_WRITE = 16_384
"""Rows Arrow turns into text at a time: its own 1,024 take half as long again."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "accelerometer": ("time_s", "x_g", "y_g", "z_g"),
    "heart_rate": ("time_s", "bpm"),
    "rr_intervals": ("time_s", "rr_ms"),
}


def read(folder: Path) -> Recording:
    """Open a plain recording folder.

    Everything but the acceleration is read and checked here; of that, the first rows.

    Raises
    ------
    RecordingError
        If it is not such a folder, or what is in it cannot be used. What is wrong further on in
        the acceleration is raised while its samples are read.
    """
    try:
        names = {entry.name for entry in folder.iterdir()}
    except OSError as error:
        raise open_error(folder, error) from error
    info, remarks = read_info(folder / "recording.json", folder.resolve().name)
    path = _find(folder, names, "accelerometer")
    if path is None:
        raise RecordingError(
            folder,
            "has no accelerometer.csv or accelerometer.csv.gz",
            "A recording needs one, with the columns time_s, x_g, y_g and z_g.",
        )
    table = NumberTable(path, _time_column(), acceleration_columns(*COLUMNS["accelerometer"][1:]))
    first_s = check_head(table)
    table = within_a_recording(table, first_s)

    repeats = Repeats()
    readings: list[HeartRate | RRIntervals] = []
    if path := _find(folder, names, "heart_rate"):
        heart_rate = NumberTable(path, _time_column(), (bpm_column("bpm"),))
        heart_rate = within_a_recording(heart_rate, first_s)
        readings.append(read_heart_rate(heart_rate, info.start_ns, repeats))
    if path := _find(folder, names, "rr_intervals"):
        rr = within_a_recording(NumberTable(path, _time_column(), (rr_column("rr_ms"),)), first_s)
        readings.append(read_rr_intervals(rr, info.start_ns, repeats))

    def samples() -> SampleStream:
        seen, read = Repeats(repeats.count), ReadSoFar()
        chunks = read_acceleration(table, info.start_ns, seen, read)
        return SampleStream(in_live_order(chunks, readings), seen, read=read)

    path = _find(folder, names, "events")
    events = read_events(path) if path else ()
    return Recording(info, samples, events, labelled=path is not None, remarks=remarks)


def write(
    folder: Path,
    info: RecordingInfo,
    samples: Iterable[Samples],
    events: Sequence[Event] = (),
    *,
    compress: bool = True,
) -> None:
    """Write a plain recording folder, whole or not at all.

    What is written is read back before it gets its name. It gives the same samples, to the
    nanosecond and the last bit, and the same input gives the same bytes. A `Mark` becomes an
    event of no duration. The name of the recording is not written: it is the folder's.

    Parameters
    ----------
    folder
        Must not exist yet; folders above it are made.
    samples
        In any order between the kinds; by time within each.
    compress
        Whether the tables become ``.csv.gz``.

    Raises
    ------
    RecordingError
        If the folder exists or cannot be written, or the samples cannot be read back.
    """
    if os.path.lexists(folder):
        raise RecordingError(folder, "is there already", "Choose another name, or remove it first.")
    partial = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.partial")
    try:
        partial.mkdir(parents=True)
        _fill(partial, info, samples, events, compress)
        for _ in read(partial).samples():
            pass
        partial.rename(folder)
    except RecordingError as error:
        if error.path.parent != partial and error.path != partial:
            raise
        raise RecordingError(
            folder, f"would not be a recording: it {error.problem}", error.advice
        ) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise RecordingError(
            folder, f"cannot be written ({reason})", "Check its permissions and the space left."
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _time_column() -> Column:
    advice = "Times are in seconds from the start that recording.json gives."
    return Column("time_s", -MAX_OFFSET_S, MAX_OFFSET_S, advice, mistaken=unix_mistake)


def _find(folder: Path, names: set[str], stem: str) -> Path | None:
    found = [stem + suffix for suffix in TABLE_SUFFIXES if stem + suffix in names]
    if len(found) > 1:
        raise RecordingError(
            folder,
            f"has both {found[0]} and {found[1]}",
            f"Remove {found[1]} if they are the same, or else the one that is not wanted.",
        )
    return folder / found[0] if found else None


def _fill(
    folder: Path,
    info: RecordingInfo,
    samples: Iterable[Samples],
    events: Sequence[Event],
    compress: bool,
) -> None:
    description = folder / "recording.json"
    if not is_zone(info.timezone):
        raise RecordingError(
            description, f"has the unknown zone {info.timezone!r}", zone_advice(info.timezone)
        )
    description.write_text(format_info(info), encoding="utf-8", newline="\n")
    events = list(events)
    tables: dict[str, _TableWriter] = {}
    with ExitStack() as files:
        for record in samples:
            if isinstance(record, Mark):
                onset_s = (record.time_ns - info.start_ns) / NS_PER_S
                events.append(Event(onset_s, 0.0, record.label))
                continue
            stem, values = _columns(record)
            if not len(record):
                continue
            if stem not in tables:
                file = files.enter_context(_create(folder, stem, compress))
                tables[stem] = files.enter_context(_TableWriter(file, stem, info.start_ns))
            tables[stem].append(record.times_ns, values)
        if events:
            file = files.enter_context(_create(folder, "events", compress))
            text = files.enter_context(io.TextIOWrapper(file, encoding="utf-8", newline=""))
            write_events(text, events)


def _columns(
    record: Acceleration | HeartRate | RRIntervals,
) -> tuple[str, list[npt.NDArray[np.float32]]]:
    if isinstance(record, Acceleration):
        return "accelerometer", list(record.xyz_g.T)
    if isinstance(record, HeartRate):
        return "heart_rate", [record.bpm]
    return "rr_intervals", [record.rr_ms]


@contextmanager
def _create(folder: Path, stem: str, compress: bool) -> Iterator[IO[bytes]]:
    with (folder / (stem + TABLE_SUFFIXES[compress])).open("xb") as raw:
        if not compress:
            yield raw
            return
        # Neither name nor time in the header: the same night gives the same bytes.
        with gzip.GzipFile("", "wb", GZIP_LEVEL, raw, mtime=0) as packed:
            yield cast(IO[bytes], packed)


class _TableWriter:
    """Appends rows of one kind to a table."""

    def __init__(self, file: IO[bytes], stem: str, start_ns: int):
        names = COLUMNS[stem]
        types = [pa.float64()] + [pa.float32()] * (len(names) - 1)
        self._stem = stem
        self._start_ns = start_ns
        self._last_ns: int | None = None
        self._schema = pa.schema(list(zip(names, types, strict=True)))
        file.write((",".join(names) + "\n").encode())
        # Arrow would put the names in quotes.
        options = pa.csv.WriteOptions(include_header=False, batch_size=ROWS_A_WRITE)
        self._writer = pa.csv.CSVWriter(file, self._schema, write_options=options)

    def append(
        self, times_ns: npt.NDArray[np.int64], values: list[npt.NDArray[np.float32]]
    ) -> None:
        if self._last_ns is not None and times_ns[0] <= self._last_ns:
            raise SampleError(f"{self._stem}: a chunk begins before the one before it has ended")
        self._last_ns = int(times_ns[-1])
        # Exact: an offset within MAX_OFFSET_S has fewer than the 53 bits of a float64.
        times_s = (times_ns - self._start_ns) / NS_PER_S
        columns = [pa.array(column) for column in (times_s, *values)]
        self._writer.write_batch(pa.record_batch(columns, schema=self._schema))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()
