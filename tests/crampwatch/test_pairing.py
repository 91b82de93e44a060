"""Scanning and pairing with simulated wearables, over the public API of bleak."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bleak.exc import BleakBluetoothNotAvailableReason, BleakDBusError, BleakError
from rich.console import Console

from crampwatch.night import Radio
from crampwatch.output import new_console
from crampwatch.pairing import Wanted, choose, pair, require_bluetooth, show_scan
from ingest.collector.scan import Seen
from ingest.collector.trouble import explain
from ingest.collector.wearables_file import load_paired
from ingest.devices.conversation import StreamKind
from ingest.errors import BluetoothError, SettingsError
from ingest.sensor import Placement
from server.settings import Settings, load_settings
from simulator.wearable import (
    Body,
    HeartRateStrap,
    InfiniTimeWatch,
    Lamp,
    MemoryAir,
    PolarSense,
    VirtualClock,
    Wearable,
    run,
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "data", timezone="Europe/Berlin")


def moving(rate_hz: float) -> Body:
    """Somebody awake who waves."""
    at = np.arange(round(120 * rate_hz)) / rate_hz
    wave = 0.4 * np.sin(2 * np.pi * 0.7 * at)
    xyz = np.column_stack([wave, 0.1 * wave, 1 - 0.2 * np.abs(wave)])
    return Body(xyz, np.full(120, 71.0), np.ones(120, np.bool_))


def paired_with(
    settings: Settings, wanted: Wanted, *wearables: Callable[[], Wearable]
) -> tuple[bool, str]:
    console = Console(file=io.StringIO(), width=200)

    async def evening() -> bool:
        air = MemoryAir()
        for make in wearables:
            await air.place(make())
        return await pair(
            settings,
            wanted,
            radio=Radio(air.host.new_scanner, air.host.new_client),
            clock=VirtualClock(),
            console=console,
        )

    good = run(evening())
    assert isinstance(console.file, io.StringIO)
    return good, console.file.getvalue()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Polar [/] [red]Sense", "Polar [/] [red]Sense"),
        ("Polar :bed:", "Polar :bed:"),
        ("Polar \x1b[2J\a\nSense", "Polar  [2J  Sense"),
    ],
)
def test_whatever_a_device_calls_itself_is_listed_and_moves_no_cursor(
    settings: Settings, name: str, shown: str
) -> None:
    console = new_console(io.StringIO())
    console.width = 80

    async def evening() -> None:
        air = MemoryAir()
        await air.place(PolarSense(name=name, body=moving(52)))
        radio = Radio(air.host.new_scanner, air.host.new_client)
        await show_scan(radio, 8.0, console)
        clock = VirtualClock()
        assert await pair(settings, Wanted(), radio=radio, clock=clock, console=console)

    run(evening())
    assert isinstance(console.file, io.StringIO)
    _, listed, *said = console.file.getvalue().splitlines()
    assert listed.startswith(shown)
    assert listed.rstrip().endswith("C0:00:00:00:00:04")
    assert f"{shown}: Polar sensor. Put it on" in "\n".join(said)
    assert [each.name for each in load_paired(settings.wearables_file)] == [shown]


def test_a_wearable_that_brings_everything_is_paired(settings: Settings) -> None:
    good, said = paired_with(settings, Wanted(), lambda: PolarSense(body=moving(52)))
    assert good
    assert "Movement: 52.0 samples a second." in said
    assert "Heart rate: 71 beats a minute." in said
    assert "Battery: 100 %." in said
    (device,) = load_paired(settings.wearables_file)
    assert device.kind == "polar"
    assert device.brings == {StreamKind.ACCELERATION, StreamKind.HEART_RATE}


def test_a_strap_brings_the_heart_rate_for_a_watch_that_does_not(settings: Settings) -> None:
    for make in (lambda: PolarSense(body=moving(52)), lambda: HeartRateStrap(body=moving(52))):
        assert paired_with(settings, Wanted(), make)[0]
    watch, strap = load_paired(settings.wearables_file)
    assert watch.brings == {StreamKind.ACCELERATION}
    assert strap.brings == {StreamKind.HEART_RATE}


def test_a_strap_whose_heart_rate_another_brings_is_forgotten_and_that_is_told(
    settings: Settings,
) -> None:
    assert paired_with(settings, Wanted(), lambda: HeartRateStrap(body=moving(52)))[0]
    good, said = paired_with(settings, Wanted(), lambda: PolarSense(body=moving(52)))
    assert good
    assert "HRM Strap is forgotten: a night has one heart rate, and Polar Sense" in said
    assert [each.kind for each in load_paired(settings.wearables_file)] == ["polar"]


def test_a_sensor_on_the_calf_is_kept_with_its_place(settings: Settings) -> None:
    wanted = Wanted(placement=Placement.CALF, takes=frozenset({StreamKind.ACCELERATION}))
    assert paired_with(settings, wanted, lambda: PolarSense(body=moving(52)))[0]
    (device,) = load_paired(settings.wearables_file)
    assert device.placement is Placement.CALF
    assert device.brings == {StreamKind.ACCELERATION}


def test_a_watch_whose_heart_rate_is_off_is_told_how_to_turn_it_on(settings: Settings) -> None:
    def silent() -> Wearable:
        body = moving(10)
        return InfiniTimeWatch(body=Body(body.xyz_g, np.zeros(120), body.worn))

    good, said = paired_with(settings, Wanted(), silent)
    assert not good
    assert "Heart rate: no reading came." in said
    assert "Settings" in said
    assert "Not paired." in said
    assert load_paired(settings.wearables_file) == []


SENSE = Seen("A0:00:00:00:00:01", "Polar Sense", -50, "polar")
WATCH = Seen("A0:00:00:00:00:02", "InfiniTime", -60, "infinitime")
TWIN = Seen("A0:00:00:00:00:03", "InfiniTime", -70, "infinitime")
LAMP = Seen("A0:00:00:00:00:04", "Lamp", -40, None)


@pytest.mark.parametrize(
    ("found", "which", "meant"),
    [
        ([SENSE, LAMP], None, SENSE),
        ([SENSE, WATCH], "infinitime", WATCH),
        ([SENSE, WATCH], " polar", SENSE),
        ([replace(WATCH, name="Infini"), TWIN], "infini", replace(WATCH, name="Infini")),
        ([WATCH, TWIN], "a0:00:00:00:00:03", TWIN),
    ],
)
def test_the_one_that_is_meant_is_chosen(found: list[Seen], which: str | None, meant: Seen) -> None:
    assert choose(found, which) == meant


@pytest.mark.parametrize(
    ("found", "which", "said"),
    [
        ([], None, "No wearable that we can speak to is in range"),
        ([LAMP], None, "No wearable that we can speak to is in range"),
        ([SENSE, WATCH], None, "Several wearables are in range: Polar Sense"),
        ([SENSE], "A0:00:00:00:00:09", "is not in range"),
        ([SENSE, LAMP], "Sense", r"In range: Polar Sense \(A0:00:00:00:00:01\)\.$"),
        ([SENSE], "", "'' is not in range"),
        ([WATCH, TWIN], "InfiniTime", r"02\), InfiniTime \(A0:00:00:00:00:03\)"),
        ([SENSE, SENSE, WATCH], "pol", "2 devices call themselves pol. Give the address"),
        ([LAMP], "Lamp", "advertises nothing we know"),
    ],
)
def test_where_none_can_be_chosen_it_says_what_to_do(
    found: list[Seen], which: str | None, said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        choose(found, which)


@pytest.mark.parametrize("reason", list(BleakBluetoothNotAvailableReason))
def test_bluetooth_that_cannot_be_used_is_told_with_what_to_do(
    reason: BleakBluetoothNotAvailableReason,
) -> None:
    async def evening() -> None:
        air = MemoryAir()
        air.unavailable = reason
        await require_bluetooth(Radio(air.host.new_scanner, air.host.new_client))

    with pytest.raises(BluetoothError, match=r"[Tt]ry again|log in again|start it"):
        run(evening())


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FileNotFoundError(2, "No such file"), "install the package bluez"),
        (ConnectionRefusedError(111, "refused"), "install the package bluez"),
        (PermissionError(13, "Permission denied"), "group 'bluetooth'"),
        (BleakDBusError("org.freedesktop.DBus.Error.AccessDenied", []), "group 'bluetooth'"),
        (BleakDBusError("org.bluez.Error.NotReady", []), "switched off"),
        (BleakDBusError("org.bluez.Error.InProgress", []), "busy"),
        (BleakDBusError("org.bluez.Error.Failed", ["odd"]), "odd"),
        (TimeoutError(), "does not answer"),
        (BleakError("something"), "something"),
    ],
)
def test_what_a_stack_raises_becomes_a_sentence(error: Exception, said: str) -> None:
    assert said in str(explain(error))


@pytest.mark.parametrize("empty", [True, False])
def test_a_scan_lists_who_is_there_and_what_it_is(empty: bool) -> None:
    console = Console(file=io.StringIO(), width=200)

    async def evening() -> None:
        air = MemoryAir()
        if not empty:
            await air.place(PolarSense(body=moving(52)))
            await air.place(Lamp(), rssi=-85)
        await show_scan(Radio(air.host.new_scanner, air.host.new_client), 5, console)

    run(evening())
    assert isinstance(console.file, io.StringIO)
    said = console.file.getvalue()
    if empty:
        assert "Nothing is heard" in said
        return
    _, polar, lamp = (line for line in said.splitlines() if line.strip())
    assert "Polar sensor" in polar
    assert "strong (-60 dBm)" in polar
    assert "nothing we know" in lamp
    assert "weak (-85 dBm)" in lamp
