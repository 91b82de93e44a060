from __future__ import annotations

from itertools import pairwise

import pytest

from benchmarks.evenings import MANNERS, with_an_evening
from simulator.corpus import night_settings
from simulator.night import simulate

SEED = 1


@pytest.mark.parametrize("number", range(0, 2 * len(MANNERS), 2))
def test_an_evening_comes_before_a_night_that_stays_as_long(number: int) -> None:
    settings, _ = night_settings(number, SEED, hours=2.0, cramps=0)
    with_evening = with_an_evening(settings, number, SEED)
    ends_s = [each.onset_s + (each.duration_s or 0.0) for each in with_evening.script]
    assert 2400 < ends_s[-1] < (with_evening.hours - settings.hours) * 3600
    assert all(
        before_s < later.onset_s
        for before_s, (_, later) in zip(ends_s, pairwise(with_evening.script), strict=False)
    )
    assert with_an_evening(settings, number, SEED) == with_evening


def test_an_evening_can_be_simulated() -> None:
    settings, seed = night_settings(0, SEED, device="bangle", hours=1.0, cramps=0)
    night = simulate(with_an_evening(settings, 0, SEED), seed)
    assert (night.acceleration.times_ns[-1] - night.info.start_ns) / 3.6e12 > 2.0
