from __future__ import annotations

import numpy as np

from benchmarks.ranked import rank, shares_at


def test_a_draw_is_the_same_as_having_those_people() -> None:
    rng = np.random.default_rng(4)
    person, cramp = rng.integers(0, 3, 60), rng.random(60) < 0.3
    score = rng.normal(0, 1, 60).round(1)
    weight = np.array([2, 0, 1])
    rows = np.repeat(np.arange(60), weight[person])
    some, drawn = rank(person, cramp, score), rank(person[rows], cramp[rows], score[rows])
    hits = [some.hits(weight, allowed) for allowed in range(60)]
    assert hits == [drawn.hits(np.ones(3, np.intp), allowed) for allowed in range(60)]
    assert 0 <= hits[0] < hits[20] <= hits[59]


def test_where_more_false_alarms_are_allowed_than_there_are_every_cramp_is_found() -> None:
    cramp = np.array([False, True, False, True])
    ranked = rank(np.zeros(4, np.intp), cramp, np.array([3.0, 2.0, 1.0, 0.0]))
    hits = [ranked.hits(np.ones(1, np.intp), allowed) for allowed in (0, 1, 2)]
    assert hits == [0, 1, 2]


def test_who_has_the_false_alarms_decides_where_the_threshold_is() -> None:
    """One of eight has a false alarm above all cramps: who is drawn without them finds all."""
    person = np.repeat(np.arange(8), 2)
    cramp = np.tile([True, False], 8)
    score = np.where(cramp, 1.0, 0.0)
    score[1] = 2.0
    ones = np.ones(8, np.intp)
    shares = shares_at(rank(person, cramp, score), 0.0, ones, ones)
    assert shares[0] == 0.0
    assert set(shares[1:]) == {0.0, 1.0}
    assert 0.25 < np.mean(shares[1:]) < 0.45
    assert set(shares_at(rank(person, cramp, score), 1.0, ones, ones)) == {1.0}
