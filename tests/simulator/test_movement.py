from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import welch

from simulator.movement import (
    Impact,
    Motion,
    Restless,
    Rhythm,
    Turn,
    Vector,
    specific_force,
    unit,
)
from simulator.night import SimulatedNight
from simulator.plan import Kind, Phenotype

ONSET_S = 2200.0

Stage = Callable[..., SimulatedNight]
Cut = Callable[[SimulatedNight, float, float], npt.NDArray[np.float64]]


def motion(
    *overlays: Restless | Rhythm | Impact, turns: Sequence[Turn] = (), breathing_mg: float = 0.0
) -> Motion:
    up = np.array([0.0, 0.0, 1.0])
    return Motion(up, turns, overlays, 0.25, breathing_mg, 600.0, seed=1)


def power_share(
    xyz_g: npt.NDArray[np.float64], rate_hz: float, low_hz: float, high_hz: float
) -> float:
    hz, power = welch(xyz_g, rate_hz, nperseg=min(512, len(xyz_g)), axis=0)
    power = power.sum(axis=1)
    return float(power[(hz >= low_hz) & (hz < high_hz)].sum() / power[hz >= 0.1].sum())


poses = st.tuples(*[st.floats(-1.0, 1.0)] * 3).map(np.array).filter(lambda v: v @ v > 0.01)


@given(pose=poses, duration_s=st.floats(0.3, 5.0))
@settings(max_examples=60)
def test_a_turn_is_continuous_and_arrives(pose: Vector, duration_s: float) -> None:
    times_s = np.arange(5.0, 30.0, 0.001)
    force = specific_force(motion(turns=[Turn(10.0, duration_s, unit(pose))]), times_s)
    # The fling of the fastest turn, half a circle in 0.3 s, changes by 0.05 g in a millisecond.
    assert np.abs(np.diff(force, axis=0)).max() < 0.2 / duration_s**2
    at_rest = force[times_s > 10.0 + duration_s]
    assert np.abs(np.linalg.norm(at_rest, axis=1) - 1.0).max() < 1e-9
    assert at_rest[0] == pytest.approx(unit(pose), abs=0.01)


def test_turning_to_the_opposite_pose_works() -> None:
    times_s = np.arange(0.0, 20.0, 0.02)
    force = specific_force(motion(turns=[Turn(10.0, 1.0, np.array([0.0, 0.0, -1.0]))]), times_s)
    assert force[-1] == pytest.approx([0.0, 0.0, -1.0], abs=0.05)


def test_what_is_evaluated_does_not_depend_on_when() -> None:
    pieces = motion(
        Restless(100.0, 20.0, 0.2, 0.2, seed=4),
        Rhythm(150.0, 20.0, 1.5, 0.1, np.array([0.1, 0, 0]), np.array([0, 0.2, 0]), seed=5),
        Impact(120.0, np.array([0.5, 0.0, 0.0]), 8.0, 0.05),
        turns=[Turn(110.0, 1.0, np.array([1.0, 0.0, 0.0]))],
        breathing_mg=3.0,
    )
    fine_s = np.arange(0.0, 300.0, 0.01)
    fine = specific_force(pieces, fine_s)
    coarse = specific_force(pieces, fine_s[::10])
    assert np.abs(coarse - fine[::10]).max() < 1e-9


def test_breath_moves_a_worn_wrist_by_milligrams_and_a_table_not_at_all() -> None:
    table = Turn(300.0, 1.0, np.array([0.0, 0.0, 1.0]), worn=False)
    times_s = np.arange(0.0, 600.0, 0.1)
    force = specific_force(motion(turns=[table], breathing_mg=3.0), times_s)
    worn = force[(times_s > 200.0) & (times_s < 290.0)]
    lying = force[times_s > 310.0]
    assert 0.2 <= _peak_hz(worn, 10.0) <= 0.3
    assert 0.0005 < worn.std(axis=0).max() < 0.01
    assert lying.std(axis=0).max() < 1e-12


def _peak_hz(xyz_g: npt.NDArray[np.float64], rate_hz: float) -> float:
    hz, power = welch(xyz_g - xyz_g.mean(axis=0), rate_hz, nperseg=512, axis=0)
    return float(hz[int(np.argmax(power.sum(axis=1) * (hz > 0.1)))])


def test_a_rhythm_wanders_about_its_frequency() -> None:
    rub = Rhythm(10.0, 60.0, 1.5, 0.15, np.array([0.1, 0, 0]), np.array([0, 0.2, 0]), seed=5)
    times_s = np.arange(10.0, 70.0, 0.02)
    force = specific_force(motion(rub), times_s)
    assert power_share(force[:, 1:2], 50.0, 0.9, 2.3) > 0.6
    crossings = np.flatnonzero(np.diff(np.sign(force[:, 1] - force[:, 1].mean())) > 0) * 0.02
    assert np.diff(crossings).std() > 0.03


def test_a_silent_cramp_leaves_nearly_nothing(stage: Stage, cut: Cut) -> None:
    for seed in range(4):
        night = stage(Kind.CRAMP, 200.0, phenotype=Phenotype.SILENT, seed=seed)
        during = cut(night, ONSET_S, ONSET_S + 200.0)
        assert np.ptp(during, axis=0).max() < 0.12


@pytest.mark.parametrize("phenotype", [Phenotype.RUB, Phenotype.SIT, Phenotype.STAND])
def test_other_cramps_start_from_stillness_within_seconds(
    stage: Stage, cut: Cut, phenotype: Phenotype
) -> None:
    for seed in range(4):
        night = stage(Kind.CRAMP, 150.0, phenotype=phenotype, seed=seed)
        assert np.ptp(cut(night, ONSET_S - 60.0, ONSET_S), axis=0).max() < 0.1
        assert np.ptp(cut(night, ONSET_S, ONSET_S + 12.0), axis=0).max() > 0.3
        assert np.ptp(cut(night, ONSET_S + 330.0, ONSET_S + 390.0), axis=0).max() < 0.1


def test_rubbing_has_its_power_between_half_a_hertz_and_three(stage: Stage, cut: Cut) -> None:
    shares = []
    strengths = []
    for seed in range(8):
        night = stage(Kind.CRAMP, 150.0, phenotype=Phenotype.RUB, seed=seed)
        during = cut(night, ONSET_S + 15.0, ONSET_S + 140.0)
        shares.append(power_share(during, 50.0, 0.5, 3.0))
        strengths.append(during.std(axis=0).max())
    assert np.median(shares) > 0.4
    # The arm with the watch does not rub in four of ten cramps.
    assert min(strengths) < 0.07
    assert max(strengths) > 0.15


def steps_seen(xyz_g: npt.NDArray[np.float64]) -> bool:
    """Whether some four seconds at 50 Hz repeat themselves at the pace of strides."""
    strength = np.linalg.norm(xyz_g, axis=1)
    for start in range(0, len(strength) - 200, 25):
        window = strength[start : start + 200] - strength[start : start + 200].mean()
        repeats = np.correlate(window, window, "full")[200:] / (window @ window)
        # Strides take 0.95 to 1.35 s, limping up to 1.8 s.
        if window.std() > 0.04 and repeats[45:90].max() > 0.5:
            return True
    return False


@pytest.mark.parametrize("seed", range(4))
def test_standing_has_steps(stage: Stage, cut: Cut, seed: int) -> None:
    night = stage(Kind.CRAMP, 150.0, phenotype=Phenotype.STAND, seed=seed)
    assert steps_seen(cut(night, ONSET_S, ONSET_S + 150.0))


@pytest.mark.parametrize("seed", range(4))
def test_a_bathroom_trip_has_steps_on_the_way_there_and_back(
    stage: Stage, cut: Cut, seed: int
) -> None:
    night = stage(Kind.BATHROOM, 300.0, seed=seed)
    assert steps_seen(cut(night, ONSET_S, ONSET_S + 110.0))
    assert steps_seen(cut(night, ONSET_S + 220.0, ONSET_S + 330.0))


@pytest.mark.parametrize("seed", range(4))
def test_lying_still_or_with_a_phone_has_no_steps(stage: Stage, cut: Cut, seed: int) -> None:
    silent = stage(Kind.CRAMP, 150.0, phenotype=Phenotype.SILENT, seed=seed)
    assert not steps_seen(cut(silent, ONSET_S, ONSET_S + 150.0))
    phone = stage(Kind.PHONE, 150.0, seed=seed)
    assert not steps_seen(cut(phone, ONSET_S + 10.0, ONSET_S + 140.0))


def test_after_a_bathroom_trip_the_arm_rests_again(stage: Stage, cut: Cut) -> None:
    night = stage(Kind.BATHROOM, 240.0, seed=2)
    assert np.ptp(cut(night, ONSET_S + 400.0, ONSET_S + 460.0), axis=0).max() < 0.1
