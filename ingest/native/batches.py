"""One batch of a segment: some seconds of every table as a message of Arrow's IPC stream.

A batch is one row with a list for each table. Its checksum covers what the lists hold, the
description of the recording and the number of the batch, so that it notices a flipped bit in
Arrow's own bookkeeping too.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.ipc

from ingest.native.description import Description, format_description, parse_description
from ingest.native.tables import Columns, Table, crc32, from_struct, tables_of, to_struct

__all__ = ["END", "MARKER", "METADATA_KEY", "Batch", "BatchFormat", "batch_format", "format_of"]

MARKER = b"\xff\xff\xff\xff"
"""What Arrow's IPC stream begins every message with."""

END = MARKER + b"\0\0\0\0"
"""What it ends the stream with."""

METADATA_KEY = "crampwatch"
"""Key of the description in the metadata of the schema, here and in Parquet."""


class Batch(NamedTuple):
    """A batch that matches its checksum."""

    number: int
    columns: Mapping[str, Columns]


@dataclass(frozen=True, slots=True)
class BatchFormat:
    """How the batches of a segment are written and read.

    Parameters
    ----------
    text
        The description of the recording.
    tables
        In the order of the columns.
    schema
        Arrow's schema.
    head
        The bytes that a segment begins with.
    """

    text: str
    tables: tuple[Table, ...]
    schema: Any
    head: bytes

    def encode(self, batch: Batch) -> bytes:
        """Give the message of a batch."""
        lists = [_as_list(table, batch.columns[table.name]) for table in self.tables]
        sink = pa.BufferOutputStream()
        pa.ipc.new_stream(sink, self.schema).write_batch(
            pa.record_batch(lists, schema=self.schema),
            custom_metadata={"batch": str(batch.number), "crc32": f"{self._crc32(batch):08x}"},
        )
        stream: bytes = sink.getvalue().to_pybytes()
        return stream[len(self.head) :]

    def decode(self, message: bytes) -> Batch | None:
        """Read the message of a batch; None where it is not what was written."""
        try:
            reader = pa.ipc.open_stream(pa.BufferReader(self.head + message))
            rows, metadata = reader.read_next_batch_with_custom_metadata()
            rows.validate(full=True)
            if rows.num_rows != 1:
                return None
            batch = Batch(
                int(metadata[b"batch"]),
                {
                    table.name: from_struct(table, column.values)
                    for table, column in zip(self.tables, rows.columns, strict=True)
                },
            )
            expected = int(metadata[b"crc32"], 16)
        # A damaged message can break anywhere; a missing key or no metadata at all among it.
        except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, StopIteration):
            return None
        return batch if self._crc32(batch) == expected else None

    def _crc32(self, batch: Batch) -> int:
        checksum = zlib.crc32(batch.number.to_bytes(8, "little"), zlib.crc32(self.text.encode()))
        for table in self.tables:
            checksum = crc32(batch.columns[table.name], checksum)
        return checksum


def batch_format(description: Description) -> BatchFormat:
    """Give the format of the batches of a recording."""
    text = format_description(description)
    tables = tables_of(description)
    fields = [
        pa.field(table.name, pa.list_(pa.field("item", table.struct, nullable=False)), False)
        for table in tables
    ]
    schema = pa.schema(fields, metadata={METADATA_KEY: text})
    return BatchFormat(text, tables, schema, schema.serialize().to_pybytes())


@lru_cache(maxsize=16)
def format_of(text: str) -> BatchFormat:
    """Give the format that belongs to the text of a description.

    Raises
    ------
    RecordingError
        If it is none.
    """
    return batch_format(parse_description(Path("night.json"), text, ""))


def _as_list(table: Table, columns: Columns) -> Any:
    rows = to_struct(table, columns)
    kind = pa.list_(pa.field("item", table.struct, nullable=False))
    return pa.ListArray.from_arrays(pa.array([0, len(rows)], pa.int32()), rows, type=kind)
