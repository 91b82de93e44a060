"""What recordings of other makers are known by: the names of their files, none of them read."""

from __future__ import annotations

from collections.abc import Collection

__all__ = [
    "ACCELERATION",
    "MOTION",
    "TABLE_SUFFIXES",
    "is_acceleration_file",
    "is_recording_folder",
]

TABLE_SUFFIXES = (".csv", ".csv.gz")
"""Endings of the tables of a plain recording folder."""

MOTION = "motion.csv"
"""The file that makes a folder a night of BIDSleep."""

ACCELERATION = "_acceleration.txt"
"""What follows the number of a person in sleep-accel."""


def is_recording_folder(names: Collection[str], *, whole: bool = False) -> bool:
    """Tell by the names of its files whether a folder is meant to be a plain recording.

    Parameters
    ----------
    whole
        Whether both files that a recording needs have to be there, not just one of them.
    """
    described = "recording.json" in names
    measured = any("accelerometer" + suffix in names for suffix in TABLE_SUFFIXES)
    return described and measured if whole else described or measured


def is_acceleration_file(name: str) -> bool:
    """Tell by its name whether a file holds the acceleration of a person of sleep-accel."""
    return name.endswith(ACCELERATION) and name != ACCELERATION
