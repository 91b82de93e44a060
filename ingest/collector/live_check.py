"""A look at a wearable for some seconds, before a night is trusted to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import numpy as np

from ingest.collector.bluetooth import ClientFactory, ScannerFactory, abandon
from ingest.collector.clock import Clock, NightClock
from ingest.collector.faults import FaultLog
from ingest.collector.link import LEAVE_S, Link
from ingest.collector.paired import PairedDevice
from ingest.collector.radio import ConnectedDevices, Radio
from ingest.collector.station import Station
from ingest.collector.status import LinkStatus
from ingest.devices.conversation import StreamKind
from ingest.samples import Acceleration, Samples

__all__ = ["CHECK_S", "LiveCheck", "check_live"]

CHECK_S = 20.0
"""Seconds of streaming that are looked at: ten frames of the slowest."""
REACH_S = 60.0
"""Seconds that it may take until it streams: a scan, a connection, and a second attempt."""
LOOK_S = 0.5
"""Seconds between two looks."""

MOVED_G = 0.1
"""Range of acceleration in g along one axis that a hand makes when it moves, and a table never."""


@dataclass(frozen=True, slots=True)
class LiveCheck:
    """What a wearable has shown so far.

    Parameters
    ----------
    link
        State, rates, battery, heart rate, and what went wrong.
    streaming_s
        Seconds since the first frame; 0 before it.
    xyz_g
        The last acceleration; None before there is any.
    range_g
        The widest range of acceleration along one axis.
    missing
        What the night would take from it, and does not come.
    advice
        What helps against that, as sentences.
    """

    link: LinkStatus
    streaming_s: float
    xyz_g: tuple[float, float, float] | None
    range_g: float
    missing: frozenset[StreamKind]
    advice: tuple[str, ...]

    @property
    def has_moved(self) -> bool:
        """Whether it was moved, as the wearer is asked to."""
        return self.range_g >= MOVED_G

    @property
    def passed(self) -> bool:
        """Whether everything comes that a night would take; heart rate with a reading."""
        return self.streaming_s > 0 and not self.missing


async def check_live(
    paired: PairedDevice,
    *,
    scanner: ScannerFactory,
    client: ClientFactory,
    clock: Clock,
    on_look: Callable[[LiveCheck], None] = lambda _: None,
    seconds: float = CHECK_S,
    connected_devices: ConnectedDevices | None = None,
) -> LiveCheck:
    """Connect to a wearable as a night would, and look at what comes; nothing is kept.

    Parameters
    ----------
    paired
        The wearable, with what a night would take from it.
    scanner, client, connected_devices
        As `ingest.collector.night.collect_night` takes them.
    clock
        The clocks of the host.
    on_look
        Takes what is known so far, twice a second.
    seconds
        How long to look, from the first frame on.

    Raises
    ------
    SettingsError
        If the kind of wearable is not known.
    """
    night = NightClock(clock)
    station = Station(paired, clock, night, FaultLog(lambda _: None), {})
    link = Link(
        paired,
        radio=Radio(scanner, connected_devices=connected_devices),
        client=client,
        clock=clock,
        rng=Random(),
        listener=station,
    )
    loop = asyncio.get_running_loop()
    shown = _Shown()
    running = asyncio.ensure_future(link.run())
    begun_s, first_s = loop.time(), 0.0
    try:
        while True:
            await asyncio.wait({running}, timeout=LOOK_S)
            if running.done():
                # A link ends only when it is told to; what ended it is a defect, told as one.
                running.result()
            station.collect(shown.take)
            now_s = loop.time()
            status = station.status()
            if not first_s and any(stream.frames for stream in status.streams):
                first_s = now_s
            check = shown.check(paired, status, now_s - first_s if first_s else 0.0)
            on_look(check)
            ends_s = first_s + seconds if first_s else begun_s + REACH_S
            if now_s >= ends_s:
                break
        link.leave()
        await asyncio.wait({running}, timeout=LEAVE_S)
        return check
    finally:
        await abandon(running)


class _Shown:
    """What of the samples is worth showing."""

    def __init__(self) -> None:
        self._least = np.full(3, np.inf)
        self._most = np.full(3, -np.inf)
        self._last: tuple[float, float, float] | None = None

    def take(self, record: Samples, _: PairedDevice) -> None:
        """Look at samples."""
        if isinstance(record, Acceleration):
            self._least = np.minimum(self._least, record.xyz_g.min(axis=0))
            self._most = np.maximum(self._most, record.xyz_g.max(axis=0))
            x, y, z = record.xyz_g[-1].tolist()
            self._last = x, y, z

    def check(self, paired: PairedDevice, link: LinkStatus, streaming_s: float) -> LiveCheck:
        """Say what has come, and what has not."""
        come = {stream.kind for stream in link.streams if stream.frames}
        if not link.bpm:
            come.discard(StreamKind.HEART_RATE)
        missing = paired.brings - come
        told = paired.wearable.advice
        advice = [told[kind] for kind in sorted(missing) if kind in told]
        if link.advice:
            advice.insert(0, link.advice)
        return LiveCheck(
            link=link,
            streaming_s=streaming_s,
            xyz_g=self._last,
            range_g=0.0 if self._last is None else float((self._most - self._least).max()),
            missing=missing,
            advice=tuple(dict.fromkeys(advice)),
        )
