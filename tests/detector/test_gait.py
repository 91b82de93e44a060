from __future__ import annotations

import numpy as np
import pytest

from detector.cells import cells_between
from detector.gait import find_walking
from ingest.samples import NS_PER_S
from tests.detector.script import Script


def walking_seconds(script: Script) -> int:
    acceleration = script.acceleration()
    span_s = (acceleration.times_ns[[0, -1]] // NS_PER_S).tolist()
    cells = cells_between([acceleration], *span_s)
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
