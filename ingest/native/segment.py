"""Reads a segment batch by batch; what is damaged costs itself and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

import pyarrow as pa
import pyarrow.ipc

from ingest.errors import RecordingError
from ingest.native.batches import END, MARKER, METADATA_KEY, Batch, BatchFormat, format_of
from ingest.text_file import open_error

__all__ = [
    "MAX_MESSAGE_BYTES",
    "SegmentBatch",
    "SegmentFault",
    "is_closed",
    "read_segment",
    "segment_text",
]

MAX_MESSAGE_BYTES = 1024 * 1024
"""Longest message in bytes: what a full batch of the writer takes with ten sensors."""

WINDOW_BYTES = 4 * 1024 * 1024
"""Bytes of the file held at a time: some thousand seconds at little memory."""

ALIGNMENT = 8
"""Bytes that every message of the stream begins at a multiple of."""


class SegmentBatch(NamedTuple):
    """A batch, and the format it was read with."""

    format: BatchFormat
    batch: Batch


class SegmentFault(NamedTuple):
    """A stretch of the file that could not be read."""

    problem: str
    tail: bool = False
    spared: bool = False


def segment_text(path: Path) -> str | None:
    """Give the description that a segment carries; None where it is damaged.

    Raises
    ------
    RecordingError
        If the file cannot be opened.
    """
    with _open(path) as file:
        return _head(_Window(file))[0]


def is_closed(path: Path) -> bool:
    """Tell whether a segment was ended by its writer.

    Raises
    ------
    RecordingError
        If the file cannot be opened.
    """
    with _open(path) as file:
        view = _Window(file)
        return view.read(max(0, view.size - len(END)), len(END)) == END


def read_segment(path: Path, texts: Sequence[str]) -> Iterator[SegmentBatch | SegmentFault]:
    """Read the batches of a segment, in order.

    Parameters
    ----------
    texts
        Descriptions of the same night, to try where the segment's own is damaged.

    Raises
    ------
    RecordingError
        If the file cannot be opened or read.
    """
    with _open(path) as file:
        try:
            yield from _batches(_Window(file), texts)
        except OSError as error:
            raise open_error(path, error) from error


def _batches(view: _Window, texts: Sequence[str]) -> Iterator[SegmentBatch | SegmentFault]:
    if not view.size:
        # Killed between making the file and writing to it.
        return
    text, at = _head(view)
    if text is None:
        at = view.find(MARKER, ALIGNMENT) or view.size
        yield SegmentFault("has a damaged head", tail=at == view.size, spared=at < view.size)
    formats = [format_of(each) for each in dict.fromkeys([*([text] if text else []), *texts])]
    # Where to look for the next message, should there be none at `at`.
    search_from = at
    expected = 0
    skipped = ended = False
    while at < view.size:
        if view.read(at, len(END)) == END:
            at += len(END)
            ended = at == view.size
            continue
        message = _message(view, at)
        if message is None:
            skipped = True
            found = view.find(MARKER, search_from)
            if found is None:
                break
            at, search_from = found, found + ALIGNMENT
            continue
        search_from = at + ALIGNMENT
        at += len(message)
        read = _decode(formats, message)
        if read is None:
            skipped = True
            continue
        if skipped or read.batch.number != expected:
            count = read.batch.number - expected
            what = f"{count} batches" if count > 1 else "a batch"
            problem = f"has {what} that cannot be read or fails its checksum"
            yield SegmentFault(problem)
        yield read
        # What one batch was written with, all of them were.
        formats = [read.format]
        expected, skipped = read.batch.number + 1, False
    if skipped and ended:
        yield SegmentFault("has a last batch that cannot be read or fails its checksum")
    elif skipped:
        yield SegmentFault("ends within a batch", tail=True)


def _decode(formats: Sequence[BatchFormat], message: bytes) -> SegmentBatch | None:
    for each in formats:
        batch = each.decode(message)
        if batch is not None:
            return SegmentBatch(each, batch)
    return None


def _head(view: _Window) -> tuple[str | None, int]:
    """Give the description in the schema of a segment, and where the schema ends; None, 0."""
    data = view.read(0, MAX_MESSAGE_BYTES)
    length = _metadata_length(data)
    if length is None:
        return None, 0
    try:
        text = pa.ipc.read_schema(pa.py_buffer(data)).metadata[METADATA_KEY.encode()].decode()
        found = format_of(text)
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, RecordingError):
        return None, 0
    # The length of the head is known from the text, whatever the file says of it.
    return text, len(found.head)


def _message(view: _Window, at: int) -> bytes | None:
    data = view.read(at, MAX_MESSAGE_BYTES)
    length = _metadata_length(data)
    if length is None:
        return None
    try:
        message = pa.ipc.read_message(pa.py_buffer(data))
    except (pa.ArrowException, OSError, ValueError, EOFError):
        return None
    if message.type != "record batch" or message.body is None:
        return None
    return bytes(data[: len(END) + length + message.body.size])


def _metadata_length(data: memoryview) -> int | None:
    """Give the length that a message claims for its metadata; None where there is no message."""
    if len(data) <= len(END) or data[: len(MARKER)] != MARKER:
        return None
    length = int.from_bytes(data[len(MARKER) : len(END)], "little", signed=True)
    return length if 0 < length <= len(data) - len(END) else None


def _open(path: Path) -> IO[bytes]:
    try:
        return path.open("rb", buffering=0)
    except OSError as error:
        raise open_error(path, error) from error


@dataclass(slots=True)
class _Window:
    """A file of which a part is in memory.

    It is not mapped: who maps a file that another process cuts short is killed by the system.
    """

    file: IO[bytes]
    size: int = 0
    _start: int = 0
    _data: bytes = b""

    def __post_init__(self) -> None:
        self.size = os.fstat(self.file.fileno()).st_size

    def read(self, at: int, count: int) -> memoryview:
        """Give the bytes from ``at`` on, fewer where the file ends."""
        end = self._start + len(self._data)
        if at < self._start or (at + count > end and end < self.size):
            self._start, self._data = at, os.pread(self.file.fileno(), WINDOW_BYTES, at)
        return memoryview(self._data)[at - self._start : at - self._start + count]

    def find(self, what: bytes, at: int) -> int | None:
        """Find the next place at or after ``at``, on a multiple of `ALIGNMENT`."""
        while at + len(what) <= self.size:
            self.read(at, min(MAX_MESSAGE_BYTES, self.size - at))
            place = self._data.find(what, at - self._start)
            if place < 0:
                # It may lie across the end of what is loaded.
                at = max(at + 1, self._start + len(self._data) - len(what) + 1)
            elif (self._start + place) % ALIGNMENT:
                at = self._start + place + 1
            else:
                return self._start + place
        return None
