from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from edfio import read_edf

from ingest.native.writer import RecordingWriter
from ingest.recording_folder import read
from ingest.samples import Acceleration, RecordingInfo
from ingest.sensor import Placement, Sensor
from tests.crampwatch.conftest import Command, described, movement_alone
from tests.detector.script import START_NS


@pytest.fixture
def native(crampwatch: Command, night: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "nights" / "a-night"
    outcome = crampwatch("import", night, folder)
    assert (outcome.status, outcome.out, outcome.err) == (0, f"{folder}\n", "")
    return folder


@pytest.fixture
def segments(night: Path, tmp_path: Path) -> Path:
    """The same night as a collector leaves it that was killed."""
    folder = tmp_path / "nights" / "a-night"
    recording = read(night)
    with RecordingWriter.open(folder, recording.info, clock_ns=lambda: 0) as writer:
        for record in recording.samples():
            writer.append(record)
            writer.flush()
    path = folder / "segment-0001.arrows"
    path.write_bytes(path.read_bytes()[:-8])
    return folder


def flip_in_the_middle(folder: Path) -> None:
    (path,) = [*folder.glob("segment-*.arrows"), *folder.glob("*/acceleration_wrist.parquet")]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("kept_as", ["native", "segments"])
def test_a_native_night_replays_to_the_same_bits(
    crampwatch: Command, night: Path, request: pytest.FixtureRequest, kept_as: str
) -> None:
    folder = request.getfixturevalue(kept_as)
    plain = crampwatch("replay", "--json", "--no-store", night)
    again = crampwatch("replay", "--json", "--no-store", folder)
    assert (again.status, again.err) == (0, "")
    documents = [json.loads(each.out) for each in (plain, again)]
    assert [Path(each.pop("path")) for each in documents] == [night, folder]
    assert documents[0] == documents[1]
    assert len(documents[0]["episodes"]) == 1


def test_a_native_night_and_the_plain_one_are_stored_once(
    crampwatch: Command, night: Path, native: Path
) -> None:
    assert "(added)" in crampwatch("replay", night).out
    assert "(unchanged)" in crampwatch("replay", native).out


def test_replay_says_what_is_damaged_and_judges_the_rest(
    crampwatch: Command, segments: Path
) -> None:
    flip_in_the_middle(segments)
    outcome = crampwatch("replay", "--no-store", segments)
    assert outcome.status == 0
    assert "a-night (not stored)" in outcome.out
    assert "has a batch that cannot be read or fails its checksum" in outcome.err


def test_an_exported_folder_is_the_imported_one_again(
    crampwatch: Command, night: Path, native: Path, tmp_path: Path
) -> None:
    out = tmp_path / "plain"
    assert crampwatch("export", native, out).out == f"{out}\n"
    assert {path.name: path.read_bytes() for path in out.iterdir()} == {
        path.name: path.read_bytes() for path in night.iterdir()
    }


def test_an_export_says_what_is_odd_and_what_is_left_out_as_a_replay_does(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    folder = described(night, tmp_path / "abroad", timezone="Asia/Tokyo")
    told = crampwatch("export", folder, tmp_path / "plain").err
    assert "the offset of its start is not that of Asia/Tokyo" in told
    assert told == crampwatch("replay", "--no-store", folder).err


def test_edf_holds_the_truth_and_what_was_found(
    crampwatch: Command, native: Path, tmp_path: Path
) -> None:
    out = tmp_path / "night.edf"
    assert crampwatch("export", native, out, "--format", "edf").status == 0
    found, cramp = (each.text for each in read_edf(out).annotations)
    assert found.startswith("cramp-like awakening, likely, 0.")
    assert cramp == "cramp (phenotype: rub)"


def test_edf_of_a_night_too_short_to_judge_has_no_findings(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    folder = movement_alone(tmp_path / "short", night, (f"{row / 10},0,0,1" for row in range(5)))
    outcome = crampwatch("export", folder, tmp_path / "short.edf", "--format", "edf")
    assert outcome.status == 0
    assert "there is not one second of acceleration to judge" in outcome.err
    assert read_edf(tmp_path / "short.edf").annotations == ()


def test_the_list_says_night_length_format_and_state(
    crampwatch: Command, night: Path, native: Path, tmp_path: Path
) -> None:
    shutil.copytree(night, native.parent / "plain")
    lines = crampwatch("recordings", native.parent).out.splitlines()
    assert [line.split()[0] for line in lines] == ["night", "2026-09-21", "2026-09-21"]
    assert "  wrist, heart rate  native, parquet  complete  test" in lines[1]
    assert "  wrist, heart rate  folder           complete  test" in lines[2]
    assert lines[1].split("  ")[1:3] == ["2 h 00 min", "2 h 00 min"]


def test_a_second_sensor_is_named_by_its_place(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "nights" / "two-legs"
    recording = read(night)
    worn = (Placement.ANKLE, Placement.WRIST, Placement.ANKLE, Placement.CALF)
    with RecordingWriter.open(
        folder, recording.info, [Sensor(each) for each in worn], clock_ns=lambda: 0
    ) as writer:
        for record in recording.samples():
            writer.append(record, sensor=1)
            # The sensor on the calf never came.
            for leg in (0, 2) if isinstance(record, Acceleration) else ():
                writer.append(record, sensor=leg)
    (_, line) = crampwatch("recordings", folder).out.splitlines()
    assert "2 h 00 min  ankle, wrist, ankle 2, heart rate  native" in line

    outcome = crampwatch("replay", "--no-store", folder)
    assert outcome.status == 0
    assert f"{folder}: judged by the wrist. Kept beside it: ankle, ankle 2, calf.\n" in outcome.err
    alone = crampwatch("replay", "--no-store", night)
    assert outcome.out.partition(": ")[2] == alone.out.partition(": ")[2]
    assert alone.err == ""


def test_the_list_tells_a_night_cut_off_one_damaged_and_one_going_on(
    crampwatch: Command, segments: Path, tmp_path: Path
) -> None:
    assert "native, segments  cut off" in crampwatch("recordings", segments).out
    info = RecordingInfo("a-night", START_NS, "Europe/Berlin")
    with RecordingWriter.open(segments, info, clock_ns=lambda: 0):
        assert "being recorded" in crampwatch("recordings", segments).out
    (segments / "segment-0002.arrows").unlink()
    flip_in_the_middle(segments)
    assert "native, segments  damaged" in crampwatch("recordings", segments).out


def test_without_recordings_the_list_says_where_it_looked(
    crampwatch: Command, tmp_path: Path
) -> None:
    outcome = crampwatch("recordings")
    assert outcome.status == 0
    assert outcome.out == f"Nothing is recorded yet in {tmp_path / 'store' / 'recordings'}.\n"


def test_a_recording_that_cannot_be_read_hides_no_other_from_the_list(
    crampwatch: Command, native: Path
) -> None:
    (native.parent / "bad").mkdir()
    (native.parent / "bad" / "night.json").write_text("{}")
    outcome = crampwatch("recordings", native.parent)
    assert outcome.status == 2
    assert len(outcome.out.splitlines()) == 2
    assert "bad/night.json: has no start" in outcome.err


def test_verify_finds_nothing_in_a_good_night(
    crampwatch: Command, night: Path, native: Path
) -> None:
    outcome = crampwatch("verify", native, night)
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        f"{native}: nothing damaged, 2 h 00 min can be read",
        f"{night}: nothing damaged, 2 h 00 min can be read",
    ]


def test_verify_says_what_is_damaged_and_repair_mends_it(
    crampwatch: Command, segments: Path
) -> None:
    flip_in_the_middle(segments)
    found = crampwatch("verify", segments)
    assert found.status == 1
    first, second = found.out.splitlines()
    assert first.startswith(f"{segments}: damaged in 1 place, at most ")
    assert re.search(r" lost; 1 h \d\d min can be read$", first)
    assert "segment-0001.arrows: has a batch that cannot be read" in second

    mended = crampwatch("repair", segments)
    assert (mended.status, mended.err) == (0, "")
    assert mended.out.rstrip().endswith(f"the damaged one is now {segments}.damaged")
    assert crampwatch("verify", segments).status == 0
    assert crampwatch("verify", f"{segments}.damaged").status == 1
    assert crampwatch("repair", segments).out == f"{segments}: nothing damaged\n"


def test_what_damage_costs_is_said_in_plain_words(crampwatch: Command, native: Path) -> None:
    (native / "night.json").unlink()
    first = crampwatch("verify", native).out.splitlines()[0]
    assert first == f"{native}: damaged in 1 place, nothing lost; 2 h 00 min can be read"
    assert crampwatch("repair", native).out.startswith(
        f"{native}: repaired in 1 place, nothing lost; the damaged one is now "
    )

    flip_in_the_middle(native)
    first = crampwatch("verify", native).out.splitlines()[0]
    told = re.fullmatch(r".*: damaged in 1 place, at most (\d+) min lost; 1 h (\d+) min .*", first)
    assert told
    assert int(told[1]) + int(told[2]) == pytest.approx(60, abs=1)

    next(native.glob("*/acceleration_wrist.parquet")).unlink()
    first = crampwatch("verify", native).out.splitlines()[0]
    assert first == (
        f"{native}: damaged in 1 place, how much is lost cannot be told; 0 h 00 min can be read"
    )


def test_verify_tells_of_a_plain_folder_that_fails_at_a_line(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "bad"
    shutil.copytree(night, folder)
    (folder / "accelerometer.csv.gz").write_bytes(
        (folder / "accelerometer.csv.gz").read_bytes()[:-9]
    )
    outcome = crampwatch("verify", folder)
    assert outcome.status == 1
    assert f"{folder}: damaged. " in outcome.out
    assert "ends early or is damaged" in outcome.out


def test_several_recordings_are_imported_each_by_its_name(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        shutil.copytree(night, tmp_path / "all" / name)
    (tmp_path / "all" / "bad").mkdir()
    (tmp_path / "all" / "bad" / "recording.json").write_text("")
    outcome = crampwatch("import", tmp_path / "all", tmp_path / "out")
    assert outcome.status == 2
    assert outcome.out.splitlines() == [str(tmp_path / "out" / name) for name in ("one", "two")]
    assert "bad/recording.json: is empty" in outcome.err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["one", "two"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["recordings", "nowhere"], "nowhere: is not there. Check the path."),
        (["verify", "nowhere"], "nowhere: is not there. Check the path."),
        (["verify"], "Missing argument"),
        (["export", "nowhere", "out"], "nowhere: is not there. Check the path."),
        (["export", "{night}", "{night}"], "is there already. Choose another name"),
        (["export", "{night}", "{night}", "--format", "edf"], "is there already"),
        (["export", "{night}", "out", "--format", "mp3"], "use folder or edf"),
        (["import", "nowhere", "out"], "nowhere: is not there. Check the path."),
        (["import", "{night}", "{night}"], "is there already. Choose another name"),
        (["import", "{night}", "out", "--timezone", "Berlin"], "did you mean Europe/Berlin"),
        (["repair", "nowhere"], "nowhere: is not there. Check the path."),
        (["repair", "{night}"], "is not a recording in crampwatch's own format"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_refused_with_advice(
    crampwatch: Command,
    night: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = crampwatch(*(each.format(night=night) for each in arguments))
    assert outcome.status == 2
    assert says in outcome.err
    assert "Traceback" not in outcome.err
    assert [path.name for path in tmp_path.iterdir()] == []


def test_more_than_one_recording_is_not_exported_into_one(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        shutil.copytree(night, tmp_path / "all" / name)
    outcome = crampwatch("export", tmp_path / "all", tmp_path / "out")
    assert outcome.status == 2
    assert "holds 2 recordings. Export one at a time" in outcome.err
