"""The OpenSeizureDetector protocol, as its widget for Bangle.js 2 and PineTimeSD speak it.

Layouts: OpenSeizureDetector, 'BLE Data Source Specification', and the widget itself. Heart rate
is the Heart Rate Service, read by `ingest.devices.heart_rate_service`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from ingest.devices.heart_rate_service import BatteryLevel, decode_battery_level
from ingest.devices.packed import require_size
from ingest.errors import DecodeError

__all__ = [
    "ACCELERATION",
    "BATTERY",
    "FIRMWARE",
    "FORMAT",
    "SERVICE",
    "STATUS",
    "WATCH_ID",
    "AccelerationFormat",
    "AlarmState",
    "Format",
    "Magnitudes",
    "Status",
    "Text",
    "ThreeAxes",
    "decode_acceleration",
    "decode_battery",
    "decode_format",
    "decode_status",
    "decode_text",
    "encode_status",
]

SERVICE = "000085e9-0000-1000-8000-00805f9b34fb"
"""UUID of the service that is advertised."""
ACCELERATION = "000085e9-0001-1000-8000-00805f9b34fb"
"""UUID of the characteristic that notifies acceleration."""
BATTERY = "000085e9-0002-1000-8000-00805f9b34fb"
"""UUID of the battery level."""
WATCH_ID = "000085e9-0003-1000-8000-00805f9b34fb"
"""UUID of the name of the kind of watch."""
FIRMWARE = "000085e9-0004-1000-8000-00805f9b34fb"
"""UUID of the version of the firmware."""
FORMAT = "000085e9-0005-1000-8000-00805f9b34fb"
"""UUID of the format of the acceleration."""
STATUS = "000085e9-0006-1000-8000-00805f9b34fb"
"""UUID of the alarm state, which the host writes and the watch shows."""

MAGNITUDE_COUNTS_PER_G = 64
"""Counts in one g in format 0, as the widget computes them; one document says 44."""

BYTES_PER_SAMPLE = 6
"""Three axes of 16 bits."""
BUFFER_BYTES = 20
"""Size of the widget's buffer. It fills 18 bytes with three samples; versions 0.14 and 0.16 send
all 20, the last two never written."""

MAX_TEXT_BYTES = 20
"""Longest name or version in bytes."""


class AccelerationFormat(IntEnum):
    """The format of the acceleration, as the characteristic 0005 tells it."""

    MAGNITUDE_8_BIT = 0
    MAGNITUDE_16_BIT = 1
    THREE_AXES = 3


class AlarmState(IntEnum):
    """What the host may tell the watch."""

    OK = 0
    WARNING = 1
    ALARM = 2
    FALL = 3
    FAULT = 4
    MANUAL_ALARM = 5
    MUTE = 6
    NET_FAULT = 7


@dataclass(frozen=True, slots=True, eq=False)
class ThreeAxes:
    """Samples along three axes, oldest first, without times of their own.

    Parameters
    ----------
    xyz_mg : int16, shape (n, 3)
        Acceleration in thousandths of a g.
    """

    xyz_mg: npt.NDArray[np.int16]

    @property
    def n(self) -> int:
        """How many samples there are."""
        return len(self.xyz_mg)


@dataclass(frozen=True, slots=True, eq=False)
class Magnitudes:
    """Lengths of the acceleration, oldest first; without directions they make no night.

    Parameters
    ----------
    magnitude_counts : uint8, shape (n,)
        64 to the g.
    """

    magnitude_counts: npt.NDArray[np.uint8]

    @property
    def n(self) -> int:
        """How many samples there are."""
        return len(self.magnitude_counts)

    @property
    def magnitude_mg(self) -> npt.NDArray[np.float32]:
        """Lengths in thousandths of a g, float32, shape (n,)."""
        return self.magnitude_counts * np.float32(1000 / MAGNITUDE_COUNTS_PER_G)


@dataclass(frozen=True, slots=True)
class Format:
    """The format that acceleration comes in."""

    format: AccelerationFormat


@dataclass(frozen=True, slots=True)
class Text:
    """The name of the kind of watch, or the version of its firmware."""

    text: str


@dataclass(frozen=True, slots=True)
class Status:
    """The alarm state last written to the watch."""

    status: AlarmState


def decode_acceleration(
    data: bytes, *, format_code: int = AccelerationFormat.THREE_AXES
) -> ThreeAxes | Magnitudes:
    """Decode the value of the characteristic 0001.

    Parameters
    ----------
    data
        The value.
    format_code
        What the characteristic 0005 says; three axes without it.

    Raises
    ------
    DecodeError
        If the format is another than 0 or 3, or the bytes are not whole samples.
    """
    frame = "OpenSeizureDetector acceleration"
    if format_code == AccelerationFormat.MAGNITUDE_8_BIT:
        require_size(frame, data, 1, len(data))
        return Magnitudes(np.frombuffer(data, np.uint8))
    if format_code != AccelerationFormat.THREE_AXES:
        raise DecodeError(frame, f"is in format {format_code}; set the watch to format 3", data)
    require_size(frame, data, BYTES_PER_SAMPLE, len(data))
    filled = data[:-2] if len(data) == BUFFER_BYTES and data[-2:] == bytes(2) else data
    if len(filled) % BYTES_PER_SAMPLE:
        raise DecodeError(frame, "ends within a sample of three axes", data)
    return ThreeAxes(np.frombuffer(filled, "<i2").astype(np.int16).reshape(-1, 3))


def decode_battery(data: bytes) -> BatteryLevel:
    """Decode the value of the characteristic 0002.

    Raises
    ------
    DecodeError
        If it is not one byte of 0 to 100.
    """
    return decode_battery_level(data)


def decode_text(data: bytes) -> Text:
    """Decode the value of the characteristic 0003, the kind of watch, or 0004, its firmware.

    Raises
    ------
    DecodeError
        If it is empty, longer than 20 bytes, or not text.
    """
    frame = "OpenSeizureDetector text"
    require_size(frame, data, 1, MAX_TEXT_BYTES)
    try:
        text = data.rstrip(b"\0").decode()
    except UnicodeDecodeError as error:
        raise DecodeError(frame, "is not text in UTF-8", data) from error
    if not text.isprintable():
        raise DecodeError(frame, "is not printable text", data)
    return Text(text)


def decode_format(data: bytes) -> Format:
    """Decode the value of the characteristic 0005.

    Raises
    ------
    DecodeError
        If it is not one byte of a known format.
    """
    frame = "OpenSeizureDetector format"
    require_size(frame, data, 1)
    if data[0] not in set(AccelerationFormat):
        raise DecodeError(frame, f"is {data[0]}, which stands for none", data)
    return Format(AccelerationFormat(data[0]))


def decode_status(data: bytes) -> Status:
    """Decode the value of the characteristic 0006.

    Raises
    ------
    DecodeError
        If it is not one byte of a known state.
    """
    frame = "OpenSeizureDetector status"
    require_size(frame, data, 1)
    if data[0] not in set(AlarmState):
        raise DecodeError(frame, f"is {data[0]}, which stands for none", data)
    return Status(AlarmState(data[0]))


def encode_status(status: AlarmState) -> bytes:
    """Give the value to write to the characteristic 0006."""
    return bytes([status])
