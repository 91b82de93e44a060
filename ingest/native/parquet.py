"""One table of a compacted night as a Parquet file, each row group with a checksum of its own.

Pages carry Parquet's checksums. Those leave out its headers and its footer, so the metadata of the
file holds a checksum of what each row group decodes to as well. Without its footer a Parquet file
is lost, so a file beside it holds the footer once more.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from ingest.errors import RecordingError
from ingest.native.batches import METADATA_KEY, format_of
from ingest.native.tables import EVENTS, Columns, Table, concatenate, crc32, from_struct, to_struct

__all__ = [
    "GROUP_ROWS",
    "Group",
    "GroupFault",
    "TableWriter",
    "file_name",
    "folder_text",
    "footer_name",
    "read_table",
]

GROUP_ROWS = 32_768
"""Rows of a group, 11 minutes at 50 Hz: what one flipped bit costs at most. Halving it makes a
night a tenth slower to read."""

AHEAD = 4
"""Groups that are unpacked before they are asked for: as many as the detector gathers and then
computes with, in which time it asks for none."""

ZSTD_LEVEL = 3
"""zstd's own default."""

CRC32_KEY = METADATA_KEY + ".crc32"
"""Key of the checksums in the metadata of the file: hexadecimal, a comma between them."""

# A damaged file can break anywhere in Arrow; it promises no more than these.
_BROKEN = (pa.ArrowException, OSError, ValueError, TypeError, KeyError, MemoryError)


class Group(NamedTuple):
    """The columns of a row group that matches its checksum, and the table they are of."""

    table: Table
    columns: Columns


class GroupFault(NamedTuple):
    """Something that could not be read; a row group, unless a copy made it good."""

    problem: str
    spared: bool = False


def file_name(table_name: str) -> str:
    """Name the file of a table."""
    return f"{table_name}.parquet"


def footer_name(table_name: str) -> str:
    """Name the file with the copy of its footer."""
    return f"{table_name}.footer"


class TableWriter:
    """Makes the files of a table; the same rows give the same bytes, however they come."""

    def __init__(self, table: Table, text: str):
        self._table = table
        self._text = text
        self._waiting: list[Columns] = []
        self._rows = 0
        self._checksums: list[str] = []
        self._sink = pa.BufferOutputStream()
        # Loaded in the morning: a night that goes on does without its 9 MB.
        import pyarrow.parquet as pq

        self._schema = pa.schema(list(table.struct), metadata={METADATA_KEY: text})
        self._writer = pq.ParquetWriter(
            self._sink,
            self._schema,
            compression="zstd",
            compression_level=ZSTD_LEVEL,
            use_dictionary=False,
            column_encoding={name: _encoding(kind) for name, kind in table.types},
            write_statistics=[table.types[0][0]],
            write_page_checksum=True,
        )

    def append(self, columns: Columns) -> None:
        """Add rows."""
        self._waiting.append(columns)
        self._rows += len(columns[0])
        if self._rows < GROUP_ROWS:
            return
        rows = concatenate(self._waiting)
        whole = self._rows - self._rows % GROUP_ROWS
        for start in range(0, whole, GROUP_ROWS):
            self._write([column[start : start + GROUP_ROWS] for column in rows])
        self._waiting = [[column[whole:] for column in rows]]
        self._rows -= whole

    def finish(self) -> Iterator[tuple[str, bytes]]:
        """Give the name and the content of the file, and of the copy of its footer."""
        import pyarrow.parquet as pq

        if self._rows:
            self._write(concatenate(self._waiting))
        self._writer.add_key_value_metadata({CRC32_KEY: ",".join(self._checksums)})
        self._writer.close()
        content = self._sink.getvalue()
        yield file_name(self._table.name), content.to_pybytes()
        footer = pa.BufferOutputStream()
        pq.read_metadata(pa.BufferReader(content)).write_metadata_file(footer)
        yield footer_name(self._table.name), footer.getvalue().to_pybytes()

    def _write(self, columns: Columns) -> None:
        checksum = crc32(columns, _seed(self._text, self._table.name, len(self._checksums)))
        self._checksums.append(f"{checksum:08x}")
        rows = pa.RecordBatch.from_struct_array(to_struct(self._table, columns))
        self._writer.write_table(pa.Table.from_batches([rows]).cast(self._schema), GROUP_ROWS)


def folder_text(folder: Path) -> str | None:
    """Give the description that the files of a compacted folder carry; None if none can be read."""
    for path in sorted([*folder.glob("*.parquet"), *folder.glob("*.footer")]):
        footer = _footer(path)
        if footer is None:
            continue
        try:
            text: str = footer.metadata[METADATA_KEY.encode()].decode()
            format_of(text)
        except (*_BROKEN, RecordingError):
            continue
        return text
    return None


def read_table(path: Path, name: str, texts: Sequence[str]) -> Iterator[Group | GroupFault]:
    """Read the row groups of a table, in order.

    Parameters
    ----------
    name
        Of the table.
    texts
        Descriptions of the night, to try in turn.
    """
    if not path.exists():
        yield GroupFault("is missing")
        return
    found = [_footer(path), _footer(path.with_name(footer_name(name)))]
    footers = [(each, _checksums(each)) for each in found if each is not None]
    if len(footers) < len(found) or not found[0].equals(found[1]):
        yield GroupFault("has a footer that differs from its copy", spared=True)
    count = max((max(each.num_row_groups, len(sums)) for each, sums in footers), default=0)
    if not footers:
        yield GroupFault("has neither a footer nor a copy of it that can be read")
    with ExitStack() as stack:
        files = [(_opened(stack, path, footer), checksums) for footer, checksums in footers]

        def group(number: int) -> Group | GroupFault:
            groups = (
                _read_group(file, number, checksums[number], name, texts)
                for file, checksums in files
                if file is not None and number < min(file.num_row_groups, len(checksums))
            )
            problem = GroupFault(f"has a part ({number + 1} of {count}) that is damaged")
            return next((found for found in groups if found is not None), problem)

        # What comes next is unpacked and checked while what came is judged.
        ahead = stack.enter_context(ThreadPoolExecutor(1))
        coming = deque(ahead.submit(group, number) for number in range(min(count, AHEAD)))
        for number in range(AHEAD, count + AHEAD):
            if number < count:
                coming.append(ahead.submit(group, number))
            yield coming.popleft().result()


def _footer(path: Path) -> Any:
    import pyarrow.parquet as pq

    try:
        return pq.read_metadata(path)
    except _BROKEN:
        return None


def _checksums(footer: Any) -> list[int]:
    try:
        return [int(each, 16) for each in footer.metadata[CRC32_KEY.encode()].split(b",") if each]
    except _BROKEN:
        return []


def _opened(stack: ExitStack, path: Path, footer: Any) -> Any:
    import pyarrow.parquet as pq

    try:
        return stack.enter_context(
            pq.ParquetFile(path, metadata=footer, page_checksum_verification=True)
        )
    except _BROKEN:
        return None


def _read_group(
    file: Any, number: int, checksum: int, name: str, texts: Sequence[str]
) -> Group | None:
    try:
        read = file.read_row_group(number, use_threads=False).combine_chunks()
        read.validate(full=True)
        batches = read.to_batches()
        rows = batches[0].to_struct_array() if batches else None
        for text in texts:
            table = next(
                (each for each in (*format_of(text).tables, EVENTS) if each.name == name), None
            )
            if (
                table is None
                or rows is None
                or [each.type for each in read.schema] != [kind for _, kind in table.types]
            ):
                continue
            columns = from_struct(table, rows)
            if crc32(columns, _seed(text, name, number)) == checksum:
                return Group(table, columns)
    except _BROKEN:
        return None
    return None


def _seed(text: str, name: str, number: int) -> int:
    return zlib.crc32(f"{text}\n{name}\n{number}".encode())


def _encoding(kind: Any) -> str:
    if pa.types.is_integer(kind):
        return "DELTA_BINARY_PACKED"
    return "BYTE_STREAM_SPLIT" if pa.types.is_floating(kind) else "PLAIN"
