from __future__ import annotations

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakDBusError, BleakGATTProtocolError

from ingest.devices import open_seizure_detector as osd
from ingest.devices.heart_rate_service import (
    BATTERY_LEVEL,
    HEART_RATE_MEASUREMENT,
    HEART_RATE_SERVICE,
    decode_measurement,
)
from ingest.devices.infinitime import MOTION_VALUES, decode_motion
from ingest.devices.polar_pmd import control
from ingest.devices.polar_pmd.acceleration import decode_acc
from ingest.devices.polar_pmd.frame import DATA, MeasurementType, measurement_type
from ingest.devices.polar_pmd.intervals import decode_ppi
from simulator.wearable import (
    BangleWatch,
    Body,
    HeartRateStrap,
    InfiniTimeWatch,
    MemoryAir,
    PolarSense,
    run,
)
from simulator.wearable.wearable import FIRMWARE_REVISION
from tests.bluetooth.conftest import OpenAir
from tests.bluetooth.listener import START_ACC, Listener, listener

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
        air = await open_air()
        strap = HeartRateStrap(body=body)
        await air.place(strap)
        heart = await listener(air, strap)
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


def test_every_sample_of_a_polar_arrives_once(open_air: OpenAir) -> None:
    async def listen() -> tuple[Listener, PolarSense]:
        air = await open_air()
        polar = PolarSense(drift_ppm=40)
        await air.place(polar)
        heart = await listener(air, polar)
        assert await heart.start_polar(HEART_RATE_MEASUREMENT) == bytes.fromhex("f002020000")
        await asyncio.sleep(10 * MINUTE_S)
        await heart.client.disconnect()
        return heart, polar

    heart, polar = run(listen())
    frames = [decode_acc(frame) for frame in heart.heard[DATA]]
    raw = np.concatenate([frame.raw for frame in frames])
    assert raw.tolist() == polar.acc_counts(polar.sent_acc).tolist()
    assert polar.sent_acc.tolist() == [*range(polar.sent_acc[0], polar.sent_acc[-1] + 1)]
    assert len(raw) == pytest.approx(10 * MINUTE_S * 52, abs=200)
    assert {frame.frame_type for frame in frames} == {0x81}
    assert max(map(len, heart.heard[DATA])) <= 228
    bpm = [decode_measurement(frame).hr for frame in heart.heard[HEART_RATE_MEASUREMENT]]
    assert bpm == [polar.body.bpm_at(second) for second in polar.sent_hr]


def test_frames_of_a_polar_carry_its_own_clock(open_air: OpenAir) -> None:
    drift_ppm = 100

    async def listen() -> tuple[list[bytes], PolarSense]:
        air = await open_air()
        polar = PolarSense(drift_ppm=drift_ppm, clock_ns=5_000_000_000)
        await air.place(polar)
        heart = await listener(air, polar)
        await heart.start_polar()
        await asyncio.sleep(20 * MINUTE_S)
        return heart.heard[DATA], polar

    frames, polar = run(listen())
    first, last = decode_acc(frames[0]), decode_acc(frames[-1])
    own_s = (last.timestamp_ns - first.timestamp_ns) / 1e9
    true_s = polar.sample_time_s(polar.sent_acc[-1]) - polar.sample_time_s(
        polar.sent_acc[first.n - 1]
    )
    assert own_s / true_s == pytest.approx(1 + drift_ppm * 1e-6, rel=1e-9)
    assert 5_000_000_000 < first.timestamp_ns < 30_000_000_000


def test_the_control_point_answers_as_a_real_one(
    open_air: OpenAir, reference_vectors: Path
) -> None:
    vectors = {
        vector["id"]: vector for vector in json.loads(reference_vectors.read_text())["vectors"]
    }

    async def talk() -> None:
        air = await open_air()
        polar = PolarSense()
        await air.place(polar)
        heart = await listener(air, polar)
        await heart.client.connect()
        features = await heart.client.read_gatt_char(control.CONTROL)
        assert features.hex() == vectors["cp_feature_read_verity"]["hex"]
        await heart.open_control_point()

        asked = await heart.command(control.query_settings(MeasurementType.ACC))
        settings = control.decode_settings(asked)
        assert (settings.sample_rate, settings.resolution) == ((52,), (16,))
        assert (settings.range_g, settings.channels) == ((8,), (3,))

        start = vectors["cp_start_acc_52hz_8g"]
        assert START_ACC.hex() == start["hex"]
        assert (await heart.command(START_ACC)).hex() == start["expect"]["response_ok"]
        ppi = vectors["cp_query_ppi"]
        for command, response in zip(ppi["hex"], ppi["expect"]["responses_ok"], strict=True):
            assert (await heart.command(bytes.fromhex(command))).hex() == response

    run(talk())


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("0202000133000101100002010800040103", control.Status.INVALID_SAMPLE_RATE),
        ("0202000134000101180002010800040103", control.Status.INVALID_RESOLUTION),
        ("0202000134000101100002010200040103", control.Status.INVALID_RANGE),
        ("0202000134000101100002010800040101", control.Status.INVALID_NUMBER_OF_CHANNELS),
        ("0202", control.Status.INVALID_PARAMETER),
        ("0205", control.Status.INVALID_MEASUREMENT_TYPE),
        ("0902", control.Status.INVALID_OP_CODE),
        ("0302", control.Status.ALREADY_IN_STATE),
    ],
)
def test_the_control_point_refuses(command: str, status: control.Status) -> None:
    async def talk() -> bytes:
        air = MemoryAir()
        polar = PolarSense()
        await air.place(polar)
        heart = await listener(air, polar)
        await heart.client.connect()
        await heart.open_control_point()
        return await heart.command(bytes.fromhex(command))

    assert control.decode_response(run(talk())).status == status


def test_a_stream_that_runs_is_already_in_state_also_after_a_lost_link(open_air: OpenAir) -> None:
    async def talk() -> list[int]:
        air = await open_air()
        polar = PolarSense()
        await air.place(polar)
        heart = await listener(air, polar)
        answers = [await heart.start_polar(), await heart.command(START_ACC)]
        polar.drop()
        await asyncio.sleep(1)
        await heart.client.disconnect()
        heart = await listener(air, polar)
        answers.append(await heart.start_polar())
        answers.append(await heart.command(control.stop(MeasurementType.ACC)))
        answers.append(await heart.command(START_ACC))
        return [answer[3] for answer in answers]

    assert run(talk()) == [0, 6, 6, 0, 0]


def test_a_small_mtu_is_refused_by_a_polar(open_air: OpenAir) -> None:
    async def talk() -> tuple[int, int]:
        air = await open_air()
        polar = PolarSense(max_mtu=100)
        await air.place(polar)
        heart = await listener(air, polar)
        return (await heart.start_polar())[3], heart.client.mtu_size

    assert run(talk()) == (control.Status.INVALID_MTU, 100)


def test_a_polar_in_its_charger_refuses(open_air: OpenAir) -> None:
    async def talk() -> int:
        air = await open_air()
        polar = PolarSense(in_charger=True)
        await air.place(polar)
        return (await (await listener(air, polar)).start_polar())[3]

    assert run(talk()) == control.Status.DEVICE_IN_CHARGER


def test_a_command_needs_the_indications_first(open_air: OpenAir) -> None:
    async def talk() -> None:
        air = await open_air()
        polar = PolarSense()
        await air.place(polar)
        async with (await listener(air, polar)).client as client:
            await client.write_gatt_char(control.CONTROL, START_ACC, response=True)

    with pytest.raises(BleakGATTProtocolError) as caught:
        run(talk())
    assert caught.value.code == 0xFD


def test_one_command_after_the_other(open_air: OpenAir) -> None:
    async def talk() -> None:
        air = await open_air()
        polar = PolarSense()
        await air.place(polar)
        heart = await listener(air, polar)
        await heart.client.connect()
        await heart.open_control_point()
        for _ in range(2):
            await heart.client.write_gatt_char(control.CONTROL, START_ACC, response=True)

    with pytest.raises(BleakGATTProtocolError) as caught:
        run(talk())
    assert caught.value.code == 0xFE


def test_a_polar_that_stops_by_itself_says_so(open_air: OpenAir) -> None:
    async def listen() -> tuple[bytes, int, int]:
        air = await open_air()
        polar = PolarSense()
        await air.place(polar)
        heart = await listener(air, polar)
        await heart.start_polar(HEART_RATE_MEASUREMENT)
        await asyncio.sleep(MINUTE_S)
        polar.stop_by_itself()
        said = await heart.indication()
        before = len(heart.heard[DATA])
        await asyncio.sleep(MINUTE_S)
        heart_rates = len(heart.heard[HEART_RATE_MEASUREMENT])
        return said, len(heart.heard[DATA]) - before, heart_rates

    said, frames_after, heart_rates = run(listen())
    assert control.decode_indication(said) == control.StreamsStopped((MeasurementType.ACC,))
    assert frames_after == 0
    assert heart_rates > 115


def test_intervals_start_late_and_slow_the_heart_rate(open_air: OpenAir) -> None:
    async def listen() -> tuple[Listener, PolarSense, float]:
        air = await open_air()
        polar = PolarSense()
        await air.place(polar)
        heart = await listener(air, polar)
        await heart.client.connect()
        await heart.open_control_point()
        await heart.hear(DATA, HEART_RATE_MEASUREMENT)
        await heart.command(control.start(MeasurementType.PPI))
        began = asyncio.get_running_loop().time()
        while not heart.heard.get(DATA):
            await asyncio.sleep(0.1)
        late_s = asyncio.get_running_loop().time() - began
        await asyncio.sleep(MINUTE_S)
        return heart, polar, late_s

    heart, polar, late_s = run(listen())
    assert 25 < late_s < 32
    beats = [beat for frame in heart.heard[DATA] for beat in decode_ppi(frame).samples]
    assert [beat.hr for beat in beats] == [polar.body.bpm_at(second) for second in polar.sent_ppi]
    assert all(measurement_type(frame) is MeasurementType.PPI for frame in heart.heard[DATA])
    assert len(heart.heard[HEART_RATE_MEASUREMENT]) == pytest.approx((late_s + MINUTE_S) / 5, abs=2)


def test_sdk_mode_turns_the_heart_rate_off(open_air: OpenAir) -> None:
    async def listen() -> tuple[int, int]:
        air = await open_air()
        polar = PolarSense(sdk_mode=True)
        await air.place(polar)
        heart = await listener(air, polar)
        await heart.start_polar(HEART_RATE_MEASUREMENT)
        await asyncio.sleep(MINUTE_S)
        return len(heart.heard.get(HEART_RATE_MEASUREMENT, [])), len(heart.heard[DATA])

    heart_rates, frames = run(listen())
    assert heart_rates == 0
    assert frames > 20


def test_measurement_data_may_need_a_bond(open_air: OpenAir) -> None:
    async def talk() -> tuple[int, int]:
        air = await open_air()
        polar = PolarSense(needs_bond=True)
        await air.place(polar)
        heart = await listener(air, polar)
        await heart.client.connect()
        with pytest.raises(BleakGATTProtocolError) as caught:
            await heart.client.read_gatt_char(control.CONTROL)
        with pytest.raises(BleakGATTProtocolError):
            await heart.hear(DATA)
        await heart.client.pair()
        await heart.open_control_point()
        await heart.hear(DATA)
        started = (await heart.command(START_ACC))[3]
        await heart.client.disconnect()
        # The bond lasts.
        heart = await listener(air, polar)
        await heart.start_polar()
        return int(caught.value.code), started

    assert run(talk()) == (0x05, 0)


def test_a_wearable_with_one_bond_refuses_another(open_air: OpenAir) -> None:
    async def talk() -> None:
        air = await open_air()
        watch = InfiniTimeWatch(one_bond=True)
        watch.bonds.add("a phone")
        await air.place(watch)
        heart = await listener(air, watch)
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
        air = await open_air()
        watch = InfiniTimeWatch(body=body)
        await air.place(watch)
        heart = await listener(air, watch)
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
        air = await open_air()
        watch = InfiniTimeWatch(background_heart_rate=False)
        await air.place(watch)
        async with (await listener(air, watch)).client as client:
            return bytes(await client.read_gatt_char(HEART_RATE_MEASUREMENT))

    assert run(read()) == b"\0\0"


@pytest.mark.parametrize("full_buffer", [False, True])
def test_bangle_sends_three_axes(open_air: OpenAir, *, full_buffer: bool) -> None:
    async def listen() -> tuple[Listener, BangleWatch, list[str]]:
        air = await open_air()
        watch = BangleWatch(full_buffer=full_buffer)
        await air.place(watch)
        heart = await listener(air, watch)
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
        air = await open_air()
        watch = BangleWatch(body=body)
        await air.place(watch)
        heart = await listener(air, watch)
        async with heart.client:
            await heart.hear(HEART_RATE_MEASUREMENT)
            await asyncio.sleep(10)
        return set(heart.heard[HEART_RATE_MEASUREMENT])

    assert run(listen()) == {bytes.fromhex("06ff")}


def test_a_battery_falls_tells_so_and_ends(open_air: OpenAir) -> None:
    async def listen() -> tuple[list[int], int, bool]:
        air = await open_air()
        strap = HeartRateStrap(battery_percent=3, battery_h=10)
        await air.place(strap)
        heart = await listener(air, strap)
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
