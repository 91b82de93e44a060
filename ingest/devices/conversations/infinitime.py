"""A PineTime with InfiniTime: it notifies only what has changed, so silence is asked about.

Its acceleration and heart rate can be read at any time. Heart rate in the background is a setting
of the watch that no host can change.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingest.devices.conversation import AccelerationFrame, Stream, StreamKind, Talk
from ingest.devices.conversations.heart_rate import battery, decode_heart, heart_rate
from ingest.devices.heart_rate_service import HEART_RATE_MEASUREMENT
from ingest.devices.infinitime import COUNTS_PER_G, MOTION_VALUES, decode_motion
from ingest.sensor import to_g

__all__ = ["converse", "decode_acceleration"]

MOTION_HZ = 10.0
"""Samples a second, as far as they change."""
MOTION_SILENCE_S = 1.5
"""Seconds without a change after which it is asked: noise alone changes the value sooner, a read
costs next to nothing, and after 2 s samples would count as missing."""
HEART_RATE_SILENCE_S = 20.0
"""Seconds without a change of heart rate after which it is asked: a reading is taken to hold for
about half a minute."""


def decode_acceleration(data: bytes) -> Sequence[AccelerationFrame]:
    """Decode motion values.

    Raises
    ------
    DecodeError
        If they are none.
    """
    counts = np.array([decode_motion(data).xyz_counts], np.int16)
    return (AccelerationFrame(to_g(counts, COUNTS_PER_G)),)


async def converse(talk: Talk) -> Sequence[Stream]:
    """Subscribe to motion and heart rate, and ask for what has not changed for a while."""
    unsaid: bytes | None = None

    def notified(data: bytes) -> Sequence[AccelerationFrame]:
        nonlocal unsaid
        unsaid = None
        return decode_acceleration(data)

    async def ask_motion() -> bool:
        nonlocal unsaid
        before, unsaid = unsaid, await talk.ask(MOTION_VALUES, decode_acceleration)
        # A value that changes from one question to the next should have been notified.
        return before is None or before == unsaid

    async def ask_heart_rate() -> bool:
        await talk.ask(HEART_RATE_MEASUREMENT, decode_heart)
        return True

    streams: list[Stream] = []
    if talk.wants(StreamKind.ACCELERATION) and talk.has(MOTION_VALUES):
        await talk.subscribe(MOTION_VALUES, notified)
        streams.append(
            Stream(
                StreamKind.ACCELERATION, MOTION_HZ, MOTION_SILENCE_S, vital=True, probe=ask_motion
            )
        )
    elif talk.wants(StreamKind.ACCELERATION):
        talk.advise("The watch offers no motion values. Update InfiniTime on it.")
    streams += await heart_rate(
        talk, probe=ask_heart_rate, silence_s=HEART_RATE_SILENCE_S, rate_hz=None
    )
    return [*streams, *await battery(talk)]
