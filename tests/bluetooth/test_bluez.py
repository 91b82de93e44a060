from __future__ import annotations

import asyncio
from functools import partial
from typing import TypeAlias

import pytest
from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakGATTProtocolError,
)

from ingest.devices.heart_rate_service import BATTERY_LEVEL, HEART_RATE_MEASUREMENT
from ingest.devices.polar_pmd import control
from simulator.wearable import HeartRateStrap, PolarSense, Wearable, run
from tests.bluetooth.fake_bluez import FakeBlueZ, beside_bluez
from tests.conftest import MakeBus

Heard: TypeAlias = list[bytes]


async def found(bluez: FakeBlueZ, wearable: Wearable) -> BLEDevice:
    bluez.place(wearable)
    device = await BleakScanner.find_device_by_name(wearable.name)
    assert device is not None
    return device


async def connected(bluez: FakeBlueZ, strap: HeartRateStrap) -> tuple[BleakClient, Heard, Heard]:
    """Connect to a strap; return the client, what it hears, and its disconnections."""
    heard: Heard = []
    ends: Heard = []
    client = BleakClient(await found(bluez, strap), lambda _: ends.append(b"end"))
    await client.connect()
    await client.start_notify(HEART_RATE_MEASUREMENT, lambda _, data: heard.append(bytes(data)))
    return client, heard, ends


def test_a_wearable_is_heard_through_bluez(make_bus: MakeBus) -> None:
    async def night(bluez: FakeBlueZ) -> None:
        strap = HeartRateStrap()
        client, heard, ends = await connected(bluez, strap)
        await asyncio.sleep(10)
        assert len(heard) == len(strap.sent_hr) == pytest.approx(10, abs=1)
        assert (await client.read_gatt_char(BATTERY_LEVEL))[0] == 100
        await client.disconnect()
        assert len(ends) == 1

    beside_bluez(make_bus(), night)


def test_notifications_are_repeated_unless_the_old_client_is_disconnected(
    make_bus: MakeBus,
) -> None:
    async def night(bluez: FakeBlueZ, *, disconnect_first: bool) -> float:
        strap = HeartRateStrap()
        old, _, ends = await connected(bluez, strap)
        strap.drop()
        await asyncio.sleep(1)
        assert len(ends) == 1
        if disconnect_first:
            await old.disconnect()
        device = await BleakScanner.find_device_by_name(strap.name)
        assert device is not None
        heard: Heard = []
        async with BleakClient(device) as client:
            await client.start_notify(
                HEART_RATE_MEASUREMENT, lambda _, data: heard.append(bytes(data))
            )
            before = len(strap.sent_hr)
            await asyncio.sleep(5)
        await old.disconnect()
        return len(heard) / (len(strap.sent_hr) - before)

    bus = make_bus()
    assert beside_bluez(bus, partial(night, disconnect_first=False)) == 2
    assert beside_bluez(bus, partial(night, disconnect_first=True)) == 1


@pytest.mark.parametrize(
    ("adapter", "powered", "reason"),
    [
        (False, True, BleakBluetoothNotAvailableReason.NO_BLUETOOTH),
        (True, False, BleakBluetoothNotAvailableReason.POWERED_OFF),
    ],
)
def test_no_adapter_or_one_that_is_off(
    make_bus: MakeBus, *, adapter: bool, powered: bool, reason: BleakBluetoothNotAvailableReason
) -> None:
    async def scan(_: FakeBlueZ) -> None:
        with pytest.raises(BleakBluetoothNotAvailableError) as caught:
            await BleakScanner.discover(timeout=1)
        assert caught.value.reason is reason

    beside_bluez(make_bus(), scan, adapter=adapter, powered=powered)


def test_no_permission(make_bus: MakeBus) -> None:
    async def scan(_: FakeBlueZ) -> None:
        with pytest.raises(BleakDBusError, match="AccessDenied"):
            await BleakScanner.discover(timeout=1)

    beside_bluez(make_bus(permitted=False), scan)


def test_no_bluetooth_daemon(make_bus: MakeBus) -> None:
    async def scan() -> None:
        with pytest.raises(BleakDBusError, match="ServiceUnknown"):
            await BleakScanner.discover(timeout=1)

    bus = make_bus()
    run(scan(), settle=bus.settle)


def test_no_bus_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scan() -> None:
        with pytest.raises(FileNotFoundError):
            await BleakScanner.discover(timeout=1)

    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    run(scan())


def test_a_scan_in_progress_elsewhere(make_bus: MakeBus) -> None:
    async def scan(bluez: FakeBlueZ) -> list[str | None]:
        bluez.place(HeartRateStrap())
        in_progress = ("org.bluez.Error.InProgress", "Operation already in progress")
        bluez.fails["StartDiscovery"].append(in_progress)
        with pytest.raises(BleakDBusError, match="InProgress"):
            await BleakScanner.discover(timeout=1)
        return [device.name for device in await BleakScanner.discover(timeout=1)]

    assert beside_bluez(make_bus(), scan) == ["HRM Strap"]


def test_a_device_that_no_scan_finds(make_bus: MakeBus) -> None:
    async def connect(_: FakeBlueZ) -> None:
        with pytest.raises(BleakDeviceNotFoundError):
            await BleakClient("C0:00:00:00:00:99", timeout=2).connect()

    beside_bluez(make_bus(), connect)


def test_a_device_that_bluez_has_forgotten_since_the_scan(make_bus: MakeBus) -> None:
    async def connect(bluez: FakeBlueZ) -> None:
        strap = HeartRateStrap()
        device = await found(bluez, strap)
        gone = ("org.freedesktop.DBus.Error.UnknownObject", "no such object")
        bluez.fails["Connect"].append(gone)
        with pytest.raises(BleakDeviceNotFoundError):
            await BleakClient(device).connect()

    beside_bluez(make_bus(), connect)


@pytest.mark.parametrize("text", ["Software caused connection abort", "br-connection-unknown"])
def test_a_connection_that_fails(make_bus: MakeBus, text: str) -> None:
    async def connect(bluez: FakeBlueZ) -> None:
        strap = HeartRateStrap()
        bluez.fails["Connect"].append(("org.bluez.Error.Failed", text))
        with pytest.raises(BleakDBusError, match=text):
            await connected(bluez, strap)

    beside_bluez(make_bus(), connect)


def test_a_connection_that_never_comes_about_is_called_off(make_bus: MakeBus) -> None:
    async def connect(bluez: FakeBlueZ) -> None:
        strap = HeartRateStrap()
        device = await found(bluez, strap)
        strap.vanish()
        with pytest.raises(TimeoutError):
            await BleakClient(device, timeout=5).connect()
        assert bluez.calls[-2:] == ["Connect", "Disconnect"]

    beside_bluez(make_bus(), connect)


def test_data_that_need_a_bond_and_errors_of_the_device(make_bus: MakeBus) -> None:
    async def talk(bluez: FakeBlueZ) -> None:
        device = await found(bluez, PolarSense(needs_bond=True))
        async with BleakClient(device) as client:
            with pytest.raises(BleakDBusError, match="Not paired"):
                await client.read_gatt_char(control.CONTROL)
            await client.pair()
            assert (await client.read_gatt_char(control.CONTROL))[0] == control.FEATURES
            with pytest.raises(BleakGATTProtocolError) as caught:
                await client.write_gatt_char(control.CONTROL, b"\1\2", response=True)
            assert caught.value.code == 0xFD

    beside_bluez(make_bus(), talk)


def test_a_bluetooth_daemon_that_dies_leaves_a_client_that_believes_itself_connected(
    make_bus: MakeBus,
) -> None:
    async def night(bluez: FakeBlueZ) -> None:
        client, heard, ends = await connected(bluez, HeartRateStrap())
        await asyncio.sleep(3)
        assert heard
        bluez.die()
        heard.clear()
        await asyncio.sleep(60)
        assert (heard, ends, client.is_connected) == ([], [], True)
        with pytest.raises(BleakDBusError, match="ServiceUnknown"):
            await client.read_gatt_char(BATTERY_LEVEL)
        with pytest.raises(BleakDBusError, match="ServiceUnknown"):
            await client.disconnect()
        assert not client.is_connected
        assert len(ends) == 1

    beside_bluez(make_bus(), night)


def test_a_bus_that_dies_disconnects_the_client(make_bus: MakeBus) -> None:
    bus = make_bus()

    async def night(bluez: FakeBlueZ) -> None:
        client, _, ends = await connected(bluez, HeartRateStrap())
        bus.kill()
        await asyncio.sleep(1)
        assert (len(ends), client.is_connected) == (1, False)
        await client.disconnect()
        with pytest.raises(ConnectionRefusedError):
            await BleakScanner.discover(timeout=1)

    beside_bluez(bus, night)


def test_a_disconnect_that_hangs_gives_up_when_it_is_cancelled(make_bus: MakeBus) -> None:
    async def night(bluez: FakeBlueZ) -> None:
        client, _, ends = await connected(bluez, HeartRateStrap())
        bluez.hangs.add("Disconnect")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await client.disconnect()
        assert (len(ends), client.is_connected) == (1, False)

    beside_bluez(make_bus(), night)
