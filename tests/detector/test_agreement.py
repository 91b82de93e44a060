from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from detector.agreement import agree, best_threshold


def test_epochs_are_counted_by_what_was_scored_and_called() -> None:
    probability = np.array([0.9, 0.4, 0.6, 0.1, 0.1, 0.2])
    wake = np.array([True, True, False, False, False, False])
    agreement = agree(probability, wake, 0.6)
    assert (agreement.wake_as_wake, agreement.wake_as_sleep) == (1, 1)
    assert (agreement.sleep_as_wake, agreement.sleep_as_sleep) == (1, 3)
    assert (agreement.wake_recall, agreement.sleep_recall) == (0.5, 0.75)
    assert agreement.kappa == pytest.approx(0.25)


def test_wake_is_recalled_where_93_of_100_sleep_epochs_are_kept() -> None:
    asleep = np.arange(100) / 1000
    awake = np.array([0.0915, 0.0925, 0.0935, 0.5])
    probability = np.concatenate([asleep, awake])
    wake = np.arange(104) >= 100
    # The 93 lowest epochs of sleep reach to 0.092; above it lie three of four of wake.
    assert agree(probability, wake, 0.5).wake_recall_fixed == 0.75


def test_one_probability_for_everything_recalls_nothing() -> None:
    agreement = agree(np.full(50, 0.3), np.arange(50) < 20, 0.5)
    assert agreement.wake_recall_fixed == 0.0
    assert agreement.auc == 0.5
    assert agreement.kappa == 0.0


@pytest.mark.parametrize("awake", [True, False])
def test_where_only_one_was_scored_nothing_can_be_told_apart(awake: bool) -> None:
    agreement = agree(np.array([0.2, 0.3]), np.full(2, awake), 0.5)
    assert agreement.auc is None
    assert agreement.wake_recall_fixed is None
    assert agreement.kappa == (0.0 if awake else None)
    assert agreement.wake_recall == (0.0 if awake else None)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=3, max_size=60))
def test_kappa_and_area_are_those_of_the_textbook(epochs: list[tuple[int, bool]]) -> None:
    probability = np.array([level / 20 for level, _ in epochs])
    wake = np.array([awake for _, awake in epochs])
    wake[:2] = [True, False]
    agreement = agree(probability, wake, 0.5)
    assert agreement.auc == pytest.approx(roc_auc_score(wake, probability))
    assert agreement.kappa == pytest.approx(cohen_kappa_score(wake, probability >= 0.5))


def test_the_best_threshold_is_the_lowest_that_parts_them_best() -> None:
    probability = np.array([0.1, 0.2, 0.3, 0.605, 0.7, 0.8])
    wake = np.array([False, False, False, True, True, True])
    assert best_threshold(probability, wake) == 0.31
