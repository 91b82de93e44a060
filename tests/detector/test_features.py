from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.calibration import Calibration
from detector.cells import cells_between
from detector.features import FEATURE_UNITS, Body, Candidate, measure, see_body
from detector.heart import bin_heart_rate
from detector.movement import find_movement
from ingest.samples import HeartRate
from tests.detector.script import Script, heart
from tests.detector.test_calibration import seconds_of


def body_of(script: Script, rate: HeartRate | None = None, still_ahead_s: int = 0) -> Body:
    acceleration = script.acceleration()
    seconds = seconds_of(acceleration)
    return see_body(
        seconds,
        find_movement(seconds),
        np.zeros(len(seconds), np.bool_),
        bin_heart_rate(seconds.start_s, len(seconds), [rate] if rate else [], []),
        [(0, len(seconds))],
        lambda start, end: cells_between(
            [acceleration], seconds.start_s + start, seconds.start_s + end
        ),
        Calibration(),
        still_ahead_s,
    )


def features_of(
    script: Script,
    at_s: int,
    until_s: int,
    rate: HeartRate | None = None,
    still_ahead_s: int = 0,
) -> dict[str, float]:
    """Features of the movement between two times of the script."""
    body = body_of(script, rate, still_ahead_s)
    first = int(np.flatnonzero(body.recorded)[0])
    moving = first + np.flatnonzero(body.moving[first:])
    inside = moving[(moving >= first + at_s - 2) & (moving <= first + until_s + 2)]
    (found,) = measure(body, [Candidate(int(inside[0]), int(inside[-1]) + 1, first)])
    return found


def test_every_feature_has_a_unit_and_comes_in_the_order_of_the_columns() -> None:
    measured = features_of(Script().still(300).rub(30).still(300), 300, 330)
    assert list(measured) == list(FEATURE_UNITS)


def test_a_sudden_sit_up_and_rub_out_of_stillness() -> None:
    script = Script().still(400).turn("sitting").rub(60).turn("back").still(400)
    found = features_of(script, 400, 464, heart(script.seconds, rises=((405.0, 24.0),)))
    assert 395 <= found["still_before"] <= 402
    assert found["still_after"] >= 395
    assert 60 <= found["moving"] <= 66
    assert 49 < found["turn_at_once"] < 54
    assert found["onset_strength"] > 0.9
    assert 15 < found["heart_rate_rise"] < 21
    assert found["neighbours"] == 0
    assert abs(found["since_onset"] - 400) < 3


def test_a_position_shift_turns_far_and_moves_little() -> None:
    script = Script().still(200).turn("left").still(20).turn("right").still(200)
    found = features_of(script, 200, 225)
    assert found["turn_at_once"] > 80
    assert found["moving"] < 10
    assert np.isnan(found["heart_rate_rise"])


def test_a_bathroom_trip_is_two_walks() -> None:
    script = Script().still(300).turn("standing", 4).walk(30).still(40).walk(30).turn("back", 4)
    found = features_of(script.still(300), 300, 408)
    assert found["walks"] == 2
    assert 50 <= found["walking"] <= 68


def test_a_slow_start_is_weak_against_what_follows() -> None:
    slow = Script().still(300)
    for _ in range(6):
        slow.rub(4, strength_g=0.04)
    slow.rub(30, strength_g=0.5).still(300)
    assert features_of(slow, 300, 354)["onset_strength"] < 0.2


def test_a_restless_time_has_neighbours() -> None:
    script = Script().still(100)
    for _ in range(4):
        script.rub(3).still(65)
    script.rub(20)
    for _ in range(3):
        script.still(65).rub(3)
    found = features_of(script.still(200), 372, 392)
    assert found["neighbours"] == 7


def test_stillness_that_the_data_do_not_reach_is_unknown_not_short() -> None:
    script = Script().still(300).rub(30).still(40)
    assert np.isnan(features_of(script, 300, 330)["still_after"])


def test_stillness_that_is_taken_to_follow_is_measured_like_stillness_that_does() -> None:
    # To the end of a whole minute, as in a night that goes on.
    until_now, whole = (Script().still(300).rub(30).still(each) for each in (69.8, 669.8))
    assumed = features_of(until_now, 300, 330, still_ahead_s=600)
    assert assumed["still_after"] == 600
    assert assumed == pytest.approx(features_of(whole, 300, 330), nan_ok=True)


def test_stillness_that_is_taken_to_follow_takes_back_no_movement() -> None:
    script = Script().still(300).rub(30).still(90).rub(10).still(29.8)
    found = features_of(script, 300, 330, still_ahead_s=600)
    assert 85 <= found["still_after"] <= 95
    assert found["moved_after"] == pytest.approx(10 / 600, abs=0.005)


def test_what_is_not_known_is_nan_and_never_a_number() -> None:
    found = features_of(Script().still(300).rub(30).still(300), 300, 330)
    unknown = {name for name, value in found.items() if np.isnan(value)}
    assert unknown == {
        "heart_rate_rise",
        "rise_within_minute",
        "rise_latency",
        "rise_held",
        "rise_left",
        "rise_against_wander",
        "level_before",
        "reading_lost",
    }


def test_an_arm_that_comes_back_has_returned_and_one_that_turned_over_has_not() -> None:
    back = Script().still(300).turn("sitting").rub(20).still(15).turn("back").still(300)
    over = Script().still(300).turn("left").rub(20).still(15).turn("right").still(300)
    there_and_back, turned_over = features_of(back, 300, 339), features_of(over, 300, 339)
    assert there_and_back["returned"] < 3
    assert turned_over["returned"] > 60
    assert 13 <= there_and_back["held_away"] <= 16
    assert there_and_back["away_share"] > 0.8


def test_bursts_and_pauses_are_counted() -> None:
    script = Script().still(300).rub(10).still(20).rub(30).still(8).rub(10).still(300)
    found = features_of(script, 300, 378)
    assert found["bursts"] == 3
    assert 29 <= found["longest_burst"] <= 32
    assert 18 <= found["longest_pause"] <= 21
    assert found["length"] == pytest.approx(78, abs=2)


def test_a_movement_that_fades_declines() -> None:
    fading = Script().still(300).rub(20, strength_g=0.5).rub(20, strength_g=0.05).still(300)
    growing = Script().still(300).rub(20, strength_g=0.05).rub(20, strength_g=0.5).still(300)
    assert features_of(fading, 300, 340)["decline"] > 1.5
    assert features_of(growing, 300, 340)["decline"] < -1.5


def test_the_heart_s_answer_has_a_latency_and_a_length() -> None:
    script = Script().still(400).rub(60).still(400)
    found = features_of(script, 400, 460, heart(script.seconds, rises=((420.0, 24.0),)))
    assert 15 <= found["rise_latency"] <= 30
    assert 40 <= found["rise_held"] <= 90
    assert found["rise_within_minute"] == pytest.approx(found["heart_rate_rise"], abs=1)
    assert found["rise_left"] < found["heart_rate_rise"] / 2
    assert abs(found["level_before"]) < 2


def test_a_sensor_that_lost_its_reading_says_so() -> None:
    script = Script().still(400).rub(60).still(400)
    rate = heart(script.seconds, silent=((420.0, 460.0),))
    assert features_of(script, 400, 460, rate)["reading_lost"] == pytest.approx(0.67, abs=0.1)


@settings(max_examples=40)
@given(
    seconds=st.lists(st.integers(1, 90), min_size=1, max_size=6),
    strength_g=st.floats(0.3, 3.0),
    rate_hz=st.sampled_from([5.0, 10.0, 26.0, 104.0]),
    gap_s=st.sampled_from([0, 4, 90]),
)
def test_whatever_moves_is_measured_without_an_infinity(
    seconds: list[int], strength_g: float, rate_hz: float, gap_s: int
) -> None:
    script = Script(rate_hz).still(40)
    for length in seconds:
        script.rub(length, strength_g=strength_g).gap(gap_s).still(5)
    body = body_of(script.still(20), heart(script.seconds))
    moving = np.flatnonzero(body.moving)
    first, last = int(moving[0]), int(moving[-1])
    for found in measure(body, [Candidate(first, last + 1, 0), Candidate(first, first + 1, 0)]):
        assert not np.isinf(list(found.values())).any()


def test_what_lies_around_a_dense_movement_does_not_dilute_its_core() -> None:
    body = body_of(Script(5.0).still(2000))
    flags = np.zeros_like(body.moving)
    flags[1000:1090] = True
    flags[1130:1132] = flags[1170:1172] = True
    alone, settling = Candidate(1000, 1090, 0), Candidate(1000, 1172, 0)
    body = replace(body, moving=flags)
    one, other = measure(body, [alone, settling])
    assert one["moving_share"] == 1.0
    assert other["moving_share"] < 0.6
    for name in ("busiest_half_minute", "busiest_minute"):
        assert one[name] == other[name] == {"busiest_half_minute": 30, "busiest_minute": 60}[name]
    assert (one["busiest_two_minutes"], other["busiest_two_minutes"]) == (90, 90)
    assert (one["core"], one["core_share"], one["until_core"]) == (90, 1.0, 0)
    assert 90 <= other["core"] <= 100
    assert other["core_share"] > 0.9


def test_twitches_have_no_core() -> None:
    body = body_of(Script(5.0).still(2000))
    flags = np.zeros_like(body.moving)
    flags[1000:1003] = flags[1040:1043] = True
    body = replace(body, moving=flags)
    (measured,) = measure(body, [Candidate(1000, 1043, 0)])
    assert measured["core"] == 0
    assert np.isnan([measured["core_share"], measured["until_core"]]).all()
