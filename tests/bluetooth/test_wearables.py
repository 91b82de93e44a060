from __future__ import annotations

import asyncio

import numpy as np
import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakDBusError

from ingest.devices import open_seizure_detector as osd
from ingest.devices.heart_rate_service import (
    BATTERY_LEVEL,
    HEART_RATE_MEASUREMENT,
    HEART_RATE_SERVICE,
    decode_measurement,
)
from ingest.devices.infinitime import MOTION_VALUES, decode_motion
from ingest.devices.polar_pmd import control
from ingest.devices.polar_pmd.frame import DATA
from simulator.wearable import (
    BangleWatch,
    Body,
    HeartRateStrap,
    InfiniTimeWatch,
    Lamp,
    PolarSense,
    run,
)
from simulator.wearable.wearable import DEVICE_INFORMATION, FIRMWARE_REVISION
from tests.bluetooth.conftest import OpenAir
from tests.bluetooth.listener import Listener, listener, placed

MINUTE_S = 60


def test_a_scan_shows_name_strength_and_services(open_air: OpenAir) -> None:
    async def scan() -> dict[str, tuple[str | None, int, set[str]]]:
        air = await open_air()
        await air.place(HeartRateStrap(), rssi=-71)
        await air.place(BangleWatch(), rssi=-48)
        found = await BleakScanner.discover(timeout=5, return_adv=True, backend=air.scanner)
        return {
            address: (data.local_name, data.rssi, set(data.service_uuids))
            for address, (_, data) in found.items()
        }

    assert run(scan()) == {
        "C0:00:00:00:00:01": ("HRM Strap", -71, {HEART_RATE_SERVICE}),
        "C0:00:00:00:00:03": ("Bangle.js a1b2", -48, {osd.SERVICE, HEART_RATE_SERVICE}),
    }


def test_a_scan_can_ask_for_a_service(open_air: OpenAir) -> None:
    async def scan() -> list[str | None]:
        air = await open_air()
        await air.place(HeartRateStrap())
        await air.place(BangleWatch())
        found = await BleakScanner.discover(
            timeout=5, service_uuids=[osd.SERVICE], backend=air.scanner
        )
        return [device.name for device in found]

    assert run(scan()) == ["Bangle.js a1b2"]


def test_a_strap_tells_heart_rate_intervals_and_contact(open_air: OpenAir) -> None:
    seconds = 3 * MINUTE_S
    worn = np.ones(seconds, bool)
    worn[-MINUTE_S:] = False
    body = Body(np.zeros((1, 3)), np.full(seconds, 60.0), worn)

    async def listen() -> tuple[list[bytes], HeartRateStrap]:
        strap = HeartRateStrap(body=body)
        heart = await placed(await open_air(), strap)
        async with heart.client:
            await heart.hear(HEART_RATE_MEASUREMENT)
            await asyncio.sleep(seconds - 10)
        return heart.heard[HEART_RATE_MEASUREMENT], strap

    frames, strap = run(listen())
    decoded = [decode_measurement(frame) for frame in frames]
    assert len(decoded) == len(strap.sent_hr)
    for second, measurement in zip(strap.sent_hr, decoded, strict=True):
        assert measurement.contact is bool(worn[second])
        assert measurement.hr == (60 if worn[second] else 0)
        assert measurement.rr_1024 == ((1024,) if worn[second] else ())


def test_intervals_of_a_strap_fill_the_time() -> None:
    strap = HeartRateStrap(body=Body(np.zeros((1, 3)), np.full(60, 73.0), np.ones(60, bool)))
    intervals = [rr for second in range(600) for rr in strap.rr_1024(second)]
    assert sum(intervals) / 1024 == pytest.approx(600, abs=1)


def test_a_wearable_with_one_bond_refuses_another(open_air: OpenAir) -> None:
    async def talk() -> None:
        watch = InfiniTimeWatch(one_bond=True)
        watch.bonds.add("a phone")
        heart = await placed(await open_air(), watch)
        async with heart.client as client:
            with pytest.raises(BleakDBusError, match="AuthenticationRejected"):
                await client.pair()
        watch.bonds.clear()
        async with heart.client as client:
            await client.pair()
        assert len(watch.bonds) == 1

    run(talk())


def test_infinitime_notifies_what_has_changed_and_can_be_read(open_air: OpenAir) -> None:
    still_s = 30
    xyz = np.tile([0.0, 0.0, 1.0], (600, 1))
    xyz[10 * still_s :, 0] = np.arange(10 * still_s) % 7 / 100
    body = Body(xyz, np.repeat([60.0, 61.0], still_s), np.ones(2 * still_s, bool))

    async def listen() -> tuple[Listener, InfiniTimeWatch, bytes, str]:
        watch = InfiniTimeWatch(body=body)
        heart = await placed(await open_air(), watch)
        async with heart.client as client:
            await heart.hear(MOTION_VALUES, HEART_RATE_MEASUREMENT)
            await asyncio.sleep(still_s - 10)
            assert heart.heard == {}
            probe = bytes(await client.read_gatt_char(MOTION_VALUES))
            await asyncio.sleep(still_s)
            firmware = (await client.read_gatt_char(FIRMWARE_REVISION)).decode()
        return heart, watch, probe, firmware

    heart, watch, probe, firmware = run(listen())
    assert decode_motion(probe).xyz_counts == (0, 0, 1024)
    motion = [decode_motion(frame).xyz_counts for frame in heart.heard[MOTION_VALUES]]
    assert [list(counts) for counts in motion] == watch.acc_counts(watch.sent_acc).tolist()
    assert len(motion) > 100
    assert [frame.hex() for frame in heart.heard[HEART_RATE_MEASUREMENT]] == ["003d"]
    assert firmware == "1.15.0"


def test_infinitime_does_not_measure_the_heart_in_the_background_by_default(
    open_air: OpenAir,
) -> None:
    async def read() -> bytes:
        watch = InfiniTimeWatch(background_heart_rate=False)
        async with (await placed(await open_air(), watch)).client as client:
            return bytes(await client.read_gatt_char(HEART_RATE_MEASUREMENT))

    assert run(read()) == b"\0\0"


@pytest.mark.parametrize("full_buffer", [False, True])
def test_bangle_sends_three_axes(open_air: OpenAir, *, full_buffer: bool) -> None:
    async def listen() -> tuple[Listener, BangleWatch, list[str]]:
        watch = BangleWatch(full_buffer=full_buffer)
        heart = await placed(await open_air(), watch)
        async with heart.client as client:
            await heart.hear(osd.ACCELERATION, HEART_RATE_MEASUREMENT)
            await asyncio.sleep(MINUTE_S)
            told = [await client.read_gatt_char(uuid) for uuid in (osd.WATCH_ID, osd.FIRMWARE)]
            assert osd.decode_format(bytes(await client.read_gatt_char(osd.FORMAT))).format == 3
            await client.write_gatt_char(osd.STATUS, osd.encode_status(osd.AlarmState.ALARM), True)
        return heart, watch, [text.decode() for text in told]

    heart, watch, told = run(listen())
    parts = []
    for frame in heart.heard[osd.ACCELERATION]:
        decoded = osd.decode_acceleration(frame)
        assert isinstance(decoded, osd.ThreeAxes)
        parts.append(decoded.xyz_mg)
    assert np.concatenate(parts).tolist() == watch.acc_counts(watch.sent_acc).tolist()
    assert len(watch.sent_acc) == pytest.approx(25 * MINUTE_S, abs=10)
    assert told == ["BangleJs", "0.16"]
    assert watch.status == osd.AlarmState.ALARM


def test_bangle_without_confidence_sends_no_reading(open_air: OpenAir) -> None:
    body = Body(np.zeros((25, 3)), np.zeros(1), np.ones(1, bool))

    async def listen() -> set[bytes]:
        watch = BangleWatch(body=body)
        heart = await placed(await open_air(), watch)
        async with heart.client:
            await heart.hear(HEART_RATE_MEASUREMENT)
            await asyncio.sleep(10)
        return set(heart.heard[HEART_RATE_MEASUREMENT])

    assert run(listen()) == {bytes.fromhex("06ff")}


def test_a_battery_falls_tells_so_and_ends(open_air: OpenAir) -> None:
    async def listen() -> tuple[list[int], int, bool]:
        strap = HeartRateStrap(battery_percent=3, battery_h=10)
        heart = await placed(await open_air(), strap)
        await heart.client.connect()
        await heart.hear(BATTERY_LEVEL)
        read = (await heart.client.read_gatt_char(BATTERY_LEVEL))[0]
        await asyncio.sleep(3600)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(10):
                await heart.client.read_gatt_char(BATTERY_LEVEL)
        return [data[0] for data in heart.heard[BATTERY_LEVEL]], read, heart.client.is_connected

    told, read, believed_connected = run(listen())
    assert told == [2, 1, 0]
    assert read == 3 or read == 2
    assert believed_connected


def test_acceleration_needs_no_heart_and_both_come_from_two_devices(open_air: OpenAir) -> None:
    async def listen() -> tuple[int, int]:
        air = await open_air()
        polar, strap = PolarSense(), HeartRateStrap()
        await air.place(polar)
        await air.place(strap)
        wrist, chest = await listener(air, polar), await listener(air, strap)
        await wrist.start_polar()
        async with chest.client:
            await chest.hear(HEART_RATE_MEASUREMENT)
            await asyncio.sleep(MINUTE_S)
        await wrist.client.disconnect()
        return len(wrist.heard[DATA]), len(chest.heard[HEART_RATE_MEASUREMENT])

    frames, heart_rates = run(listen())
    assert frames > 25
    assert heart_rates > 55


def test_services_are_found_as_described(open_air: OpenAir) -> None:
    async def look() -> dict[str, list[str]]:
        air = await open_air()
        polar = PolarSense()
        await air.place(polar)
        client = BleakClient((await listener(air, polar)).client.address, backend=air.client)
        async with client:
            return {
                characteristic.uuid: sorted(characteristic.properties)
                for service in client.services
                for characteristic in service.characteristics
            }

    assert run(look()) == {
        HEART_RATE_MEASUREMENT: ["notify"],
        BATTERY_LEVEL: ["notify", "read"],
        control.CONTROL: ["indicate", "read", "write"],
        DATA: ["notify"],
    }


def test_a_lamp_is_in_range_too_and_measures_nothing(open_air: OpenAir) -> None:
    async def look() -> list[str]:
        lamp = Lamp()
        async with (await placed(await open_air(), lamp)).client as client:
            return [service.uuid for service in client.services]

    assert run(look()) == [DEVICE_INFORMATION]


def test_two_devices_may_have_one_name(open_air: OpenAir) -> None:
    async def scan() -> list[tuple[str | None, str]]:
        air = await open_air()
        await air.place(HeartRateStrap(address="C0:00:00:00:00:11"))
        await air.place(HeartRateStrap(address="C0:00:00:00:00:12"))
        found = await BleakScanner.discover(timeout=5, backend=air.scanner)
        return sorted((device.name, device.address) for device in found)

    assert run(scan()) == [
        ("HRM Strap", "C0:00:00:00:00:11"),
        ("HRM Strap", "C0:00:00:00:00:12"),
    ]
