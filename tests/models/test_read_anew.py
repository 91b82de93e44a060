"""How thresholds are read anew where people, or their nights, are drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.study.found import shares_read_anew, times_drawn

Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def shares_of(
    person: npt.NDArray[np.intp],
    cramp: Flags,
    score: Doubles,
    rates: Sequence[float],
    times: Doubles,
) -> Doubles:
    """Of people who slept a night each."""
    return shares_read_anew(
        score,
        person,
        ~cramp,
        cramp,
        rates,
        times,
        worn_nights=np.ones(times.shape[1]),
        happened=np.bincount(person[cramp], minlength=times.shape[1]),
    )


def test_a_draw_is_the_same_as_having_those_people() -> None:
    rng = np.random.default_rng(4)
    person, cramp = rng.integers(0, 3, 60), rng.random(60) < 0.3
    score = rng.normal(0, 1, 60).round(1)
    weight = np.array([2, 0, 1])
    rows = np.repeat(np.arange(60), weight[person])
    rates = range(21)
    some = shares_of(person, cramp, score, rates, weight[None].astype(np.float64))
    drawn = shares_of(person[rows], cramp[rows], score[rows], rates, np.ones((1, 3)))
    assert some.tolist() == drawn.tolist()
    assert 0 <= some[0, 0] < some[7, 0] <= some[20, 0] == 1.0


def test_where_more_false_alarms_are_allowed_than_there_are_every_cramp_is_found() -> None:
    cramp = np.array([False, True, False, True])
    score = np.array([3.0, 2.0, 1.0, 0.0])
    found = shares_of(np.zeros(4, np.intp), cramp, score, (0, 1, 2), np.ones((1, 1)))
    assert found[:, 0].tolist() == [0.0, 0.5, 1.0]


def test_who_has_the_false_alarms_decides_where_the_threshold_is() -> None:
    """One of eight has a false alarm above all cramps: who is drawn without them finds all."""
    cramp = np.tile([True, False], 8)
    score = np.where(cramp, 1.0, 0.0)
    score[1] = 2.0
    times = times_drawn(np.random.default_rng(1).integers(0, 8, (1000, 8)))
    none, one = shares_of(np.repeat(np.arange(8), 2), cramp, score, (0.0, 1.0), times)
    assert none[0] == 0.0
    assert set(none[1:]) == {0.0, 1.0}
    assert 0.25 < np.mean(none[1:]) < 0.45
    assert set(one) == {1.0}


def test_who_was_drawn_without_a_cramp_or_a_night_tells_nothing() -> None:
    cramp, score = np.array([True, False]), np.array([1.0, 0.0])
    times = np.array([[1.0, 1.0], [2.0, 0.0], [0.0, 2.0]])
    shares = shares_read_anew(
        score,
        np.arange(2),
        ~cramp,
        cramp,
        (1.0,),
        times,
        worn_nights=np.array([0.0, 1.0]),
        happened=np.array([1, 0]),
    )
    assert shares[0, 0] == 1.0
    assert np.isnan(shares[0, 1:]).all()
