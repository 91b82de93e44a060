from __future__ import annotations

import asyncio

import numpy as np
import pytest

from ingest.collector.machine import State
from ingest.collector.paired import PairedDevice
from ingest.devices.conversation import StreamKind
from ingest.native.night import read
from ingest.samples import Acceleration, FaultKind, HeartRate, RRIntervals
from ingest.sensor import Placement
from simulator.wearable import run
from tests.ingest.collector.conftest import Bed, MakeBed
from tests.ingest.collector.fake_air import until
from tests.ingest.collector.fake_wearables import START, STOP, InfiniTime, Polar, Strap

BOTH = frozenset({StreamKind.ACCELERATION, StreamKind.HEART_RATE})


def values(rows: list[tuple[int, tuple[int, int, int]]]) -> list[tuple[int, int, int]]:
    return [value for _, value in rows]


def worst_ms(bed: Bed, polar: Polar) -> float:
    """How far the stored times are from when the samples were measured."""
    pairs = zip(bed.rows(), polar.sent, strict=True)
    return max(abs(stored - measured) for (stored, _), (measured, _) in pairs) / 1e6


def test_a_quiet_night_is_stored_sample_by_sample(bed: Bed, polar: Polar) -> None:
    async def story() -> None:
        await asyncio.sleep(300)

    final = run(bed.sleep(story))
    assert values(bed.rows()) == values(polar.sent)
    assert len(polar.sent) > 15_000
    assert worst_ms(bed, polar) < 25
    assert bed.faults == ()
    [link] = final.links
    assert link.state is State.STOPPED
    assert (link.connections, link.battery_percent, link.bpm) == (1, 80, 60.0)
    [acceleration, heart] = link.streams
    assert acceleration.rate_hz == pytest.approx(52, abs=0.1)
    assert heart.rate_hz == pytest.approx(1, abs=0.02)
    assert final.waiting == final.lost == 0
    assert bed.air.log[-2:][0][1] == f"write {polar.name} {STOP.hex()}"
    assert f"write {polar.name} {START.hex()}" in [what for _, what in bed.air.log]


def test_heart_rate_carries_contact_and_beats(bed: Bed) -> None:
    run(bed.sleep(lambda: asyncio.sleep(120)))
    rates = [each for each in bed.stored("heart_rate") if isinstance(each, HeartRate)]
    bpm = np.concatenate([each.bpm for each in rates])
    assert set(bpm.tolist()) == {60.0}
    assert 117 <= len(bpm) <= 120
    assert all(each.contact is not None and set(each.contact.tolist()) == {1} for each in rates)
    beats = [each for each in bed.stored("rr_intervals") if isinstance(each, RRIntervals)]
    assert sum(map(len, beats)) == len(bpm)
    assert set(np.concatenate([each.rr_ms for each in beats]).tolist()) == {1000.0}


def test_what_is_handed_on_is_what_a_replay_reads(bed: Bed, polar: Polar) -> None:
    async def story() -> None:
        await asyncio.sleep(100)
        polar.drop()
        await asyncio.sleep(100)

    run(bed.sleep(story))
    replayed = list(read(bed.folder).samples())
    for kind in (Acceleration, HeartRate, RRIntervals):
        live = [each for each in bed.heard if isinstance(each, kind)]
        stored = [each for each in replayed if isinstance(each, kind)]
        assert np.array_equal(
            np.concatenate([each.times_ns for each in live]),
            np.concatenate([each.times_ns for each in stored]),
        )
    live_g = [each.xyz_g for each in bed.heard if isinstance(each, Acceleration)]
    stored_g = [each.xyz_g for each in replayed if isinstance(each, Acceleration)]
    assert np.concatenate(live_g).tobytes() == np.concatenate(stored_g).tobytes()


def test_a_drop_is_mended_in_seconds_and_is_a_fault_with_both_ends(bed: Bed, polar: Polar) -> None:
    dropped_s = 0.0

    async def story() -> None:
        nonlocal dropped_s
        await asyncio.sleep(100)
        dropped_s = asyncio.get_running_loop().time()
        polar.drop()
        await asyncio.sleep(100)

    run(bed.sleep(story))
    assert values(bed.rows()) == values(polar.sent)
    [(start_s, end_s)] = bed.spans(FaultKind.LINK_LOST)
    assert dropped_s - 2 < start_s <= dropped_s
    assert 1 < end_s - dropped_s < 5
    [(gap_start_s, gap_end_s)] = bed.spans(FaultKind.GAP)
    assert gap_start_s < dropped_s < gap_end_s < end_s + 1
    waits = [what for _, what in bed.air.log]
    first = waits.index(f"disconnect {polar.name}")
    assert waits.index(f"connect {polar.name}", 1) > first


def test_a_link_that_only_seems_alive_is_given_up_even_if_that_hangs(
    bed: Bed, polar: Polar
) -> None:
    async def story() -> None:
        await asyncio.sleep(100)
        polar.muted = True
        polar.hangs = {"disconnect"}
        await until(lambda: bed.status.links[0].state is State.DISCONNECTING)
        polar.drop()
        polar.muted, polar.started = False, False
        await asyncio.sleep(100)
        polar.hangs = set()

    final = run(bed.sleep(story))
    [(start_s, end_s)] = bed.spans(FaultKind.SILENT_STREAM)
    assert end_s - start_s == pytest.approx(10, abs=1)
    [(lost_s, _)] = bed.spans(FaultKind.LINK_LOST)
    assert lost_s == pytest.approx(end_s, abs=1)
    assert final.links[0].connections == 2
    assert values(bed.rows()) == values(polar.sent)


def test_a_stream_that_the_device_stops_is_started_again_on_the_same_connection(
    bed: Bed, polar: Polar
) -> None:
    async def story() -> None:
        await asyncio.sleep(60)
        polar.stop_by_itself()
        await asyncio.sleep(60)

    final = run(bed.sleep(story))
    assert final.links[0].connections == 1
    assert [what.split()[-1] for _, what in bed.air.log if what.startswith("write")] == [
        *("0102", START.hex()),
        *("0102", START.hex()),
        STOP.hex(),
    ]
    assert bed.spans(FaultKind.LINK_LOST) == []
    assert values(bed.rows()) == values(polar.sent)


def test_a_device_that_reboots_with_its_clock_at_zero_goes_on_in_the_same_night(
    bed: Bed, polar: Polar
) -> None:
    async def story() -> None:
        await asyncio.sleep(200)
        polar.reboot()
        await asyncio.sleep(200)

    final = run(bed.sleep(story))
    assert final.links[0].clock_restarts == 1
    assert values(bed.rows()) == values(polar.sent)
    assert worst_ms(bed, polar) < 60


def test_frames_that_come_several_times_are_stored_once(bed: Bed, polar: Polar) -> None:
    polar.times = 5
    final = run(bed.sleep(lambda: asyncio.sleep(60)))
    assert values(bed.rows()) == values(polar.sent)
    acceleration = final.links[0].streams[0]
    assert acceleration.repeats == 4 * acceleration.frames > 100


def test_setting_the_clock_of_the_host_moves_no_sample_and_is_a_fault(
    bed: Bed, polar: Polar
) -> None:
    async def story() -> None:
        await asyncio.sleep(100)
        bed.clock.stepped_ns = -3600 * 10**9
        await asyncio.sleep(100)

    run(bed.sleep(story))
    assert worst_ms(bed, polar) < 25
    [(start_s, end_s)] = bed.spans(FaultKind.CLOCK_STEPPED)
    assert start_s == pytest.approx(1100, abs=1)
    assert 0 < end_s - start_s < 1


def test_a_fast_device_clock_is_followed(bed: Bed, polar: Polar) -> None:
    polar.ppm = 100.0
    run(bed.sleep(lambda: asyncio.sleep(1200)))
    assert worst_ms(bed, polar) < 40


def test_a_pinetime_that_lies_still_is_asked_and_not_taken_for_silent(make_bed: MakeBed) -> None:
    watch = InfiniTime()
    bed = make_bed((watch, PairedDevice(watch.address, watch.name, "infinitime")))

    async def story() -> None:
        await asyncio.sleep(60)
        watch.still = True
        await asyncio.sleep(120)
        watch.still = False
        await asyncio.sleep(60)

    final = run(bed.sleep(story))
    assert final.links[0].connections == 1
    assert {fault.kind for fault in bed.faults} == set()
    rows = bed.rows()
    # The value that did not change stands for the silence, at the rate of the device.
    assert len(rows) == pytest.approx(2400, rel=0.03)
    assert max(np.diff([at for at, _ in rows])) < 0.3e9


def test_acceleration_of_one_and_heart_rate_of_another_make_one_night(make_bed: MakeBed) -> None:
    polar, strap, second = Polar(), Strap(), Polar("AA:01", "Polar Sense 2")
    bed = make_bed(
        (
            polar,
            PairedDevice(polar.address, polar.name, "polar", frozenset({StreamKind.ACCELERATION})),
        ),
        (strap, PairedDevice(strap.address, strap.name, "heart_rate")),
        (
            second,
            PairedDevice(
                second.address,
                second.name,
                "polar",
                frozenset({StreamKind.ACCELERATION}),
                Placement.CALF,
            ),
        ),
    )
    run(bed.sleep(lambda: asyncio.sleep(120)))
    assert values(bed.rows()) == values(polar.sent)
    assert values(bed.rows("acceleration_calf")) == values(second.sent)
    rates = [each for each in bed.stored("heart_rate") if isinstance(each, HeartRate)]
    assert 112 <= sum(map(len, rates)) <= 120
    heard = [each for each in bed.heard if isinstance(each, Acceleration)]
    assert sum(map(len, heard)) == len(polar.sent)


def test_a_second_start_goes_on_in_the_same_recording_and_hands_on_the_first_part(
    make_bed: MakeBed, polar: Polar
) -> None:
    pair = (polar, PairedDevice(polar.address, polar.name, "polar"))
    first, second = make_bed(pair), make_bed(pair)

    async def both() -> None:
        await first.sleep(lambda: asyncio.sleep(60))
        await asyncio.sleep(30)
        await second.sleep(lambda: asyncio.sleep(60))

    run(both())
    assert values(first.rows()) == values(polar.sent)
    heard = [each for each in second.heard if isinstance(each, Acceleration)]
    assert sum(map(len, heard)) == len(polar.sent)
    [(start_s, end_s)] = first.spans(FaultKind.GAP)
    assert 30 < end_s - start_s < 36


def test_a_start_after_the_clock_was_set_back_goes_on_after_what_is_there(
    make_bed: MakeBed, polar: Polar
) -> None:
    pair = (polar, PairedDevice(polar.address, polar.name, "polar"))
    first, second = make_bed(pair), make_bed(pair)
    second.clock.stepped_ns = -3600 * 10**9

    async def both() -> None:
        await first.sleep(lambda: asyncio.sleep(60))
        await second.sleep(lambda: asyncio.sleep(60))

    run(both())
    assert values(first.rows()) == values(polar.sent)
    assert len(first.spans(FaultKind.CLOCK_STEPPED)) == 1
