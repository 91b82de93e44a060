from __future__ import annotations

import asyncio

import numpy as np
import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
)

from ingest.devices.heart_rate_service import BATTERY_LEVEL, HEART_RATE_MEASUREMENT
from ingest.devices.infinitime import MOTION_VALUES
from ingest.devices.polar_pmd.acceleration import decode_acc
from ingest.devices.polar_pmd.frame import DATA
from ingest.errors import DecodeError
from simulator.wearable import (
    HeartRateStrap,
    InfiniTimeWatch,
    PolarSense,
    Wearable,
    noise,
    run,
    truncated,
)
from tests.bluetooth.conftest import AnyAir, OpenAir
from tests.bluetooth.listener import Listener, find, listener, placed


async def listening(open_air: OpenAir, wearable: Wearable) -> tuple[AnyAir, Listener]:
    air = await open_air()
    heart = await placed(air, wearable)
    await heart.client.connect()
    await heart.hear(HEART_RATE_MEASUREMENT)
    await asyncio.sleep(10)
    assert len(heart.heard[HEART_RATE_MEASUREMENT]) == 10
    return air, heart


def test_a_clean_drop_is_told_at_once(open_air: OpenAir) -> None:
    async def drop() -> None:
        strap = HeartRateStrap()
        air, heart = await listening(open_air, strap)
        strap.drop()
        await asyncio.sleep(0.1)
        assert (heart.disconnections, heart.client.is_connected) == (1, False)
        with pytest.raises(BleakError, match="Service Discovery has not been performed yet"):
            await heart.client.read_gatt_char(BATTERY_LEVEL)
        await heart.client.disconnect()
        assert heart.disconnections == 1

        again = await listener(air, strap)
        await again.client.connect()
        await again.hear(HEART_RATE_MEASUREMENT)
        await asyncio.sleep(10)
        assert len(again.heard[HEART_RATE_MEASUREMENT]) == pytest.approx(10, abs=1)
        heard = heart.heard[HEART_RATE_MEASUREMENT] + again.heard[HEART_RATE_MEASUREMENT]
        assert len(heard) == len(strap.sent_hr)

    run(drop())


def test_a_wearable_that_vanishes_in_silence_still_counts_as_connected(open_air: OpenAir) -> None:
    async def vanish() -> None:
        strap = HeartRateStrap()
        air, heart = await listening(open_air, strap)
        strap.vanish()
        await asyncio.sleep(3600)
        assert (heart.disconnections, heart.client.is_connected) == (0, True)
        assert len(heart.heard[HEART_RATE_MEASUREMENT]) == 10
        assert await BleakScanner.discover(timeout=10, backend=air.scanner) == []

    run(vanish())


def test_a_read_from_one_that_vanished_fails_after_30_s(open_air: OpenAir) -> None:
    async def vanish() -> tuple[float, int]:
        strap = HeartRateStrap()
        _, heart = await listening(open_air, strap)
        strap.vanish()
        loop = asyncio.get_running_loop()
        began = loop.time()
        with pytest.raises(BleakDBusError, match=r"org\.bluez\.Error\.Failed"):
            await heart.client.read_gatt_char(BATTERY_LEVEL)
        return loop.time() - began, heart.disconnections

    waited_s, disconnections = run(vanish())
    assert waited_s == pytest.approx(30, abs=0.5)
    assert disconnections == 1


def test_the_stack_may_notice_late_that_one_has_vanished(open_air: OpenAir) -> None:
    async def vanish() -> None:
        strap = HeartRateStrap()
        _, heart = await listening(open_air, strap)
        strap.vanish(noticed_after_s=6)
        await asyncio.sleep(5)
        assert heart.client.is_connected
        reading = asyncio.ensure_future(heart.client.read_gatt_char(BATTERY_LEVEL))
        await asyncio.sleep(2)
        assert (heart.disconnections, heart.client.is_connected) == (1, False)
        with pytest.raises(BleakError, match="disconnected"):
            await reading

    run(vanish())


def test_one_that_came_back_is_found_once_the_old_client_is_gone(open_air: OpenAir) -> None:
    async def come_back() -> None:
        strap = HeartRateStrap()
        air, heart = await listening(open_air, strap)
        strap.vanish()
        await asyncio.sleep(60)
        strap.come_back()
        device = await find(air, strap)
        assert [held.address for held in await air.host.connected_devices()] == [strap.address]
        await heart.client.disconnect()
        assert await air.host.connected_devices() == []
        assert heart.disconnections == 1
        again = Listener(air, device)
        await again.client.connect()
        await again.hear(HEART_RATE_MEASUREMENT)
        await asyncio.sleep(10)
        assert len(again.heard[HEART_RATE_MEASUREMENT]) == pytest.approx(10, abs=1)

    run(come_back())


def test_a_client_can_share_a_connection_that_is_dead_already(open_air: OpenAir) -> None:
    async def share() -> None:
        strap = HeartRateStrap()
        air, heart = await listening(open_air, strap)
        strap.vanish()
        phantom = Listener(air, strap.address)
        await phantom.client.connect()
        assert phantom.client.is_connected
        with pytest.raises(BleakDBusError, match="Failed"):
            await phantom.hear(HEART_RATE_MEASUREMENT)
        assert (heart.disconnections, phantom.disconnections) == (1, 1)

    run(share())


def test_notifications_come_again_for_each_old_client_that_was_not_disconnected(
    open_air: OpenAir,
) -> None:
    async def reconnect(*, disconnect_first: bool) -> int:
        strap = HeartRateStrap()
        air, heart = await listening(open_air, strap)
        strap.drop()
        await asyncio.sleep(1)
        if disconnect_first:
            await heart.client.disconnect()
        again = await listener(air, strap)
        await again.client.connect()
        await again.hear(HEART_RATE_MEASUREMENT)
        await asyncio.sleep(10)
        assert len(heart.heard[HEART_RATE_MEASUREMENT]) == 10
        return len(again.heard[HEART_RATE_MEASUREMENT])

    assert run(reconnect(disconnect_first=False)) == pytest.approx(20, abs=2)
    assert run(reconnect(disconnect_first=True)) == pytest.approx(10, abs=1)


def test_a_reboot_starts_the_clock_at_zero(open_air: OpenAir) -> None:
    async def reboot() -> tuple[list[int], list[int], list[bytes], PolarSense]:
        air = await open_air()
        polar = PolarSense()
        before = await placed(air, polar)
        await before.start_polar()
        await asyncio.sleep(60)
        polar.reboot(down_s=20, noticed_after_s=4)
        await asyncio.sleep(19)
        await before.client.disconnect()
        after = await listener(air, polar)
        answer = await after.start_polar()
        assert answer[3] == 0
        await asyncio.sleep(60)
        frames = before.heard[DATA] + after.heard[DATA]
        stamps = [
            [decode_acc(frame).timestamp_ns for frame in heart.heard[DATA]]
            for heart in (before, after)
        ]
        return stamps[0], stamps[1], frames, polar

    old_ns, new_ns, frames, polar = run(reboot())
    assert min(old_ns) > 26 * 365 * 86_400 * 10**9
    assert 0 < min(new_ns) < 10 * 10**9
    raw = np.concatenate([decode_acc(frame).raw for frame in frames])
    assert raw.tolist() == polar.acc_counts(polar.sent_acc).tolist()


def test_everything_can_come_twice(open_air: OpenAir) -> None:
    async def twice() -> None:
        strap = HeartRateStrap()
        _, heart = await listening(open_air, strap)
        strap.sent_twice = True
        await asyncio.sleep(10)
        frames = heart.heard[HEART_RATE_MEASUREMENT]
        assert len(frames) == 30
        assert frames[10::2] == frames[11::2]
        assert len(strap.sent_hr) == 20

    run(twice())


def test_one_stream_can_fall_silent_without_a_word(open_air: OpenAir) -> None:
    async def mute() -> None:
        watch = InfiniTimeWatch()
        heart = await placed(await open_air(), watch)
        await heart.client.connect()
        await heart.hear(MOTION_VALUES, HEART_RATE_MEASUREMENT)
        await asyncio.sleep(10)
        assert len(heart.heard[MOTION_VALUES]) > 90
        watch.mute(MOTION_VALUES)
        heart.heard.clear()
        await asyncio.sleep(60)
        assert set(heart.heard) == {HEART_RATE_MEASUREMENT}
        assert heart.client.is_connected
        watch.unmute(MOTION_VALUES)
        await asyncio.sleep(10)
        assert len(heart.heard[MOTION_VALUES]) > 90

    run(mute())


def test_frames_can_be_cut_and_garbled(open_air: OpenAir) -> None:
    async def spoil() -> tuple[list[bytes], PolarSense]:
        polar = PolarSense()
        heart = await placed(await open_air(), polar)
        await heart.start_polar()
        await asyncio.sleep(20)
        polar.spoil = truncated(57)
        await asyncio.sleep(20)
        polar.spoil = noise(seed=1)
        await asyncio.sleep(20)
        polar.spoil = None
        await asyncio.sleep(20)
        return heart.heard[DATA], polar

    frames, polar = run(spoil())
    good, refused = [], 0
    for frame in frames:
        try:
            good.append(decode_acc(frame).raw)
        except DecodeError:
            refused += 1
    assert np.concatenate(good).tolist() == polar.acc_counts(polar.sent_acc).tolist()
    assert refused > 15


def test_a_small_mtu_cuts_what_is_longer(open_air: OpenAir) -> None:
    async def listen() -> tuple[set[int], int]:
        polar = PolarSense(max_mtu=240)
        heart = await placed(await open_air(), polar)
        await heart.start_polar()
        await asyncio.sleep(60)
        assert heart.client.mtu_size == 240
        polar.spoil = lambda data: data + bytes(100)
        heart.heard.clear()
        sent = len(polar.sent_acc)
        await asyncio.sleep(60)
        return {len(frame) for frame in heart.heard[DATA]}, len(polar.sent_acc) - sent

    assert run(listen()) == ({237}, 0)


def test_bluetooth_can_be_taken_away(open_air: OpenAir) -> None:
    async def switch_off() -> BleakBluetoothNotAvailableReason:
        air = await open_air()
        strap = HeartRateStrap()
        await air.place(strap)
        device = await find(air, strap)
        air.unavailable = BleakBluetoothNotAvailableReason.POWERED_OFF
        with pytest.raises(BleakBluetoothNotAvailableError):
            await BleakScanner.discover(timeout=1, backend=air.scanner)
        with pytest.raises(BleakBluetoothNotAvailableError) as caught:
            await BleakClient(device, backend=air.client).connect()
        return caught.value.reason

    assert run(switch_off()) is BleakBluetoothNotAvailableReason.POWERED_OFF


def test_an_address_that_nobody_has_is_not_found(open_air: OpenAir) -> None:
    async def connect() -> float:
        air = await open_air()
        loop = asyncio.get_running_loop()
        began = loop.time()
        client = BleakClient("C0:00:00:00:00:99", timeout=7, backend=air.client)
        with pytest.raises(BleakDeviceNotFoundError, match="C0:00:00:00:00:99 was not found"):
            await client.connect()
        return loop.time() - began

    assert run(connect()) == pytest.approx(7)


def test_connecting_to_one_that_has_gone_times_out_and_leaves_nothing(open_air: OpenAir) -> None:
    async def connect() -> None:
        air = await open_air()
        strap = HeartRateStrap()
        await air.place(strap)
        device = await find(air, strap)
        strap.vanish()
        with pytest.raises(TimeoutError):
            await BleakClient(device, timeout=5, backend=air.client).connect()
        strap.come_back()
        await asyncio.sleep(30)
        async with BleakClient(device, timeout=5, backend=air.client) as client:
            assert client.is_connected

    run(connect())


def test_a_busy_bluez_is_told_by_its_own_errors(open_air: OpenAir) -> None:
    async def connect() -> None:
        air = await open_air()
        strap = HeartRateStrap()
        await air.place(strap)
        device = await find(air, strap)
        air.host.failing_connects = 1
        client = BleakClient(device, backend=air.client)
        with pytest.raises(BleakDBusError, match="connection abort"):
            await client.connect()
        async with BleakScanner(backend=air.scanner):
            with pytest.raises(BleakDBusError, match="InProgress"):
                await BleakScanner(backend=air.scanner).start()
        first = asyncio.ensure_future(client.connect())
        await asyncio.sleep(0.01)
        with pytest.raises(BleakDBusError, match="InProgress"):
            await BleakClient(device, backend=air.client).connect()
        await first
        await client.disconnect()

    run(connect())


def test_a_disconnect_may_hang_and_the_client_is_free_nevertheless(open_air: OpenAir) -> None:
    async def disconnect() -> None:
        strap = HeartRateStrap()
        air, heart = await listening(open_air, strap)
        air.host.disconnect_hangs = True
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(10):
                await heart.client.disconnect()
        assert not heart.client.is_connected
        assert heart.disconnections == 1

    run(disconnect())


def test_a_connection_that_is_given_up_leaves_nothing(open_air: OpenAir) -> None:
    async def give_up() -> None:
        air = await open_air()
        strap = HeartRateStrap()
        await air.place(strap)
        device = await find(air, strap)
        for patience_s in np.arange(0.05, 2, 0.15):
            client = BleakClient(device, backend=air.client)
            try:
                async with asyncio.timeout(float(patience_s)):
                    await client.connect()
            except TimeoutError:
                assert not client.is_connected
            await client.disconnect()
        async with BleakClient(device, backend=air.client):
            pass

    run(give_up())


def test_what_a_device_has_not_is_not_found(open_air: OpenAir) -> None:
    async def read() -> None:
        strap = HeartRateStrap()
        _, heart = await listening(open_air, strap)
        with pytest.raises(BleakCharacteristicNotFoundError):
            await heart.client.read_gatt_char(MOTION_VALUES)

    run(read())
