from __future__ import annotations

import asyncio
import errno
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from ingest.collector.machine import State
from ingest.collector.paired import PairedDevice, require_one_night
from ingest.collector.session import Session
from ingest.devices.conversation import StreamKind
from ingest.devices.heart_rate_service import HEART_RATE_MEASUREMENT
from ingest.errors import RecordingWriteError, SettingsError
from ingest.native import disk
from ingest.native.night import Reading, describe, read
from ingest.samples import NS_PER_S, Acceleration, FaultKind, HeartRate, Mark, Samples
from ingest.sensor import Placement
from simulator.wearable import run
from tests.ingest.collector.conftest import INFO, Bed, MakeBed
from tests.ingest.collector.fake_wearables import Polar
from tests.ingest.collector.loop_clock import BEDTIME_NS

POLAR = PairedDevice("AA:00", "Polar Sense 1", "polar")
STRAP = PairedDevice("CC:00", "Strap", "heart_rate")


def sent(polar: Polar) -> list[tuple[int, int, int]]:
    return [value for _, value in polar.sent]


def times_ns(record: Samples) -> list[int]:
    assert isinstance(record, HeartRate)
    return [int(each) for each in record.times_ns]


def marks(folder: Path) -> list[str]:
    found = describe(folder).records(Reading())
    return [each.record.label for each in found if isinstance(each.record, Mark)]


class SettableClock:
    """Clocks of a host that stand still until they are told."""

    now_ns = 0

    def monotonic_ns(self) -> int:
        return self.now_ns

    def utc_ns(self) -> int:
        return BEDTIME_NS + self.now_ns


def stored(bed: Bed) -> list[tuple[int, int, int]]:
    return [value for _, value in bed.rows()]


def test_a_disk_that_is_full_for_a_while_costs_nothing_and_is_a_fault(
    bed: Bed, polar: Polar, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = False
    plain = disk._write

    def write(descriptor: int, content: bytes) -> None:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        plain(descriptor, content)

    monkeypatch.setattr(disk, "_write", write)

    async def story() -> None:
        nonlocal full
        await asyncio.sleep(60)
        bed.free_bytes = 1000
        await asyncio.sleep(60)
        assert [each.kind for each in bed.status.faults] == [FaultKind.DISK_LOW]
        full = True
        await asyncio.sleep(300)
        assert bed.status.waiting > 15_000
        assert FaultKind.DISK_FULL in {each.kind for each in bed.status.faults}
        full, bed.free_bytes = False, 10**12
        await asyncio.sleep(120)

    final = run(bed.sleep(story))
    assert stored(bed) == sent(polar)
    assert (final.lost, final.waiting) == (0, 0)
    [(start_s, end_s)] = bed.spans(FaultKind.DISK_FULL)
    assert end_s - start_s == pytest.approx(300, abs=3)
    [(start_s, end_s)] = bed.spans(FaultKind.DISK_LOW)
    assert end_s - start_s == pytest.approx(360, abs=60)
    heard = [each for each in bed.heard if isinstance(each, Acceleration)]
    assert sum(map(len, heard)) == len(polar.sent)


def test_a_disk_that_takes_3_s_for_every_write_delays_no_sample_and_loses_none(
    bed: Bed, polar: Polar
) -> None:
    bed.write_s = 3.0
    final = run(bed.sleep(lambda: asyncio.sleep(300)))
    assert stored(bed) == sent(polar)
    assert len(polar.sent) > 15_000
    assert (final.lost, final.waiting) == (0, 0)
    assert bed.faults == ()
    # Heart rate has no time but that of its coming.
    heart_s = [t / 1e9 for each in bed.stored("heart_rate") for t in times_ns(each)]
    assert np.diff(heart_s) == pytest.approx(1.0, abs=0.05)
    # Meanwhile the links are looked after twice a second.
    assert np.diff([each.now_ns for each in bed.states]).max() < 0.6e9
    assert max(each.waiting for each in bed.states) > 3 * 52


def test_a_write_that_blocks_its_thread_leaves_the_loop_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing, may_end = threading.Event(), threading.Event()
    plain = os.fsync

    def fsync(descriptor: int) -> None:
        writing.set()
        assert may_end.wait(60)
        plain(descriptor)

    async def story() -> None:
        polar = PairedDevice("AA:00", "Polar Sense 1", "polar")
        session = Session([polar], tmp_path / "night", INFO, clock=(clock := SettableClock()))
        monkeypatch.setattr(os, "fsync", fsync)
        session.mark("before")
        clock.now_ns += 2 * NS_PER_S
        session.tick()
        await asyncio.to_thread(writing.wait, 60)
        session.mark("meanwhile")
        clock.now_ns += 2 * NS_PER_S
        session.tick()
        assert marks(tmp_path / "night") == ["before"]
        may_end.set()
        await session.close()

    asyncio.run(story())
    assert marks(tmp_path / "night") == ["before", "meanwhile"]


def test_a_listener_that_fails_does_not_end_the_night(bed: Bed, polar: Polar) -> None:
    class Deaf(list[object]):
        def append(self, record: object) -> None:
            raise ValueError("the detector has a defect")

    bed.heard = Deaf()  # type: ignore[assignment]
    run(bed.sleep(lambda: asyncio.sleep(60)))
    assert stored(bed) == sent(polar)
    assert len(sent(polar)) > 2500


class Finder(list[Samples]):
    """Finds a mark in every tenth second, whatever the chunks."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Mark] = []
        self._last_ns = 0

    def append(self, record: Samples) -> list[Mark]:  # type: ignore[override]
        super().append(record)
        if not isinstance(record, Acceleration):
            return []
        last_ns, self._last_ns = self._last_ns, int(record.times_ns[-1])
        since_ns = last_ns or int(record.times_ns[0])
        tenths = range(since_ns // FIND_EVERY_NS + 1, self._last_ns // FIND_EVERY_NS + 1)
        marks = [Mark(tenth * FIND_EVERY_NS, "found") for tenth in tenths]
        self.found += marks
        return marks


FIND_EVERY_NS = 10 * NS_PER_S


def recorded_marks(bed: Bed) -> list[Mark]:
    return [each for each in read(bed.folder).samples() if isinstance(each, Mark)]


def test_what_a_listener_finds_is_recorded_once_and_handed_on(bed: Bed) -> None:
    finder = bed.heard = Finder()
    run(bed.sleep(lambda: asyncio.sleep(65)))
    assert len(finder.found) >= 5
    assert recorded_marks(bed) == finder.found
    assert [each for each in finder if isinstance(each, Mark)] == finder.found


def test_what_is_found_in_the_very_last_samples_is_recorded(bed: Bed) -> None:
    class Late(Finder):
        def append(self, record: Samples) -> list[Mark]:  # type: ignore[override]
            list.append(self, record)
            if not isinstance(record, Acceleration):
                return []
            self.found.append(Mark(int(record.times_ns[-1]), "found"))
            return self.found[-1:]

    finder = bed.heard = Late()
    run(bed.sleep(lambda: asyncio.sleep(20)))
    assert len(finder.found) > 5
    assert recorded_marks(bed) == finder.found


def test_what_was_found_before_a_restart_is_not_recorded_again(
    make_bed: MakeBed, polar: Polar
) -> None:
    first, second = make_bed((polar, POLAR)), make_bed((polar, POLAR))
    first.heard, second.heard = Finder(), Finder()

    async def both() -> None:
        await first.sleep(lambda: asyncio.sleep(35))
        await second.sleep(lambda: asyncio.sleep(35))

    run(both())
    marks = recorded_marks(second)
    assert len(marks) >= 5
    assert marks == sorted(set(marks), key=lambda mark: mark.time_ns)
    assert set(marks) == set(second.heard.found)


def test_two_collectors_do_not_write_one_night(bed: Bed) -> None:
    async def story() -> None:
        await asyncio.sleep(10)
        with pytest.raises(RecordingWriteError, match="is being recorded or changed"):
            Session(bed.paired, bed.folder, INFO, clock=bed.clock)

    run(bed.sleep(story))


def test_faults_that_a_killed_collector_left_open_end_with_what_it_recorded(
    make_bed: MakeBed, polar: Polar
) -> None:
    pair = (polar, POLAR)
    first, second = make_bed(pair), make_bed(pair)

    async def killed() -> None:
        session = Session(first.paired, first.folder, INFO, clock=first.clock, beside=first.write)
        session.mark("this was one")
        session.stations[0].moved(State.BACKING_OFF, "not seen")
        await asyncio.sleep(5)
        session.tick()
        await asyncio.sleep(1)
        # The process dies: its lock goes with it, and nothing more is written.
        session._recorder._writer._held.close()

    async def both() -> None:
        await killed()
        await second.sleep(lambda: asyncio.sleep(30))

    run(both())
    lost = first.spans(FaultKind.LINK_LOST)
    assert len(lost) == 1
    assert lost[0][1] > lost[0][0]
    assert [each.label for each in second.heard if isinstance(each, Mark)] == ["this was one"]
    assert stored(second) == sent(polar)


def test_a_fault_of_one_moment_that_has_ended_is_not_taken_for_one_left_open(
    make_bed: MakeBed, polar: Polar
) -> None:
    pair = (polar, POLAR)
    first, second = make_bed(pair), make_bed(pair)

    async def damage() -> None:
        await asyncio.sleep(30)
        polar.notify(HEART_RATE_MEASUREMENT, b"")
        await asyncio.sleep(300)

    async def both() -> None:
        await first.sleep(damage)
        await second.sleep(lambda: asyncio.sleep(30))

    run(both())
    [(start_s, end_s)] = second.spans(FaultKind.DECODE_ERRORS)
    assert 0 < end_s - start_s < 1


@pytest.mark.parametrize(
    ("paired", "words"),
    [
        ([], "No wearable is paired"),
        ([STRAP], "No paired wearable brings acceleration"),
        ([POLAR, POLAR], "Polar Sense 1 is paired twice"),
        ([POLAR, STRAP], "Polar Sense 1 and Strap all bring heart rate"),
        ([PairedDevice("AA:00", "Band", "fitbit")], "'fitbit' is not a kind of wearable"),
    ],
)
def test_wearables_that_make_no_night_are_refused(paired: list[PairedDevice], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        require_one_night(paired)


def test_two_sensors_of_one_placement_and_one_heart_make_a_night() -> None:
    acceleration = frozenset({StreamKind.ACCELERATION})
    require_one_night(
        [
            PairedDevice("AA:00", "a", "polar", acceleration, Placement.CALF),
            PairedDevice("AA:01", "b", "polar", acceleration, Placement.CALF),
            STRAP,
        ]
    )


def test_status_is_of_the_moment_and_cannot_be_changed(bed: Bed) -> None:
    run(bed.sleep(lambda: asyncio.sleep(30)))
    rates = [each.links[0].streams[0].rate_hz for each in bed.states]
    assert rates[0] is None
    assert rates[-1] == pytest.approx(52, abs=0.2)
    written = [each.written for each in bed.states]
    assert written == sorted(written)
    assert np.diff(written).max() > 0
    with pytest.raises(AttributeError):
        bed.states[0].written = 1  # type: ignore[misc]
