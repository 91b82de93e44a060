from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.calibration import Calibration
from detector.detector import Detector
from detector.traces import Stretches, Tracer, Traces, enmo_g
from ingest.errors import SampleError
from ingest.samples import NS_PER_S, Acceleration, HeartRate, RecordingInfo, Samples

START_S = 1_795_298_400
"""2026-11-21 at 23:00 in Berlin: a whole minute, and a whole five minutes."""
RATE_HZ = 25
PLAIN = Calibration()


def still(seconds: int, *, start_s: int = START_S) -> Acceleration:
    """An arm 30 degrees above the horizontal, with a little noise."""
    count = seconds * RATE_HZ
    times_ns = start_s * NS_PER_S + np.arange(count) * (NS_PER_S // RATE_HZ)
    noise = np.random.default_rng(1).normal(0, 0.002, (count, 3))
    tilted = np.array([np.cos(np.radians(30)), 0, np.sin(np.radians(30))])
    return Acceleration(times_ns, (tilted + noise).astype(np.float32))


def pulse(seconds: int) -> HeartRate:
    times_ns = (START_S + np.arange(seconds)) * NS_PER_S
    return HeartRate(times_ns, np.full(seconds, 61, np.float32))


def traced(*samples: Samples) -> Traces:
    tracer = Tracer()
    for each in samples:
        tracer.feed(each)
    return tracer.finish()


def test_enmo_is_the_length_above_one_g_and_never_below_zero() -> None:
    xyz_g = np.array([[0, 0, 1], [1, 2, 2], [0.3, 0, 0], [0, -1.5, 0]], np.float32)
    assert enmo_g(xyz_g, PLAIN).tolist() == [0, 2, 0, 0.5]


def test_enmo_is_of_the_calibrated_sample() -> None:
    calibration = Calibration((2.0, 1.0, 1.0), (0.0, 0.0, -0.5))
    assert enmo_g(np.array([[1, 0, 0.5]], np.float32), calibration).tolist() == [1]


def test_the_curves_are_the_tilt_and_the_heart_rate_each_five_seconds() -> None:
    traces = traced(still(120), pulse(120))
    assert traces.start_s == START_S
    assert len(traces.z_angle_deg) == len(traces.heart_bpm) == 24
    assert traces.z_angle_deg == pytest.approx(np.full(24, 30), abs=0.1)
    assert traces.heart_bpm.tolist() == [61] * 24
    assert (traces.times_ns[:2] - START_S * NS_PER_S).tolist() == [2_500_000_000, 7_500_000_000]


def test_the_id_is_that_of_the_night() -> None:
    detector = Detector(RecordingInfo("night", START_S * NS_PER_S, "Europe/Berlin"))
    for each in (still(1500), pulse(1500)):
        detector.feed(each)
    assert traced(still(1500), pulse(1500)).id == detector.finish().id
    assert traced(still(1500)).id != detector.finish().id


@given(cuts=st.lists(st.integers(1, 2999), max_size=6))
def test_how_the_samples_are_cut_changes_nothing(cuts: list[int]) -> None:
    whole = still(120)
    edges = [0, *sorted(set(cuts)), len(whole)]
    parts = [
        Acceleration(whole.times_ns[start:end], whole.xyz_g[start:end])
        for start, end in pairwise(edges)
    ]
    one, other = traced(whole), traced(*parts)
    assert one.id == other.id
    assert one.z_angle_deg.tolist() == other.z_angle_deg.tolist()


def test_without_a_second_of_acceleration_there_is_nothing_to_draw() -> None:
    with pytest.raises(SampleError, match="not one second"):
        traced(pulse(60))


def test_stretches_of_five_minutes_tell_the_mean_and_the_most() -> None:
    samples = still(900)
    traces = traced(samples, pulse(300))
    values: npt.NDArray[np.float32] = np.zeros(len(samples), np.float32)
    values[10], values[7_500:7_502] = 0.75, 0.25
    stretches = Stretches(traces)
    for rows in (slice(0, 7_501), slice(7_501, None)):
        stretches.take(samples.times_ns[rows], values[rows])
    first, second, third = stretches.finish()
    assert first.start_ns == START_S * NS_PER_S
    assert (first.enmo_g, first.most_enmo_g) == (0.75 / 7_500, 0.75)
    assert (second.enmo_g, second.most_enmo_g) == (0.5 / 7_500, 0.25)
    assert (third.enmo_g, third.most_enmo_g) == (0, 0)
    assert (first.heart_bpm, second.heart_bpm) == (61, None)
    assert second.z_angle_deg == pytest.approx(30, abs=0.1)


def test_a_stretch_without_samples_is_told_as_one() -> None:
    before, after = still(60), still(60, start_s=START_S + 660)
    stretches = Stretches(traced(before, after))
    for part in (before, after):
        stretches.take(part.times_ns, np.zeros(len(part), np.float32))
    told = stretches.finish()
    assert [each.enmo_g for each in told] == [0, None, 0]
    assert told[1].z_angle_deg is None
