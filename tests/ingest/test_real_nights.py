from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from ingest import recording_folder, sleep_accel
from ingest.discover import find_recordings
from ingest.samples import NS_PER_S, Samples

RowsOf = Callable[[Iterable[Samples]], dict[str, list[tuple[float, ...]]]]

HOURS = {"p1n2": 7.47, "p2n2": 7.66, "p2n3": 7.40, "p5n1": 4.26, "p5n2": 6.45}


def test_the_five_wrist_nights_read(shared_data: Path, rows_of: RowsOf) -> None:
    hours = {}
    for found in find_recordings(shared_data / "wrist_5hz"):
        recording = found.open()
        samples = recording.samples()
        times_ns = np.array([row[0] for row in rows_of(samples)["acceleration"]])
        hours[recording.info.name] = round(float(np.ptp(times_ns)) / NS_PER_S / 3600, 2)
        assert np.median(np.diff(times_ns)) == pytest.approx(0.2 * NS_PER_S, rel=0.01)
        assert samples.repeated_times == 0
        assert recording.info.timezone == "America/Los_Angeles"
    assert hours == HOURS


def test_a_wrist_night_survives_writing(shared_data: Path, tmp_path: Path, rows_of: RowsOf) -> None:
    night = recording_folder.read(shared_data / "wrist_5hz" / "p5n1")
    recording_folder.write(tmp_path / "p5n1", night.info, night.samples(), night.events)
    again = recording_folder.read(tmp_path / "p5n1")
    assert again.info == night.info
    assert rows_of(again.samples()) == rows_of(night.samples())


def test_the_excerpts_of_sleep_accel_read(
    shared_data: Path, tmp_path: Path, rows_of: RowsOf
) -> None:
    excerpts = shared_data / "raw_excerpts"
    path = tmp_path / "46343_acceleration.txt"
    shutil.copyfile(excerpts / "46343_acceleration_excerpt.txt", path)
    # Of another person, but the only whole file of heart rate at hand.
    shutil.copyfile(excerpts / "9618981_heartrate.txt", tmp_path / "46343_heartrate.txt")
    recording = sleep_accel.read(path)
    rows = rows_of(recording.samples())
    seconds = (np.array([row[0] for row in rows["acceleration"]]) - recording.info.start_ns) / 1e9
    assert len(seconds) == 20_000
    assert seconds[[0, -1]].tolist() == pytest.approx([155.322383, 554.451699], abs=1e-6)
    beats = (np.array([row[0] for row in rows["heart_rate"]]) - recording.info.start_ns) / 1e9
    assert beats.min() >= 155.322382 - 1800
    assert beats.max() <= 554.4517 + 1800
    assert len(beats) > 300
    assert {row[1] for row in rows["heart_rate"]} <= set(range(38, 184))
