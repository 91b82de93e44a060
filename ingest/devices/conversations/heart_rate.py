"""Any strap or watch with the Heart Rate Service, and the Battery Service where it is there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from ingest.devices.conversation import HeartFrame, RefusedError, Stream, StreamKind, Talk
from ingest.devices.heart_rate_service import (
    BATTERY_LEVEL,
    HEART_RATE_MEASUREMENT,
    BatteryLevel,
    decode_battery_level,
    decode_measurement,
)
from ingest.errors import DecodeError
from ingest.samples import MAX_BPM

__all__ = ["battery", "converse", "decode_battery", "decode_heart", "heart_rate"]

HEART_RATE_HZ = 1.0
"""Readings a second: what straps and watches send, though the service does not say so."""
HEART_RATE_SILENCE_S = 60.0
"""Seconds without a reading: optical sensors and beats-only straps pause for some tens."""
BATTERY_SILENCE_S = 600.0
"""Seconds between looks at the battery: it falls by about 1 % in that time on any of them."""


def decode_heart(data: bytes) -> Sequence[HeartFrame]:
    """Decode a heart-rate measurement; 0 bpm where the device has no reading.

    Raises
    ------
    DecodeError
        If it is none, or of a heart that cannot be.
    """
    measured = decode_measurement(data)
    if measured.has_reading and measured.hr > MAX_BPM:
        raise DecodeError("heart rate measurement", f"says {measured.hr} bpm", data)
    bpm = float(measured.hr) if measured.has_reading else 0.0
    return (HeartFrame(bpm, measured.contact, measured.rr_ms),)


def decode_battery(data: bytes) -> Sequence[BatteryLevel]:
    """Decode a battery level.

    Raises
    ------
    DecodeError
        If it is none.
    """
    return (decode_battery_level(data),)


async def converse(talk: Talk) -> Sequence[Stream]:
    """Subscribe to heart rate, and look at the battery now and then.

    Raises
    ------
    RefusedError
        If the device has no heart rate.
    """
    streams = [*await heart_rate(talk), *await battery(talk)]
    if not any(stream.kind is StreamKind.HEART_RATE for stream in streams):
        raise RefusedError("It offers no heart rate. Start a workout on it, or pair another one.")
    return streams


async def heart_rate(
    talk: Talk,
    *,
    probe: Callable[[], Awaitable[bool]] | None = None,
    silence_s: float = HEART_RATE_SILENCE_S,
    rate_hz: float | None = HEART_RATE_HZ,
) -> Sequence[Stream]:
    """Subscribe to heart rate, where it is wanted and there.

    Parameters
    ----------
    talk
        The device.
    probe
        What to do about silence; subscribing anew where not given.
    silence_s
        Seconds without a reading that are one.
    rate_hz
        Readings a second; None where they come when they change.
    """
    if not (talk.wants(StreamKind.HEART_RATE) and talk.has(HEART_RATE_MEASUREMENT)):
        return []

    async def subscribe_anew() -> bool:
        await talk.renew(HEART_RATE_MEASUREMENT)
        return False

    await talk.subscribe(HEART_RATE_MEASUREMENT, decode_heart)
    return [Stream(StreamKind.HEART_RATE, rate_hz, silence_s, probe=probe or subscribe_anew)]


async def battery(talk: Talk, uuid: str = BATTERY_LEVEL) -> Sequence[Stream]:
    """Read the battery level, where it is there, and have it read again now and then."""
    if not talk.has(uuid):
        return []

    async def look() -> bool:
        await talk.ask(uuid, decode_battery)
        return True

    try:
        await look()
    except Exception:
        # A level that cannot be read is not worth a night; a dead link shows itself otherwise.
        return []
    return [Stream(StreamKind.BATTERY, None, BATTERY_SILENCE_S, probe=look)]
