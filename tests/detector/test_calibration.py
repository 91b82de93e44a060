from __future__ import annotations

import numpy as np
import pytest

from detector.calibration import calibrate, fit_calibration
from detector.seconds import Reducer, Seconds, join_parts
from ingest.samples import Acceleration
from tests.detector.script import Script


def seconds_of(acceleration: Acceleration) -> Seconds:
    reducer = Reducer()
    parts = reducer.feed(acceleration), reducer.finish()
    return join_parts([part for part in parts if part is not None])


def all_around(script: Script) -> Acceleration:
    for pose in ("back", "left", "right", "front", "sitting", "standing", "back"):
        script.turn(pose).still(300)
    for direction in ((-1.0, 0.1, 0.2), (0.1, -1.0, 0.1), (0.7, 0.7, -0.2)):
        script.pose = np.array(direction)
        script.still(300)
    return script.acceleration()


def unit_length(acceleration: Acceleration) -> Acceleration:
    lengths = np.linalg.norm(acceleration.xyz_g, axis=1, keepdims=True)
    return Acceleration(acceleration.times_ns, acceleration.xyz_g / lengths)


@pytest.mark.parametrize("rate_hz", [5, 10, 25, 50])
def test_a_known_gain_and_offset_are_found(rate_hz: float) -> None:
    true = unit_length(all_around(Script(rate_hz, noise_g=0.002)))
    gain, offset = np.array([1.03, 0.97, 1.01]), np.array([0.02, -0.03, 0.01])
    measured = Acceleration(true.times_ns, ((true.xyz_g - offset) / gain).astype(np.float32))
    found = fit_calibration(seconds_of(measured))
    assert np.allclose(found.gain, gain, atol=0.003)
    assert np.allclose(found.offset_g, offset, atol=0.003)
    assert found.error_before_g is not None
    assert found.error_after_g is not None
    assert found.error_after_g < 0.002 < 0.01 < found.error_before_g


def test_a_night_in_one_position_does_not_tell_and_is_left_as_it_is() -> None:
    found = fit_calibration(seconds_of(Script().still(1800).acceleration()))
    assert not found.fitted
    assert found.gain == (1.0, 1.0, 1.0)


def test_a_wrong_unit_is_not_mistaken_for_a_gain() -> None:
    true = unit_length(all_around(Script()))
    half = Acceleration(true.times_ns, true.xyz_g * np.float32(0.5))
    assert not fit_calibration(seconds_of(half)).fitted


def test_calibration_of_seconds_equals_calibration_of_samples() -> None:
    raw = Script(50).still(60).rub(60).still(60).acceleration()
    true = unit_length(all_around(Script()))
    gain, offset = np.array([1.03, 0.97, 1.01]), np.array([0.02, -0.03, 0.01])
    found = fit_calibration(
        seconds_of(Acceleration(true.times_ns, ((true.xyz_g - offset) / gain).astype(np.float32)))
    )
    corrected = (raw.xyz_g * np.array(found.gain) + np.array(found.offset_g)).astype(np.float32)
    afterwards = calibrate(seconds_of(raw), found)
    beforehand = seconds_of(Acceleration(raw.times_ns, corrected))
    assert np.allclose(afterwards.mean_g, beforehand.mean_g, atol=1e-6, equal_nan=True)
    assert np.allclose(afterwards.jerk_g_per_s, beforehand.jerk_g_per_s, atol=1e-4, equal_nan=True)
    assert np.allclose(afterwards.deviation_g, beforehand.deviation_g, atol=1e-6, equal_nan=True)
