from __future__ import annotations

import gzip
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ingest.recording import Recording
from ingest.recording_folder import read
from ingest.samples import Acceleration, HeartRate
from simulator.sample_recordings import NIGHTS, make

COMMITTED = Path(__file__).parents[2] / "sample_recordings"

MEGABYTE = 1_000_000


def plain(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): gzip.decompress(path.read_bytes())
        if path.suffix == ".gz"
        else path.read_bytes()
        for path in sorted(folder.glob("*/*"))
        if path.parent.name in NIGHTS
    }


def labels(recording: Recording) -> Counter[str]:
    return Counter(event.label for event in recording.events)


def acceleration_times_s(recording: Recording) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    chunks = [chunk for chunk in recording.samples() if isinstance(chunk, Acceleration)]
    return (np.concatenate([c.times_ns for c in chunks]) - recording.info.start_ns) / 1e9


def test_they_are_what_the_recipe_makes(tmp_path: Path) -> None:
    make(tmp_path)
    made, committed = plain(tmp_path), plain(COMMITTED)
    assert sorted(made) == sorted(committed)
    assert len(made) == 4 * len(NIGHTS)
    for name, content in made.items():
        assert content == committed[name], f"{name} differs from what the recipe makes"


def test_they_are_small_enough_to_clone() -> None:
    sizes = {path: path.stat().st_size for path in COMMITTED.glob("*/*.gz")}
    assert len(sizes) == 9
    assert max(sizes.values()) < 3 * MEGABYTE
    assert sum(sizes.values()) < 8 * MEGABYTE


def test_two_cramps_holds_two_cramps_and_a_bathroom_trip() -> None:
    recording = read(COMMITTED / "two-cramps")
    cramps = [event for event in recording.events if event.label == "cramp"]
    assert [cramp.extra["phenotype"] for cramp in cramps] == ["rub", "stand"]
    assert labels(recording)["bathroom"] == 1
    assert labels(recording)["position_shift"] >= 5
    assert _start(recording).date().isoformat() == "2026-10-23"


def test_clean_crosses_the_clock_change_without_a_cramp() -> None:
    recording = read(COMMITTED / "clean")
    assert labels(recording)["cramp"] == 0
    assert labels(recording)["large_movement"] >= 3
    start = _start(recording)
    end_ns = recording.info.start_ns + int(acceleration_times_s(recording)[-1] * 1e9)
    end = datetime.fromtimestamp(end_ns / 1e9, tz=recording.info.zone)
    assert start.date().isoformat() == "2026-10-24"
    assert (start.utcoffset(), end.utcoffset()) == (timedelta(hours=2), timedelta(hours=1))
    assert 7.0 <= (end_ns - recording.info.start_ns) / 3.6e12 <= 8.5


def test_faults_holds_its_faults_and_a_cramp() -> None:
    recording = read(COMMITTED / "faults")
    assert labels(recording)["cramp"] == 1
    (off,) = [event for event in recording.events if event.label == "off_wrist"]
    assert off.duration_s > 3600.0
    assert np.diff(acceleration_times_s(recording)).max() == pytest.approx(1200.0, abs=1.0)
    readings = [chunk for chunk in recording.samples() if isinstance(chunk, HeartRate)]
    bpm = np.concatenate([chunk.bpm for chunk in readings])
    at_s = np.concatenate([chunk.times_ns for chunk in readings]) - recording.info.start_ns
    lost = at_s[bpm == 0.0] / 1e9
    assert np.sum((lost > off.onset_s) & (lost < off.onset_s + off.duration_s)) > 1400
    assert np.sum((lost > 15000.0) & (lost < 18600.0)) > 1100


def _start(recording: Recording) -> datetime:
    return datetime.fromtimestamp(recording.info.start_ns / 1e9, tz=recording.info.zone)
