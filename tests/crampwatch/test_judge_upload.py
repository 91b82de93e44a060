from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crampwatch.progress import NightProgress
from crampwatch.replay import judge_recording, sample_nights
from detector.classifier import load_model
from detector.personal import fit_personal
from ingest import recording_folder
from server.judging import JUDGE
from server.wire import parse_night


def said(file: Path, name: str, room: Path, told: bytes = b"") -> list[dict[str, Any]]:
    room.mkdir()
    done = subprocess.run(
        [*JUDGE, str(file), name, "Europe/Berlin", str(room)],
        capture_output=True,
        check=True,
        timeout=300,
        input=told,
    )
    assert done.stderr == b""
    return [json.loads(line) for line in done.stdout.splitlines()]


def packed(folder: Path, to: Path) -> Path:
    return Path(shutil.make_archive(str(to / "sent"), "zip", folder.parent, folder.name))


def test_a_packed_recording_is_judged_as_a_replay_judges_it(tmp_path: Path) -> None:
    folder = next(each for each in sample_nights() if each.name == "two-cramps")
    lines = said(packed(folder, tmp_path), "2026-11-21.zip", tmp_path / "room")
    parts = [each["part"] for each in lines[:-1]]
    assert len(parts) > 20
    assert parts == sorted(parts)
    assert parts[-1] == 1.0
    recording = recording_folder.read(folder)
    night, _ = judge_recording(recording, load_model(), NightProgress())
    assert parse_night(json.dumps(lines[-1]["night"]).encode()) == night
    assert lines[-1]["remarks"] == []


def test_a_recording_is_judged_with_what_the_answers_teach(tmp_path: Path) -> None:
    folder = next(each for each in sample_nights() if each.name == "two-cramps")
    unlikely = replace(fit_personal([], load_model().version), shift=-9.0)
    sent = packed(folder, tmp_path)
    lines = said(sent, "night.zip", tmp_path / "room", unlikely.to_json().encode())
    assert lines[-1]["night"]["personal"] == unlikely.version
    assert lines[-1]["night"]["episodes"] == []


def test_what_is_wrong_names_what_was_sent_and_no_place_of_the_server(tmp_path: Path) -> None:
    folder = tmp_path / "bad"
    folder.mkdir()
    (folder / "recording.json").write_text("{}")
    (folder / "accelerometer.csv").write_text("")
    (told,) = said(packed(folder, tmp_path), "night.zip", tmp_path / "room")
    assert "night/bad/recording.json" in told["problem"]
    assert str(tmp_path) not in told["problem"]
    (told,) = said(folder / "recording.json", "night.txt", tmp_path / "other")
    assert told["problem"].startswith("night.txt: is a file that is not a recording by itself")


def test_an_archive_that_was_cut_off_is_called_damaged(tmp_path: Path) -> None:
    folder = next(each for each in sample_nights() if each.name == "two-cramps")
    whole = packed(folder, tmp_path)
    whole.write_bytes(whole.read_bytes()[:-100])
    (told,) = said(whole, "night (2).zip", tmp_path / "room")
    assert told["problem"] == (
        "The archive is damaged, or no zip (File is not a zip file). Pack the folder of the "
        "recording anew as zip and send that; if it was copied here, copy it again."
    )


def test_more_than_one_recording_is_refused(tmp_path: Path) -> None:
    both = tmp_path / "both"
    for name in ("left", "right"):
        (both / name).mkdir(parents=True)
        for file in ("recording.json", "accelerometer.csv"):
            (both / name / file).write_text("")
    (told,) = said(packed(both, tmp_path), "night.zip", tmp_path / "room")
    assert told["problem"] == "night.zip: holds 2 recordings. Send each by itself."


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its memory")
def test_what_needs_too_much_memory_is_said(tmp_path: Path) -> None:
    code = (
        "import sys; from crampwatch import judge_upload as j;"
        "import numpy as np;"
        "j._judge = lambda *_: np.ones(2**33);"
        "sys.exit(j.main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "file", "night.zip", "UTC", str(tmp_path)],
        capture_output=True,
        check=True,
        timeout=300,
    )
    assert "night.zip: takes too much memory" in json.loads(done.stdout)["problem"]


def test_a_mistake_is_told_without_what_it_stumbled_over(tmp_path: Path) -> None:
    code = (
        "import sys; from crampwatch import judge_upload as j;"
        "j._judge = lambda *_: {}['the night of Anna'];"
        "sys.exit(j.main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "file", "night.zip", "UTC", str(tmp_path)],
        capture_output=True,
        check=False,
        timeout=300,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        "ERROR: A recording that was sent could not be judged. KeyError, at"
    )
    assert "Anna" not in done.stderr
