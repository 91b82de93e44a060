"""What the frames of the data characteristic share: measurement, time, and plain samples."""

from __future__ import annotations

import math
from enum import IntEnum
from struct import unpack_from

import numpy as np

from ingest.devices.packed import Integers, require_size, unpack_signed
from ingest.errors import DecodeError
from ingest.samples import NS_PER_S

__all__ = [
    "CONTENT_AT",
    "DATA",
    "MIN_MTU",
    "SERVICE",
    "UNIX_OFFSET_NS",
    "MeasurementType",
    "decode_header",
    "decode_plain",
    "measurement_type",
    "sample_times_ns",
]

SERVICE = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
"""UUID of the service."""
DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"
"""UUID of the characteristic that notifies the frames of every measurement."""

MIN_MTU = 232
"""Smallest MTU in bytes: the largest frames seen have 228, and a notification needs 3 more."""

UNIX_OFFSET_NS = 946_684_800 * NS_PER_S
"""Nanoseconds from 1970 to 2000, when Polar's clock begins."""

MAX_TIMESTAMP_NS = 2**62
"""Latest time of a device in nanoseconds since 2000, the year 2146: with `UNIX_OFFSET_NS` it still
fits 64 bits. Later ones are damage."""

CONTENT_AT = 10
"""Where the content begins: after measurement, time and frame type, 1 + 8 + 1 bytes."""
TYPE_MASK = 0x3F
"""The bits of the first byte that name the measurement."""

LOST_FRAME_STRETCH = 1.25
"""Times the nominal interval between two samples at which a frame in between was lost: one lost
frame makes it about 2, while clocks are off by some percent at most."""


class MeasurementType(IntEnum):
    """What a device can measure, by the number in frames, commands and feature bits."""

    ECG = 0
    PPG = 1
    ACC = 2
    PPI = 3
    GYRO = 5
    MAGNETOMETER = 6
    SKIN_TEMPERATURE = 7
    SDK_MODE = 9
    LOCATION = 10
    PRESSURE = 11
    TEMPERATURE = 12
    OFFLINE_RECORDING = 13
    OFFLINE_HR = 14


def measurement_type(data: bytes) -> MeasurementType:
    """Tell what a frame of the data characteristic holds.

    Raises
    ------
    DecodeError
        If it is empty, or of a measurement not known.
    """
    require_size("Polar frame", data, 1, len(data))
    number = data[0] & TYPE_MASK
    if number not in set(MeasurementType):
        raise DecodeError("Polar frame", f"is of the unknown measurement {number}", data)
    return MeasurementType(number)


def decode_header(measurement: MeasurementType, data: bytes) -> tuple[int, int]:
    """Give the time of a frame of one measurement, in nanoseconds since 2000, and its frame type.

    Raises
    ------
    DecodeError
        If it is of another measurement, without content, or of an impossible time.
    """
    frame = f"Polar {measurement.name} frame"
    require_size(frame, data, CONTENT_AT + 1, len(data))
    if data[0] & TYPE_MASK != measurement:
        raise DecodeError(frame, f"is of the measurement {data[0] & TYPE_MASK}", data)
    timestamp_ns, frame_type = unpack_from("<QB", data, 1)
    if timestamp_ns > MAX_TIMESTAMP_NS:
        raise DecodeError(frame, "has a time after the year 2146", data)
    return timestamp_ns, frame_type


def decode_plain(frame: str, data: bytes, *, channels: int, bits: int) -> Integers:
    """Decode content without compression, int64, shape (n, channels).

    Parameters
    ----------
    frame
        What ``data`` is, for the message.
    data
        The whole frame.
    channels
        Values in a sample.
    bits
        Width of a value, whole bytes.

    Raises
    ------
    DecodeError
        If the content does not end with a whole sample.
    """
    n, rest = divmod(len(data) - CONTENT_AT, channels * bits // 8)
    if rest:
        raise DecodeError(frame, f"ends {rest} bytes into a sample", data)
    return unpack_signed(data[CONTENT_AT:], bits, n * channels).reshape(n, channels)


def sample_times_ns(
    timestamp_ns: int, n: int, *, rate_hz: float | None = None, previous_ns: int | None = None
) -> Integers | None:
    """Give each sample of a frame its time.

    The frame before says best how far apart the samples are: (time - time before) / n. The
    nominal rate stands in where there is none, and where that interval cannot be: a frame in
    between was lost, or the clock of the device was set back.

    Parameters
    ----------
    timestamp_ns
        Time of the last sample in nanoseconds.
    n
        How many samples there are, 1 or more.
    rate_hz
        Nominal rate in hertz.
    previous_ns
        Time of the frame before; None, or 0 as Polar's SDK has it, for the first.

    Returns
    -------
    int64, shape (n,)
        Rising to ``timestamp_ns``; None where neither the rate nor the frame before helps.
    """
    if previous_ns and n <= timestamp_ns - previous_ns <= _longest_ns(n, rate_hz):
        # Whole numbers throughout: a float would lose nanoseconds of a time since 2000.
        step_ns, rest_ns = divmod(timestamp_ns - previous_ns, n)
        place: Integers = np.arange(1, n + 1)
        return previous_ns + step_ns * place + (rest_ns * place + n // 2) // n
    if rate_hz is None:
        return None
    before_ns: Integers = np.rint(np.arange(n - 1, -1, -1) * (NS_PER_S / rate_hz)).astype(np.int64)
    return timestamp_ns - before_ns


def _longest_ns(n: int, rate_hz: float | None) -> float:
    """Return the longest time that a frame of n samples can span in nanoseconds."""
    return math.inf if rate_hz is None else LOST_FRAME_STRETCH * n * NS_PER_S / rate_hz
