from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from ingest import sleep_accel
from ingest.errors import RecordingError, SettingsError
from ingest.samples import NS_PER_S, Samples

Rows = dict[str, list[tuple[float, ...]]]
RowsOf = Callable[[Iterable[Samples]], Rows]

ZERO_NS = int(datetime.fromisoformat("2018-01-15T22:30:00-05:00").timestamp()) * NS_PER_S


def acceleration(times_s: Iterable[float]) -> str:
    return "".join(f"{time:.6f} 0.01 -0.02 {index}e-4\n" for index, time in enumerate(times_s))


def labels(first_s: int, last_s: int) -> str:
    return "".join(f"{time} {time // 30 % 7 - 1}\n" for time in range(first_s, last_s, 30))


def person(root: Path, times_s: Iterable[float], number: str = "46343", flat: bool = False) -> Path:
    """Writes one person as published; gives the file of acceleration."""
    texts = {
        "motion": (f"{number}_acceleration.txt", acceleration(times_s)),
        "heart_rate": (
            f"{number}_heartrate.txt",
            "".join(f"{time}.25,{60 + time % 9}\n" for time in range(-4000, 4000, 5)),
        ),
        "labels": (f"{number}_labeled_sleep.txt", labels(60, 180)),
        "steps": (f"{number}_steps.txt", "-600,12\n"),
    }
    for folder, (name, text) in texts.items():
        place = root if flat else root / folder
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    return (root if flat else root / "motion") / "46343_acceleration.txt"


def times_s(rows: list[tuple[float, ...]]) -> list[float]:
    return [(int(row[0]) - ZERO_NS) / NS_PER_S for row in rows]


@pytest.mark.parametrize("flat", [False, True])
def test_a_night_is_what_its_labels_cover(tmp_path: Path, rows_of: RowsOf, flat: bool) -> None:
    path = person(tmp_path, np.arange(-500, 500, 0.02), flat=flat)
    recording = sleep_accel.read(path)
    rows = rows_of(recording.samples())
    moved = times_s(rows["acceleration"])
    assert (moved[0], moved[-1], len(moved)) == (60.0, 179.98, 6000)
    beats = times_s(rows["heart_rate"])
    assert (beats[0], beats[-1]) == (-1735.25, 1975.25)
    assert recording.info.name == "sleep-accel 46343"
    assert recording.info.timezone == "America/Detroit"
    assert "the clock time is assumed" in recording.info.source
    assert (recording.info.start_ns, recording.events) == (ZERO_NS, ())


def test_without_labels_a_night_starts_at_zero(tmp_path: Path, rows_of: RowsOf) -> None:
    path = person(tmp_path, np.arange(-100, 100, 0.02))
    (tmp_path / "labels" / "46343_labeled_sleep.txt").unlink()
    rows = rows_of(sleep_accel.read(path).samples())["acceleration"]
    assert (times_s(rows)[0], len(rows)) == (0.0, 5000)


def test_without_labels_and_before_zero_all_is_the_night(tmp_path: Path, rows_of: RowsOf) -> None:
    path = tmp_path / "46343_acceleration.txt"
    path.write_text(acceleration(np.arange(-100, -50, 0.02)))
    rows = rows_of(sleep_accel.read(path).samples())
    assert (times_s(rows["acceleration"])[0], len(rows["acceleration"])) == (-100.0, 2500)
    assert rows["heart_rate"] == []


def test_times_that_fall_back_are_sorted_and_the_first_of_repeats_kept(
    tmp_path: Path, rows_of: RowsOf
) -> None:
    late = np.concatenate([np.arange(80, 90, 0.02), np.arange(60, 81, 0.02)])
    path = person(tmp_path, late)
    samples = sleep_accel.read(path).samples()
    rows = rows_of(samples)["acceleration"]
    assert times_s(rows) == np.round(np.arange(60, 90, 0.02), 6).tolist()
    assert samples.repeated_times == 50
    assert rows[1000][3] == np.float32(0.0)


def test_another_zone_may_be_assumed(tmp_path: Path) -> None:
    path = person(tmp_path, np.arange(60, 90, 0.02))
    info = sleep_accel.read(path, "Europe/Berlin").info
    start = datetime.fromtimestamp(info.start_ns / NS_PER_S, info.zone)
    assert start.isoformat() == "2018-01-15T22:30:00+01:00"
    with pytest.raises(SettingsError, match="did you mean Europe/Berlin"):
        sleep_accel.read(path, "Europe/Berln")


def test_labels_of_another_time_are_named(tmp_path: Path) -> None:
    path = person(tmp_path, np.arange(1000, 1100, 0.02))
    recording = sleep_accel.read(path)
    with pytest.raises(RecordingError, match="has no acceleration from 60 s to 180 s"):
        list(recording.samples())


@pytest.mark.parametrize(
    ("name", "text", "line", "problem"),
    [
        ("motion/46343_acceleration.txt", "60 1 2\n", 1, "ends after 3 of 4 columns"),
        ("motion/46343_acceleration.txt", "60 1 2 3\n60.02 1 2 x\n", 2, "z is 'x'"),
        ("motion/46343_acceleration.txt", "60 1 2 3\nnan 1 2 3\n", 2, "t is nan"),
        ("motion/46343_acceleration.txt", "60 1 2 3\n60.02 inf 2 3\n", 2, "x is inf"),
        ("motion/46343_acceleration.txt", "60 1 2 3\n61 1 2 3\n", None, "has acceleration at 1 Hz"),
        ("motion/46343_acceleration.txt", "", None, "has no acceleration from 60 s to 180 s"),
        ("heart_rate/46343_heartrate.txt", "60,70\n65,700\n", 2, "bpm is 700"),
        ("labels/46343_labeled_sleep.txt", "0 0\n30 9\n", 2, "stage is 9"),
        ("labels/46343_labeled_sleep.txt", "0 0\n30 1.5\n", None, "has a stage that is not"),
        ("labels/46343_labeled_sleep.txt", "30 0\n0 0\n", 2, "t falls from 30.0 to 0.0"),
        ("labels/46343_labeled_sleep.txt", "", None, "is empty"),
    ],
)
def test_a_bad_file_is_named_with_its_line(
    tmp_path: Path, name: str, text: str, line: int | None, problem: str
) -> None:
    path = person(tmp_path, np.arange(60, 90, 0.02))
    (tmp_path / name).write_text(text)
    with pytest.raises(RecordingError) as caught:
        list(sleep_accel.read(path).samples())
    assert (caught.value.path, caught.value.line) == (tmp_path / name, line)
    assert caught.value.problem.startswith(problem)


def test_refuses_days_without_labels(tmp_path: Path) -> None:
    path = tmp_path / "46343_acceleration.txt"
    path.write_text(acceleration([*np.arange(-400_000, -399_900, 0.02), -100_000]))
    with pytest.raises(RecordingError, match=r"spans 83 h\. A recording lasts at most 72 h"):
        list(sleep_accel.read(path).samples())


def test_stages_are_read_for_evaluation(tmp_path: Path) -> None:
    path = person(tmp_path, np.arange(60, 90, 0.02))
    found = sleep_accel.labels_path(path)
    assert found == tmp_path / "labels" / "46343_labeled_sleep.txt"
    times, stages = sleep_accel.read_stages(found)
    assert times.tolist() == [60.0, 90.0, 120.0, 150.0]
    assert stages.tolist() == [1, 2, 3, 4]
    assert stages.dtype == np.int8
