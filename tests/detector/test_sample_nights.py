"""The nights that travel with the project: accuracy floors on a small, pinned corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.detector import Detector
from detector.evaluate import match_onsets
from detector.night import Night, Standing
from ingest.recording import Recording
from ingest.recording_folder import read
from ingest.samples import NS_PER_S, FaultKind

SAMPLES = Path(__file__).parents[2] / "sample_recordings"


@pytest.fixture(scope="module")
def judged() -> dict[str, tuple[Recording, Night]]:
    nights = {}
    for folder in sorted(path.parent for path in SAMPLES.glob("*/recording.json")):
        recording = read(folder)
        detector = Detector(recording.info)
        for samples in recording.samples():
            detector.feed(samples)
        nights[folder.name] = recording, detector.finish()
    return nights


@pytest.mark.parametrize(("name", "cramps"), [("two-cramps", 2), ("faults", 1), ("clean", 0)])
def test_every_cramp_is_likely_and_nothing_else_is(
    judged: dict[str, tuple[Recording, Night]], name: str, cramps: int
) -> None:
    recording, night = judged[name]
    true_ns = [
        recording.info.start_ns + round(event.onset_s * NS_PER_S)
        for event in recording.events
        if event.label == "cramp"
    ]
    likely_ns = [one.onset_ns for one in night.episodes if one.standing is Standing.LIKELY]
    assert len(true_ns) == cramps
    assert len(match_onsets(likely_ns, true_ns)) == len(likely_ns) == cramps


def test_at_most_two_questions_a_night(judged: dict[str, tuple[Recording, Night]]) -> None:
    for _, night in judged.values():
        standings = [episode.standing for episode in night.episodes]
        assert standings.count(Standing.POSSIBLE) <= 2


def test_sleep_is_within_ten_minutes_of_the_truth(
    judged: dict[str, tuple[Recording, Night]],
) -> None:
    for recording, night in judged.values():
        details = {event.extra.get("detail"): event for event in recording.events}
        onset = details["falling_asleep"].onset_s + details["falling_asleep"].duration_s
        wake = details["final_waking"].onset_s
        assert night.sleep is not None
        # Whoever lies still before falling asleep is taken for asleep: early, not late.
        assert -1800 < (night.sleep.onset_ns - recording.info.start_ns) / NS_PER_S - onset < 600
        assert abs((night.sleep.wake_ns - recording.info.start_ns) / NS_PER_S - wake) < 600


def test_the_faults_of_the_faulty_night_are_told(
    judged: dict[str, tuple[Recording, Night]],
) -> None:
    recording, night = judged["faults"]
    found = {
        fault.kind: (
            (fault.start_ns - recording.info.start_ns) / NS_PER_S,
            (fault.end_ns - recording.info.start_ns) / NS_PER_S,
        )
        for fault in night.faults
    }
    true = {
        FaultKind.OFF_WRIST: (6000, 10500),
        FaultKind.GAP: (12600, 13800),
        FaultKind.NO_HEART_RATE: (15000, 18600),
    }
    assert found.keys() == true.keys()
    for kind, (start, end) in true.items():
        assert abs(found[kind][0] - start) < 30
        assert abs(found[kind][1] - end) < 60
    off_wrist_s = night.recorded_s - night.worn_s
    assert abs(off_wrist_s - 4500) < 60


def test_the_clean_night_crosses_a_clock_change_and_is_as_long_as_it_was(
    judged: dict[str, tuple[Recording, Night]],
) -> None:
    _, night = judged["clean"]
    assert abs(night.recorded_s - 8.25 * 3600) < 10
    assert night.faults == ()
