"""Reads the real recordings that the recombination family is made of.

They are not part of this project and nothing of them is kept in it. The folder is laid out as

``wrist_5hz/*/``
    nights of wrist movement at 5 Hz, plain recording folders, named ``p1n2`` by person and night;
``raw_excerpts/*_acceleration_excerpt.txt``
    wrist movement at 50 Hz, ``t x y z`` in seconds and g;
``heart_24h/*/actigraph.parquet``
    heart rate and steps once a second, ``t hr steps``, in seconds of local time and bpm;
``counts_5s/actigraph_*.csv`` and ``counts_5s/mmash_diary.csv``
    activity counts with heart rate every 5 s, and when each of the people slept.
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet
from scipy.ndimage import gaussian_filter1d, uniform_filter1d

from ingest.errors import RecordingError, SettingsError
from ingest.recording_folder import read
from ingest.samples import NS_PER_S, Acceleration
from simulator.movement import Vector

__all__ = [
    "COUNTED_S",
    "RATE_HZ",
    "CountedNight",
    "Coupled",
    "HeartNight",
    "RealNights",
    "Stretch",
    "WristNight",
    "find_real_nights",
    "read_real_nights",
]

ENVIRONMENT = "CRAMPWATCH_SHARED_DATA"
"""Environment variable that names the folder where no argument does."""

RATE_HZ = 5
"""Samples a second of the wrist nights."""

STEP_G = 0.01
"""Steps of their readings in g."""

MOVING_G = 0.015
"""Standard deviation within a second, all axes together, from which the wrist moves, in g: the
sensor at rest, with its steps, stays below 0.012."""

MARGIN_S = 0.6
"""What is kept of the quiet before and after a movement, in seconds: the window it is found by."""

APART_S = 2.0
"""Quiet in seconds that ends a movement."""

REST_SMOOTHING_S = 3.0
"""Standard deviation in seconds of the smoothing of a resting arm: wide enough that steps of 0.01 g
leave less than 1 mg, narrower than the sinking of an arm."""

CALIBRATION_ROUNDS = 20
"""Rounds of fitting resting readings to the unit sphere; it has settled after ten."""

NIGHT_H = (0.0, 6.5)
"""Local hours that count as night in the heart recordings, as in the project's own figures."""

COUNTED_S = 5.0
"""Seconds from one count to the next."""

COUPLED_APART_S, COUPLED_ANSWER_S = 20.0, 30.0
"""Quiet that ends a movement in the counts, and how long after it an answer may peak; seconds."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Samples of a wrist night, from one to before the other, all moving or all at rest."""

    start: int
    stop: int
    moving: bool

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.stop - self.start) / RATE_HZ


@dataclass(frozen=True, slots=True, eq=False)
class WristNight:
    """A real night of wrist movement.

    Parameters
    ----------
    name, person
        Of the recording, and of who slept.
    force_g : shape (n, 3)
        At `RATE_HZ`, calibrated; smooth where the arm rests.
    stretches
        All of it, by turns moving and at rest.
    """

    name: str
    person: str
    force_g: Vector
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True, eq=False)
class HeartNight:
    """The heart of a real night, once a second; NaN where it was not read."""

    name: str
    bpm: Vector
    stepping: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class CountedNight:
    """Activity counts of a real wrist and the heart with it, every `COUNTED_S`, while asleep.

    ``bpm`` is 0 where the heart was not read.
    """

    name: str
    counts: Vector
    bpm: Vector

    @property
    def moving(self) -> npt.NDArray[np.bool_]:
        """Where the wrist moved."""
        return np.asarray(self.counts > 1.0)


@dataclass(frozen=True, slots=True)
class Coupled:
    """A real movement of the night and the real answer of the heart to it."""

    seconds: float
    rise_bpm: float


@dataclass(frozen=True, slots=True, eq=False)
class RealNights:
    """Everything the recombination family is made of.

    ``excerpt_g``, shape (n, 3), is at 50 Hz.
    """

    wrists: tuple[WristNight, ...]
    hearts: tuple[HeartNight, ...]
    counted: tuple[CountedNight, ...]
    coupled: tuple[Coupled, ...]
    excerpt_g: Vector


def find_real_nights(folder: Path | None = None) -> RealNights:
    """Read the folder given, or the one that the environment names.

    Raises
    ------
    SettingsError
        Where there is neither, or it does not hold what is needed.
    RecordingError
        Where one of its files cannot be read.
    """
    named = folder or os.environ.get(ENVIRONMENT)
    if not named:
        raise SettingsError(
            "the recombination family needs real nights, which do not come with crampwatch; "
            f"name their folder with --backgrounds or with {ENVIRONMENT}"
        )
    return read_real_nights(Path(named).resolve())


@lru_cache(maxsize=2)
def read_real_nights(folder: Path) -> RealNights:
    """Read a folder of real recordings; see the head of this module.

    Raises
    ------
    SettingsError
        Where something needed is not there.
    RecordingError
        Where a file cannot be read.
    """
    nights = _found(folder, "wrist_5hz/*/recording.json")
    excerpts = _found(folder, "raw_excerpts/*_acceleration_excerpt.txt")
    hearts = _found(folder, "heart_24h/*/actigraph.parquet")
    counts = _found(folder, "counts_5s/actigraph_*.csv")
    (diary,) = _found(folder, "counts_5s/mmash_diary.csv")
    counted = tuple(_counted_night(path, diary) for path in counts)
    return RealNights(
        wrists=tuple(_wrist_night(path.parent) for path in nights),
        hearts=tuple(_heart_night(path) for path in hearts),
        counted=counted,
        coupled=tuple(pair for night in counted for pair in _coupled(night)),
        excerpt_g=np.concatenate([_excerpt(path) for path in excerpts]),
    )


def _found(folder: Path, pattern: str) -> list[Path]:
    found = sorted(folder.glob(pattern))
    if not found:
        raise SettingsError(
            f"{folder} holds no {pattern}; the recombination family needs real nights in the "
            "layout that docs/nights.md describes"
        )
    return found


def _broken(path: Path, error: Exception) -> RecordingError:
    return RecordingError(
        path, f"cannot be read ({error})", "Copy it again from where the set is published."
    )


# The wrist


def _wrist_night(folder: Path) -> WristNight:
    chunks = [chunk for chunk in read(folder).samples() if isinstance(chunk, Acceleration)]
    times_s = np.concatenate([chunk.times_ns for chunk in chunks]) / NS_PER_S
    read_g = np.concatenate([chunk.xyz_g for chunk in chunks]).astype(np.float64)
    # The nearest sample, not one between: movement between two samples is not known.
    even_s = np.arange(times_s[0], times_s[-1], 1.0 / RATE_HZ)
    later = np.clip(np.searchsorted(times_s, even_s), 1, len(times_s) - 1)
    nearer = even_s - times_s[later - 1] < times_s[later] - even_s
    force_g = read_g[later - nearer]
    # Steps of a hundredth of a g would show in what is made of it.
    dither = np.random.default_rng(len(force_g)).uniform(-0.5, 0.5, force_g.shape)
    force_g = _calibrated(force_g + STEP_G * dither, moving=(moving := _moving(force_g)))
    stretches = _stretches(moving)
    for rest in stretches:
        if not rest.moving:
            span = slice(rest.start, rest.stop)
            force_g[span] = gaussian_filter1d(
                force_g[span], REST_SMOOTHING_S * RATE_HZ, axis=0, mode="nearest"
            )
    return WristNight(folder.name, folder.name.split("n")[0], force_g, stretches)


def _moving(force_g: Vector) -> npt.NDArray[np.bool_]:
    mean = uniform_filter1d(force_g, RATE_HZ, axis=0)
    variance = uniform_filter1d(force_g**2, RATE_HZ, axis=0) - mean**2
    moving = np.asarray(variance.sum(axis=1) > MOVING_G**2)
    at = np.flatnonzero(moving)
    margin = round(MARGIN_S * RATE_HZ)
    apart = round(APART_S * RATE_HZ) + 2 * margin
    for first, last in _runs(at, apart):
        moving[max(0, first - margin) : last + 1 + margin] = True
    return moving


def _runs(at: npt.NDArray[np.int64], apart: int) -> list[tuple[int, int]]:
    """First and last of every run of rising numbers that lie less than ``apart`` apart."""
    if not len(at):
        return []
    cuts = np.flatnonzero(np.diff(at) >= apart)
    return list(zip(at[np.r_[0, cuts + 1]].tolist(), at[np.r_[cuts, -1]].tolist(), strict=True))


def _stretches(moving: npt.NDArray[np.bool_]) -> tuple[Stretch, ...]:
    edges = np.flatnonzero(np.diff(moving)) + 1
    bounds = [0, *edges.tolist(), len(moving)]
    return tuple(Stretch(start, stop, bool(moving[start])) for start, stop in pairwise(bounds))


def _calibrated(force_g: Vector, *, moving: npt.NDArray[np.bool_]) -> Vector:
    """Take out gain and offset by the sphere that resting readings lie on (van Hees 2014)."""
    rest_g = uniform_filter1d(force_g, 10 * RATE_HZ, axis=0)[~moving][:: 10 * RATE_HZ]
    gain, offset = np.ones(3), np.zeros(3)
    for _ in range(CALIBRATION_ROUNDS):
        fitted = rest_g * gain + offset
        sphere = fitted / np.linalg.norm(fitted, axis=1, keepdims=True)
        for axis in range(3):
            if np.ptp(rest_g[:, axis]) > 0.6:
                gain[axis], offset[axis] = np.polyfit(rest_g[:, axis], sphere[:, axis], 1)
    calibrated = force_g * gain + offset
    return np.asarray(calibrated / np.median(np.linalg.norm(calibrated[~moving], axis=1)))


def _excerpt(path: Path) -> Vector:
    try:
        table = np.loadtxt(path, dtype=np.float64, ndmin=2)
        times_s, force_g = table[:, 0], table[:, 1:4]
        even_s = np.arange(times_s[0], times_s[-1], 0.02)
        return np.stack([np.interp(even_s, times_s, axis_g) for axis_g in force_g.T], axis=1)
    except (OSError, ValueError, IndexError) as error:
        raise _broken(path, error) from error


# The heart


def _heart_night(path: Path) -> HeartNight:
    try:
        table = pyarrow.parquet.read_table(path, columns=["t", "hr", "steps"])
        columns = (column.to_numpy(zero_copy_only=False) for column in table.columns)
        at_s, bpm, steps = (np.asarray(column, dtype=np.float64) for column in columns)
    except (OSError, ValueError, KeyError) as error:
        raise _broken(path, error) from error
    seconds = at_s.astype(np.int64)
    morning = int(seconds[-1]) // 86400 * 86400
    first, last = (morning + int(hour * 3600) for hour in NIGHT_H)
    night = (seconds >= first) & (seconds < last)
    beating = np.full(last - first, np.nan)
    beating[seconds[night] - first] = np.where(bpm[night] > 25.0, bpm[night], np.nan)
    stepping = np.zeros(last - first, dtype=np.bool_)
    stepping[seconds[night] - first] = steps[night] > 0
    return HeartNight(path.parent.name, beating, stepping)


def _counted_night(path: Path, diary: Path) -> CountedNight:
    try:
        who = path.stem.rsplit("_", 1)[1]
        with diary.open(newline="") as lines:
            slept = next(row for row in csv.DictReader(lines) if row["pid"] == who)
        with path.open(newline="") as lines:
            rows = [
                (
                    datetime.strptime(row["time"], "%Y-%b-%d %H:%M:%S").timestamp(),
                    float(row["Vector Magnitude"]),
                    float(row["HR"]),
                )
                for row in csv.DictReader(lines)
            ]
        bed = [
            datetime.fromisoformat(slept[name]).timestamp()
            for name in ("sleep_onset", "sleep_offset")
        ]
    except (OSError, ValueError, KeyError, IndexError, StopIteration) as error:
        raise _broken(path, error) from error
    table = np.array(rows, dtype=np.float64)
    abed = (table[:, 0] >= bed[0]) & (table[:, 0] <= bed[1])
    counts, bpm = table[abed, 1], table[abed, 2]
    return CountedNight(who, counts, bpm)


def _coupled(night: CountedNight) -> list[Coupled]:
    bpm = night.bpm
    pairs = []
    wait = round(COUPLED_ANSWER_S / COUNTED_S)
    minute = round(60.0 / COUNTED_S)
    for first, last in _runs(np.flatnonzero(night.moving), round(COUPLED_APART_S / COUNTED_S) + 1):
        if first >= minute and last + wait < len(bpm):
            rise = bpm[first : last + 1 + wait].max() - np.median(bpm[first - minute : first])
            pairs.append(Coupled(COUNTED_S * (last + 1 - first), float(np.clip(rise, 0.0, 45.0))))
    return pairs
