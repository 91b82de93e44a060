from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from server.associations.judged import Verdict, judge
from server.associations.ratio import Pair, Side, rate_ratio
from server.associations.swing import _widening, swing

FIRST = date(2026, 1, 1)
NIGHTS = [FIRST + timedelta(days=number) for number in range(14 * 12)]
RUNS = {night for number, night in enumerate(NIGHTS) if number // 14 % 2}
EVERY_OTHER = set(NIGHTS[::2])


def cramps(seed: int, bad: float) -> dict[date, float]:
    """Cramp nights, of which bad fortnights have more and good ones fewer."""
    rng = np.random.default_rng(seed)
    rates = 0.4 * np.repeat(rng.choice([1 - bad, 1 + bad], 12), 14)
    return dict(zip(NIGHTS, map(float, rng.random(len(NIGHTS)) < rates), strict=True))


def swung(found: dict[date, float], with_it: set[date]) -> float:
    told = swing(found, with_it, found.keys() - with_it)
    assert told is not None
    return told


def pair(found: dict[date, float], with_it: set[date]) -> Pair:
    def side(nights: set[date]) -> Side:
        return Side(len(nights), sum(found[night] for night in nights))

    return Pair(side(with_it), side(found.keys() - with_it))


@pytest.mark.parametrize(
    ("with_it", "bad", "least", "most"),
    [(EVERY_OTHER, 0.0, 1.0, 1.1), (EVERY_OTHER, 0.8, 1.0, 1.3), (RUNS, 0.8, 2.5, 6.0)],
)
def test_bad_weeks_count_against_what_holds_for_weeks_alone(
    with_it: set[date], bad: float, least: float, most: float
) -> None:
    found = [swung(cramps(number, bad), with_it) for number in range(40)]
    assert least <= float(np.mean(found)) <= most


def test_a_bad_time_is_not_put_down_to_what_was_beside_it() -> None:
    wrong = {"by the nights alone": 0, "by the fortnights": 0}
    for seed in range(100):
        found = cramps(seed, 0.8)
        swings = {
            "by the nights alone": 1.0,
            "by the fortnights": swung(found, RUNS),
        }
        for how, each in swings.items():
            wrong[how] += judge([pair(found, RUNS)], swing=each).verdict in (
                Verdict.FEWER,
                Verdict.MORE,
            )
    assert wrong["by the nights alone"] > 35
    assert wrong["by the fortnights"] < 20


def test_a_larger_swing_tells_less_of_the_same_ratio() -> None:
    told = Pair(Side(40, 8.0), Side(40, 20.0))
    alone, swung = rate_ratio([told]), rate_ratio([told], swing=3.0)
    assert alone is not None
    assert swung is not None
    assert alone.most < 1 < swung.most
    assert swung.ratio == pytest.approx(alone.ratio, abs=0.02)


def test_fortnights_of_which_nothing_is_told_change_nothing() -> None:
    found = cramps(3, 0.8)
    before = {FIRST - timedelta(days=ago): 0.5 for ago in range(1, 141)}
    alone = swung(found, RUNS)
    assert alone > 1.0
    assert swing(before | found, RUNS, found.keys() - RUNS) == alone


def test_of_a_side_in_one_run_nobody_knows_whether_the_time_was_bad() -> None:
    found = cramps(3, 0.8)
    for first in range(28):
        run = set(NIGHTS[first : first + 14])
        assert swing(found, run, found.keys() - run) is None
        assert swing(found, found.keys() - run, run) is None
    assert swing({}, set(), set()) is None
    told = judge([pair(dict.fromkeys(NIGHTS, 1.0), set(NIGHTS[:14]))], swing=None)
    assert (told.verdict, told.spread) == (Verdict.TOO_EARLY, False)


@pytest.mark.parametrize(
    ("fortnights", "t"), [(3, 2.9200), (4, 2.3534), (6, 2.0150), (13, 1.7823), (27, 1.7056)]
)
def test_few_fortnights_widen_by_the_table_of_student(fortnights: int, t: float) -> None:
    assert _widening(fortnights) == pytest.approx((t / 1.6449) ** 2, rel=2e-4)
