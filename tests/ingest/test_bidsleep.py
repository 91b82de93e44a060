from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from ingest import bidsleep
from ingest.errors import RecordingError, SettingsError
from ingest.samples import NS_PER_S, Samples

RowsOf = Callable[[Iterable[Samples]], dict[str, list[tuple[float, ...]]]]

FIRST_S = 1_700_000_000.0


def night(root: Path, times_s: Iterable[float] = FIRST_S + np.arange(0.25, 60, 0.02)) -> Path:
    """Writes one night as published."""
    folder = root / "Bidslab00" / "1"
    folder.mkdir(parents=True)
    rows = "".join(f"{time:.6f},0.1,-0.2,-0.95\n" for time in times_s)
    (folder / "motion.csv").write_text("Timestamp,x,y,z\n" + rows)
    beats = np.arange(-4000, 4000, 5.5)
    (folder / "hr.csv").write_text("".join(f"{FIRST_S + time:.3f},61.0\n" for time in beats))
    (folder / "labels.mat").write_bytes(b"MATLAB 5.0 MAT-file")
    return folder


def test_reads_a_night_as_published(tmp_path: Path, rows_of: RowsOf) -> None:
    recording = bidsleep.read(night(tmp_path))
    info = recording.info
    assert (info.name, info.timezone) == ("bidsleep Bidslab00/1", "America/New_York")
    assert info.source.endswith("the time zone is assumed")
    assert info.start_ns == int(FIRST_S) * NS_PER_S
    rows = rows_of(recording.samples())
    assert len(rows["acceleration"]) == 2988
    offset_ns = int(rows["acceleration"][0][0]) - info.start_ns
    assert offset_ns == pytest.approx(250_000_000, abs=500)
    beats = [int(row[0]) for row in rows["heart_rate"]]
    assert (beats[0] - info.start_ns) / NS_PER_S == pytest.approx(-1794.5)
    assert (beats[-1] - info.start_ns) / NS_PER_S <= 59.99 + 1800


def test_the_zone_given_is_not_called_assumed(tmp_path: Path) -> None:
    folder = night(tmp_path)
    info = bidsleep.read(folder, "Europe/Berlin").info
    assert info.timezone == "Europe/Berlin"
    assert "assumed" not in info.source
    with pytest.raises(SettingsError, match="unknown"):
        bidsleep.read(folder, "Moon")


def test_a_night_without_heart_rate_is_a_night(tmp_path: Path, rows_of: RowsOf) -> None:
    folder = night(tmp_path)
    (folder / "hr.csv").unlink()
    assert rows_of(bidsleep.read(folder).samples())["heart_rate"] == []


def test_times_that_fall_back_are_sorted(tmp_path: Path, rows_of: RowsOf) -> None:
    times = FIRST_S + np.concatenate([np.arange(10, 20, 0.02), np.arange(0, 10.5, 0.02)])
    recording = bidsleep.read(night(tmp_path, times))
    samples = recording.samples()
    rows = rows_of(samples)["acceleration"]
    assert len(rows) == 1000
    assert samples.repeated_times == 25
    assert (np.diff([int(row[0]) for row in rows]) > 0).all()


@pytest.mark.parametrize(
    ("name", "text", "line", "problem", "advice"),
    [
        ("motion.csv", "Timestamp,x,y\n1700000000,0,0\n", 1, "has no column z", "Timestamp, x"),
        ("motion.csv", "Timestamp,x,y,z\n5,0,0,1\n5.02,0,0,1\n", 2, "Timestamp is 5", "Unix"),
        ("motion.csv", "Timestamp,x,y,z\n1700000000000,0,0,1\n", 2, "Timestamp is", "milliseconds"),
        ("hr.csv", "time,hr\n1700000000,60\n", 1, "time is 'time', which is not", "Unix"),
        ("hr.csv", "1700000000,60\n1700000005\n", 2, "ends after 1 of 2", "same columns"),
    ],
)
def test_a_bad_file_is_named_with_its_line(
    tmp_path: Path, name: str, text: str, line: int, problem: str, advice: str
) -> None:
    folder = night(tmp_path)
    (folder / name).write_text(text)
    with pytest.raises(RecordingError) as caught:
        list(bidsleep.read(folder).samples())
    assert (caught.value.path, caught.value.line) == (folder / name, line)
    assert caught.value.problem.startswith(problem)
    assert advice in caught.value.advice
