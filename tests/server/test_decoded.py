from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from server.decoded import Decoded, DecodedNights, NotShown
from tests.server.recordings import START_NS, samples_of, write_recording

ZONE = "Europe/Berlin"


@pytest.fixture
def night(tmp_path: Path) -> tuple[str, Path]:
    return write_recording(tmp_path / "night"), tmp_path / "night"


@pytest.fixture
def kept(tmp_path: Path) -> DecodedNights:
    return DecodedNights(tmp_path / "samples")


def test_the_samples_are_those_of_the_recording_to_the_last_bit(
    kept: DecodedNights, night: tuple[str, Path], tmp_path: Path
) -> None:
    recording_id, path = night
    found = kept.get(recording_id, ZONE, lambda: path)
    assert isinstance(found, Decoded)
    blocks = list(found.blocks(0, found.samples, 7))
    movement, _ = samples_of(180)
    assert np.concatenate([each.times_ns for each in blocks]).tolist() == movement.times_ns.tolist()
    assert np.concatenate([each.xyz_g for each in blocks]).tolist() == movement.xyz_g.tolist()
    assert [each.start_ns for each in found.stretches] == [START_NS]
    (folder,) = (tmp_path / "samples").iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700


def test_another_recording_in_its_place_is_not_shown_and_not_read_again(
    kept: DecodedNights, night: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, path = night
    assert kept.get("another", ZONE, lambda: path) is NotShown.CHANGED
    assert list((tmp_path / "samples").iterdir()) == []
    monkeypatch.setattr("server.decoded._decode_apart", lambda *_: pytest.fail("read again"))
    assert kept.get("another", ZONE, lambda: path) is NotShown.CHANGED


def test_what_cannot_be_read_is_told_and_read_again_once_it_is_mended(
    kept: DecodedNights, night: tuple[str, Path], caplog: pytest.LogCaptureFixture
) -> None:
    recording_id, path = night
    table = path / "accelerometer.csv"
    whole = table.read_bytes()
    table.write_bytes(whole + b"181.0,one,2,3\n")
    os.utime(table, ns=(1, 1))
    assert kept.get(recording_id, ZONE, lambda: path) is NotShown.UNREADABLE
    assert "accelerometer.csv" in caplog.text
    table.write_bytes(whole)
    assert isinstance(kept.get(recording_id, ZONE, lambda: path), Decoded)


def test_what_is_not_there_has_moved(kept: DecodedNights, tmp_path: Path) -> None:
    assert kept.get("any", ZONE, lambda: tmp_path / "gone") is NotShown.MOVED
    assert kept.get("any", ZONE, lambda: None) is NotShown.ELSEWHERE


def test_where_nothing_can_be_kept_that_is_told(night: tuple[str, Path], tmp_path: Path) -> None:
    recording_id, path = night
    (tmp_path / "a-file").touch()
    kept = DecodedNights(tmp_path / "a-file" / "samples")
    assert kept.get(recording_id, ZONE, lambda: path) is NotShown.NO_ROOM


def test_what_was_not_drawn_for_the_longest_makes_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(path: Path, timezone: str, folder: Path) -> str:
        (folder / "about.json").write_text('{"samples": 0, "stretches": []}' + 269 * " ")
        return path.name

    monkeypatch.setattr("server.decoded._decode_apart", write)
    kept = DecodedNights(tmp_path / "samples", max_bytes=700)
    asked: list[str] = []

    def draw(name: str) -> None:
        def where() -> Path:
            asked.append(name)
            return tmp_path / name

        assert isinstance(kept.get(name, ZONE, where), Decoded)

    for moment, name in enumerate(["one", "two", "one", "three"]):
        draw(name)
        for folder in (tmp_path / "samples").iterdir():
            # Whichever was just drawn has the time of now, long after these.
            if folder.stat().st_mtime > 1_000_000:
                os.utime(folder, (moment, moment))
    assert asked == ["one", "two", "three"]
    draw("one")
    assert asked == ["one", "two", "three"]
    draw("two")
    assert asked == ["one", "two", "three", "two"]


def test_only_what_is_stored_is_kept(
    kept: DecodedNights, night: tuple[str, Path], tmp_path: Path
) -> None:
    recording_id, path = night
    kept.get(recording_id, ZONE, lambda: path)
    (tmp_path / "samples" / ".left-by-a-crash").mkdir()
    kept.keep_only([recording_id])
    assert len(list((tmp_path / "samples").iterdir())) == 1
    kept.keep_only([])
    assert list((tmp_path / "samples").iterdir()) == []


def test_what_lies_in_the_working_folder_is_not_run(
    kept: DecodedNights, night: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording_id, path = night
    (tmp_path / "work" / "server").mkdir(parents=True)
    (tmp_path / "work" / "server" / "__init__.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path / "work")
    assert isinstance(kept.get(recording_id, ZONE, lambda: path), Decoded)


def test_a_drive_that_does_not_answer_is_not_waited_for_for_ever(
    kept: DecodedNights, night: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    recording_id, path = night
    monkeypatch.setattr("server.decoded.PATIENCE_S", 0.001)
    assert kept.get(recording_id, ZONE, lambda: path) is NotShown.UNREADABLE
