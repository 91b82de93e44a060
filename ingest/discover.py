"""Finds the recordings in whatever path somebody hands in, without reading any of them."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ingest.errors import RecordingError
from ingest.file_names import MOTION, is_acceleration_file, is_recording_folder
from ingest.native import layout
from ingest.recording import Recording
from ingest.text_file import open_error
from ingest.zones import require_zone

__all__ = ["NATIVE", "FoundRecording", "find_recordings"]

MAX_DEPTH = 2
"""Folders to look into below the one given: people, and the nights of each."""

NATIVE = "native"
"""Format of what crampwatch records itself."""

_SET_ASIDE = re.compile(r".+\.(damaged(-\d+)?|repaired)")


@dataclass(frozen=True, slots=True)
class FoundRecording:
    """A recording that was found, not opened yet.

    Parameters
    ----------
    path
        Its folder, or the file of its acceleration.
    format
        What it is kept in, as a word.
    open
        Reads it; raises `RecordingError` where it cannot be used.
    """

    path: Path
    format: str
    open: Callable[[], Recording]


def find_recordings(path: Path, *, timezone: str | None = None) -> list[FoundRecording]:
    """Find the recordings at a path.

    Parameters
    ----------
    path
        A native recording, a plain recording folder, a night, a person or the whole of one of the
        public sets, or a folder with several of these, up to two folders down.
    timezone
        IANA zone for the formats that do not carry one.

    Returns
    -------
    Recordings ordered by path, each to be opened by itself, so that a bad one stops no other. What
    links lead to more than once is there once.

    Raises
    ------
    SettingsError
        If the time zone is unknown.
    RecordingError
        If there is no recording, or the path cannot be looked into.
    """
    if timezone is not None:
        require_zone(timezone)
    if is_acceleration_file(path.name) and os.path.lexists(path):
        return [FoundRecording(path, "sleep-accel", partial(_read_sleep_accel, path, timezone))]
    names = _names(path)
    found = list(_find(path, names, timezone, MAX_DEPTH, set()))
    if not found:
        raise RecordingError(
            path,
            "holds no recording" if names else "is an empty folder",
            "A recording is a folder with recording.json and accelerometer.csv, one with the "
            "night.json that crampwatch itself writes, or a night of the public sets sleep-accel "
            f"(NNN_acceleration.txt) or BIDSleep (motion.csv), at most {MAX_DEPTH} folders down.",
        )
    return found


def _find(
    folder: Path, names: list[str], timezone: str | None, depth: int, seen: set[Path]
) -> Iterator[FoundRecording]:
    """Look into a folder; ``seen`` holds the true paths of what was found or looked into."""
    if _is_again(folder, seen):
        return
    if layout.is_native(names):
        yield FoundRecording(folder, NATIVE, partial(_read_native, folder))
        return
    # A stray file hides nothing: only a folder that has all that a recording needs is one and
    # nothing else.
    if is_recording_folder(names):
        yield FoundRecording(folder, "folder", partial(_read_folder, folder))
        if is_recording_folder(names, whole=True):
            return
    elif MOTION in names:
        yield FoundRecording(folder, "BIDSleep", partial(_read_bidsleep, folder, timezone))
    for name in filter(is_acceleration_file, names):
        path = folder / name
        if not _is_again(path, seen):
            yield FoundRecording(path, "sleep-accel", partial(_read_sleep_accel, path, timezone))
    if not depth:
        return
    for name in names:
        below = folder / name
        # A hidden folder may be a recording that is still being written. What a repair set aside
        # is the same night once more.
        if name.startswith(".") or _SET_ASIDE.fullmatch(name) or not _is_folder(below):
            continue
        try:
            names_below = _names(below)
        except RecordingError as error:
            yield FoundRecording(below, "unknown", partial(_fail, error))
            continue
        yield from _find(below, names_below, timezone, depth - 1, seen)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir())
    except NotADirectoryError as error:
        raise RecordingError(
            folder,
            "is a file that is not a recording by itself",
            "Give the folder it is in.",
        ) from error
    except OSError as error:
        raise open_error(folder, error) from error


def _is_again(path: Path, seen: set[Path]) -> bool:
    true_path = Path(os.path.realpath(path))
    if true_path in seen:
        return True
    seen.add(true_path)
    return False


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except PermissionError:
        # It may be one; who lists it will be told.
        return True
    except OSError:
        return False


# Each reader is loaded when something is read with it: a replay of native nights needs one.
def _read_native(folder: Path) -> Recording:
    from ingest.native import night

    return night.read(folder)


def _read_folder(folder: Path) -> Recording:
    from ingest import recording_folder

    return recording_folder.read(folder)


def _read_bidsleep(folder: Path, timezone: str | None) -> Recording:
    from ingest import bidsleep

    return bidsleep.read(folder, timezone)


def _read_sleep_accel(path: Path, timezone: str | None) -> Recording:
    from ingest import sleep_accel

    return sleep_accel.read(path, timezone)


def _fail(error: RecordingError) -> Recording:
    raise error
