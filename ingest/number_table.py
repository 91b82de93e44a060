"""Reads delimited columns of numbers fast, and names the line of the first fault slowly.

The fast pass leaves the parsing to Arrow, which knows no line numbers. Whatever goes wrong in it
is looked for again line by line, so that the message can say where it is.
"""

from __future__ import annotations

import csv
import math
import os
import re
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from ingest.errors import RecordingError
from ingest.recording import ReadSoFar
from ingest.text_file import MAX_LINE_CHARS, open_bytes, quoted, read_lines

__all__ = [
    "Block",
    "Column",
    "NumberTable",
    "find_fault",
    "read_blocks",
]

BLOCK_BYTES = 512 * 1024
"""Decompressed bytes read at a time: some minutes of a night, at a few megabytes of memory."""

OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", ",": "commas", " ": "spaces"}
"""What a table may have between its columns in place of what it should have."""

GZIP_MAGIC = b"\x1f\x8b"
"""What compressed data begins with."""

CR_ALONE = (
    "has lines that end in CR alone, as on old Macs",
    "Save it with Unix or Windows line ends.",
)

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of numbers that a table must have.

    Parameters
    ----------
    name
        As in the header; where there is none, what a message calls it.
    low, high
        Least and greatest value, inclusive.
    advice
        What to do about a value that is not a number within these limits, as a sentence.
    empty
        Number that an empty cell stands for; None where a cell may not be empty.
    mistaken
        Says what a number outside the limits looks like, as a sentence to go before the advice.
    """

    name: str
    low: float
    high: float
    advice: str
    empty: float | None = None
    mistaken: Callable[[float], str | None] | None = None


@dataclass(frozen=True, slots=True)
class NumberTable:
    """A text file with a column of times and columns of values.

    Parameters
    ----------
    path
        Plain text, or gzip where the name ends in ``.gz``.
    time
        The column of times, in seconds.
    values
        The other columns that are read, in the order wanted.
    delimiter
        One character.
    header
        Whether the first line names the columns. With it, columns may come in any order and
        among others; without it, they are the time and the values and nothing else.
    rising
        Whether a time may not fall below the one before it.
    """

    path: Path
    time: Column
    values: tuple[Column, ...]
    delimiter: str = ","
    header: bool = True
    rising: bool = True

    @property
    def columns(self) -> tuple[Column, ...]:
        """The time and the values."""
        return (self.time, *self.values)


class Block(NamedTuple):
    """Some rows: times in seconds, float64 ``(n,)``, and values, float32 ``(n, columns)``."""

    times_s: npt.NDArray[np.float64]
    values: npt.NDArray[np.float32]


def read_blocks(table: NumberTable, read: ReadSoFar | None = None) -> Iterator[Block]:
    """Read a table in blocks of rows; how it is cut into them means nothing.

    Times are checked against their limits and, where they must, for rising. Values are only
    parsed: a record of `ingest.samples` made of them checks their limits, and `find_fault` then
    finds the line.

    Parameters
    ----------
    read
        Is told how many bytes of the file have been read.

    Raises
    ------
    RecordingError
        With the line, where the file is not such a table.
    """
    try:
        with open_bytes(table.path) as (file, raw):
            if read:
                read.of = os.fstat(raw.fileno()).st_size
            places, width = _skip_header(table, file)
            options = _arrow_options(table, places, width)
            previous_s = -math.inf
            for text in _whole_lines(table.path, file):
                arrays = pa.csv.read_csv(pa.BufferReader(text), *options).columns
                block = _block(table, arrays)
                if block is None or not _times_hold(table, block.times_s, previous_s):
                    raise find_fault(table)
                previous_s = float(block.times_s[-1])
                if read:
                    read.done = raw.tell()
                yield block
    except (pa.ArrowException, EOFError, zlib.error, OSError) as error:
        raise find_fault(table, str(error)) from error


def find_fault(table: NumberTable, cause: str = "") -> RecordingError:
    """Find the first line that is at fault, row by row.

    Parameters
    ----------
    cause
        What the fast pass said, for the message in case that no line is at fault.
    """
    try:
        with closing(_filled_lines(table.path)) as lines:
            places = list(range(len(table.columns)))
            width = len(places)
            if table.header:
                places, width = _find_columns(table, *next(lines, (1, "")))
            previous_s = -math.inf
            for line, text in lines:
                previous_s = _check_row(table, line, text, places, width, previous_s)
    except RecordingError as fault:
        return fault
    return RecordingError(
        table.path,
        f"cannot be read ({cause or 'it changed while it was read'})",
        "Check that nothing else writes the file, and export it again.",
    )


def _skip_header(table: NumberTable, file: IO[bytes]) -> tuple[list[int], int]:
    """Read up to the first row; give the place of each column wanted, and the number of all."""
    if not table.header:
        return list(range(len(table.columns))), len(table.columns)
    for number, line in enumerate(iter(lambda: file.readline(MAX_LINE_CHARS), b""), start=1):
        if line.startswith(GZIP_MAGIC):
            raise RecordingError(
                table.path, "is compressed with gzip", "Put .gz at the end of its name."
            )
        header = line.decode("utf-8-sig", "replace").strip("\r\n")
        if "\ufffd" in header or "\0" in header:
            raise RecordingError(table.path, "is not text in UTF-8", "Export it as CSV in UTF-8.")
        if "\r" in header:
            raise RecordingError(table.path, *CR_ALONE)
        if header:
            return _find_columns(table, number, header)
    raise RecordingError(table.path, "is empty", "Export it again, or take it from a backup.")


def _arrow_options(table: NumberTable, places: list[int], width: int) -> tuple[Any, Any, Any]:
    wanted = [str(place) for place in places]
    return (
        pa.csv.ReadOptions(
            use_threads=False, block_size=2 * BLOCK_BYTES, column_names=list(map(str, range(width)))
        ),
        pa.csv.ParseOptions(delimiter=table.delimiter),
        pa.csv.ConvertOptions(
            column_types=dict.fromkeys(wanted, pa.float32()) | {wanted[0]: pa.float64()},
            include_columns=wanted,
            null_values=[""],
        ),
    )


def _whole_lines(path: Path, file: IO[bytes]) -> Iterator[bytes]:
    """Cut what is left of a file into blocks that end where a line ends."""
    # Arrow can stream by itself, but then it reads ahead in a thread that outlives a reader
    # closed early, and takes the whole process down with it now and then.
    rest = b""
    while data := file.read(BLOCK_BYTES):
        cut = data.rfind(b"\n") + 1
        if not cut and len(rest) + len(data) > BLOCK_BYTES:
            if b"\r" in data:
                raise RecordingError(path, *CR_ALONE)
            raise RecordingError(
                path,
                f"has no line end in {BLOCK_BYTES // 1024} KiB",
                "It has to be text with Unix or Windows line ends.",
            )
        text, rest = rest + data[:cut], data[cut:] if cut else rest + data
        if cut and text.strip(b"\r\n"):
            yield text
    if rest.strip(b"\r\n"):
        yield rest


def _filled_lines(path: Path) -> Generator[tuple[int, str]]:
    """Give the lines that are not empty, without their ends."""
    for line, text in read_lines(path):
        if text != "\n":
            yield line, text.removesuffix("\n")


def _find_columns(table: NumberTable, line: int, header: str) -> tuple[list[int], int]:
    """Give the place of each wanted column in a header, and how many columns it names."""
    _require_delimiter(table, line, header)
    names = [name.strip() for name in _cells(table, line, header)]
    wanted = _listed([column.name for column in table.columns])
    for column in table.columns:
        found = names.count(column.name)
        if found != 1:
            raise RecordingError(
                table.path,
                f"{'has no' if not found else 'has more than one'} column {column.name} "
                f"(the line reads {quoted(header)})",
                f"The first line has to name {wanted}, spelt just so.",
                line=line,
            )
    return [names.index(column.name) for column in table.columns], len(names)


def _require_delimiter(table: NumberTable, line: int, header: str) -> None:
    """Refuse a header that would be right with something else between its columns."""
    wanted = {column.name for column in table.columns}
    for delimiter, plural in OTHER_DELIMITERS.items():
        if delimiter != table.delimiter and wanted <= {
            name.strip(' "') for name in header.split(delimiter)
        }:
            raise RecordingError(
                table.path,
                f"has {plural} between its columns",
                f"Export it with {OTHER_DELIMITERS[table.delimiter]} between them, and a point, "
                "not a comma, in numbers.",
                line=line,
            )


def _block(table: NumberTable, arrays: Sequence[Any]) -> Block | None:
    """Turn Arrow's columns into a block; None where a cell is empty that may not be."""
    filled = []
    for column, array in zip(table.columns, arrays, strict=True):
        if array.null_count and column.empty is None:
            return None
        filled.append((array.fill_null(column.empty) if array.null_count else array).to_numpy())
    return Block(filled[0], np.stack(filled[1:], axis=1))


def _times_hold(table: NumberTable, times_s: npt.NDArray[np.float64], previous_s: float) -> bool:
    # NaN fails here too: every comparison with it is false.
    within = bool(((times_s >= table.time.low) & (times_s <= table.time.high)).all())
    if not table.rising:
        return within
    return within and bool(times_s[0] >= previous_s) and bool((np.diff(times_s) >= 0).all())


def _check_row(
    table: NumberTable, line: int, text: str, places: list[int], width: int, previous_s: float
) -> float:
    """Give the time of a row, or raise what is wrong with it."""
    cells = _cells(table, line, text)
    if len(cells) != width:
        raise RecordingError(
            table.path,
            f"ends after {len(cells)} of {width} columns"
            if len(cells) < width
            else f"has {len(cells)} columns, not {width}",
            "Every row needs the same columns; the file may be cut off there.",
            line=line,
        )
    for column, place in zip(table.columns, places, strict=True):
        problem = _cell_problem(column, cells[place])
        if problem:
            raise RecordingError(table.path, problem, _advice(column, cells[place]), line=line)
    time_s = float(cells[places[0]])
    if table.rising and time_s < previous_s:
        raise RecordingError(
            table.path,
            f"{table.time.name} falls from {previous_s} to {time_s}",
            "Times have to rise: sort the rows, or split the file where its clock was set back.",
            line=line,
        )
    return time_s


def _cells(table: NumberTable, line: int, text: str) -> list[str]:
    if '"' not in text:
        return text.split(table.delimiter)
    try:
        return next(csv.reader([text], delimiter=table.delimiter, strict=True))
    except csv.Error as error:
        raise RecordingError(
            table.path,
            f"has a quotation mark out of place ({quoted(text)})",
            "Numbers need no quotation marks: take them out.",
            line=line,
        ) from error


def _cell_problem(column: Column, cell: str) -> str | None:
    if not cell and column.empty is not None:
        return None
    text = cell.strip(" \t")
    if not text:
        return f"{column.name} is empty"
    if _NOT_FINITE.fullmatch(text):
        return f"{column.name} is {text}, which is not a finite number"
    if not _NUMBER.fullmatch(text):
        return f"{column.name} is {quoted(text)}, which is not a number"
    if not column.low <= float(text) <= column.high:
        return f"{column.name} is {text}, outside {column.low:.10g} to {column.high:.10g}"
    return None


def _advice(column: Column, cell: str) -> str:
    if "," in cell:
        return "Write numbers with a point, not a comma."
    number = _NUMBER.fullmatch(cell.strip(" \t"))
    mistake = column.mistaken(float(number[0])) if number and column.mistaken else None
    return f"{mistake} {column.advice}" if mistake else column.advice


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
