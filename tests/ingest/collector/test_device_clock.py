from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.collector.device_clock import MAX_SLEW, DeviceClock
from ingest.samples import NS_PER_S

Times = npt.NDArray[np.int64]

RATE_HZ = 52
SAMPLES = 73
MS = 1_000_000


@dataclass(frozen=True)
class Truth:
    """When samples were measured by the host, what the device said of it, when frames came."""

    host_ns: Times
    device_ns: Times
    arrived_ns: Times


def streamed(
    seconds: float,
    *,
    ppm: float = 0.0,
    seed: int = 0,
    usual_ms: float = 30.0,
    worst_ms: float = 400.0,
    device_start_ns: int = 800_000_000 * NS_PER_S,
    host_start_ns: int = 5_000 * NS_PER_S,
) -> Truth:
    frames = int(seconds * RATE_HZ / SAMPLES)
    rng = np.random.default_rng(seed)
    device = np.rint(np.arange(1, frames * SAMPLES + 1) * (NS_PER_S / RATE_HZ)).astype(np.int64)
    host = host_start_ns + np.rint(device * (1 + ppm * 1e-6)).astype(np.int64)
    delays = rng.exponential(usual_ms, frames) + (rng.random(frames) < 0.05) * worst_ms
    last = host.reshape(frames, SAMPLES)[:, -1]
    arrived = np.maximum.accumulate(last + (delays * MS).astype(np.int64))
    return Truth(
        host.reshape(frames, SAMPLES), device_start_ns + device.reshape(frames, SAMPLES), arrived
    )


def mapped(clock: DeviceClock, truth: Truth) -> Times:
    frames = zip(truth.device_ns, truth.arrived_ns, strict=True)
    return np.stack([clock.times_ns(device, int(arrived)) for device, arrived in frames])


@settings(max_examples=15)
@given(ppm=st.floats(-100, 100), seed=st.integers(0, 999), start=st.integers(0, 2**59))
def test_whatever_the_delays_and_the_drift_times_rise_and_stay_near(
    ppm: float, seed: int, start: int
) -> None:
    truth = streamed(1800, ppm=ppm, seed=seed, device_start_ns=start)
    clock = DeviceClock()
    times = mapped(clock, truth)
    error_ms = (times - truth.host_ns) / MS
    assert (np.diff(times.ravel()) > 0).all()
    # Never further off than the worst delay so far; a minute later within what the slew has left.
    first_delay_ms = float((truth.arrived_ns[0] - truth.host_ns[0, -1]) / MS)
    assert error_ms[0].max() <= first_delay_ms + 1
    settled = error_ms[len(error_ms) // 10 :]
    assert np.abs(settled).max() < 35
    assert np.abs(error_ms[-len(error_ms) // 3 :]).max() < 15
    assert clock.restarts == 0


def test_the_drift_is_told() -> None:
    for ppm in (-80.0, 0.0, 100.0):
        clock = DeviceClock()
        mapped(clock, streamed(3600, ppm=ppm, seed=5))
        assert abs(clock.drift * 1e6 - ppm) < 2


def test_samples_stay_as_far_apart_as_they_are() -> None:
    times = mapped(DeviceClock(), streamed(1800, ppm=60, seed=3)).ravel()
    apart_ms = np.diff(times) / MS
    assert np.abs(apart_ms / (1000 / RATE_HZ) - 1).max() < 1.05 * MAX_SLEW


def test_a_device_that_begins_at_zero_begins_a_new_mapping_at_its_arrival() -> None:
    clock = DeviceClock()
    before = streamed(600, seed=1)
    mapped(clock, before)
    after = streamed(600, seed=2, device_start_ns=0, host_start_ns=6_000 * NS_PER_S)
    times = mapped(clock, after)
    assert clock.restarts == 1
    assert np.abs((times - after.host_ns) / MS).max() < 500
    assert np.abs((times - after.host_ns)[-50:] / MS).max() < 15


def test_a_device_clock_set_forward_or_back_moves_no_sample_by_more_than_a_delay() -> None:
    for jump_s in (3600, -3600, 5, -5):
        clock = DeviceClock()
        truth = streamed(1200, seed=7)
        half = len(truth.arrived_ns) // 2
        device = truth.device_ns.copy()
        device[half:] += jump_s * NS_PER_S
        times = mapped(clock, Truth(truth.host_ns, device, truth.arrived_ns))
        assert (np.diff(times.ravel()) > 0).all()
        assert np.abs((times - truth.host_ns) / MS).max() < (5_100 if jump_s == -5 else 600)


def test_the_mapping_is_kept_across_connections_and_delays() -> None:
    clock = DeviceClock()
    truth = streamed(7200, ppm=70, seed=11)
    half = len(truth.arrived_ns) // 2
    mapped(clock, Truth(truth.host_ns[:half], truth.device_ns[:half], truth.arrived_ns[:half]))
    # An hour without a link, then a frame that came at once.
    times = clock.times_ns(truth.device_ns[-1], int(truth.host_ns[-1, -1]), reconnected=True)
    assert clock.restarts == 0
    assert abs(times[-1] - truth.host_ns[-1, -1]) < 30 * MS
    # Within a connection a frame may be half a minute late: its time is that of the device.
    late = clock.times_ns(
        truth.device_ns[-1] + 2 * NS_PER_S, int(truth.host_ns[-1, -1]) + 32 * NS_PER_S
    )
    assert clock.restarts == 0
    assert abs(late[-1] - truth.host_ns[-1, -1] - 2 * NS_PER_S) < 30 * MS


def test_a_frame_whose_rate_was_guessed_too_low_is_fitted_behind_the_one_before() -> None:
    clock = DeviceClock()
    clock.times_ns(np.arange(1, 11) * 20 * MS, 300 * MS)
    times = clock.times_ns(np.array([190, 210, 230, 250, 300]) * MS, 410 * MS)
    assert np.diff(times).tolist() == [20 * MS] * 4
