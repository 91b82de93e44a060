from __future__ import annotations

import numpy as np
import pytest

from detector.heart import bin_heart_rate
from detector.movement import find_movement
from detector.wear import find_off_wrist
from ingest.samples import NS_PER_S, HeartRate
from tests.detector.script import START_NS, Script, heart
from tests.detector.test_calibration import seconds_of


def off_wrist_minutes(script: Script, *rates: HeartRate) -> tuple[float, float, float]:
    """Total, beginning and end of the time off the wrist, in minutes from the start."""
    seconds = seconds_of(script.acceleration())
    first = float(np.flatnonzero(seconds.recorded)[0])
    bins = bin_heart_rate(seconds.start_s, len(seconds), rates, [])
    off = np.flatnonzero(find_off_wrist(seconds, find_movement(seconds), bins))
    if not len(off):
        return 0.0, 0.0, 0.0
    return len(off) / 60, (float(off[0]) - first) / 60, (float(off[-1]) - first) / 60


def restless(script: Script, minutes: int) -> Script:
    for _ in range(minutes // 5):
        script.still(290).rub(10)
    return script


def test_a_watch_put_on_the_table_is_off_until_it_is_put_on_again() -> None:
    script = restless(Script(), 60).turn("front").table(40 * 60).turn("back").rub(10)
    script = restless(script, 60)
    rate = heart(script.seconds, silent=((60 * 60, 101 * 60),))
    total, start, end = off_wrist_minutes(script, rate)
    assert 39 <= total <= 41
    assert abs(start - 60) < 1.5
    assert abs(end - 100) < 1.5


@pytest.mark.parametrize("seconds", [2, 4, 10])
def test_a_quick_hand_takes_it_off_as_well_as_a_slow_one(seconds: int) -> None:
    script = restless(Script(), 30).still(700).rub(seconds).turn("front").table(3000)
    script = restless(script.rub(seconds).turn("back"), 30)
    silent = (2500.0 + seconds + 2, 2500.0 + seconds + 2 + 3000)
    total, start, _ = off_wrist_minutes(script, heart(script.seconds, silent=(silent,)))
    assert 49 <= total <= 51
    assert abs(start - silent[0] / 60) < 0.5


def test_a_deep_sleeper_whose_heart_is_read_is_worn() -> None:
    script = restless(restless(Script(), 30).still(70 * 60), 30)
    assert off_wrist_minutes(script, heart(script.seconds))[0] == 0


def test_a_deep_sleeper_without_a_heart_sensor_is_worn() -> None:
    assert off_wrist_minutes(restless(restless(Script(), 30).still(64 * 60), 30))[0] == 0


def test_without_a_heart_sensor_stillness_has_to_last() -> None:
    total, _, _ = off_wrist_minutes(restless(restless(Script(), 30).table(130 * 60), 30))
    assert 129 <= total <= 135
    assert off_wrist_minutes(restless(restless(Script(), 30).table(100 * 60), 30))[0] == 0


def test_stillness_never_outweighs_a_heart_that_beats() -> None:
    script = restless(restless(Script(), 30).still(240 * 60), 30)
    assert off_wrist_minutes(script, heart(script.seconds))[0] == 0


def test_a_sensor_that_repeats_itself_off_a_table_is_on_nobody() -> None:
    script = restless(restless(Script(), 30).table(180 * 60), 30)
    stuck = heart(script.seconds)
    at = (stuck.times_ns - stuck.times_ns[0]) / 60e9
    bpm = np.where((at > 29) & (at < 211), np.float32(72), stuck.bpm)
    assert off_wrist_minutes(script, HeartRate(stuck.times_ns, bpm))[0] >= 179


def test_a_quarter_of_an_hour_lain_on_the_arm_is_worn() -> None:
    script = restless(Script(), 60).still(20 * 60).rub(10)
    rate = heart(restless(script, 60).seconds, silent=((60 * 60, 80 * 60),))
    assert off_wrist_minutes(script, rate)[0] == 0


def test_a_nudge_of_the_table_does_not_put_the_watch_back_on() -> None:
    script = restless(Script(), 30).table(20 * 60).rub(2).table(20 * 60).rub(10)
    rate = heart(restless(script, 30).seconds, silent=((30 * 60, 70 * 60),))
    assert off_wrist_minutes(script, rate)[0] > 39


def test_a_lost_heart_rate_on_a_moving_wrist_is_not_off_the_wrist() -> None:
    script = restless(Script(), 120)
    rate = heart(script.seconds, silent=((30 * 60, 90 * 60),))
    assert off_wrist_minutes(script, rate)[0] == 0


def test_a_lost_heart_rate_on_a_quiet_sleeper_is_not_off_the_wrist() -> None:
    script = restless(restless(Script(), 30).still(50 * 60), 30)
    rate = heart(script.seconds, silent=((40 * 60, 65 * 60),))
    assert off_wrist_minutes(script, rate)[0] == 0


def test_a_watch_taken_off_in_the_morning_is_off_to_the_end() -> None:
    script = restless(Script(), 60).turn("front").table(40 * 60)
    rate = heart(script.seconds, silent=((60 * 60, 100 * 60),))
    assert 39 <= off_wrist_minutes(script, rate)[0] <= 41


@pytest.mark.parametrize("late_s", [0, 1, 30])
def test_a_watch_put_on_after_the_recording_began_was_off_until_then(late_s: int) -> None:
    script = Script().gap((60 - START_NS // NS_PER_S) % 60 - START_NS % NS_PER_S / NS_PER_S)
    script = restless(script.gap(late_s).table(50 * 60).turn("back").rub(10), 60)
    rate = heart(script.seconds, silent=((0, 51 * 60),))
    assert 49 <= off_wrist_minutes(script, rate)[0] <= 51


def test_a_gap_is_not_off_the_wrist() -> None:
    script = restless(restless(Script(), 30).gap(40 * 60), 30)
    rate = heart(script.seconds, silent=((30 * 60, 70 * 60),))
    assert off_wrist_minutes(script, rate)[0] == 0
