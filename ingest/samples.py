"""The one typed record that enters the house, validated where it enters.

Every source of a night, a radio or a file, hands the detector nothing but these records.
Times are UTC in integer nanoseconds since 1970 and rise strictly within a record; numbers are
finite. What breaks this promise raises `SampleError` and does not get in.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from ingest.errors import SampleError

__all__ = [
    "MAX_ABS_G",
    "MAX_BPM",
    "MAX_LABEL_CHARS",
    "MAX_RATE_HZ",
    "MAX_RECORDING_S",
    "MAX_RR_MS",
    "MIN_RATE_HZ",
    "NS_PER_S",
    "Acceleration",
    "Fault",
    "FaultKind",
    "HeartRate",
    "Mark",
    "RRIntervals",
    "RecordingInfo",
    "Samples",
]

NS_PER_S = 1_000_000_000

MIN_RATE_HZ = 5.0
"""Slowest acceleration in hertz: below it the 0.5-3 Hz of a rubbing hand cannot be told."""
MAX_RATE_HZ = 200.0
"""Fastest acceleration in hertz: the Polar H10's top rate; no documented wearable exceeds it."""

MAX_ABS_G = 64.0
"""Largest believable acceleration in g: twice the widest range (+-32 g) of any wearable chip."""

MAX_BPM = 400.0
"""Largest believable heart rate in beats per minute: above any measured in a human."""

MAX_RR_MS = 65535.0
"""Longest RR interval in milliseconds: the most a 16-bit field can carry."""

MAX_RECORDING_S = 72 * 3600
"""Longest recording in seconds: three days are never a night, but often a clock that jumped."""

MAX_LABEL_CHARS = 1000
"""Longest label of a mark in characters: a paragraph, far below what a recording writes at once."""

Times: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float32]
Contacts: TypeAlias = npt.NDArray[np.int8]


def _require_rising(times_ns: Times, what: str) -> None:
    if times_ns.ndim != 1:
        raise SampleError(f"{what}: times must be one-dimensional, not {times_ns.ndim}-dimensional")
    falls = np.flatnonzero(times_ns[1:] <= times_ns[:-1])
    if falls.size:
        late = int(falls[0]) + 1
        raise SampleError(f"{what}: times must rise, but sample {late} is not after the one before")


def _require_within(values: Floats, low: float, high: float, what: str) -> None:
    # Written so that NaN fails: every comparison with NaN is false.
    if not values.size or (values.min() >= low and values.max() <= high):
        return
    inside = (values >= low) & (values <= high)
    first = int(np.argmin(inside.reshape(len(values), -1).all(axis=1)))
    raise SampleError(
        f"{what}: sample {first} is {values[first]}, outside {low:g} to {high:g}; "
        "leave out what the device did not measure"
    )


@dataclass(frozen=True, slots=True, eq=False)
class Acceleration:
    """A chunk of acceleration, gravity included.

    Parameters
    ----------
    times_ns : int64, shape (n,)
        UTC nanoseconds, strictly rising.
    xyz_g : float32, shape (n, 3)
        Acceleration in g.
    """

    times_ns: Times
    xyz_g: Floats

    def __post_init__(self) -> None:
        _require_rising(self.times_ns, "acceleration")
        if self.xyz_g.shape != (len(self.times_ns), 3):
            raise SampleError(
                f"acceleration: {len(self.times_ns)} times need an array of shape "
                f"({len(self.times_ns)}, 3), not {self.xyz_g.shape}"
            )
        _require_within(self.xyz_g, -MAX_ABS_G, MAX_ABS_G, "acceleration in g")

    @classmethod
    def of_checked(cls, times_ns: Times, xyz_g: Floats) -> Acceleration:
        """Make a chunk of samples that come of checked chunks: they are not checked again."""
        chunk = object.__new__(cls)
        object.__setattr__(chunk, "times_ns", times_ns)
        object.__setattr__(chunk, "xyz_g", xyz_g)
        return chunk

    def __len__(self) -> int:
        return len(self.times_ns)


@dataclass(frozen=True, slots=True, eq=False)
class HeartRate:
    """A chunk of heart-rate readings.

    Parameters
    ----------
    times_ns : int64, shape (n,)
        UTC nanoseconds, strictly rising.
    bpm : float32, shape (n,)
        Beats per minute; 0 where the device said that it had no reading.
    contact : int8, shape (n,)
        1 where the device said that it touches the skin, 0 where it said that it does not, -1
        where it could not tell; None where it never could.
    """

    times_ns: Times
    bpm: Floats
    contact: Contacts | None = None

    def __post_init__(self) -> None:
        _require_rising(self.times_ns, "heart rate")
        if self.bpm.shape != self.times_ns.shape:
            raise SampleError("heart rate: one reading for each time is needed")
        _require_within(self.bpm, 0.0, MAX_BPM, "heart rate in bpm")
        if self.contact is None:
            return
        if self.contact.shape != self.times_ns.shape:
            raise SampleError("heart rate: one contact for each reading is needed")
        if not ((self.contact >= -1) & (self.contact <= 1)).all():
            raise SampleError("heart rate: contact is 1, 0, or -1 where the device cannot tell")

    def __len__(self) -> int:
        return len(self.times_ns)


@dataclass(frozen=True, slots=True, eq=False)
class RRIntervals:
    """A chunk of beat-to-beat intervals.

    Parameters
    ----------
    times_ns : int64, shape (n,)
        UTC nanoseconds of the beat that ends each interval, strictly rising.
    rr_ms : float32, shape (n,)
        Interval in milliseconds, artefacts left in.
    """

    times_ns: Times
    rr_ms: Floats

    def __post_init__(self) -> None:
        _require_rising(self.times_ns, "RR intervals")
        if self.rr_ms.shape != self.times_ns.shape:
            raise SampleError("RR intervals: one interval for each time is needed")
        _require_within(self.rr_ms, 0.0, MAX_RR_MS, "RR interval in ms")

    def __len__(self) -> int:
        return len(self.times_ns)


@dataclass(frozen=True, slots=True)
class Mark:
    """The wearer's own mark in the night: 'this was one'."""

    time_ns: int
    label: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", _well_formed(self.label))


Samples: TypeAlias = Acceleration | HeartRate | RRIntervals | Mark
"""Whatever a source may hand on."""


class FaultKind(StrEnum):
    """What can be wrong with the data, apart from anything found in them."""

    GAP = "gap"
    OFF_WRIST = "off_wrist"
    NO_HEART_RATE = "no_heart_rate"
    LINK_LOST = "link_lost"
    SILENT_STREAM = "silent_stream"
    BATTERY_LOW = "battery_low"
    BATTERY_FLAT = "battery_flat"
    DECODE_ERRORS = "decode_errors"
    DISK_LOW = "disk_low"
    DISK_FULL = "disk_full"
    CLOCK_STEPPED = "clock_stepped"
    COLLECTOR_SILENT = "collector_silent"
    """Nothing is heard of what records: of no recording, because none can say so."""
    NIGHT_NOT_BEGUN = "night_not_begun"
    """Nothing is heard at all, when it usually is: of no recording either."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something wrong with the data, with a beginning and an end in UTC nanoseconds."""

    start_ns: int
    end_ns: int
    kind: FaultKind


@dataclass(frozen=True, slots=True)
class RecordingInfo:
    """What is known of a recording beside its samples.

    Parameters
    ----------
    name
        How the recording is called, usually its folder.
    start_ns
        UTC nanoseconds of its time zero.
    timezone
        IANA name of the wearer's zone.
    device, source
        Free text. What is not Unicode in it or in the name, as in the name of a file, is U+FFFD,
        and so is NUL, as at the end of a name over Bluetooth.
    wrist
        ``"left"``, ``"right"`` or None where nobody said.
    """

    name: str
    start_ns: int
    timezone: str
    device: str = ""
    wrist: str | None = None
    source: str = ""

    def __post_init__(self) -> None:
        for field in ("name", "device", "source"):
            object.__setattr__(self, field, _well_formed(getattr(self, field)))

    @property
    def zone(self) -> ZoneInfo:
        """The wearer's time zone."""
        return ZoneInfo(self.timezone)


def _well_formed(text: str) -> str:
    """Replace what no output could encode, lone surrogates, or not every database keep, NUL."""
    return "".join(
        "\ufffd" if char == "\0" or "\ud800" <= char <= "\udfff" else char for char in text
    )
