"""A watch that speaks the OpenSeizureDetector protocol: Bangle.js 2 or PineTimeSD."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.devices.conversation import AccelerationFrame, Stream, StreamKind, Talk
from ingest.devices.conversations.heart_rate import battery, heart_rate
from ingest.devices.heart_rate_service import BATTERY_LEVEL
from ingest.devices.open_seizure_detector import (
    ACCELERATION,
    BATTERY,
    FORMAT,
    AccelerationFormat,
    ThreeAxes,
    decode_acceleration,
    decode_format,
)
from ingest.errors import DecodeError
from ingest.sensor import to_g

__all__ = ["MG_PER_G", "THREE_AXES_ADVICE", "converse", "decode_three_axes"]

MG_PER_G = 1000
"""Thousandths of a g in one."""
ACCELERATION_HZ = 25.0
"""Samples a second."""
ACCELERATION_SILENCE_S = 10.0
"""Seconds without a frame, where one is due every 0.12 s."""

THREE_AXES_ADVICE = (
    "The watch sends one number where three are needed: "
    "set the acceleration format of its OpenSeizureDetector widget to 3."
)


def decode_three_axes(data: bytes) -> Sequence[AccelerationFrame]:
    """Decode acceleration along three axes.

    Raises
    ------
    DecodeError
        If it is none.
    """
    decoded = decode_acceleration(data)
    if not isinstance(decoded, ThreeAxes):
        raise DecodeError("OpenSeizureDetector acceleration", "has not three axes", data)
    return (AccelerationFrame(to_g(decoded.xyz_mg, MG_PER_G)),)


async def converse(talk: Talk) -> Sequence[Stream]:
    """Look at the format, and subscribe to acceleration and heart rate."""
    streams: list[Stream] = []
    if talk.wants(StreamKind.ACCELERATION) and talk.has(ACCELERATION):
        if await _has_three_axes(talk):
            await talk.subscribe(ACCELERATION, decode_three_axes)
            streams.append(
                Stream(StreamKind.ACCELERATION, ACCELERATION_HZ, ACCELERATION_SILENCE_S, vital=True)
            )
        else:
            talk.advise(THREE_AXES_ADVICE)
    streams += await heart_rate(talk)
    return [*streams, *await battery(talk, BATTERY if talk.has(BATTERY) else BATTERY_LEVEL)]


async def _has_three_axes(talk: Talk) -> bool:
    if not talk.has(FORMAT):
        return True
    try:
        return decode_format(await talk.read(FORMAT)).format is AccelerationFormat.THREE_AXES
    except DecodeError:
        # What it sends will show: the decoder refuses what is not three axes.
        return True
