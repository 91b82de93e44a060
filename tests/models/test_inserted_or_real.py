from __future__ import annotations

import numpy as np
import pytest

from benchmarks.inserted_or_real import area_by_people, draws_of_people
from models.study.found import RESAMPLES


def of_people(people: int, *, each: int = 4) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    return np.repeat([f"p{number}" for number in range(people)], each)


def test_people_are_drawn_with_all_of_their_movements() -> None:
    told = np.tile([True, False, False, True], 5)
    people = of_people(5)
    drawn = draws_of_people(told, people)
    assert len(drawn) == RESAMPLES
    for rows in drawn[:50]:
        assert len(rows) == 20
        times = np.bincount(rows, minlength=20).reshape(5, 4)
        assert (times == times[:, :1]).all()
    assert any(len(np.unique(rows)) < 20 for rows in drawn)


def test_neither_side_is_ever_left_empty() -> None:
    """Of one real person and of nine simulated ones."""
    people = of_people(10)
    told = people != "p0"
    assert all((~told[rows]).sum() == 4 for rows in draws_of_people(told, people))


def test_the_area_is_told_with_its_interval_and_more_people_leave_less_doubt() -> None:
    widths = []
    for people in (6, 60):
        who = of_people(people)
        told = np.tile([True, False, True, False], people)
        # What tells them apart is the other way round in every third person.
        way = np.where(np.arange(len(who)) // 4 % 3, 1.0, -1.0)
        score = way * told + np.random.default_rng(1).normal(0, 0.3, len(who))
        area, low, high = (
            float(part.strip("()"))
            for part in area_by_people(told, score, draws_of_people(told, who)[:200]).split()
            if part != "to"
        )
        assert low < area < high
        widths.append(high - low)
    assert widths[1] < 0.6 * widths[0]


def test_one_person_draws_no_interval_worth_the_name() -> None:
    """All draws are the same; that there is but one person is told beside it."""
    told = np.array([True, False, True, False])
    drawn = draws_of_people(told, of_people(1))[:20]
    assert area_by_people(told, np.array([1.0, 0.0, 1.0, 1.0]), drawn) == "0.75 (0.75 to 0.75)"


@pytest.mark.parametrize(("score", "area"), [([1.0, 0.0], "1.00"), ([0.0, 1.0], "0.00")])
def test_the_higher_the_more_like_an_inserted_one(score: list[float], area: str) -> None:
    told = np.tile([True, False], 8)
    drawn = draws_of_people(told, of_people(4))[:20]
    assert area_by_people(told, np.tile(score, 8), drawn) == f"{area} ({area} to {area})"
