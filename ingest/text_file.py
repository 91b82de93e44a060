"""Opens the files of a recording, says what is wrong where it cannot, and reads them by line."""

from __future__ import annotations

import gzip
import io
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from ingest.errors import RecordingError

__all__ = [
    "MAX_LINE_CHARS",
    "open_bytes",
    "open_error",
    "quoted",
    "read_lines",
    "require_file",
]

MAX_LINE_CHARS = 64 * 1024
"""Longest line in characters: far above any row of numbers, far below what fills the memory."""

MAX_QUOTED_CHARS = 40
"""Characters of the file repeated in a message: enough to recognise the place, short to read."""


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Read a text file line by line, decompressed where its name ends in ``.gz``.

    Yields
    ------
    The 1-based number of a line and its text with the line end. The text is UTF-8, with or
    without a byte order mark; bytes that are not become U+FFFD.

    Raises
    ------
    RecordingError
        If it cannot be opened, or ends before its compressed data does.
    """
    number = 0
    try:
        with (
            open_bytes(path) as (binary, _),
            io.TextIOWrapper(binary, encoding="utf-8-sig", errors="replace") as file,
        ):
            while text := file.readline(MAX_LINE_CHARS):
                number += 1
                yield number, text
    except gzip.BadGzipFile as error:
        if number:
            raise _damaged(path, number + 1) from error
        raise RecordingError(
            path, "is not compressed with gzip", "Take .gz off its name, or export it again."
        ) from error
    except (EOFError, zlib.error) as error:
        raise _damaged(path, number + 1) from error
    except OSError as error:
        raise open_error(path, error) from error


@contextmanager
def open_bytes(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Open a file: what it holds, and the file itself, which may be compressed with gzip.

    Raises
    ------
    RecordingError
        If it is a pipe, a device or a socket.
    OSError
        If it cannot be opened.
    """
    require_file(path)
    with path.open("rb") as raw:
        if not _is_gzip(path):
            yield raw, raw
            return
        with gzip.GzipFile(fileobj=raw) as unpacked:
            yield cast(IO[bytes], unpacked), raw


def require_file(path: Path) -> None:
    """Refuse what only looks like a file: opening a pipe would wait for ever.

    Raises
    ------
    RecordingError
        If it is a pipe, a device or a socket.
    OSError
        If it cannot be looked at.
    """
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise RecordingError(
            path, "is a pipe or a device, not a file", "Put what it holds into a file."
        )


def open_error(path: Path, error: OSError) -> RecordingError:
    """Say what to do about a file or folder that the system does not let be read."""
    if isinstance(error, FileNotFoundError):
        return RecordingError(path, "is not there", "Check the path.")
    if isinstance(error, IsADirectoryError):
        return RecordingError(path, "is a folder, not a file", "Put the file in its place.")
    if isinstance(error, NotADirectoryError):
        return RecordingError(path, "is a file, not a folder", "Put the folder in its place.")
    if isinstance(error, PermissionError):
        return RecordingError(path, "may not be read", "Give yourself permission to read it.")
    reason = error.strerror or str(error)
    return RecordingError(path, f"cannot be read ({reason})", "Check the disk it is on.")


def quoted(text: str) -> str:
    """Repeat a part of a file in a message: its beginning, if it is long."""
    return repr(text if len(text) <= MAX_QUOTED_CHARS else text[:MAX_QUOTED_CHARS] + "...")


def _damaged(path: Path, line: int) -> RecordingError:
    return RecordingError(
        path,
        "is compressed data that ends early or is damaged",
        "Copy or export it again: the rest of it cannot be read.",
        line=line,
    )


def _is_gzip(path: Path) -> bool:
    return path.suffix == ".gz"
