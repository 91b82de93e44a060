"""Writes what can be read of a damaged recording anew, and keeps the damaged one."""

from __future__ import annotations

from pathlib import Path

from ingest.native import disk
from ingest.native.compact import DAMAGED_SUFFIX, with_gaps, write_new
from ingest.native.night import Reading, describe

__all__ = ["REPAIRED_SUFFIX", "check", "repair"]

REPAIRED_SUFFIX = ".repaired"
"""End of the name of the readable part, until it takes the place of the damaged one."""


def check(folder: Path) -> Reading:
    """Read everything, every sensor and table, and say what is damaged.

    Raises
    ------
    RecordingError
        If nothing of it can be read.
    """
    reading = Reading()
    for _ in describe(folder).records(reading):
        pass
    return reading


def repair(folder: Path) -> tuple[Reading, Path | None]:
    """Put the readable part of a recording in its place.

    It is written aside and read back first. Then the damaged one gets another name, and the
    repaired one its own. Interrupted in between, both are there, under the names that end in
    ``.damaged`` and ``.repaired``.

    Returns
    -------
    Reading, Path or None
        What was left out, and where the damaged recording is now; None if nothing is damaged.

    Raises
    ------
    RecordingError
        If nothing of it can be read.
    RecordingWriteError
        If it is being recorded, or cannot be written.
    """
    folder = folder.resolve()
    with disk.lock(folder):
        reading = check(folder)
        if not reading.damage:
            return reading, None
        night = describe(folder)
        repaired = folder.with_name(folder.name + REPAIRED_SUFFIX)
        disk.remove(repaired)
        write_new(repaired, night.description, with_gaps(night, Reading()))
        kept = _free_name(folder)
        disk.rename(folder, kept)
        disk.rename(repaired, folder)
        return reading, kept


def _free_name(folder: Path) -> Path:
    number = 1
    while True:
        name = folder.name + DAMAGED_SUFFIX + (f"-{number}" if number > 1 else "")
        path = folder.with_name(name)
        if not path.exists():
            return path
        number += 1
