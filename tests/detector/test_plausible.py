from __future__ import annotations

import numpy as np
import pytest

from detector.plausible import find_frozen, require_gravity, without_dead_seconds
from ingest.errors import SampleError
from ingest.samples import Acceleration
from tests.detector.script import Script
from tests.detector.test_calibration import seconds_of


def scaled(script: Script, factor: float) -> Acceleration:
    whole = script.acceleration()
    return Acceleration(whole.times_ns, whole.xyz_g * np.float32(factor))


def a_rest() -> Script:
    return Script().still(300).rub(60).turn("left").still(300)


@pytest.mark.parametrize("error", [0.9, 1.0, 1.1])
def test_one_g_at_rest_is_an_accelerometer(error: float) -> None:
    require_gravity(seconds_of(scaled(a_rest(), error)))


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (9.80665 / 2, r"4\.87 g long.*in g, gravity included"),
        (1 / 9.80665, r"0\.10.* g long.*Gravity seems to have been taken away"),
    ],
)
def test_another_unit_is_refused_with_what_to_do(factor: float, said: str) -> None:
    with pytest.raises(SampleError, match=said):
        require_gravity(seconds_of(scaled(a_rest(), factor)))


def test_metres_per_second_squared_are_named() -> None:
    with pytest.raises(SampleError, match=r"9\.75 g.*divide by 9\.80665"):
        require_gravity(seconds_of(scaled(a_rest(), 9.80665)))


def test_movement_without_gravity_is_named() -> None:
    script = a_rest()
    whole = script.acceleration()
    poses = np.repeat([[0.1, -0.2, 0.97], [0.2, 0.95, -0.1]], [9000, len(whole) - 9000], axis=0)
    linear = Acceleration(whole.times_ns, whole.xyz_g - poses.astype(np.float32))
    with pytest.raises(SampleError, match="raw acceleration"):
        require_gravity(seconds_of(linear))


def test_an_hour_of_shaking_is_still_an_accelerometer() -> None:
    require_gravity(seconds_of(Script().rub(3600, strength_g=1.5).acceleration()))


def test_a_minute_of_nothing_but_shaking_is_no_other_unit() -> None:
    rng = np.random.default_rng(1)
    shaken = Script(5).still(60).acceleration()
    values = np.clip(rng.normal(0, 20, shaken.xyz_g.shape), -16, 16).astype(np.float32)
    require_gravity(seconds_of(Acceleration(shaken.times_ns, values)))


def test_a_dead_sensor_has_measured_nothing() -> None:
    whole = a_rest().acceleration()
    values = whole.xyz_g.copy()
    values[2500:5000] = 0
    seconds = seconds_of(Acceleration(whole.times_ns, values))
    alive = without_dead_seconds(seconds)
    assert 98 <= seconds.recorded.sum() - alive.recorded.sum() <= 100
    require_gravity(alive)


def test_a_quiet_sensor_is_not_dead() -> None:
    seconds = seconds_of(Script(noise_g=0.0).still(600).acceleration())
    assert without_dead_seconds(seconds) is seconds


@pytest.mark.parametrize(("minutes", "frozen"), [(30, 0), (58, 0), (90, 90)])
def test_an_hour_of_one_and_the_same_number_is_a_stuck_sensor(minutes: int, frozen: int) -> None:
    script = Script().still(600)
    script.noise_g = 0.0
    script.still(minutes * 60)
    script.noise_g = 0.003
    seconds = seconds_of(script.still(600).acceleration())
    assert abs(find_frozen(seconds).sum() / 60 - frozen) < 0.2


def test_a_sensor_that_never_wanders_is_not_stuck_when_it_rests() -> None:
    script = Script(noise_g=0.0)
    for pose in ("left", "back", "right"):
        script.still(5000).turn(pose).rub(60)
    script.still(600)
    assert not find_frozen(seconds_of(script.acceleration())).any()


def test_coarse_steps_are_not_a_stuck_sensor() -> None:
    whole = Script(5, noise_g=0.003).still(3 * 3600).acceleration()
    coarse = Acceleration(whole.times_ns, np.round(whole.xyz_g, 2))
    assert not find_frozen(seconds_of(coarse)).any()
