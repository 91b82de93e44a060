"""How a live night stands, as a picture of one moment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ingest.collector.faults import OpenFault
from ingest.collector.machine import State
from ingest.devices.conversation import StreamKind

__all__ = ["LinkStatus", "NightStatus", "StreamStatus"]


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """One stream of a wearable.

    Parameters
    ----------
    rate_hz
        Samples a second really reached of late; None before there is one.
    frames, samples
        Taken since the collector started.
    repeats
        Frames that came more than once, and were taken once.
    last_ns
        UTC nanoseconds of the last sample; None before there is one.
    """

    kind: StreamKind
    rate_hz: float | None
    frames: int
    samples: int
    repeats: int
    last_ns: int | None


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """One wearable.

    Parameters
    ----------
    state, since_ns
        Where the link stands, and since when in UTC nanoseconds.
    why
        What failed last, as a clause; empty where nothing did.
    connections
        How often it was connected.
    decode_errors
        Frames that could not be read.
    clock_restarts
        How often the clock of the device began anew.
    battery_percent, bpm
        As it said last; None where it did not.
    advice
        What the wearer can do about it, as a sentence; empty where nothing.
    """

    name: str
    address: str
    kind: str
    state: State
    since_ns: int
    why: str
    connections: int
    decode_errors: int
    clock_restarts: int
    battery_percent: int | None
    bpm: float | None
    streams: tuple[StreamStatus, ...]
    advice: str


@dataclass(frozen=True, slots=True)
class NightStatus:
    """A live night.

    Parameters
    ----------
    folder
        Of the recording.
    now_ns
        The moment, in UTC nanoseconds.
    written, waiting, lost
        Samples on the disk; not there yet; and given up, as the disk took none for too long.
    faults
        Those that go on.
    adapter_resets
        How often the Bluetooth adapter was reset.
    """

    folder: Path
    now_ns: int
    links: tuple[LinkStatus, ...]
    written: int
    waiting: int
    lost: int
    faults: tuple[OpenFault, ...]
    adapter_resets: int = 0
