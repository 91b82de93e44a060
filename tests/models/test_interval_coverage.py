from __future__ import annotations

import numpy as np
import pytest

from benchmarks.interval_coverage import NIGHTS, PEOPLE, WORN, coverage, simulate_source, true_share
from models.study.found import CURVE


def test_what_is_found_in_truth_is_what_many_nights_show() -> None:
    rng = np.random.default_rng(5)
    harmless, cramps = [], []
    sources = 40
    for _ in range(sources):
        table, score, _ = simulate_source(rng)
        harmless.append(score[table.harmless & table.clean[table.night]])
        cramps.append(score[table.cramp])
    falling = np.sort(np.concatenate(harmless))[::-1]
    for rate in CURVE[2:]:
        threshold = falling[round(rate * sources * PEOPLE * NIGHTS * WORN)]
        assert np.mean(np.concatenate(cramps) > threshold) == pytest.approx(
            true_share(rate), abs=0.02
        )


def test_the_second_score_is_as_good_and_another() -> None:
    table, one, other = simulate_source(np.random.default_rng(2))
    alike = np.corrcoef(one[table.harmless], other[table.harmless])[0, 1]
    assert alike == pytest.approx(0.9, abs=0.02)
    assert one[table.cramp].mean() == pytest.approx(other[table.cramp].mean(), abs=0.2)


def test_intervals_hold_the_truth_nearly_always() -> None:
    told = coverage(8, seed=3)
    assert told.shape == (len(CURVE), 5)
    found, held = told[2:, 0], told[2:, 1:3]
    assert found == pytest.approx([true_share(rate) for rate in CURVE[2:]], abs=0.06)
    assert held.min() >= 0.5
    assert held.mean() > 0.85
