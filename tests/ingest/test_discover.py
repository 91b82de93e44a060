from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from ingest.discover import find_recordings
from ingest.errors import RecordingError, SettingsError
from tests.ingest.native.made import a_night, write_night

MakeFolder = Callable[..., Path]
MOTION = "Timestamp,x,y,z\n" + "".join(f"17000000{row / 50:05.2f},0,0,1\n" for row in range(99))
ACCELERATION = "".join(f"{row / 50} 0 0 1\n" for row in range(99))


def put(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def names(path: Path, timezone: str | None = None) -> list[str]:
    return [found.open().info.name for found in find_recordings(path, timezone=timezone)]


def test_finds_a_recording_folder(make_folder: MakeFolder) -> None:
    assert names(make_folder()) == ["night"]


def test_finds_recordings_one_and_two_folders_down_in_order(
    make_folder: MakeFolder, tmp_path: Path
) -> None:
    for name in ("anna/2", "anna/1", "bob", ".anna.1f.partial", "anna/too/deep"):
        make_folder(name=f"all/{name}")
    put(tmp_path / "all", "notes.txt", "not a recording")
    (tmp_path / "all" / "empty").mkdir()
    assert names(tmp_path / "all") == ["1", "2", "bob"]


def test_finds_a_recording_by_the_name_of_the_current_folder(
    make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(make_folder())
    assert names(Path()) == ["night"]


def test_finds_native_recordings_by_any_of_their_files_and_none_set_aside(tmp_path: Path) -> None:
    write_night(tmp_path / "all" / "b", a_night(4))
    write_night(tmp_path / "all" / "a", a_night(4))
    (tmp_path / "all" / "a" / "night.json").unlink()
    for name in ("a.damaged", "a.damaged-2", "a.repaired"):
        shutil.copytree(tmp_path / "all" / "b", tmp_path / "all" / name)
    found = find_recordings(tmp_path / "all")
    assert [(each.path.name, each.format) for each in found] == [("a", "native"), ("b", "native")]
    assert [each.open().info.device for each in found] == ["a wristband", "a wristband"]


@pytest.mark.parametrize("prefix", ["", "motion/"])
def test_finds_the_people_of_sleep_accel(tmp_path: Path, prefix: str) -> None:
    for number in ("8000685", "46343"):
        put(tmp_path, f"{prefix}{number}_acceleration.txt", ACCELERATION)
    expected = ["sleep-accel 46343", "sleep-accel 8000685"]
    assert names(tmp_path) == expected
    assert names(tmp_path / prefix) == expected
    assert names(tmp_path / prefix / "46343_acceleration.txt") == expected[:1]


def test_finds_the_nights_of_bidsleep_from_anywhere_in_it(tmp_path: Path) -> None:
    for night in ("Bidslab01/1", "Bidslab00/2", "Bidslab00/1"):
        put(tmp_path, f"{night}/motion.csv", MOTION)
    expected = ["bidsleep Bidslab00/1", "bidsleep Bidslab00/2", "bidsleep Bidslab01/1"]
    assert names(tmp_path) == expected
    assert names(tmp_path / "Bidslab00") == expected[:2]
    assert names(tmp_path / "Bidslab00" / "2") == expected[1:2]


def test_the_zone_given_applies_only_where_the_format_has_none(
    make_folder: MakeFolder, tmp_path: Path
) -> None:
    make_folder(name="all/plain")
    put(tmp_path, "all/night/motion.csv", MOTION)
    put(tmp_path, "all/46343_acceleration.txt", ACCELERATION)
    found = find_recordings(tmp_path / "all", timezone="Asia/Tokyo")
    zones = {recording.path.name: recording.open().info.timezone for recording in found}
    assert zones == {
        "46343_acceleration.txt": "Asia/Tokyo",
        "night": "Asia/Tokyo",
        "plain": "Europe/Berlin",
    }
    with pytest.raises(SettingsError, match="did you mean Asia/Tokyo"):
        find_recordings(tmp_path / "all", timezone="Asia/Tokio")


def test_a_bad_recording_stops_no_good_one(make_folder: MakeFolder, tmp_path: Path) -> None:
    make_folder(name="all/a")
    make_folder({"accelerometer.csv": ""}, name="all/b")
    make_folder({"recording.json": None}, name="all/c")
    make_folder(name="all/d")
    opened, failed = [], []
    for found in find_recordings(tmp_path / "all"):
        try:
            opened.append(found.open().info.name)
        except RecordingError as error:
            failed.append((found.path.name, error.problem))
    assert opened == ["a", "d"]
    assert failed == [("b", "is empty"), ("c", "is not there")]


@pytest.mark.parametrize(
    "stray", ["events.csv", "heart_rate.csv", "rr_intervals.csv.gz", "hr.csv", "notes.txt"]
)
def test_a_stray_table_makes_no_recording(
    make_folder: MakeFolder, tmp_path: Path, stray: str
) -> None:
    make_folder(name="all/a")
    put(tmp_path / "all", stray, "")
    assert names(tmp_path / "all") == ["a"]


@pytest.mark.parametrize("stray", ["motion.csv", "recording.json", "accelerometer.csv"])
def test_a_stray_part_of_a_recording_is_named_and_hides_none_below(
    make_folder: MakeFolder, tmp_path: Path, stray: str
) -> None:
    make_folder(name="all/a")
    put(tmp_path / "all", "Bidslab00/1/motion.csv", MOTION)
    put(tmp_path / "all", "motion/46343_acceleration.txt", ACCELERATION)
    put(tmp_path / "all", stray, "")
    first, *others = find_recordings(tmp_path / "all")
    assert first.path == tmp_path / "all"
    with pytest.raises(RecordingError):
        first.open()
    assert [found.open().info.name for found in others] == [
        "bidsleep Bidslab00/1",
        "a",
        "sleep-accel 46343",
    ]


def test_a_stray_part_hides_no_file_beside_it(tmp_path: Path) -> None:
    put(tmp_path, "46343_acceleration.txt", ACCELERATION)
    put(tmp_path, "recording.json", "")
    assert [found.format for found in find_recordings(tmp_path)] == ["folder", "sleep-accel"]


def test_links_lead_to_a_recording_once(make_folder: MakeFolder, tmp_path: Path) -> None:
    make_folder(name="all/a")
    put(tmp_path / "all", "46343_acceleration.txt", ACCELERATION)
    (tmp_path / "all" / "again").symlink_to(tmp_path / "all", target_is_directory=True)
    (tmp_path / "all" / "latest").symlink_to("a", target_is_directory=True)
    (tmp_path / "all" / "46344_acceleration.txt").symlink_to("46343_acceleration.txt")
    assert names(tmp_path / "all") == ["sleep-accel 46343", "a"]


def test_says_what_was_looked_for(tmp_path: Path) -> None:
    put(tmp_path, "photos/summer.jpg", "")
    with pytest.raises(RecordingError, match="holds no recording") as caught:
        find_recordings(tmp_path)
    for word in (
        "night.json",
        "recording.json",
        "accelerometer.csv",
        "sleep-accel",
        "BIDSleep",
        "motion.csv",
    ):
        assert word in caught.value.advice


def test_a_missing_path_an_empty_folder_and_a_file_are_three_errors(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"nowhere: is not there\. Check the path\."):
        find_recordings(tmp_path / "nowhere")
    with pytest.raises(RecordingError, match=r"46343_acceleration\.txt: is not there"):
        find_recordings(tmp_path / "46343_acceleration.txt")
    with pytest.raises(RecordingError, match="is an empty folder"):
        find_recordings(tmp_path)
    put(tmp_path, "accelerometer.csv", "")
    with pytest.raises(RecordingError, match=r"is a file .* Give the folder it is in"):
        find_recordings(tmp_path / "accelerometer.csv")


def test_a_folder_without_permission_is_named(
    open_tmp_path: Path, without_rights: Callable[[], AbstractContextManager[None]]
) -> None:
    open_tmp_path.chmod(0)
    with without_rights(), pytest.raises(RecordingError) as caught:
        find_recordings(open_tmp_path)
    assert (caught.value.path, caught.value.problem) == (open_tmp_path, "may not be read")


@pytest.mark.parametrize("mode", [0o000, 0o444])
def test_a_closed_folder_among_open_ones_fails_by_itself(
    make_folder: MakeFolder,
    open_tmp_path: Path,
    without_rights: Callable[[], AbstractContextManager[None]],
    mode: int,
) -> None:
    for name in ("a", "b", "c"):
        shutil.copytree(make_folder(name=name), open_tmp_path / name)
    (open_tmp_path / "b").chmod(mode)
    opened, failed = [], []
    with without_rights():
        for found in find_recordings(open_tmp_path):
            try:
                opened.append(found.open().info.name)
            except RecordingError as error:
                failed.append((found.path.name, error.problem))
    assert opened == ["a", "c"]
    assert failed == [("b", "may not be read")]
