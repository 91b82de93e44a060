"""An adapter that hangs, and what is done about it where the owner wants that."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import ModuleType

import pytest

from ingest.collector.bluez import AdapterReset
from ingest.collector.machine import State
from tests.bluetooth.test_collector_on_bluez import Bed, lost, spend
from tests.conftest import MakeBus

REFUSED = ("org.bluez.Error.Failed", "br-connection-canceled")


@pytest.mark.parametrize("kind", ["hung", "deaf"])
def test_an_adapter_that_hangs_is_switched_off_and_on(
    make_bus: MakeBus, tmp_path: Path, kind: str
) -> None:
    async def story(bed: Bed) -> None:
        await bed.streams()
        await asyncio.sleep(20)
        setattr(bed.bluez, kind, True)
        bed.polar.drop()
        await bed.is_lost()
        await bed.streams(within_s=200)
        await asyncio.sleep(20)

    bed, faults = spend(make_bus(), tmp_path / "night", story, AdapterReset())
    assert bed.bluez.calls.count("Set") == 2
    assert bed.statuses[-1].adapter_resets == 1
    (seconds,) = lost(faults)
    assert 10 < seconds < 200


@pytest.mark.parametrize("kind", ["hung", "deaf"])
def test_unless_the_owner_wants_it_the_adapter_is_left_alone(
    make_bus: MakeBus, tmp_path: Path, kind: str
) -> None:
    async def story(bed: Bed) -> None:
        await bed.streams()
        await asyncio.sleep(5)
        setattr(bed.bluez, kind, True)
        bed.polar.drop()
        await bed.is_lost()
        await asyncio.sleep(400)
        assert bed.state is not State.STREAMING

    bed, _ = spend(make_bus(), tmp_path / "night", story)
    assert "Set" not in bed.bluez.calls
    assert bed.statuses[-1].adapter_resets == 0


def test_what_does_not_help_is_tried_every_ten_minutes_and_then_with_the_port(
    make_bus: MakeBus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports: list[tuple[int, str, bool]] = []

    async def recover_adapter(hci: int, mac: str, gone_silent: bool = False) -> bool:
        ports.append((hci, mac, gone_silent))
        return True

    package = ModuleType("bluetooth_auto_recovery")
    package.__dict__["recover_adapter"] = recover_adapter
    monkeypatch.setitem(sys.modules, "bluetooth_auto_recovery", package)

    async def story(bed: Bed) -> None:
        await bed.streams()
        await asyncio.sleep(5)
        bed.bluez.fails["Connect"] = [REFUSED] * 1000
        bed.polar.drop()
        await asyncio.sleep(1500)

    bed, _ = spend(make_bus(), tmp_path / "night", story, AdapterReset())
    # After a minute, and after 11 and 21.
    assert bed.statuses[-1].adapter_resets == 3
    assert bed.bluez.calls.count("Set") == 6
    assert ports == [(0, "00:00:00:00:00:01", True)] * 2


def test_an_adapter_that_somebody_switched_off_stays_off(make_bus: MakeBus, tmp_path: Path) -> None:
    async def story(bed: Bed) -> None:
        await bed.streams()
        await asyncio.sleep(5)
        bed.bluez.power(on=False)
        await asyncio.sleep(400)

    bed, _ = spend(make_bus(), tmp_path / "night", story, AdapterReset())
    assert not bed.bluez.powered
    assert "Set" not in bed.bluez.calls
    assert bed.statuses[-1].adapter_resets == 0


def test_an_adapter_that_a_reset_left_off_is_switched_on_by_the_next(
    make_bus: MakeBus, tmp_path: Path
) -> None:
    async def story(bed: Bed) -> None:
        await bed.streams()
        await asyncio.sleep(5)
        bed.bluez.hung = True
        bed.bluez.fails["Set"] = [None, ("org.bluez.Error.Busy", "Busy")]
        bed.polar.drop()
        await asyncio.sleep(300)
        assert not bed.bluez.powered
        await asyncio.sleep(400)
        await bed.streams()

    bed, _ = spend(make_bus(), tmp_path / "night", story, AdapterReset())
    assert bed.bluez.calls.count("Set") == 4


def test_without_a_bluetooth_daemon_there_is_nothing_to_reset(
    make_bus: MakeBus, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(bed: Bed) -> None:
        await bed.streams()
        await asyncio.sleep(5)
        bed.bluez.die()
        await asyncio.sleep(200)
        await bed.bluez.start_again()
        await bed.streams()

    bed, _ = spend(make_bus(), tmp_path / "night", story, AdapterReset())
    assert bed.statuses[-1].adapter_resets == 0
    assert "The adapter could not be reset" in caplog.text
