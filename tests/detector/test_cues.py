from __future__ import annotations

import numpy as np

from detector.calibration import Calibration
from detector.cells import cells_between
from detector.cues import CUE_UNITS, Evidence, measure_cues
from detector.heart import bin_heart_rate
from detector.movement import find_movement
from ingest.samples import HeartRate
from tests.detector.script import Script, heart
from tests.detector.test_calibration import seconds_of


def evidence_of(script: Script, rate: HeartRate | None = None) -> Evidence:
    acceleration = script.acceleration()
    seconds = seconds_of(acceleration)
    rates = [rate] if rate else []
    return Evidence(
        seconds=seconds,
        moving=find_movement(seconds),
        off_wrist=np.zeros(len(seconds), np.bool_),
        heart_bins=bin_heart_rate(seconds.start_s, len(seconds), rates, []),
        cells_g=lambda start, end: cells_between(
            [acceleration], seconds.start_s + start, seconds.start_s + end
        ),
        calibration=Calibration(),
    )


def cues_of(
    script: Script, at_s: int, until_s: int, rate: HeartRate | None = None
) -> dict[str, float]:
    """Cues of the movement between two times of the script; NaN for what was not measured."""
    evidence = evidence_of(script, rate)
    first = int(np.flatnonzero(evidence.seconds.recorded)[0])
    moving = first + np.flatnonzero(evidence.moving[first:])
    inside = moving[(moving >= first + at_s - 2) & (moving <= first + until_s + 2)]
    measured = measure_cues(evidence, (int(inside[0]), int(inside[-1]) + 1), first)
    return {name: np.nan if value is None else value for name, value in measured.items()}


def test_every_cue_has_a_unit() -> None:
    evidence = evidence_of(Script().still(300).rub(30).still(300))
    start = int(np.flatnonzero(evidence.moving)[0])
    assert set(measure_cues(evidence, (start, start + 30), 0)) == set(CUE_UNITS)


def test_a_sudden_sit_up_and_rub_out_of_stillness() -> None:
    script = Script().still(400).turn("sitting").rub(60).turn("back").still(400)
    cues = cues_of(script, 400, 464, heart(script.seconds, rises=((405.0, 24.0),)))
    assert 395 <= cues["still_before"] <= 402
    assert cues["still_after"] >= 395
    assert 60 <= cues["moving"] <= 66
    assert 49 < cues["turn"] < 54
    assert cues["onset_strength"] > 0.9
    assert 15 < cues["heart_rate_rise"] < 21
    assert cues["neighbours"] == 0
    assert abs(cues["since_onset"] - 400) < 3


def test_a_position_shift_turns_far_and_moves_little() -> None:
    script = Script().still(200).turn("left").still(20).turn("right").still(200)
    cues = cues_of(script, 200, 225)
    assert cues["turn"] > 80
    assert cues["moving"] < 10
    assert np.isnan(cues["heart_rate_rise"])


def test_a_bathroom_trip_is_two_walks() -> None:
    script = Script().still(300).turn("standing", 4).walk(30).still(40).walk(30).turn("back", 4)
    cues = cues_of(script.still(300), 300, 408)
    assert cues["walks"] == 2
    assert 50 <= cues["walking"] <= 68


def test_a_slow_start_is_weak_against_what_follows() -> None:
    slow = Script().still(300)
    for _ in range(6):
        slow.rub(4, strength_g=0.04)
    slow.rub(30, strength_g=0.5).still(300)
    assert cues_of(slow, 300, 354)["onset_strength"] < 0.2


def test_a_restless_time_has_neighbours() -> None:
    script = Script().still(100)
    for _ in range(4):
        script.rub(3).still(65)
    script.rub(20)
    for _ in range(3):
        script.still(65).rub(3)
    cues = cues_of(script.still(200), 372, 392)
    assert cues["neighbours"] == 7


def test_stillness_that_the_data_do_not_reach_is_unknown_not_short() -> None:
    script = Script().still(300).rub(30).still(40)
    assert np.isnan(cues_of(script, 300, 330)["still_after"])
