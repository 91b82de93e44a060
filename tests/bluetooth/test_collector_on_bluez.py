"""The collector over bleak's own backend for Linux, and what a bluetoothd does to it at night."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
import pytest

from ingest.collector.bluetooth import Recover
from ingest.collector.machine import State
from ingest.collector.night import collect_night
from ingest.collector.status import NightStatus
from ingest.collector.system import connected_devices, new_client, new_scanner
from ingest.devices.conversation import StreamKind
from ingest.native.night import read_faults
from ingest.samples import NS_PER_S, Fault, FaultKind
from simulator.wearable import PolarSense, VirtualClock
from tests.bluetooth.fake_bluez import FakeBlueZ, beside_bluez
from tests.bluetooth.nights import INFO, gaps, holes, paired, stored
from tests.bluetooth.private_bus import Bus
from tests.conftest import MakeBus

BACK_S = 60.0
"""Seconds within which a link is up again once nothing is in its way: the longest rest, a scan, and
a connection."""


@dataclass
class Bed:
    """A bed with one wearable, and the night collected there."""

    folder: Path
    bluez: FakeBlueZ
    polar: PolarSense
    statuses: list[NightStatus] = field(default_factory=list)

    @property
    def state(self) -> State:
        return self.statuses[-1].links[0].state if self.statuses else State.IDLE

    @property
    def whys(self) -> set[str]:
        return {each.links[0].why for each in self.statuses}

    async def streams(self, within_s: float = BACK_S) -> None:
        """Wait until the wearable streams."""
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        while self.state is not State.STREAMING:
            await asyncio.sleep(0.1)
            assert loop.time() < began_s + within_s, self.statuses[-1].links[0]

    async def is_lost(self) -> None:
        while self.state is State.STREAMING:
            await asyncio.sleep(0.1)


Story = Callable[[Bed], Awaitable[None]]


def spend(
    bus: Bus, folder: Path, story: Story, recover: Recover | None = None
) -> tuple[Bed, tuple[Fault, ...]]:
    """Collect until a story is told, and compare what is stored with what was sent."""

    async def night(bluez: FakeBlueZ) -> Bed:
        bed = Bed(folder, bluez, PolarSense(drift_ppm=40))
        bluez.place(bed.polar)
        await collect_night(
            [paired(bed.polar, "polar", StreamKind.ACCELERATION, StreamKind.HEART_RATE)],
            folder,
            INFO,
            scanner=new_scanner,
            client=new_client,
            clock=VirtualClock(),
            until=story(bed),
            on_status=bed.statuses.append,
            rng=Random(3),
            connected_devices=connected_devices,
            recover=recover,
        )
        return bed

    bed = beside_bluez(bus, night)
    times_ns, xyz_g = stored(folder)
    assert np.array_equal(xyz_g, bed.polar.acc_g(bed.polar.sent_acc).astype(np.float32))
    faults = read_faults(folder)
    assert gaps(faults) == holes(times_ns)
    return bed, faults


def lost(faults: tuple[Fault, ...]) -> list[float]:
    """Give how many seconds each loss of the link lasted."""
    return [
        (each.end_ns - each.start_ns) / NS_PER_S
        for each in faults
        if each.kind is FaultKind.LINK_LOST
    ]


def test_a_quiet_night(make_bus: MakeBus, tmp_path: Path) -> None:
    async def story(bed: Bed) -> None:
        await bed.streams()
        await asyncio.sleep(120)

    bed, faults = spend(make_bus(), tmp_path / "night", story)
    assert faults == ()
    assert len(stored(bed.folder)[0]) > 115 * 52
    assert bed.bluez.calls.count("Connect") == 1


def test_a_wearable_that_drops_the_link_and_one_that_is_gone_for_a_while(
    make_bus: MakeBus, tmp_path: Path
) -> None:
    async def story(bed: Bed) -> None:
        await bed.streams()
        await asyncio.sleep(60)
        bed.polar.drop()
        await bed.is_lost()
        await bed.streams()
        await asyncio.sleep(60)
        bed.polar.vanish(noticed_after_s=None)
        bed.bluez.fails["Disconnect"] = [("org.bluez.Error.NotConnected", "Not Connected")]
        await asyncio.sleep(100)
        bed.polar.come_back()
        await bed.streams()
        await asyncio.sleep(60)

    _, faults = spend(make_bus(), tmp_path / "night", story)
    short_s, long_s = lost(faults)
    assert short_s < 10
    assert 95 < long_s < 100 + BACK_S


def test_a_bluetooth_daemon_that_dies_and_comes_back(make_bus: MakeBus, tmp_path: Path) -> None:
    async def story(bed: Bed) -> None:
        await bed.streams()
        await asyncio.sleep(20)
        bed.bluez.die()
        await asyncio.sleep(120)
        assert bed.state is not State.STREAMING
        await bed.bluez.start_again()
        await bed.streams()
        await asyncio.sleep(20)

    bed, faults = spend(make_bus(), tmp_path / "night", story)
    (seconds,) = lost(faults)
    assert 118 < seconds < 120 + BACK_S
    assert any("ServiceUnknown" in why for why in bed.whys)


def test_an_adapter_that_is_switched_off_and_on(make_bus: MakeBus, tmp_path: Path) -> None:
    async def story(bed: Bed) -> None:
        await bed.streams()
        await asyncio.sleep(20)
        bed.bluez.power(on=False)
        await asyncio.sleep(100)
        assert bed.state is not State.STREAMING
        bed.bluez.power(on=True)
        await bed.streams()
        await asyncio.sleep(20)

    bed, faults = spend(make_bus(), tmp_path / "night", story)
    (seconds,) = lost(faults)
    assert 98 < seconds < 100 + BACK_S
    assert any("No powered Bluetooth adapters found" in why for why in bed.whys)


@pytest.mark.parametrize(
    ("method", "name", "text"),
    [
        ("StartDiscovery", "org.bluez.Error.InProgress", "Operation already in progress"),
        ("StartDiscovery", "org.bluez.Error.NotReady", "Resource Not Ready"),
        ("StopDiscovery", "org.bluez.Error.InProgress", "Operation already in progress"),
        ("StopDiscovery", "org.bluez.Error.Failed", "No discovery started"),
        ("Connect", "org.bluez.Error.NotReady", "Resource Not Ready"),
        ("Connect", "org.bluez.Error.InProgress", "Operation already in progress"),
        ("Connect", "org.bluez.Error.Failed", "br-connection-canceled"),
        ("Connect", "org.bluez.Error.Failed", "le-connection-abort-by-local"),
        ("Connect", "org.freedesktop.DBus.Error.UnknownObject", "no such object"),
        ("StartNotify", "org.bluez.Error.NotPermitted", "Notify acquired"),
        ("StartNotify", "org.bluez.Error.InProgress", "In Progress"),
        ("WriteValue", "org.bluez.Error.Failed", "Not connected"),
    ],
)
def test_an_error_that_passes(
    make_bus: MakeBus, tmp_path: Path, method: str, name: str, text: str
) -> None:
    async def story(bed: Bed) -> None:
        bed.bluez.fails[method] = [(name, text)] * 2
        await bed.streams()
        await asyncio.sleep(5)
        bed.polar.drop()
        await bed.is_lost()
        await bed.streams()
        await asyncio.sleep(5)

    bed, faults = spend(make_bus(), tmp_path / "night", story)
    assert bed.bluez.fails[method] == []
    assert len(lost(faults)) >= 1


def test_services_that_are_not_found_at_first(make_bus: MakeBus, tmp_path: Path) -> None:
    async def story(bed: Bed) -> None:
        bed.bluez.resolves = False
        await asyncio.sleep(60)
        assert bed.state is not State.STREAMING
        bed.bluez.resolves = True
        await bed.streams()
        await asyncio.sleep(20)

    bed, faults = spend(make_bus(), tmp_path / "night", story)
    assert len(lost(faults)) == 1
    assert bed.bluez.calls.count("Disconnect") >= 2


@pytest.mark.parametrize("resolved", [True, False])
def test_a_connection_that_a_killed_collector_left_behind(
    make_bus: MakeBus, tmp_path: Path, *, resolved: bool
) -> None:
    async def story(bed: Bed) -> None:
        bed.bluez.resolves = resolved
        await bed.bluez.hold(bed.polar)
        bed.bluez.resolves = True
        await bed.streams()
        await asyncio.sleep(20)

    bed, _ = spend(make_bus(), tmp_path / "night", story)
    # One whose services were found is taken over; the other has to be begun anew.
    assert bed.bluez.calls.count("Connect") == (0 if resolved else 1)


@pytest.mark.parametrize("method", ["Connect", "StartDiscovery", "StartNotify", "Disconnect"])
def test_a_call_that_is_never_answered(make_bus: MakeBus, tmp_path: Path, method: str) -> None:
    async def story(bed: Bed) -> None:
        bed.bluez.hangs.add(method)
        await asyncio.sleep(60)
        bed.polar.drop()
        bed.bluez.hangs.clear()
        await bed.streams()
        await asyncio.sleep(20)

    spend(make_bus(), tmp_path / "night", story)
