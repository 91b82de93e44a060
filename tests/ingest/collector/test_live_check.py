from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from bleak.exc import BleakError

from ingest.collector.link import Link
from ingest.collector.live_check import LiveCheck, check_live
from ingest.collector.paired import PairedDevice
from ingest.collector.scan import Seen, look_around
from ingest.devices.conversation import StreamKind
from ingest.devices.heart_rate_service import HEART_RATE_MEASUREMENT, HEART_RATE_SERVICE
from ingest.devices.wearables import WEARABLES
from simulator.wearable import run
from tests.ingest.collector.conftest import Wearable
from tests.ingest.collector.fake_air import Air
from tests.ingest.collector.fake_wearables import InfiniTime, Polar, Strap
from tests.ingest.collector.loop_clock import LoopClock


@dataclass
class Trial:
    wearable: Wearable
    kind: str
    looks: list[LiveCheck] = field(default_factory=list)

    async def check(self) -> LiveCheck:
        air = Air([self.wearable])
        living = asyncio.ensure_future(self.wearable.live())
        try:
            return await check_live(
                PairedDevice(self.wearable.address, self.wearable.name, self.kind),
                scanner=air.scanner,
                client=air.client,
                clock=LoopClock(),
                on_look=self.looks.append,
            )
        finally:
            living.cancel()
            with suppress(asyncio.CancelledError):
                await living


def test_a_defect_of_the_link_is_not_taken_for_a_silent_wearable(
    polar: Polar, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: Link) -> None:
        await asyncio.sleep(1)
        raise KeyError("a state without a way out")

    monkeypatch.setattr(Link, "run", broken)
    with pytest.raises(KeyError, match="a state without a way out"):
        run(Trial(polar, "polar").check())


def test_a_wearable_that_brings_everything_passes_after_20_s(polar: Polar) -> None:
    trial = Trial(polar, "polar")
    check = run(trial.check())
    assert check.passed
    assert check.has_moved
    assert check.streaming_s == pytest.approx(20, abs=1)
    assert check.link.battery_percent == 80
    assert check.link.bpm == 60
    assert check.link.streams[0].rate_hz == pytest.approx(52, abs=0.5)
    assert check.advice == ()
    assert check.xyz_g is not None
    assert trial.looks[0].missing == {StreamKind.ACCELERATION, StreamKind.HEART_RATE}
    assert polar.client is None
    assert not polar.started


def test_a_watch_without_heart_rate_says_where_to_turn_it_on() -> None:
    watch = InfiniTime()
    check = run(Trial(watch, "infinitime").check())
    assert not check.passed
    assert check.missing == {StreamKind.HEART_RATE}
    assert check.advice == (WEARABLES["infinitime"].advice[StreamKind.HEART_RATE],)


def test_a_device_that_is_not_there_is_given_up_after_a_minute(polar: Polar) -> None:
    polar.in_range = False
    trial = Trial(polar, "polar")
    check = run(trial.check())
    assert not check.passed
    assert check.streaming_s == 0
    assert "not seen; is it on, in range, and connected to nothing else?" in check.link.why
    assert len(trial.looks) == pytest.approx(120, abs=5)


def test_a_strap_off_the_body_has_no_reading(polar: Polar) -> None:
    strap = Strap()

    async def check() -> LiveCheck:
        strap.notify = lambda uuid, data, times=1: Polar.notify(  # type: ignore[method-assign]
            strap, uuid, bytes([0x04, 0]) if uuid == HEART_RATE_MEASUREMENT else data
        )
        return await Trial(strap, "heart_rate").check()

    found = run(check())
    assert found.missing == {StreamKind.HEART_RATE}


def test_a_look_around_tells_what_can_be_spoken_to_first() -> None:
    polar, strap, strange = Polar(), Strap(), Polar("EE:00", "A lamp")
    strap.advertised = [HEART_RATE_SERVICE]
    air = Air([strange, strap, polar])
    found = run(look_around(air.scanner, 5))
    assert found == (
        Seen("CC:00", "Strap", -60, "heart_rate"),
        Seen("AA:00", "Polar Sense 1", -60, "polar"),
        Seen("EE:00", "A lamp", -60, None),
    )
    assert not air.scanning


def test_bluetooth_that_is_off_is_told_as_it_is() -> None:
    air = Air()
    air.scan_errors = [BleakError("No powered Bluetooth adapters found")]
    with pytest.raises(BleakError, match="No powered"):
        run(look_around(air.scanner, 5))
