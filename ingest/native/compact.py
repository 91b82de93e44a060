"""Turns a night into Parquet, and removes its segments only when that has been read back.

Interrupted anywhere, either the segments or the verified Parquet is what a reader finds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ingest.errors import RecordingWriteError
from ingest.native import disk
from ingest.native.description import Description, format_description, format_night_json
from ingest.native.layout import NIGHT_JSON, Layout, look, parquet_name, partial_name
from ingest.native.night import Found, Reading, StoredNight, describe
from ingest.native.parquet import TableWriter
from ingest.native.tables import EVENTS, FAULTS, Columns, Table, columns_of, in_g, tables_of
from ingest.recording import Damage
from ingest.samples import Fault, FaultKind

__all__ = ["DAMAGED_SUFFIX", "compact", "with_gaps", "write_new"]

DAMAGED_SUFFIX = ".damaged"
"""End of the name of a segment that is kept because not all of it could be read."""


def compact(folder: Path) -> Reading:
    """Compact what a recording has in segments; nothing happens where it has none.

    A damaged part becomes a `Fault` of the kind gap, and its segment is kept under another name,
    unless it is only what a crash left at its end.

    Returns
    -------
    What was left out, as it was damaged or repeated.

    Raises
    ------
    RecordingError
        If nothing can be read.
    RecordingWriteError
        If it is being recorded, cannot be written, or does not read back the same. The segments
        are still there then.
    """
    with disk.lock(folder):
        night = describe(folder)
        reading = Reading()
        if night.layout.segments:
            name = parquet_name(night.layout.last)
            with _aside(folder / name) as partial:
                _write_tables(partial, night.description, with_gaps(night, reading))
                disk.rename(partial, folder / name)
            _keep_damaged(night.layout, reading.damage)
        _clean(look(folder))
        return reading


def write_new(folder: Path, description: Description, found: Iterable[Found]) -> None:
    """Write a whole recording, compacted; it gets its name when it has been read back.

    Parameters
    ----------
    folder
        Must not be there yet; those above it are made.

    Raises
    ------
    RecordingWriteError
        If the folder is there, cannot be written, or does not read back the same.
    """
    if folder.exists() or folder.is_symlink():
        raise RecordingWriteError(
            folder, "is there already", "Choose another name, or remove it first."
        )
    with _aside(folder) as partial:
        disk.make_folder(partial)
        disk.create(partial / NIGHT_JSON, format_night_json(description).encode())
        _write_tables(partial / parquet_name(0), description, found)
        disk.sync_folder(partial)
        disk.rename(partial, folder)


@contextmanager
def _aside(path: Path) -> Iterator[Path]:
    """Name what will be renamed to ``path``; where that fails, its room is given back."""
    partial = path.with_name(partial_name(path.name))
    disk.remove(partial)
    try:
        yield partial
    except Exception:
        with suppress(RecordingWriteError):
            disk.remove(partial)
        raise


def with_gaps(night: StoredNight, reading: Reading) -> Iterator[Found]:
    """Read everything, and add a fault of the kind gap for every damaged part."""
    yield from night.records(reading)
    for damage in reading.damage:
        if damage.after_ns is not None and damage.before_ns is not None:
            gap = Fault(damage.after_ns, damage.before_ns, FaultKind.GAP)
            yield Found(FAULTS.name, gap)


def _write_tables(folder: Path, description: Description, found: Iterable[Found]) -> None:
    """Write the files of a compacted folder, read them back, and compare."""
    tables = {table.name: table for table in (*tables_of(description), EVENTS)}
    text = format_description(description)
    disk.make_folder(folder)
    written = Digests()
    for name, content in _files(tables, text, found, written):
        disk.create(folder / name, content)
    disk.sync_folder(folder)

    layout = Layout(folder.parent, folder, 0, (), ())
    again = StoredNight(description, layout, (text,), ())
    reading, read = Reading(), Digests()
    for each in again.records(reading):
        read.add(tables[each.table], columns_of(in_g(tables[each.table]), [each.record]))
    if reading.damage or read.values() != written.values():
        raise RecordingWriteError(
            folder, "does not read back as it was written", "Check the disk it is on."
        )


def _files(
    tables: dict[str, Table], text: str, found: Iterable[Found], written: Digests
) -> Iterator[tuple[str, bytes]]:
    writers = {name: TableWriter(table, text) for name, table in tables.items()}
    for name, record in found:
        columns = columns_of(tables[name], [record])
        assert columns is not None, "counts are kept only where all parts agree on them"
        writers[name].append(columns)
        written.add(tables[name], columns_of(in_g(tables[name]), [record]))
    for writer in writers.values():
        yield from writer.finish()


class Digests:
    """A digest of every column, whatever the chunks; acceleration as it is handed on, in g."""

    def __init__(self) -> None:
        self._hashes: dict[tuple[str, int], Any] = {}

    def add(self, table: Table, columns: Columns | None) -> None:
        """Take rows."""
        for place, column in enumerate(columns or []):
            digest = self._hashes.setdefault((table.name, place), hashlib.blake2b())
            digest.update("\0".join([*column, ""]).encode() if isinstance(column, list) else column)

    def values(self) -> dict[tuple[str, int], bytes]:
        """Give the digests."""
        return {key: digest.digest() for key, digest in self._hashes.items()}


def _keep_damaged(layout: Layout, damage: Iterable[Damage]) -> None:
    for path in dict.fromkeys(each.path for each in damage if not each.tail):
        if path in layout.segments:
            disk.rename(path, path.with_name(path.name + DAMAGED_SUFFIX))


def _clean(layout: Layout) -> None:
    for path in layout.leftovers:
        disk.remove(path)
