from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from simulator.movement import STANDARD_GRAVITY
from simulator.superposition import GRID_HZ, Wrist, second_order, turn_to

UP = np.array([0.0, 0.0, 1.0])
ANGLE = st.floats(-3.0, 3.0)
ROTATION = st.tuples(ANGLE, ANGLE, ANGLE).map(np.array)


@given(one=ROTATION, other=ROTATION, apart_s=st.floats(0.0, 3.0))
def test_turns_are_whole_however_much_they_overlap(
    one: np.ndarray, other: np.ndarray, apart_s: float
) -> None:
    wrist = Wrist(10.0, UP)
    wrist.turn(1.0, 1.5, one)
    wrist.turn(1.0 + apart_s, 0.7, other)
    expected = Rotation.from_rotvec(other).apply(Rotation.from_rotvec(one).apply(UP))
    assert wrist.pose == pytest.approx(expected, abs=1e-9)
    assert wrist.directions()[-1] == pytest.approx(expected, abs=1e-9)
    assert np.linalg.norm(wrist.directions(), axis=1) == pytest.approx(1.0, abs=1e-9)
    assert np.array_equal(wrist.directions()[: int(GRID_HZ)], np.tile(UP, (int(GRID_HZ), 1)))


@pytest.mark.parametrize("target", [(1.0, 0.0, 0.0), (0.0, 0.6, 0.8), (0.0, 0.0, -1.0)])
def test_the_shortest_way_ends_at_its_target(target: tuple[float, float, float]) -> None:
    rotation = turn_to(UP, np.array(target))
    assert Rotation.from_rotvec(rotation).apply(UP) == pytest.approx(target, abs=1e-9)
    assert np.linalg.norm(rotation) == pytest.approx(np.arccos(target[2]))


def test_a_wrist_that_is_carried_arrives_and_stands_still() -> None:
    wrist = Wrist(4.0, UP)
    wrist.carry(1.0, 0.8, np.array([0.1, 0.0, -0.3]))
    speed = np.cumsum(wrist.meant_g * STANDARD_GRAVITY, axis=0) / GRID_HZ
    assert speed[-1] == pytest.approx(0.0, abs=1e-3)
    assert speed.sum(axis=0) / GRID_HZ == pytest.approx((0.1, 0.0, -0.3), abs=1e-3)


def test_a_body_is_lifted_towards_where_up_is() -> None:
    wrist = Wrist(4.0, np.array([-1.0, 0.0, 0.0]))
    wrist.lift(1.0, 1.0, 0.5)
    push_g = wrist.pushes_g(np.random.default_rng(1), 10.0, 0.5)
    assert push_g[55:70, 0].mean() < -0.05
    assert np.abs(push_g[:, 1:]).max() < 0.2 * np.abs(push_g[:, 0]).max()


def test_nothing_meant_is_nothing_felt() -> None:
    assert not Wrist(4.0, UP).pushes_g(np.random.default_rng(1), 8.0, 0.3).any()


@pytest.mark.parametrize(("damping", "overshoot"), [(0.3, 1.37), (0.7, 1.046), (1.0, 1.0)])
def test_what_is_damped_little_overshoots_and_all_settle(damping: float, overshoot: float) -> None:
    answer = second_order(np.ones(2000), 5.0, damping, 1.0)
    assert answer.max() == pytest.approx(overshoot, abs=0.02)
    assert answer[-1] == pytest.approx(1.0, abs=1e-6)
