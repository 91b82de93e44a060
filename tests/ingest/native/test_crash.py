from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from unittest import mock

import pytest

from ingest.errors import RecordingWriteError
from ingest.native import disk
from ingest.native.compact import compact
from ingest.native.writer import RecordingWriter
from tests.ingest.native.killed_writer import kill_many
from tests.ingest.native.made import (
    INFO,
    SECOND,
    SENSORS,
    Clock,
    a_night,
    acceleration,
    given,
    stored,
    write_night,
)


def test_a_writer_killed_at_random_moments_loses_at_most_two_seconds(tmp_path: Path) -> None:
    kills = kill_many(tmp_path / "night", kills=6, seed=2026)
    assert max(kill.missing_s for kill in kills) <= 2.0
    compact(tmp_path / "night")
    assert stored(tmp_path / "night")[1].damage == []


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file may grow beyond a size: what a disk does that is full, also for root."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_is_told_and_nothing_is_lost_once_there_is_room(tmp_path: Path) -> None:
    folder, clock = tmp_path / "night", Clock()
    write_night(folder, a_night(10))
    earlier = (folder / "segment-0001.arrows").read_bytes()
    writer = RecordingWriter.open(folder, INFO, SENSORS, clock_ns=clock)
    refused: list[RecordingWriteError] = []
    with room_for(7_000):
        for second in range(10, 20):
            clock.now_ns += 2 * 10**9
            try:
                writer.append(acceleration(second * SECOND, SECOND))
                writer.tick()
            except RecordingWriteError as error:
                refused.append(error)
        # What is there can be read, without a torn end, while the disk is still full.
        found, reading = stored(folder)
        assert reading.damage == []
        assert 10 * SECOND < len(found["acceleration_wrist"]) < 20 * SECOND
    assert len(refused) > 3
    assert all(error.disk_full for error in refused)
    assert "cannot be written (File too large). Make room" in str(refused[0])
    writer.close()
    found, reading = stored(folder)
    assert reading.damage == []
    assert found["acceleration_wrist"] == given(a_night(20))["acceleration_wrist"]
    assert (folder / "segment-0001.arrows").read_bytes() == earlier


def test_a_disk_full_from_the_start_is_told_and_leaves_earlier_segments(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    write_night(folder, a_night(10))
    with room_for(100), pytest.raises(RecordingWriteError, match="segment-0002") as caught:
        RecordingWriter.open(folder, INFO, SENSORS, clock_ns=Clock())
    assert caught.value.disk_full
    assert sorted(path.name for path in folder.iterdir()) == ["night.json", "segment-0001.arrows"]
    assert stored(folder)[0] == given(a_night(10))
    # The lock is given up: there is room again, and the night goes on.
    write_night(folder, a_night(5, first=10))
    assert stored(folder)[0] == given(a_night(15))


def test_a_sync_that_fails_takes_the_batch_back_and_tries_again(tmp_path: Path) -> None:
    writer = RecordingWriter.open(tmp_path / "night", INFO, SENSORS, clock_ns=Clock())
    size = writer.path.stat().st_size
    writer.append(acceleration(0, SECOND))
    failing = OSError(errno.EIO, "Input/output error")
    with (
        mock.patch.object(os, "fsync", side_effect=failing),
        pytest.raises(RecordingWriteError, match="Input/output error") as caught,
    ):
        writer.flush()
    assert not caught.value.disk_full
    assert writer.path.stat().st_size == size
    writer.close()
    assert len(stored(tmp_path / "night")[0]["acceleration_wrist"]) == SECOND


def test_a_read_only_folder_is_told(
    open_tmp_path: Path, without_rights: Callable[[], AbstractContextManager[None]]
) -> None:
    folder = open_tmp_path / "night"
    write_night(folder, a_night(10))
    for path in (folder, open_tmp_path, *folder.iterdir()):
        path.chmod(0o555)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with without_rights():
        with pytest.raises(RecordingWriteError, match=r"segment-0002.*Permission denied"):
            RecordingWriter.open(folder, INFO, SENSORS)
        with pytest.raises(RecordingWriteError, match=r"another: cannot be written"):
            RecordingWriter.open(open_tmp_path / "another", INFO, SENSORS)
        with pytest.raises(RecordingWriteError, match="Check the permissions"):
            compact(folder)
        assert stored(folder)[0] == given(a_night(10))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


class PowerCut(BaseException):
    """The machine stops: nothing after this reaches the disk."""


@contextmanager
def power_cut_before(step: int) -> Iterator[list[str]]:
    """Let so many changes of the disk happen, and no more, not even cleaning up."""
    done: list[str] = []
    real = {name: getattr(disk, name) for name in STEPS}

    def counted(name: str) -> Callable[..., object]:
        def change(*arguments: object) -> object:
            if len(done) >= step:
                raise PowerCut
            done.append(name)
            return real[name](*arguments)

        return change

    with ExitStack() as patches:
        for name in STEPS:
            patches.enter_context(mock.patch.object(disk, name, counted(name)))
        yield done


STEPS = ("append", "create", "make_folder", "remove", "rename", "sync_folder")


def test_compaction_cut_off_at_any_step_leaves_the_whole_night(tmp_path: Path) -> None:
    pristine = tmp_path / "pristine"
    write_night(pristine, a_night(8))
    compact(pristine)
    write_night(pristine, a_night(8, first=8))
    write_night(pristine, a_night(8, first=16))
    whole = given(a_night(24))
    for step in range(100):
        folder = tmp_path / f"night-{step}"
        shutil.copytree(pristine, folder)
        try:
            with power_cut_before(step) as done:
                compact(folder)
        except PowerCut:
            found, reading = stored(folder)
            assert (found, reading.damage, reading.repeats.count) == (whole, [], 0), done
            compact(folder)
            found, reading = stored(folder)
            assert (found, reading.damage, reading.repeats.count) == (whole, [], 0), done
            assert names(folder) == ["night.json", "parquet-0003"]
            continue
        assert done.count("create") == 12
        assert done.count("rename") == 1
        assert names(folder) == ["night.json", "parquet-0003"]
        break
    assert step > 18


def test_a_disk_full_while_compacting_gives_the_room_back(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    write_night(folder, a_night(60))
    with room_for(1_500), pytest.raises(RecordingWriteError) as caught:
        compact(folder)
    assert caught.value.disk_full
    assert names(folder) == ["night.json", "segment-0001.arrows"]
    assert stored(folder)[0] == given(a_night(60))


def test_a_file_system_without_locks_is_told(tmp_path: Path) -> None:
    refused = OSError(errno.ENOLCK, "No locks available")
    with (
        mock.patch("fcntl.flock", side_effect=refused),
        pytest.raises(RecordingWriteError, match="No locks available"),
    ):
        RecordingWriter.open(tmp_path / "night", INFO, SENSORS)


def test_what_does_not_read_back_the_same_keeps_its_segments(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    write_night(folder, a_night(8))
    create = disk.create

    def flipping(path: Path, content: bytes) -> None:
        flipped = bytearray(content)
        flipped[100] ^= 1
        create(path, bytes(flipped))

    with (
        mock.patch.object(disk, "create", flipping),
        pytest.raises(RecordingWriteError, match="does not read back as it was written"),
    ):
        compact(folder)
    assert stored(folder)[0] == given(a_night(8))
    assert names(folder) == ["night.json", "segment-0001.arrows"]
    compact(folder)
    assert names(folder) == ["night.json", "parquet-0001"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
