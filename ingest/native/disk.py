"""Every step by which a native recording changes the disk, each with its failure said in words."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import RecordingWriteError

__all__ = [
    "append",
    "create",
    "is_locked",
    "lock",
    "make_folder",
    "remove",
    "rename",
    "sync_folder",
    "write_aside",
    "writing",
]

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system refuses into a `RecordingWriteError` about ``path``."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        full = error.errno in _FULL
        advice = (
            "Make room; what was written before is still good."
            if full
            else "Check the permissions of the folder and the disk it is on."
        )
        raise RecordingWriteError(
            path, f"cannot be written ({reason})", advice, disk_full=full
        ) from error


def make_folder(folder: Path) -> None:
    """Make a folder and those above it; it may be there already."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)


def create(path: Path, content: bytes) -> None:
    """Write a new file down to the disk, whole or not at all."""
    with writing(path), path.open("xb", buffering=0) as file:
        try:
            _write(file.fileno(), content)
        except OSError:
            path.unlink()
            raise


def append(path: Path, descriptor: int, content: bytes) -> None:
    """Add to the end of an open file, down to the disk, whole or not at all."""
    with writing(path):
        size = os.fstat(descriptor).st_size
        try:
            _write(descriptor, content)
        except OSError:
            os.ftruncate(descriptor, size)
            raise


def write_aside(path: Path, content: bytes) -> None:
    """Write or replace a file in one step."""
    aside = path.with_name(f".{path.name}.partial")
    remove(aside)
    create(aside, content)
    rename(aside, path)


def rename(path: Path, target: Path) -> None:
    """Give a file or folder its name, for good."""
    with writing(target):
        path.rename(target)
    sync_folder(target.parent)


def remove(path: Path) -> None:
    """Remove a file or folder, if it is there."""
    with writing(path):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder down to the disk."""
    with writing(folder):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Keep every other crampwatch from changing a recording; ends with the process at the latest.

    Raises
    ------
    RecordingWriteError
        If another one is changing it.
    """
    with writing(folder):
        descriptor = os.open(folder, os.O_RDONLY)
    try:
        _take(folder, descriptor)
        yield
    finally:
        os.close(descriptor)


def is_locked(folder: Path) -> bool:
    """Tell whether a recording is being recorded or changed."""
    try:
        with lock(folder):
            return False
    except RecordingWriteError as error:
        return isinstance(error.__cause__, BlockingIOError)


def _write(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    os.fsync(descriptor)


def _take(folder: Path, descriptor: int) -> None:
    try:
        with writing(folder):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except RecordingWriteError as error:
        if not isinstance(error.__cause__, BlockingIOError):
            raise
        raise RecordingWriteError(
            folder, "is being recorded or changed right now", "Wait until that has ended."
        ) from error.__cause__
