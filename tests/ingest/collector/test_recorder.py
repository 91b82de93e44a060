from __future__ import annotations

import errno
from pathlib import Path

import pytest

from ingest.collector.recorder import Recorder
from ingest.native import disk
from ingest.native.night import Reading, describe, read_faults
from ingest.native.writer import RecordingWriter
from ingest.samples import Acceleration, Fault, FaultKind, Mark, Samples
from tests.ingest.native.made import (
    INFO,
    SENSORS,
    START_NS,
    acceleration,
    fault,
    given,
    mark,
    rows_of_records,
    stored,
)

SECOND = 50


class FullDisk:
    """A disk that takes nothing while it is full."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.full = False
        self._write = disk._write
        patch.setattr(disk, "_write", self.write)

    def write(self, descriptor: int, content: bytes) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        self._write(descriptor, content)


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> FullDisk:
    return FullDisk(monkeypatch)


@pytest.fixture
def heard() -> list[Samples]:
    return []


@pytest.fixture
def recorder(tmp_path: Path, heard: list[Samples]) -> Recorder:
    writer = RecordingWriter.open(tmp_path / "night", INFO, SENSORS)
    return Recorder(writer, lambda record, _: heard.append(record), max_rows=10 * SECOND)


def second(number: int) -> Acceleration:
    return acceleration(number * SECOND, SECOND)


def on_disk(folder: Path) -> list[Samples]:
    return [
        each.record
        for each in describe(folder).records(Reading())
        if isinstance(each.record, Acceleration | Mark)
    ]


def test_nothing_is_handed_on_before_it_is_on_the_disk(
    recorder: Recorder, heard: list[Samples], tmp_path: Path
) -> None:
    recorder.take(second(0))
    assert (heard, recorder.waiting, recorder.written) == ([], SECOND, 0)
    assert recorder.flush() is None
    assert (len(heard), recorder.waiting, recorder.written) == (1, 0, SECOND)
    assert stored(tmp_path / "night")[0] == given([second(0)])
    recorder.close()


def test_a_full_disk_costs_nothing_that_fits_into_memory(
    recorder: Recorder, heard: list[Samples], tmp_path: Path, full_disk: FullDisk
) -> None:
    recorder.take(second(0))
    recorder.flush()
    full_disk.full = True
    for number in range(1, 8):
        recorder.take(second(number))
        recorder.take(mark(number))
        problem = recorder.flush()
        assert problem is not None
        assert problem.disk_full
    assert len(heard) == 1
    full_disk.full = False
    recorder.take(second(8))
    assert recorder.flush() is None
    recorder.close()
    everything = [second(number) for number in range(9)] + [mark(n) for n in range(1, 8)]
    assert stored(tmp_path / "night")[0] == given(everything)
    assert rows_of_records(
        ("acceleration_wrist" if isinstance(each, Acceleration) else "marks", each)
        for each in heard
    ) == given(everything)
    assert recorder.lost == 0


def test_what_no_longer_fits_goes_oldest_first_is_counted_and_is_a_gap(
    recorder: Recorder, heard: list[Samples], tmp_path: Path, full_disk: FullDisk
) -> None:
    full_disk.full = True
    recorder.take(fault(0, 5))
    for number in range(30):
        recorder.take(second(number))
        recorder.flush()
    assert recorder.waiting <= 11 * SECOND
    full_disk.full = False
    recorder.flush()
    recorder.flush()
    recorder.close()
    # The writer had the first second already when the disk was full; the last ten are kept.
    kept = [second(0), *(second(number) for number in range(20, 30))]
    assert recorder.lost == 19 * SECOND
    faults = read_faults(tmp_path / "night")
    gap = Fault(int(second(1).times_ns[0]), int(second(19).times_ns[-1]), FaultKind.GAP)
    assert faults == (fault(0, 5), gap)
    assert (
        stored(tmp_path / "night")[0]["acceleration_wrist"] == (given(kept)["acceleration_wrist"])
    )
    assert rows_of_records(("acceleration_wrist", each) for each in heard) == given(kept)


def test_what_was_lost_is_a_gap_even_if_the_disk_has_room_again_only_at_the_end(
    recorder: Recorder, tmp_path: Path, full_disk: FullDisk
) -> None:
    full_disk.full = True
    for number in range(30):
        recorder.take(second(number))
        recorder.flush()
    full_disk.full = False
    assert recorder.close() is None
    gap = Fault(int(second(1).times_ns[0]), int(second(19).times_ns[-1]), FaultKind.GAP)
    assert read_faults(tmp_path / "night") == (gap,)


def test_samples_that_the_recording_refuses_cost_only_themselves(
    recorder: Recorder, heard: list[Samples], caplog: pytest.LogCaptureFixture
) -> None:
    recorder.take(second(5))
    recorder.take(second(3))
    recorder.take(second(6))
    assert recorder.flush() is None
    recorder.close()
    [told] = caplog.messages
    assert told.startswith(f"{SECOND} samples left out: acceleration_wrist: a chunk begins before")
    assert [int(each.times_ns[0]) for each in heard if isinstance(each, Acceleration)] == [
        START_NS + number * 10**9 for number in (5, 6)
    ]
