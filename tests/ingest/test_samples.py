from __future__ import annotations

import numpy as np
import pytest

from ingest.errors import SampleError
from ingest.samples import Acceleration, HeartRate, RRIntervals


def acceleration(times: list[int], x: float = 0.0) -> Acceleration:
    xyz_g = np.zeros((len(times), 3), np.float32)
    xyz_g[-1:, 0] = x
    return Acceleration(np.array(times, np.int64), xyz_g)


@pytest.mark.parametrize("times", [[], [1], [1, 2, 5]])
def test_rising_times_get_in(times: list[int]) -> None:
    assert len(acceleration(times)) == len(times)


@pytest.mark.parametrize("times", [[1, 2, 2], [1, 2, 0]])
def test_times_that_repeat_or_fall_do_not_get_in(times: list[int]) -> None:
    with pytest.raises(SampleError, match="times must rise, but sample 2 is not after"):
        acceleration(times)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 64.5, -64.5])
def test_acceleration_outside_belief_does_not_get_in(value: float) -> None:
    with pytest.raises(SampleError, match=r"acceleration in g: sample 1 .* outside -64 to 64"):
        acceleration([1, 2], value)


@pytest.mark.parametrize("value", [np.nan, -1, 401])
def test_heart_rate_outside_belief_does_not_get_in(value: float) -> None:
    with pytest.raises(SampleError, match="outside 0 to 400"):
        HeartRate(np.array([1]), np.array([value], np.float32))


def test_each_time_needs_one_value() -> None:
    with pytest.raises(SampleError, match=r"shape \(2, 3\)"):
        Acceleration(np.array([1, 2]), np.zeros((2, 2), np.float32))
    with pytest.raises(SampleError, match="one reading for each time"):
        HeartRate(np.array([1, 2]), np.zeros(1, np.float32))
    with pytest.raises(SampleError, match="one interval for each time"):
        RRIntervals(np.array([1, 2]), np.zeros(1, np.float32))


def test_contact_is_one_of_three_for_each_reading() -> None:
    times, bpm = np.array([1, 2]), np.array([60, 61], np.float32)
    told = HeartRate(times, bpm, np.array([1, -1], np.int8))
    assert told.contact is not None
    assert told.contact.tolist() == [1, -1]
    with pytest.raises(SampleError, match="one contact for each reading"):
        HeartRate(times, bpm, np.array([1], np.int8))
    with pytest.raises(SampleError, match="contact is 1, 0, or -1"):
        HeartRate(times, bpm, np.array([1, 2], np.int8))
