"""Reads the public set sleep-accel: an Apple Watch and a polysomnography, 31 people, a night each.

Walch, O. (2019). Motion and heart rate from a wrist-worn wearable and labeled sleep from
polysomnography. PhysioNet. https://doi.org/10.13026/hmhs-py35

The files of a person, as published: ``motion/NNN_acceleration.txt`` (``t x y z``, g),
``heart_rate/NNN_heartrate.txt`` (``t,bpm``) and ``labels/NNN_labeled_sleep.txt`` (``t stage``),
or all of them in one folder. Times are seconds from the start of the polysomnography.
"""

from __future__ import annotations

import math
import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from ingest.errors import RecordingError
from ingest.file_names import ACCELERATION
from ingest.number_table import Column, NumberTable, find_fault, read_blocks
from ingest.recording import Recording, SampleStream
from ingest.sample_tables import acceleration_columns, bpm_column, stream_sorted, unix_mistake
from ingest.samples import NS_PER_S, RecordingInfo
from ingest.zones import require_zone

__all__ = ["TIMEZONE", "labels_path", "read", "read_stages"]

TIMEZONE = "America/Detroit"
"""Zone of the laboratory: the nights were recorded at the University of Michigan."""

ASSUMED_START = datetime(2018, 1, 15, 22, 30)
"""Local time given to t = 0, which the files do not date.

The study ran from June 2017 to March 2019; this is a night in its middle, far from a clock
change, at an hour at which laboratories put out the light.
"""

EPOCH_S = 30.0
"""Seconds that one label covers."""

MAX_OFFSET_S = 366 * 24 * 3600.0
"""Farthest a time may be from t = 0, in seconds: the files span days, never a year."""


def read(path: Path, timezone: str | None = None) -> Recording:
    """Open the night of one person.

    It lasts as long as the labels; without them, from t = 0 on, or if the file ends before that,
    all of it. Published times fall back in places, where the watch's data reached the study's
    server late, so the night is sorted by time, as the authors advise
    (https://github.com/ojwalch/sleep_classifiers/issues/2), and read into memory.

    Parameters
    ----------
    path
        The file of acceleration; heart rate and labels are looked for beside it.
    timezone
        Zone in which t = 0 is assumed to be `ASSUMED_START`; `TIMEZONE` unless given.

    Raises
    ------
    SettingsError
        If the time zone is unknown.
    RecordingError
        If the labels cannot be used. What is wrong with the other files is raised when the
        samples are read.
    """
    person = path.name.removesuffix(ACCELERATION)
    timezone = timezone or TIMEZONE
    require_zone(timezone)
    start = ASSUMED_START.replace(tzinfo=ZoneInfo(timezone))
    info = RecordingInfo(
        name=f"sleep-accel {person}",
        start_ns=int(start.timestamp()) * NS_PER_S,
        timezone=timezone,
        device="Apple Watch",
        source=f"sleep-accel {person}, doi 10.13026/hmhs-py35; the clock time is assumed",
    )
    acceleration = NumberTable(
        path,
        _time_column(),
        acceleration_columns("x", "y", "z"),
        delimiter=" ",
        header=False,
        rising=False,
    )
    labels = labels_path(path)
    labelled_s = _labelled_window(labels) if labels else None
    beside = _beside(path, "heart_rate", f"{person}_heartrate.txt")
    bpm = (bpm_column("bpm"),)
    heart_rate = (
        NumberTable(beside, _time_column(), bpm, header=False, rising=False) if beside else None
    )

    def samples() -> SampleStream:
        return stream_sorted(
            acceleration,
            heart_rate,
            info.start_ns,
            lambda: labelled_s or _unlabelled_window(acceleration),
        )

    return Recording(info, samples)


def labels_path(acceleration: Path) -> Path | None:
    """Find the file of sleep stages that belongs to a file of acceleration."""
    person = acceleration.name.removesuffix(ACCELERATION)
    return _beside(acceleration, "labels", f"{person}_labeled_sleep.txt")


def read_stages(path: Path) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int8]]:
    """Read a file of sleep stages.

    Returns
    -------
    times_s : float64, shape (n,)
        Start of each epoch of `EPOCH_S`, in seconds from the start of the polysomnography.
    stages : int8, shape (n,)
        -1 not scored, 0 wake, 1 to 4 stages N1 to N4, 5 REM.

    Raises
    ------
    RecordingError
        With the line, where it is not such a file.
    """
    stage = Column("stage", -1, 5, "Stages are -1, 0, 1, 2, 3, 4 and 5.")
    table = NumberTable(path, _time_column(), (stage,), delimiter=" ", header=False)
    blocks = list(read_blocks(table))
    if not blocks:
        raise RecordingError(path, "is empty", "Download it again, or remove it.")
    times_s = np.concatenate([block.times_s for block in blocks])
    stages = np.concatenate([block.values[:, 0] for block in blocks])
    if not ((stages >= stage.low) & (stages <= stage.high)).all():
        raise find_fault(table)
    if (stages % 1).any():
        raise RecordingError(path, "has a stage that is not a whole number", stage.advice)
    return times_s, stages.astype(np.int8)


def _time_column() -> Column:
    advice = "Times are in seconds from the start of the polysomnography."
    return Column("t", -MAX_OFFSET_S, MAX_OFFSET_S, advice, mistaken=unix_mistake)


def _beside(acceleration: Path, folder: str, name: str) -> Path | None:
    candidates = (
        acceleration.parent / name,
        acceleration.parent.parent / folder / name,
    )
    return next((path for path in candidates if os.path.lexists(path)), None)


def _labelled_window(labels: Path) -> tuple[float, float]:
    times_s, _ = read_stages(labels)
    return float(times_s[0]), float(times_s[-1]) + EPOCH_S


def _unlabelled_window(acceleration: NumberTable) -> tuple[float, float]:
    latest_s = max((float(block.times_s.max()) for block in read_blocks(acceleration)), default=0.0)
    return (0.0 if latest_s >= 0 else -math.inf), math.inf
