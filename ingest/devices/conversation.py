"""What a conversation with a wearable is: what it may ask for, and what it hands on.

A conversation is a function ``converse(talk)``: it subscribes, does what the device needs, and
returns the streams it has started. It sees the radio only as a `Talk`; clocks, files and what
becomes of the frames are not its concern.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from ingest.devices.heart_rate_service import BatteryLevel
from ingest.errors import CrampwatchError

__all__ = [
    "AccelerationFrame",
    "Conversation",
    "Decode",
    "Frame",
    "HeartFrame",
    "RefusedError",
    "Stream",
    "StreamKind",
    "Talk",
    "kind_of",
]


class StreamKind(StrEnum):
    """What a wearable can bring."""

    ACCELERATION = "acceleration"
    HEART_RATE = "heart_rate"
    BATTERY = "battery"


@dataclass(frozen=True, slots=True, eq=False)
class AccelerationFrame:
    """Samples of acceleration that came together, oldest first.

    Parameters
    ----------
    xyz_g : float32, shape (n, 3)
        Acceleration in g.
    device_ns : int64, shape (n,)
        When each was measured, by the clock of the device; None where it sends no time.
    """

    xyz_g: npt.NDArray[np.float32]
    device_ns: npt.NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True)
class HeartFrame:
    """A heart-rate reading.

    Parameters
    ----------
    bpm
        Beats per minute; 0 where the device has no reading.
    contact
        Whether it touches the skin; None where it cannot tell.
    rr_ms
        The beats since the reading before, as intervals in milliseconds, oldest first.
    """

    bpm: float
    contact: bool | None = None
    rr_ms: tuple[float, ...] = ()


Frame: TypeAlias = AccelerationFrame | HeartFrame | BatteryLevel


def kind_of(frame: Frame) -> StreamKind:
    """Tell which stream a frame belongs to."""
    match frame:
        case AccelerationFrame():
            return StreamKind.ACCELERATION
        case HeartFrame():
            return StreamKind.HEART_RATE
        case BatteryLevel():
            return StreamKind.BATTERY


Decode: TypeAlias = Callable[[bytes], Sequence[Frame]]
"""From what a characteristic sent to frames; raises nothing but `DecodeError`."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream that a conversation has started, and how its silence is to be taken.

    Parameters
    ----------
    kind
        What it brings.
    rate_hz
        Samples a second as the device states it; None where they come when they come.
    silence_s
        Seconds without a frame after which it counts as silent.
    vital
        Whether its silence means that the link is dead. A stream that is not leaves the link up.
    probe
        What to do about silence before it is believed: True where the stream has answered.
    restart
        What to do when the device says that it has stopped the stream.
    """

    kind: StreamKind
    rate_hz: float | None
    silence_s: float
    vital: bool = False
    probe: Callable[[], Awaitable[bool]] | None = None
    restart: Callable[[], Awaitable[None]] | None = None


class Talk(Protocol):
    """A connected wearable, and where what it says goes.

    Whatever the radio refuses is raised as it comes; the link that holds the conversation takes it
    for a failed connection.
    """

    def wants(self, kind: StreamKind) -> bool:
        """Tell whether the night takes this stream from this device."""

    def has(self, uuid: str) -> bool:
        """Tell whether the device has a characteristic."""

    async def read(self, uuid: str) -> bytes:
        """Read a characteristic."""

    async def write(self, uuid: str, data: bytes) -> None:
        """Write a characteristic, and wait until the device has taken it."""

    async def subscribe(self, uuid: str, decode: Decode) -> None:
        """Hand on what a characteristic notifies or indicates from now on."""

    async def renew(self, uuid: str) -> None:
        """Subscribe again to what is subscribed to already."""

    async def ask(self, uuid: str, decode: Decode) -> bytes:
        """Read a characteristic, hand on what it says, and give it as it came."""

    async def bond(self) -> None:
        """Pair with the device, as some let only paired hosts subscribe."""

    def stopped(self, kind: StreamKind) -> None:
        """Say that the device has stopped a stream by itself."""

    def advise(self, advice: str) -> None:
        """Tell the wearer what to do about the device, as a sentence."""

    def at_end(self, farewell: Callable[[], Awaitable[None]]) -> None:
        """Have something done before the link is given up on purpose."""


Conversation: TypeAlias = Callable[[Talk], Awaitable[Sequence[Stream]]]


class RefusedError(CrampwatchError):
    """A device that does not do what a conversation needs; the message says what helps."""
