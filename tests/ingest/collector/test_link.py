from __future__ import annotations

import asyncio

import pytest
from bleak.exc import BleakDBusError, BleakError

from ingest.collector.machine import State
from ingest.collector.paired import PairedDevice
from ingest.samples import Acceleration, FaultKind
from simulator.wearable import run
from tests.ingest.collector.conftest import Bed, MakeBed
from tests.ingest.collector.fake_air import until
from tests.ingest.collector.fake_wearables import START, STOP, InfiniTime, Polar, Strap


def streaming(bed: Bed, link: int = 0) -> bool:
    return bool(bed.states) and bed.status.links[link].state is State.STREAMING


def stored(bed: Bed) -> list[tuple[int, int, int]]:
    return [value for _, value in bed.rows()]


def sent(polar: Polar) -> list[tuple[int, int, int]]:
    return [value for _, value in polar.sent]


def writes(bed: Bed) -> list[str]:
    return [what.split()[-1] for _, what in bed.air.log if what.startswith("write")]


def test_whatever_the_stack_raises_the_link_tries_again(bed: Bed, polar: Polar) -> None:
    polar.refuses = [
        BleakError("le-connection-abort-by-local"),
        TimeoutError(),
        OSError("the daemon is gone"),
        AttributeError("'NoneType' object has no attribute 'call'"),
        EOFError(),
    ]
    bed.air.scan_errors = [BleakDBusError("org.bluez.Error.InProgress", [])] * 2

    async def story() -> None:
        await until(lambda: streaming(bed))
        await asyncio.sleep(60)

    run(bed.sleep(story))
    assert stored(bed) == sent(polar)
    assert len(sent(polar)) > 3000
    whys = {each.links[0].why for each in bed.states}
    assert "le-connection-abort-by-local" in whys
    assert "EOFError" in whys


def test_an_adapter_that_fails_again_and_again_is_reset_but_not_under_a_living_link(
    make_bed: MakeBed,
) -> None:
    polar, strap = Polar(), Strap()
    bed = make_bed(
        (polar, PairedDevice(polar.address, polar.name, "polar", frozenset(["acceleration"]))),  # type: ignore[list-item]
        (strap, PairedDevice(strap.address, strap.name, "heart_rate")),
    )
    strap.refuses = [BleakError("no")] * 12

    async def story() -> None:
        polar.in_range = False
        await asyncio.sleep(30)
        assert bed.recoveries == 1
        polar.in_range = True
        await until(lambda: streaming(bed, 0))
        await asyncio.sleep(120)

    run(bed.sleep(story))
    assert bed.recoveries == 1


def test_a_connect_that_hangs_is_left_behind(bed: Bed, polar: Polar) -> None:
    polar.hangs = {"connect"}

    async def story() -> None:
        await asyncio.sleep(40)
        polar.hangs = set()
        bed.air.connecting = False
        await until(lambda: streaming(bed))
        await asyncio.sleep(30)

    run(bed.sleep(story))
    assert stored(bed) == sent(polar)
    assert any("no answer within 20 s" in each.links[0].why for each in bed.states)


def test_a_stream_that_goes_on_from_another_host_is_stopped_and_started(
    bed: Bed, polar: Polar
) -> None:
    polar.started = True

    async def story() -> None:
        await until(lambda: streaming(bed))
        await asyncio.sleep(10)

    run(bed.sleep(story))
    assert writes(bed) == ["0102", START.hex(), STOP.hex(), START.hex(), STOP.hex()]


def test_a_device_that_refuses_says_what_to_do_and_is_tried_again(bed: Bed, polar: Polar) -> None:
    polar.statuses = [10, 13, 13]
    advice: set[str] = set()

    async def story() -> None:
        await until(lambda: streaming(bed))
        advice.update(each.links[0].advice for each in bed.states)
        await asyncio.sleep(10)

    final = run(bed.sleep(story))
    assert final.links[0].connections == 4
    assert (
        "It refuses to stream acceleration (INVALID_MTU). "
        "The connection takes too small messages; connecting again." in advice
    )
    assert any("DEVICE_IN_CHARGER" in each for each in advice)
    assert final.links[0].advice == ""


def test_a_device_that_speaks_nothing_known_is_told(make_bed: MakeBed) -> None:
    strap = Strap()
    strap.uuids = ["0000180a-0000-1000-8000-00805f9b34fb"]
    polar = Polar()
    bed = make_bed(
        (polar, PairedDevice(polar.address, polar.name, "polar", frozenset(["acceleration"]))),  # type: ignore[list-item]
        (strap, PairedDevice(strap.address, strap.name, "heart_rate")),
    )
    final = run(bed.sleep(lambda: asyncio.sleep(30)))
    assert final.links[1].advice == (
        "It offers no heart rate. Start a workout on it, or pair another one."
    )
    assert stored(bed) == sent(polar)


def test_an_h10_is_bonded_where_it_asks_for_that(bed: Bed, polar: Polar) -> None:
    needs_bond = True

    class Bonding(Polar):
        pass

    from tests.ingest.collector import fake_air

    control = polar.uuids[2]
    plain = fake_air.Client.start_notify

    async def start_notify(client: fake_air.Client, char: object, /, callback: object) -> None:
        if needs_bond and not polar.bonds and getattr(char, "uuid", "") == control:
            raise BleakError("Insufficient authentication")
        await plain(client, char, callback)  # type: ignore[arg-type]

    patch = pytest.MonkeyPatch()
    with patch.context() as patched:
        patched.setattr(fake_air.Client, "start_notify", start_notify)
        run(bed.sleep(lambda: asyncio.sleep(30)))
    assert polar.bonds == 1
    assert stored(bed) == sent(polar)
    assert len(stored(bed)) > 1000


def test_a_silent_heart_rate_does_not_cost_the_acceleration(make_bed: MakeBed) -> None:
    class Deaf(Polar):
        async def _beat(self) -> None:
            await asyncio.sleep(3600)

    polar = Deaf()
    bed = make_bed((polar, PairedDevice(polar.address, polar.name, "polar")))

    async def story() -> None:
        await asyncio.sleep(300)
        assert bed.status.links[0].state is State.SILENT

    final = run(bed.sleep(story))
    assert final.links[0].connections == 1
    [(start_s, end_s)] = bed.spans(FaultKind.SILENT_STREAM)
    assert end_s - start_s == pytest.approx(300, abs=3)
    assert stored(bed) == sent(polar)


def test_a_pinetime_that_vanishes_while_it_lies_still_is_noticed_by_asking(
    make_bed: MakeBed,
) -> None:
    watch = InfiniTime()
    bed = make_bed((watch, PairedDevice(watch.address, watch.name, "infinitime")))

    async def story() -> None:
        await asyncio.sleep(60)
        watch.still = True
        watch.hangs = {"read"}
        await until(lambda: bed.status.links[0].state is State.BACKING_OFF)
        watch.hangs, watch.still = set(), False
        await asyncio.sleep(60)

    final = run(bed.sleep(story))
    assert final.links[0].connections == 2
    [(start_s, _)] = bed.spans(FaultKind.LINK_LOST)
    assert start_s == pytest.approx(1060, abs=1)


def test_leaving_takes_leave_of_a_device_that_no_longer_answers(bed: Bed, polar: Polar) -> None:
    async def story() -> None:
        await until(lambda: streaming(bed))
        await asyncio.sleep(20)
        polar.hangs = {"write", "disconnect"}

    async def night() -> float:
        loop = asyncio.get_running_loop()
        task = asyncio.ensure_future(bed.sleep(story))
        await until(lambda: bool(polar.hangs))
        start_s = loop.time()
        await task
        polar.hangs = set()
        return loop.time() - start_s

    assert run(night()) < 20
    assert stored(bed) == sent(polar)[: len(stored(bed))]
    assert len(sent(polar)) - len(stored(bed)) <= 36 * 12


def test_an_absent_device_does_not_hold_up_another(make_bed: MakeBed) -> None:
    polar, strap = Polar(), Strap()
    bed = make_bed(
        (polar, PairedDevice(polar.address, polar.name, "polar", frozenset(["acceleration"]))),  # type: ignore[list-item]
        (strap, PairedDevice(strap.address, strap.name, "heart_rate")),
    )
    strap.in_range = False
    took = []

    async def story() -> None:
        for _ in range(5):
            await until(lambda: streaming(bed))
            await asyncio.sleep(40)
            polar.drop()
            await until(lambda: not streaming(bed))
            took.append(await until(lambda: streaming(bed)))

    run(bed.sleep(story))
    assert max(took) < 4


def test_a_stream_that_a_device_does_not_offer_is_a_fault_all_night(bed: Bed, polar: Polar) -> None:
    polar.uuids = polar.uuids[:2]

    final = run(bed.sleep(lambda: asyncio.sleep(60)))
    assert final.links[0].connections == 1
    assert final.links[0].advice == (
        "It offers no acceleration. Pair another wearable for movement."
    )
    [(start_s, end_s)] = bed.spans(FaultKind.SILENT_STREAM)
    assert end_s - start_s == pytest.approx(60, abs=3)


def test_what_was_received_is_on_the_disk_within_two_seconds(bed: Bed, polar: Polar) -> None:
    worst_s = 0.0

    async def story() -> None:
        nonlocal worst_s
        await until(lambda: streaming(bed))
        for _ in range(6000):
            await asyncio.sleep(0.01)
            now_ns = asyncio.get_running_loop().time() * 1e9
            done = sum(len(each) for each in bed.heard if isinstance(each, Acceleration))
            if done < len(polar.sent):
                # The frame of a sample is received 20 ms after its last one.
                frame_end = (done // 36 + 1) * 36 - 1
                worst_s = max(worst_s, (now_ns - polar.sent[frame_end][0]) / 1e9 - 0.02)

    run(bed.sleep(story))
    assert 0.9 < worst_s < 2.0


def test_a_pinetime_whose_notifications_were_lost_is_connected_anew(make_bed: MakeBed) -> None:
    watch = InfiniTime()
    bed = make_bed((watch, PairedDevice(watch.address, watch.name, "infinitime")))

    async def story() -> None:
        await asyncio.sleep(60)
        assert watch.client is not None
        del watch.client.callbacks[watch.uuids[2]]
        await asyncio.sleep(60)

    final = run(bed.sleep(story))
    assert final.links[0].connections == 2
    [(start_s, _)] = bed.spans(FaultKind.SILENT_STREAM)
    assert start_s == pytest.approx(1063, abs=0.5)
    assert len(bed.rows()) > 1100
