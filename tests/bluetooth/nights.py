"""What the tests of collected nights share."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt

from ingest.collector.night import collect_night
from ingest.collector.paired import PairedDevice
from ingest.collector.session import OnSamples
from ingest.collector.status import NightStatus
from ingest.devices.conversation import StreamKind
from ingest.native.night import Reading, describe
from ingest.samples import (
    NS_PER_S,
    Acceleration,
    Fault,
    FaultKind,
    RecordingInfo,
)
from ingest.sensor import Placement
from simulator.wearable import EVENING, Mishap, VirtualClock, Wearable, suffer
from tests.bluetooth.conftest import AnyAir

INFO = RecordingInfo("night", round(EVENING.timestamp()) * NS_PER_S, "Europe/Berlin")


def stored(
    folder: Path, table: str = "acceleration_wrist"
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    found = describe(folder).records(Reading())
    parts = [
        each.record
        for each in found
        if each.table == table and isinstance(each.record, Acceleration)
    ]
    times_ns = [each.times_ns for each in parts]
    return np.concatenate(times_ns), np.concatenate([each.xyz_g for each in parts])


def paired(
    wearable: Wearable,
    kind: str,
    *takes: StreamKind,
    placement: Placement = Placement.WRIST,
) -> PairedDevice:
    return PairedDevice(wearable.address, wearable.name, kind, frozenset(takes), placement)


async def rough_night(
    air: AnyAir,
    wearable: Wearable,
    device: PairedDevice,
    folder: Path,
    mishaps: Sequence[Mishap],
    *,
    hours: float,
    seed: int,
    clock_step_s: float = 0.0,
    on_samples: OnSamples | None = None,
) -> tuple[VirtualClock, NightStatus]:
    """Collect a night of mishaps, after which the wall clock is set."""
    clock = VirtualClock()
    await air.place(wearable)

    async def story() -> None:
        began_s = asyncio.get_running_loop().time()
        await suffer(wearable, mishaps)
        clock.step(clock_step_s)
        await asyncio.sleep(began_s + hours * 3600 - asyncio.get_running_loop().time())

    final = await collect_night(
        [device],
        folder,
        INFO,
        scanner=air.host.new_scanner,
        client=air.host.new_client,
        clock=clock,
        until=story(),
        on_samples=on_samples,
        rng=Random(seed),
        connected_devices=air.host.connected_devices,
    )
    return clock, final


def holes(times_ns: npt.NDArray[np.int64]) -> set[tuple[int, int]]:
    """Give where nothing was stored for half a second, by the samples before and after."""
    at = np.flatnonzero(np.diff(times_ns) > NS_PER_S // 2)
    return {(int(times_ns[hole]), int(times_ns[hole + 1])) for hole in at}


def gaps(faults: Iterable[Fault]) -> set[tuple[int, int]]:
    """Give the beginnings and ends of what a recording tells as gaps."""
    return {(each.start_ns, each.end_ns) for each in faults if each.kind is FaultKind.GAP}
