from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingest.discover import find_recordings
from ingest.errors import RecordingError, RecordingWriteError
from ingest.native import disk
from ingest.native.compact import compact
from ingest.native.convert import import_recording
from ingest.native.night import describe, read, read_faults
from ingest.native.repair import check, repair
from ingest.native.writer import RecordingWriter
from ingest.recording import Event
from ingest.recording_folder import write as write_plain
from ingest.samples import FaultKind
from ingest.sensor import Placement, Sensor
from tests.ingest.native.made import (
    INFO,
    SENSORS,
    Clock,
    a_night,
    acceleration,
    fault,
    given,
    is_part_of,
    mark,
    stored,
    write_night,
)


def flip_in_the_middle(path: Path) -> bytes:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    return bytes(content)


@pytest.mark.parametrize("compacted", [True, False])
def test_the_readable_part_takes_the_place_of_the_damaged_night(
    tmp_path: Path, compacted: bool
) -> None:
    folder = tmp_path / "nights" / "night"
    write_night(folder, a_night(20))
    write_night(folder, a_night(20, first=20))
    if compacted:
        compact(folder)
        write_night(folder, a_night(20, first=40))
    path = sorted(folder.glob("segment-*"))[-1]
    content = flip_in_the_middle(path)
    whole, _ = stored(folder)

    reading, kept = repair(folder)

    assert [damage.path for damage in reading.damage] == [path]
    assert kept == tmp_path / "nights" / "night.damaged"
    assert (kept / path.name).read_bytes() == content
    found, reading = stored(folder)
    assert reading.damage == []
    assert found.pop("faults") == [(repr(read_faults(folder)[0]),)]
    assert found == whole
    assert describe(folder).description.info == INFO
    # The set-aside night is not found as another one, unless it is asked for by name.
    assert [each.path for each in find_recordings(tmp_path)] == [folder]
    assert find_recordings(kept)[0].open().info.name == "night.damaged"

    assert repair(folder) == (check(folder), None)


def test_a_second_repair_keeps_both_damaged_nights(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    for name in ("night.damaged", "night.damaged-2"):
        write_night(folder, a_night(20))
        flip_in_the_middle(folder / "segment-0001.arrows")
        assert repair(folder)[1] == tmp_path / name
        shutil.rmtree(folder)


def test_a_night_being_recorded_is_not_repaired(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    with RecordingWriter.open(folder, INFO, SENSORS, clock_ns=Clock()) as writer:
        writer.append(acceleration(0, 100))
        assert disk.is_locked(folder)
        with pytest.raises(RecordingWriteError, match="is being recorded or changed right now"):
            repair(folder)
    assert not disk.is_locked(folder)


def test_a_plain_folder_comes_in_with_its_events(tmp_path: Path) -> None:
    events = (Event(3.5, 90.0, "cramp", {"phenotype": "rub"}), Event(1.0, 0.0, "snoring"))
    write_plain(tmp_path / "plain", INFO, a_night(30), events)
    (found,) = find_recordings(tmp_path / "plain")
    import_recording(found, tmp_path / "native")
    (again,) = find_recordings(tmp_path / "native")
    assert again.format == "native"
    recording = again.open()
    assert recording.events == events
    assert (recording.info.device, recording.info.start_ns) == (INFO.device, INFO.start_ns)
    assert given(recording.samples()) == given(found.open().samples())


def test_a_native_night_is_copied_with_every_sensor_and_fault(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    sensors = (Sensor(counts_per_g=1024.0), Sensor(Placement.ANKLE))
    with RecordingWriter.open(folder, INFO, sensors, clock_ns=Clock()) as writer:
        writer.append(acceleration(0, 100), 0)
        writer.append(acceleration(0, 100, seed=3), 1)
        writer.append(mark(1))
        writer.append(fault(1, 2, FaultKind.NO_HEART_RATE))
    import_recording(find_recordings(folder)[0], tmp_path / "copy")
    assert stored(tmp_path / "copy")[0] == stored(folder)[0]
    assert describe(tmp_path / "copy").description.sensors == sensors


def test_what_cannot_be_imported_leaves_nothing(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    write_plain(plain, INFO, a_night(30), compress=False)
    table = plain / "accelerometer.csv"
    table.write_text(table.read_text() + "29.99,0,0,zero\n")
    with pytest.raises(RecordingError, match=r"accelerometer\.csv, line 1502"):
        import_recording(find_recordings(plain)[0], tmp_path / "native")
    assert [path.name for path in tmp_path.iterdir()] == ["plain"]
    write_plain(tmp_path / "good", INFO, a_night(30))
    with pytest.raises(RecordingWriteError, match="plain: is there already"):
        import_recording(find_recordings(tmp_path / "good")[0], plain)


def test_a_damaged_night_is_imported_without_its_damage(tmp_path: Path) -> None:
    folder = tmp_path / "night"
    flip_in_the_middle(write_night(folder, a_night(20)))
    damage = import_recording(find_recordings(folder)[0], tmp_path / "copy").damage
    assert len(damage) == 1
    found, reading = stored(tmp_path / "copy")
    assert reading.damage == []
    found.pop("faults")
    assert is_part_of(found, given(a_night(20)))
    assert len(read_faults(tmp_path / "copy")) == 1
    assert read(tmp_path / "copy").info.device == INFO.device
