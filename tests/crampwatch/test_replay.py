from __future__ import annotations

import gzip
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from server.answers import Answer, answer_episode
from server.kept_tables import Said
from server.store import Store
from server.wearers import choose_learning
from tests.crampwatch.conftest import Command, described, movement_alone

KEYS = [
    "path",
    "recording",
    "start",
    "end",
    "timezone",
    "recorded_s",
    "worn_s",
    "sleep",
    "awakenings",
    "episodes",
    "faults",
    "model",
    "personal",
    "marks",
]


def documents(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def bad_night(night: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "bad-night"
    shutil.copytree(night, folder)
    (folder / "accelerometer.csv.gz").unlink()
    (folder / "accelerometer.csv").write_text(
        "time_s,x_g,y_g,z_g\n0,0,0,1\n0.1,0,0,1\n0.2,0,zero,1\n"
    )
    return folder


def test_json_is_one_line_a_recording_and_nothing_else(crampwatch: Command, night: Path) -> None:
    outcome = crampwatch("replay", "--json", night, night)
    assert (outcome.status, outcome.err) == (0, "")
    one, two = documents(outcome.out)
    assert one == two
    assert list(one) == KEYS
    assert one["path"] == str(night)
    assert one["recording"] == "a-night"
    assert one["start"].endswith("+02:00")
    assert [episode["standing"] for episode in one["episodes"]] == ["likely"]
    assert len(one["awakenings"]) == 1


def test_nights_of_one_name_are_told_by_their_paths(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    for person in ("p01", "p02"):
        shutil.copytree(night, tmp_path / person / "night1")
    told = crampwatch("replay", "--no-store", tmp_path, night, night).out.splitlines()
    assert [line.split(" (")[0] for line in told] == [
        str(tmp_path / "p01" / "night1"),
        str(tmp_path / "p02" / "night1"),
        "a-night",
        "a-night",
    ]


def test_ids_are_stable_from_run_to_run(crampwatch: Command, night: Path) -> None:
    first = crampwatch("replay", "--json", "--no-store", night).out
    assert first == crampwatch("replay", "--json", "--no-store", night).out


def test_the_same_night_twice_is_stored_once(crampwatch: Command, night: Path) -> None:
    assert "a-night (added)" in crampwatch("replay", night).out
    again = crampwatch("replay", night)
    assert (again.status, again.err) == (0, "")
    assert "a-night (unchanged)" in again.out
    assert "1 awakening that looked like a cramp" in crampwatch("summary").out


def test_a_night_is_judged_with_the_answers_where_the_wearer_chose_so(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    plain = crampwatch("replay", "--json", night)
    ((episode,),) = (each["episodes"] for each in documents(plain.out))
    home = tmp_path / "store"
    no = Answer(Said.NO)
    with Store.open(f"sqlite:///{home / 'crampwatch.db'}", home=home) as store:
        store.write(lambda s: answer_episode(s, "me", episode["id"], no, given_ns=1, given_by="me"))
        assert crampwatch("replay", "--json", night).out == plain.out
        store.write(lambda s: choose_learning(s, "me", True))
    assert "a-night (replaced)" in crampwatch("replay", night).out
    # Judged anew, the same answers teach the same.
    assert "a-night (unchanged)" in crampwatch("replay", night).out
    (told,) = documents(crampwatch("replay", "--json", night).out)
    assert told["personal"] is not None
    assert told["awakenings"][0]["probability"] < episode["probability"]
    assert crampwatch("replay", "--json", "--no-store", night).out == plain.out


def test_where_a_recording_lies_is_noted_and_again_where_it_lies_now(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    def place() -> Path:
        with closing(sqlite3.connect(tmp_path / "store" / "crampwatch.db")) as connection:
            ((path,),) = connection.execute("SELECT path FROM recording_places")
        return Path(os.fsdecode(path))

    crampwatch("replay", night)
    assert place() == night
    moved = described(night, tmp_path / "a-night")
    assert "(unchanged)" in crampwatch("replay", moved).out
    assert place() == moved


def test_what_is_corrected_in_a_recording_is_noted(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    crampwatch("replay", night)
    corrected = described(night, tmp_path / "corrected", device="Bangle.js 2", wrist="right")
    assert "corrected (updated)" in crampwatch("replay", corrected).out
    told = crampwatch("summary").out
    assert "Device: Bangle.js 2." in told
    assert "Recording: a-night" not in told
    west = described(night, tmp_path / "west", timezone="America/Los_Angeles")
    assert "west (replaced)" in crampwatch("replay", west).out
    assert "1 of 30 nights recorded" in crampwatch("summary").out


def test_a_recording_of_the_same_time_is_said_so(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    crampwatch("replay", night)
    other = described(night, tmp_path / "other")
    lines = gzip.decompress((other / "accelerometer.csv.gz").read_bytes()).splitlines()
    del lines[100]
    (other / "accelerometer.csv.gz").write_bytes(gzip.compress(b"\n".join(lines)))
    outcome = crampwatch("replay", other)
    assert outcome.status == 0
    assert "other (added)" in outcome.out
    assert outcome.err == (
        "crampwatch: other: overlaps with a-night, already stored for this night, and all are "
        "told as one night. If that is another person, `crampwatch wearers --add NAME` and "
        "CRAMPWATCH_WEARER keep the two apart; `crampwatch remove a-night` takes it out.\n"
    )
    assert crampwatch("replay", other).err == ""


@pytest.mark.parametrize(
    ("start", "says"),
    [
        (
            "2036-09-21T16:13:20+02:00",
            ("moved: begins on 2036-09-21", "which is in the future. Correct the start"),
        ),
        (
            "1970-01-01T01:02:00+01:00",
            ("has a start in the year 1970", "put when the recording began in its place"),
        ),
    ],
)
def test_a_night_that_cannot_be_of_then_keeps_no_other_from_being_stored(
    crampwatch: Command, night: Path, tmp_path: Path, start: str, says: tuple[str, str]
) -> None:
    moved = described(night, tmp_path / "moved", start=start)
    outcome = crampwatch("replay", moved, night)
    assert outcome.status == 2
    assert all(each in outcome.err for each in says)
    assert outcome.out.startswith("a-night (added)")


def test_no_store_leaves_the_store_alone(crampwatch: Command, night: Path, tmp_path: Path) -> None:
    assert "a-night (not stored)" in crampwatch("replay", "--no-store", night).out
    assert not (tmp_path / "store").exists()


def test_a_bad_night_stops_no_good_one(crampwatch: Command, night: Path, bad_night: Path) -> None:
    outcome = crampwatch("replay", bad_night, night, "nowhere")
    assert outcome.status == 2
    assert "a-night (added)" in outcome.out
    assert "bad-night" not in outcome.out
    complaints = outcome.err.splitlines()
    assert len(complaints) == 2
    assert "accelerometer.csv, line 4" in complaints[0]
    assert "nowhere" in complaints[1]
    assert "Traceback" not in outcome.err


def test_of_a_bad_night_nothing_is_stored(crampwatch: Command, bad_night: Path) -> None:
    assert crampwatch("replay", bad_night).status == 2
    assert crampwatch("summary").out.startswith("No night is stored here yet.")


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_samples_left_out_are_said_on_standard_error(
    crampwatch: Command, night: Path, tmp_path: Path, options: list[str]
) -> None:
    folder = tmp_path / "stuttering"
    shutil.copytree(night, folder)
    rows = gzip.decompress((folder / "accelerometer.csv.gz").read_bytes()).splitlines(True)
    (folder / "accelerometer.csv.gz").write_bytes(gzip.compress(b"".join([*rows, rows[-1]])))
    outcome = crampwatch("replay", "--no-store", *options, folder)
    assert outcome.status == 0
    assert outcome.err == (
        f"crampwatch: {folder}: left out 1 sample with a time that was there already.\n"
    )


@pytest.mark.parametrize(
    ("shift_s", "says"),
    [
        (0, []),
        (1700, []),
        (7200, ["begins 2.0 h after", "ends 2.0 h after"]),
        (-9000, ["begins 2.5 h before", "ends 2.5 h before"]),
    ],
)
def test_heart_rate_of_another_time_is_remarked(
    crampwatch: Command, night: Path, tmp_path: Path, shift_s: int, says: list[str]
) -> None:
    folder = tmp_path / "shifted"
    shutil.copytree(night, folder)
    (folder / "heart_rate.csv.gz").unlink()
    rows = "".join(f"{second + shift_s},60\n" for second in range(7200))
    (folder / "heart_rate.csv").write_text("time_s,bpm\n" + rows)
    outcome = crampwatch("replay", "--json", "--no-store", folder)
    assert outcome.status == 0
    assert outcome.err.splitlines() == [
        f"crampwatch: {folder}: its heart rate {said} its movement; check that both are of the "
        "same night and by the same clock."
        for said in says
    ]


def test_an_offset_that_is_not_the_zones_is_remarked(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    folder = described(night, tmp_path / "abroad", timezone="Asia/Tokyo")
    outcome = crampwatch("replay", "--json", "--no-store", folder)
    assert outcome.status == 0
    assert "the offset of its start is not that of Asia/Tokyo" in outcome.err


def test_a_bad_description_of_any_kind_stops_no_good_night(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    found = json.loads((night / "recording.json").read_text())
    texts = {
        "digits": json.dumps(found).replace('"left"', "1" * 5000),
        "large": json.dumps(found | {"source": "x" * 2_000_000}),
        "nested": '{"wrist": ' + "[" * 50_000,
    }
    for name, text in texts.items():
        shutil.copytree(night, tmp_path / "all" / name)
        (tmp_path / "all" / name / "recording.json").write_text(text)
    shutil.copytree(night, tmp_path / "all" / "zz-good")
    outcome = crampwatch("replay", tmp_path / "all")
    assert outcome.status == 2
    assert "zz-good (added)" in outcome.out
    assert [line.split(": ")[1] for line in outcome.err.splitlines()] == [
        str(tmp_path / "all" / name / "recording.json") for name in texts
    ]


def test_what_is_not_unicode_is_stored_and_printed(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    folder = tmp_path / os.fsdecode(b"all/caf\xe9\x1b[31m\n")
    shutil.copytree(night, folder)
    found = json.loads((folder / "recording.json").read_text())
    (folder / "recording.json").write_text(json.dumps(found | {"device": "a \ud800 band"}))
    assert crampwatch("replay", folder).out.startswith("caf\ufffd\\x1b[31m\\n (added)")
    assert documents(crampwatch("replay", "--json", "--no-store", folder).out)[0]["recording"] == (
        "caf\ufffd\x1b[31m\n"
    )
    assert "a \ufffd band" in crampwatch("recordings", tmp_path / "all").out


def test_a_bad_night_in_json_writes_no_line(
    crampwatch: Command, night: Path, bad_night: Path
) -> None:
    outcome = crampwatch("replay", "--json", bad_night, night)
    assert outcome.status == 2
    assert [document["recording"] for document in documents(outcome.out)] == ["a-night"]


def test_a_recording_that_holds_no_second_is_refused_by_name(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    folder = movement_alone(tmp_path / "short", night, (f"{row / 10},0,0,1" for row in range(5)))
    outcome = crampwatch("replay", folder)
    assert outcome.status == 2
    assert f"{folder}: cannot be judged: there is not one second of acceleration" in outcome.err
    assert "Give a night, or at least some minutes of one" in outcome.err


def test_a_recording_in_another_unit_is_refused_by_name_with_one_advice(
    crampwatch: Command, night: Path, tmp_path: Path
) -> None:
    rows = (f"{row / 10},0,0,9.{row % 7 + 78}" for row in range(3000))
    folder = movement_alone(tmp_path / "metric", night, rows)
    outcome = crampwatch("replay", folder)
    assert outcome.status == 2
    assert outcome.err.startswith(f"crampwatch: {folder}: cannot be judged: at rest ")
    assert outcome.err.endswith("divide by 9.80665.\n")


def test_without_a_path_it_says_what_to_give(crampwatch: Command) -> None:
    outcome = crampwatch("replay")
    assert outcome.status == 2
    assert "name at least one recording, or use --samples" in outcome.err


def test_an_unknown_zone_is_refused(crampwatch: Command, night: Path) -> None:
    outcome = crampwatch("replay", "--timezone", "Europe/Belin", night)
    assert outcome.status == 2
    assert "Europe/Berlin" in outcome.err


@pytest.mark.parametrize("options", [["--json"], []], ids=["json", "words"])
def test_the_road_of_a_night_imports_no_room_that_it_does_not_walk(
    night: Path, options: list[str]
) -> None:
    program = (
        "import sys; from crampwatch.cli import main\n"
        f"sys.argv = ['crampwatch', 'replay', *{options}, '--no-store', {str(night)!r}]\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "heavy = {'scipy', 'sklearn', 'fastapi', 'sqlalchemy', 'alembic', 'bleak', 'simulator',"
        " 'rich', 'ingest.native.night', 'ingest.sleep_accel', 'detector.personal', 'asyncio'}\n"
        "print(sorted(heavy & {*sys.modules}), file=sys.stderr)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ
    )
    assert ended.stderr.strip() == "[]"


def test_a_folder_that_may_not_be_read_loses_no_good_night(
    crampwatch: Command, night: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shut = tmp_path / "shut"
    shut.mkdir()
    # What the system says to anybody but root, who may read whatever the mode.
    monkeypatch.setattr("os.access", lambda path, mode: Path(path) != shut)
    listed = Path.iterdir

    def iterdir(folder: Path) -> Iterator[Path]:
        if folder == shut:
            raise PermissionError(13, "Permission denied", str(folder))
        return listed(folder)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    outcome = crampwatch("replay", "--json", shut, night)
    assert outcome.status == 2
    assert "may not be read" in outcome.err
    assert len(outcome.out.splitlines()) == 1
