"""The five real nights: no cramp was reported in them, so what is found is a false alarm."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from detector.detector import Detector
from detector.night import Night, Standing
from ingest.recording_folder import read
from ingest.samples import FaultKind

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("CRAMPWATCH_SHARED_DATA", ROOT.parent / "shared" / "data"))

SLEEP = {
    # Seen in a plot of movement and orientation: from when they lie quietly to when they get up.
    "p1n2": ("2020-02-01 23:30", "2020-02-02 05:57"),
    "p2n2": ("2020-02-01 22:33", "2020-02-02 06:04"),
    "p2n3": ("2020-02-01 23:00", "2020-02-02 05:53"),
    "p5n1": ("2020-02-01 22:43", "2020-02-02 02:03"),
    "p5n2": ("2020-02-01 22:31", "2020-02-02 04:35"),
}
PACIFIC = timedelta(hours=8)


@pytest.fixture(scope="module")
def nights() -> dict[str, Night]:
    if not (SHARED / "wrist_5hz").is_dir():
        pytest.skip(f"real nights not here: set CRAMPWATCH_SHARED_DATA ({SHARED} has no wrist_5hz)")
    judged = {}
    for name in SLEEP:
        recording = read(SHARED / "wrist_5hz" / name)
        detector = Detector(recording.info)
        for samples in recording.samples():
            detector.feed(samples)
        judged[name] = detector.finish()
    return judged


@pytest.mark.parametrize("name", sorted(SLEEP))
def test_the_sleep_window_fits_the_movement(nights: dict[str, Night], name: str) -> None:
    sleep = nights[name].sleep
    assert sleep is not None
    for found_ns, seen in zip((sleep.onset_ns, sleep.wake_ns), SLEEP[name], strict=True):
        expected = datetime.fromisoformat(seen).replace(tzinfo=UTC) + PACIFIC
        found = datetime.fromtimestamp(found_ns / 1e9, UTC)
        assert abs(found - expected) < timedelta(minutes=5)


def test_nothing_is_called_likely_and_little_possible(nights: dict[str, Night]) -> None:
    standings = [episode.standing for night in nights.values() for episode in night.episodes]
    assert Standing.LIKELY not in standings
    worn_nights = sum(night.worn_s for night in nights.values()) / (8 * 3600)
    assert len(standings) <= worn_nights


def test_every_second_counts_as_recorded_and_worn(nights: dict[str, Night]) -> None:
    for night in nights.values():
        assert night.recorded_s > 0.999 * (night.end_ns - night.start_ns) / 1e9
        assert night.worn_s == night.recorded_s


def test_what_they_lack_is_said(nights: dict[str, Night]) -> None:
    for night in nights.values():
        assert [fault.kind for fault in night.faults] == [FaultKind.NO_HEART_RATE]
        assert all(episode.heart_rate_rise_bpm is None for episode in night.episodes)
