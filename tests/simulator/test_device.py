from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from ingest.samples import FaultKind
from simulator.device import DEVICES, DeviceFault, read_acceleration, recorded, tick


@pytest.mark.parametrize("name", DEVICES)
def test_written_times_rise_in_whole_milliseconds_and_keep_near_the_truth(name: str) -> None:
    for seed in range(3):
        times_s, written_s = tick(np.random.default_rng(seed), DEVICES[name], span_s=20000.0)
        assert len(times_s) == len(written_s)
        assert written_s[0] >= 0.0
        milliseconds = np.round(written_s * 1000.0)
        assert np.all(np.diff(milliseconds) > 0.0)
        assert np.abs(written_s * 1000.0 - milliseconds).max() < 1e-6
        # 100 parts per million over 20,000 s, and less than one sample of delay.
        assert np.abs(written_s - times_s).max() < 2.0 + 1.0 / DEVICES[name].rate_hz


def test_clocks_drift_differently() -> None:
    ends = {
        float(tick(np.random.default_rng(seed), DEVICES["logger"], span_s=30000.0)[1][-1])
        for seed in range(5)
    }
    assert np.ptp(list(ends)) > 0.1


def test_samples_of_a_batch_share_their_jitter() -> None:
    device = dataclasses.replace(DEVICES["bangle"], jitter_s=0.01)
    times_s, written_s = tick(np.random.default_rng(1), device, span_s=600.0)
    off_s = (written_s - times_s)[: len(times_s) // 3 * 3].reshape(-1, 3)
    assert np.ptp(off_s, axis=1).max() < 0.0012
    assert off_s.mean(axis=1).std() == pytest.approx(0.01, rel=0.2)


def test_readings_are_off_by_gain_and_offset_but_only_so_far() -> None:
    still = np.tile([0.6, 0.0, 0.8], (2000, 1))
    strengths = [
        np.linalg.norm(
            read_acceleration(np.random.default_rng(seed), DEVICES["apple"], still).mean(axis=0)
        )
        for seed in range(50)
    ]
    assert 0.01 < np.std(strengths) < 0.05
    assert np.mean(strengths) == pytest.approx(1.0, abs=0.02)


def test_readings_are_cut_off_at_the_range() -> None:
    knock = np.tile([5.0, 0.0, -5.0], (10, 1))
    read = read_acceleration(np.random.default_rng(1), DEVICES["pinetime"], knock)
    assert read[:, 0] == pytest.approx(2.0)
    assert read[:, 2] == pytest.approx(-2.0)


def test_only_gaps_are_not_recorded() -> None:
    times_s = np.array([9.9, 10.0, 19.9, 20.0, 35.0])
    faults = [
        DeviceFault(10.0, 10.0, FaultKind.GAP),
        DeviceFault(30.0, 10.0, FaultKind.NO_HEART_RATE),
    ]
    assert recorded(times_s, faults).tolist() == [True, False, False, True, True]
