from __future__ import annotations

import numpy as np

from detector.sleep import SleepWindow, find_sleeps
from tests.detector.script import Script
from tests.detector.test_calibration import seconds_of


def awake(script: Script, minutes: int) -> Script:
    poses = ("sitting", "standing", "back", "left")
    for part in range(minutes * 6):
        script.turn(poses[part % 4], 4).rub(6, strength_g=0.3)
    return script


def asleep(script: Script, minutes: int) -> Script:
    poses = ("back", "left", "right", "front")
    for part in range(minutes // 30):
        script.still(30 * 60 - 3).turn(poses[part % 4], 3)
    return script


def sleeps_of(script: Script) -> tuple[list[SleepWindow], float]:
    seconds = seconds_of(script.acceleration())
    first = float(np.flatnonzero(seconds.recorded)[0])
    return find_sleeps(seconds, seconds.recorded), first


def sleep_of(script: Script) -> tuple[SleepWindow, float]:
    (only,), first = sleeps_of(script)
    return only, first


def test_the_window_is_the_time_at_rest() -> None:
    found, first = sleep_of(awake(asleep(awake(Script(10), 40), 360), 40))
    assert abs(found.onset_s - first - 40 * 60) < 120
    assert abs(found.wake_s - first - 400 * 60) < 300
    assert abs(found.asleep.sum() / 60 - 360) < 12


def test_waking_in_the_middle_is_left_out_of_sleep_but_does_not_end_it() -> None:
    script = asleep(awake(asleep(awake(Script(10), 30), 180), 25), 180)
    found, first = sleep_of(awake(script, 30))
    assert abs(found.wake_s - first - (30 + 180 + 25 + 180) * 60) < 300
    assert 350 * 60 - 900 < found.asleep.sum() < 365 * 60


def test_a_gap_of_two_hours_is_a_gap_and_not_the_end_of_the_night() -> None:
    script = asleep(asleep(awake(Script(10), 30), 150).gap(2 * 3600), 150)
    found, first = sleep_of(awake(script, 30))
    assert abs(found.onset_s - first - 30 * 60) < 120
    assert abs(found.wake_s - first - (30 + 150 + 120 + 150) * 60) < 300
    assert found.asleep.sum() < 301 * 60


def test_two_nights_with_an_unrecorded_day_between_are_two_sleeps() -> None:
    script = asleep(asleep(awake(Script(5), 20), 300).gap(14 * 3600), 300)
    found, first = sleeps_of(awake(script, 20))
    assert [round(sleep.asleep.sum() / 60, -1) for sleep in found] == [300, 300]
    assert abs(found[0].wake_s - first - 320 * 60) < 300
    assert abs(found[1].onset_s - first - (320 + 14 * 60) * 60) < 120


def test_sleeps_more_than_an_hour_apart_are_each_found() -> None:
    script = awake(asleep(awake(Script(5), 20), 60), 90)
    script = awake(asleep(script, 300), 90)
    found, first = sleeps_of(awake(asleep(script, 60), 20))
    assert [round(sleep.asleep.sum() / 60, -1) for sleep in found] == [60, 300, 60]
    for sleep, onset_min, wake_min in zip(found, (20, 170, 560), (80, 470, 620), strict=True):
        assert abs(sleep.onset_s - first - onset_min * 60) < 120
        assert abs(sleep.wake_s - first - wake_min * 60) < 300
        assert not sleep.asleep[: sleep.onset_s].any()
        assert not sleep.asleep[sleep.wake_s :].any()


def test_nobody_sleeps_in_an_hour_of_activity() -> None:
    assert sleeps_of(awake(Script(10), 60))[0] == []


def test_a_minute_is_no_night() -> None:
    assert sleeps_of(Script(25).still(60))[0] == []
