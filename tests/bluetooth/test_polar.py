from __future__ import annotations

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest
from bleak.exc import BleakGATTProtocolError

from ingest.devices.heart_rate_service import (
    HEART_RATE_MEASUREMENT,
    decode_measurement,
)
from ingest.devices.polar_pmd import control
from ingest.devices.polar_pmd.acceleration import decode_acc
from ingest.devices.polar_pmd.frame import DATA, MeasurementType, measurement_type
from ingest.devices.polar_pmd.intervals import decode_ppi
from simulator.wearable import (
    MemoryAir,
    PolarSense,
    run,
)
from tests.bluetooth.conftest import OpenAir
from tests.bluetooth.listener import START_ACC, Listener, listener, placed

MINUTE_S = 60


def test_every_sample_of_a_polar_arrives_once(open_air: OpenAir) -> None:
    async def listen() -> tuple[Listener, PolarSense]:
        polar = PolarSense(drift_ppm=40)
        heart = await placed(await open_air(), polar)
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
        polar = PolarSense(drift_ppm=drift_ppm, clock_ns=5_000_000_000)
        heart = await placed(await open_air(), polar)
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
        polar = PolarSense()
        heart = await placed(await open_air(), polar)
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
        polar = PolarSense()
        heart = await placed(MemoryAir(), polar)
        await heart.client.connect()
        await heart.open_control_point()
        return await heart.command(bytes.fromhex(command))

    assert control.decode_response(run(talk())).status == status


def test_a_stream_that_runs_is_already_in_state_also_after_a_lost_link(open_air: OpenAir) -> None:
    async def talk() -> list[int]:
        air = await open_air()
        polar = PolarSense()
        heart = await placed(air, polar)
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
        polar = PolarSense(max_mtu=100)
        heart = await placed(await open_air(), polar)
        return (await heart.start_polar())[3], heart.client.mtu_size

    assert run(talk()) == (control.Status.INVALID_MTU, 100)


def test_a_polar_in_its_charger_refuses(open_air: OpenAir) -> None:
    async def talk() -> int:
        polar = PolarSense(in_charger=True)
        return (await (await placed(await open_air(), polar)).start_polar())[3]

    assert run(talk()) == control.Status.DEVICE_IN_CHARGER


def test_a_command_needs_the_indications_first(open_air: OpenAir) -> None:
    async def talk() -> None:
        polar = PolarSense()
        async with (await placed(await open_air(), polar)).client as client:
            await client.write_gatt_char(control.CONTROL, START_ACC, response=True)

    with pytest.raises(BleakGATTProtocolError) as caught:
        run(talk())
    assert caught.value.code == 0xFD


def test_one_command_after_the_other(open_air: OpenAir) -> None:
    async def talk() -> None:
        polar = PolarSense()
        heart = await placed(await open_air(), polar)
        await heart.client.connect()
        await heart.open_control_point()
        for _ in range(2):
            await heart.client.write_gatt_char(control.CONTROL, START_ACC, response=True)

    with pytest.raises(BleakGATTProtocolError) as caught:
        run(talk())
    assert caught.value.code == 0xFE


def test_a_polar_that_stops_by_itself_says_so(open_air: OpenAir) -> None:
    async def listen() -> tuple[bytes, int, int]:
        polar = PolarSense()
        heart = await placed(await open_air(), polar)
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
        polar = PolarSense()
        heart = await placed(await open_air(), polar)
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
        polar = PolarSense(sdk_mode=True)
        heart = await placed(await open_air(), polar)
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
        heart = await placed(air, polar)
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
