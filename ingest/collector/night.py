"""A whole night: the links, the session between them, and the beat that both follow."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from ingest.collector.bluetooth import ClientFactory, Recover, ScannerFactory, abandon
from ingest.collector.clock import Clock
from ingest.collector.link import LEAVE_S, Link
from ingest.collector.paired import PairedDevice
from ingest.collector.radio import ConnectedDevices, Radio
from ingest.collector.session import Beside, OnSamples, Session, free_bytes
from ingest.collector.status import NightStatus
from ingest.samples import RecordingInfo

__all__ = ["TICK_S", "OnStatus", "collect_night"]

log = logging.getLogger(__name__)

TICK_S = 0.5
"""Seconds between two looks at what has come: frames wait for their times that long at most."""

OnStatus = Callable[[NightStatus], None]


async def collect_night(
    paired: Sequence[PairedDevice],
    folder: Path,
    info: RecordingInfo,
    *,
    scanner: ScannerFactory,
    client: ClientFactory,
    clock: Clock,
    until: Awaitable[object],
    on_samples: OnSamples | None = None,
    on_status: OnStatus | None = None,
    rng: Random | None = None,
    connected_devices: ConnectedDevices | None = None,
    recover: Recover | None = None,
    free: Callable[[Path], int] = free_bytes,
    beside: Beside = asyncio.to_thread,
) -> NightStatus:
    """Collect a night until it is over.

    Parameters
    ----------
    paired
        The wearables, each with what the night takes from it.
    folder
        Of the recording; one that is there is continued.
    info
        What is known of the night.
    scanner, client
        Make a scan and a connection; `bleak.BleakScanner` and `bleak.BleakClient` do.
    clock
        The clocks of the host.
    until
        Whatever ends the night when it is done: a signal, a time.
    on_samples
        Takes every sample that is on the disk, what the recording already held first, and gives
        the marks that it finds, to be recorded; the `feed` of a detector.
    on_status
        Takes a picture of the moment at every tick.
    rng
        For the rests between attempts.
    connected_devices, recover
        For `ingest.collector.radio.Radio`.
    free
        Tells how much room there is on the disk of a folder.
    beside
        Writes, beside the loop.

    Returns
    -------
    How the night stood at its end.

    Raises
    ------
    SettingsError
        If the wearables do not make a night.
    RecordingError
        If the folder is another recording, or cannot be written.
    """
    session = Session(
        paired, folder, info, clock=clock, on_samples=on_samples, free=free, beside=beside
    )
    radio = Radio(scanner, connected_devices=connected_devices, recover=recover)
    links = [
        Link(
            station.paired,
            radio=radio,
            client=client,
            clock=clock,
            rng=rng or Random(),
            listener=station,
        )
        for station in session.stations
    ]
    running: list[asyncio.Future[Any]] = [asyncio.ensure_future(link.run()) for link in links]
    over: asyncio.Future[Any] = asyncio.ensure_future(until)
    try:
        while not over.done():
            await asyncio.wait(
                {over, *running}, timeout=TICK_S, return_when=asyncio.FIRST_COMPLETED
            )
            for each in running:
                if each.done():
                    # A link ends only when it is told to; what ended it is a defect, told as one.
                    each.result()
            session.tick()
            if on_status is not None:
                on_status(replace(session.status(), adapter_resets=radio.resets))
        for link in links:
            link.leave()
        await asyncio.wait(running, timeout=LEAVE_S)
        over.result()
    finally:
        for each in (*running, over):
            await abandon(each)
        await radio.close()
        await session.close()
    return replace(session.status(), adapter_resets=radio.resets)
