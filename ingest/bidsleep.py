"""Reads the public set BIDSleep: an Apple Watch at home, 47 people, three to seven nights each.

Song, T. (2026). A Multi-Night Instantaneous Heart Rate and Accelerometry Dataset with EEG Sleep
Stage Labels. PhysioNet. https://doi.org/10.13026/a0sy-7t69

A folder a night, ``Bidslab00/1/``: ``motion.csv`` (header ``Timestamp,x,y,z``; Unix seconds, g)
and ``hr.csv`` (no header; Unix seconds, bpm). Its ``labels.mat`` is not read.
"""

from __future__ import annotations

import math
import os
from pathlib import Path

from ingest.file_names import MOTION
from ingest.number_table import Column, NumberTable
from ingest.recording import Recording, SampleStream
from ingest.sample_tables import (
    UNIX_S,
    acceleration_columns,
    bpm_column,
    check_head,
    stream_sorted,
    unix_mistake,
)
from ingest.samples import NS_PER_S, RecordingInfo
from ingest.zones import require_zone

__all__ = ["TIMEZONE", "read"]

TIMEZONE = "America/New_York"
"""Zone assumed, as the files name none: people were recruited around Lowell, Massachusetts."""

HEART_RATE = "hr.csv"
"""The file of heart rate beside it, which may be missing."""


def read(folder: Path, timezone: str | None = None) -> Recording:
    """Open one night.

    The authors do not say that times rise, so the night is sorted by time and read into memory.

    Parameters
    ----------
    folder
        The folder of the night, named by its number, in the folder of the person.
    timezone
        Zone of the wearer; `TIMEZONE` unless given.

    Raises
    ------
    SettingsError
        If the time zone is unknown.
    RecordingError
        If the first rows of movement cannot be used. What is wrong elsewhere is raised when the
        samples are read.
    """
    if timezone is not None:
        require_zone(timezone)
    place = folder.resolve()
    night = f"{place.parent.name}/{place.name}"
    axes = acceleration_columns("x", "y", "z")
    motion = NumberTable(folder / MOTION, _time_column("Timestamp"), axes, rising=False)
    heart_rate = NumberTable(
        folder / HEART_RATE, _time_column("time"), (bpm_column("bpm"),), header=False, rising=False
    )
    readings = heart_rate if os.path.lexists(heart_rate.path) else None
    info = RecordingInfo(
        name=f"bidsleep {night}",
        start_ns=math.floor(check_head(motion)) * NS_PER_S,
        timezone=timezone or TIMEZONE,
        device="Apple Watch",
        source=f"BIDSleep {night}, doi 10.13026/a0sy-7t69"
        + ("" if timezone else "; the time zone is assumed"),
    )

    def samples() -> SampleStream:
        return stream_sorted(motion, readings, 0, lambda: (-math.inf, math.inf))

    return Recording(info, samples)


def _time_column(name: str) -> Column:
    advice = "Times are in Unix seconds."
    return Column(name, *UNIX_S, advice, mistaken=unix_mistake)
