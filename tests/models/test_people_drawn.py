from __future__ import annotations

import numpy as np
import pytest

from benchmarks.people_drawn import draw_people, ratio_interval


def test_people_are_drawn_with_all_that_is_theirs() -> None:
    # Twice the second, one of each, twice the first: a quarter, a half and a quarter of the draws.
    assert ratio_interval(np.array([1, 0]), np.array([1, 3])) == (0.0, 1.0)
    assert set(map(tuple, draw_people(2).tolist())) == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_people_who_are_alike_leave_no_doubt() -> None:
    assert ratio_interval(np.full(8, 3), np.full(8, 4)) == (0.75, 0.75)


def test_more_people_leave_less_doubt() -> None:
    widths = []
    for people in (8, 128):
        low, high = ratio_interval(np.arange(people) % 2, np.ones(people, np.int64))
        assert low < 0.5 < high
        widths.append(high - low)
    assert widths[1] < 0.5 * widths[0]


def test_draws_of_nobody_who_had_any_are_left_out() -> None:
    assert ratio_interval(np.array([0, 2, 2]), np.array([0, 2, 2])) == (1.0, 1.0)


@pytest.mark.parametrize("whole", [[0, 0, 0], [0, 5, 0]])
def test_of_one_person_alone_there_is_no_interval(whole: list[int]) -> None:
    assert np.isnan(ratio_interval(np.array(whole), np.array(whole))).all()
