"""What `scan`, `pair`, `night` and `collect` say where they cannot work, with bleak's own BlueZ."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest

from ingest.collector.paired import PairedDevice
from ingest.collector.wearables_file import load_paired, save_paired
from ingest.samples import NS_PER_S
from simulator.wearable import (
    EVENING,
    HeartRateStrap,
    InfiniTimeWatch,
    Lamp,
    PolarSense,
    Wearable,
    run,
)
from tests.bluetooth.fake_bluez import FakeBlueZ
from tests.conftest import MakeBus
from tests.crampwatch.conftest import Command, Outcome

T = TypeVar("T")

COMMANDS = {
    "scan": ("scan", "--seconds", "1"),
    "pair": ("pair",),
    "night": ("night",),
    "collect": ("collect", "http://127.0.0.1:9"),
}


class Evening(Protocol):
    def __call__(
        self,
        *wearables: Callable[[], Wearable],
        permitted: bool = ...,
        adapter: bool = ...,
        powered: bool = ...,
        running: bool = ...,
        fails: tuple[str, str] | None = ...,
    ) -> None: ...


@pytest.fixture
def evening(make_bus: MakeBus, monkeypatch: pytest.MonkeyPatch) -> Evening:
    """Has the commands run in virtual time, beside a bluetoothd of the test's."""

    def begin(
        *wearables: Callable[[], Wearable],
        permitted: bool = True,
        adapter: bool = True,
        powered: bool = True,
        running: bool = True,
        fails: tuple[str, str] | None = None,
    ) -> None:
        bus = make_bus(permitted=permitted)

        def run_beside_bluez(main: Coroutine[Any, Any, T]) -> T:
            async def both() -> T:
                async with FakeBlueZ(bus.address, adapter=adapter, powered=powered) as bluez:
                    if fails is not None:
                        bluez.fails["StartDiscovery"] = [fails] * 10
                    for make in wearables:
                        bluez.place(make())
                    if not running:
                        bluez.die()
                    return await main

            return run(both(), settle=bus.settle)

        monkeypatch.setattr(asyncio, "run", run_beside_bluez)

    return begin


@pytest.fixture
def wearables_file(tmp_path: Path) -> Path:
    path = tmp_path / "store" / "wearables.toml"
    save_paired(path, [PairedDevice("A0:9E:1A:00:00:01", "Polar Sense", "polar")])
    return path


def is_refused(outcome: Outcome, *said: str) -> bool:
    assert outcome.status == 2
    assert "Traceback" not in outcome.err
    for each in said:
        assert each in outcome.err
    return True


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("trouble", "said", "advice"),
    [
        ({"powered": False}, "Bluetooth is switched off", "bluetoothctl power on"),
        ({"adapter": False}, "no Bluetooth adapter", "Plug one in"),
        ({"permitted": False}, "may not be used by you", "group 'bluetooth'"),
        ({"running": False}, "does not answer", "systemctl enable --now bluetooth"),
        (
            {"fails": ("org.bluez.Error.NotReady", "Resource Not Ready")},
            "Bluetooth is switched off",
            "rfkill unblock bluetooth",
        ),
        (
            {"fails": ("org.bluez.Error.NotAuthorized", "Not authorized")},
            "may not be used by you",
            "log in again",
        ),
        (
            {"fails": ("org.bluez.Error.InProgress", "Operation already in progress")},
            "Bluetooth is busy",
            "Close what else uses it",
        ),
        (
            {"fails": ("org.bluez.Error.Failed", "Input/output error")},
            "Bluetooth failed: [org.bluez.Error.Failed] Input/output error",
            "Switch it off and on again",
        ),
    ],
)
def test_bluetooth_that_cannot_be_used(
    crampwatch: Command,
    evening: Evening,
    wearables_file: Path,
    command: str,
    trouble: dict[str, Any],
    said: str,
    advice: str,
) -> None:
    evening(PolarSense, **trouble)
    assert is_refused(crampwatch(*COMMANDS[command]), said, advice)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_system_without_a_bus(
    crampwatch: Command,
    monkeypatch: pytest.MonkeyPatch,
    wearables_file: Path,
    command: str,
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    assert is_refused(crampwatch(*COMMANDS[command]), "install the package bluez")


@pytest.mark.parametrize(
    ("wearables", "which", "said", "advice"),
    [
        ((PolarSense,), "A0:9E:1A:00:00:99", "'A0:9E:1A:00:00:99' is not in range", "Wake it up"),
        ((PolarSense,), "no name", "'no name' is not in range", "two metres"),
        ((), None, "No wearable that we can speak to is in range", "Put it within two metres"),
        ((Lamp,), None, "No wearable that we can speak to is in range", "try again"),
        ((Lamp,), "Lamp", "'Lamp' advertises nothing we know", "docs/new-wearable.md"),
        (
            (InfiniTimeWatch, lambda: InfiniTimeWatch(address="C0:00:00:00:00:77")),
            "InfiniTime",
            "2 devices call themselves InfiniTime",
            "C0:00:00:00:00:77",
        ),
        ((PolarSense, HeartRateStrap), None, "Several wearables are in range", "Say which"),
    ],
)
def test_a_wearable_that_cannot_be_meant_is_not_paired(
    crampwatch: Command,
    evening: Evening,
    tmp_path: Path,
    wearables: tuple[Callable[[], Wearable], ...],
    which: str | None,
    said: str,
    advice: str,
) -> None:
    evening(*wearables)
    arguments = ("pair",) if which is None else ("pair", which)
    assert is_refused(crampwatch(*arguments), said, advice)
    assert load_paired(tmp_path / "store" / "wearables.toml") == []


def test_a_wearable_that_brings_nothing_of_what_is_wanted(
    crampwatch: Command, evening: Evening
) -> None:
    evening(HeartRateStrap)
    outcome = crampwatch("pair", "--takes", "acceleration")
    assert is_refused(outcome, "HRM Strap brings no acceleration", "Leave --takes out")


class EveningClock:
    """The clocks of the host in virtual time, made before there is a loop."""

    def monotonic_ns(self) -> int:
        return round(asyncio.get_running_loop().time() * NS_PER_S)

    def utc_ns(self) -> int:
        return round(EVENING.timestamp()) * NS_PER_S + self.monotonic_ns()


def test_a_good_evening(
    crampwatch: Command, evening: Evening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.collector.clock.SystemClock", EveningClock)
    evening(PolarSense, Lamp)
    outcome = crampwatch("scan", "--seconds", "5")
    assert outcome.status == 0
    assert "Polar sensor" in outcome.out
    assert "nothing we know" in outcome.out
    outcome = crampwatch("pair")
    assert outcome.status == 0
    assert "Movement: 52.0 samples a second." in outcome.out
    (device,) = load_paired(tmp_path / "store" / "wearables.toml")
    assert device.kind == "polar"


POLAR = 'address = "A0:9E:1A:00:00:01"\nname = "Polar Sense"\nkind = "polar"\n'
STRAP = 'address = "A0:9E:1A:00:00:02"\nname = "HRM Strap"\nkind = "heart_rate"\n'


@pytest.mark.parametrize("command", ["night", "collect"])
@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ((), "No wearable is paired. Run `crampwatch pair` first."),
        ((POLAR.replace("A0:9E:1A:00:00:01", "Polar"),), "the address 'Polar', which is none"),
        ((POLAR.replace('"polar"', '"lamp"'),), "lamp"),
        ((POLAR, POLAR), "Polar Sense is paired twice. Forget one of the two."),
        ((STRAP,), "No paired wearable brings acceleration"),
        ((POLAR, STRAP), "Polar Sense and HRM Strap all bring heart rate"),
    ],
)
def test_what_is_paired_makes_no_night(
    crampwatch: Command,
    evening: Evening,
    tmp_path: Path,
    command: str,
    tables: tuple[str, ...],
    said: str,
) -> None:
    path = tmp_path / "store" / "wearables.toml"
    path.parent.mkdir()
    path.write_text("".join(f"[[wearable]]\n{table}" for table in tables))
    evening(PolarSense)
    assert is_refused(crampwatch(*COMMANDS[command]), said)


@pytest.mark.parametrize("url", ["pi.local", "ftp://pi.local", "http://me:secret@pi.local"])
def test_a_server_that_is_no_address(
    crampwatch: Command, evening: Evening, wearables_file: Path, url: str
) -> None:
    evening(PolarSense)
    outcome = crampwatch("collect", url)
    assert is_refused(outcome, "address", "http://pi.local:8321")
    assert "secret" not in outcome.err
