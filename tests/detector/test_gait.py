from __future__ import annotations

import numpy as np
import pytest

from detector.gait import find_walking
from detector.grid import Grid
from tests.detector.script import Script


def walking_seconds(script: Script) -> int:
    grid = Grid()
    acceleration = script.acceleration()
    blocks = [*grid.feed(acceleration), *grid.finish()]
    cells = np.concatenate([block.xyz_g for block in blocks]).astype(np.float64)
    return int(np.count_nonzero(find_walking(np.sqrt((cells * cells).sum(axis=1)))))


@pytest.mark.parametrize("rate_hz", [10, 25, 50, 100])
@pytest.mark.parametrize("steps_hz", [1.5, 1.8, 2.1])
def test_a_walk_is_as_long_as_it_is(rate_hz: float, steps_hz: float) -> None:
    script = Script(rate_hz).still(30).walk(40, steps_hz).still(30)
    assert abs(walking_seconds(script) - 40) <= 4


def test_eight_steps_are_a_walk_and_three_are_not() -> None:
    assert walking_seconds(Script().still(20).walk(7).still(20)) > 0
    assert walking_seconds(Script().still(20).walk(2).still(20)) == 0


def test_lying_still_turning_over_and_a_tremor_are_no_walk() -> None:
    assert walking_seconds(Script().still(120)) == 0
    assert walking_seconds(Script().still(20).turn("left").still(20).turn("front").still(20)) == 0
    assert walking_seconds(Script().still(20).walk(20, 1.8, strength_g=0.01).still(20)) == 0


def test_rubbing_is_no_walk() -> None:
    assert walking_seconds(Script().still(20).rub(60).still(20)) == 0


def test_a_gap_is_no_walk() -> None:
    script = Script().still(20).walk(10).gap(20).walk(10).still(20)
    assert 14 <= walking_seconds(script) <= 24


def test_less_than_a_window_is_no_walk() -> None:
    assert not find_walking(np.ones(50)).any()
