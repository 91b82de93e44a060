from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from server.associations.judged import Verdict, judge
from server.associations.ratio import Pair, Side, rate_ratio
from server.associations.swing import swing

FIRST = date(2026, 1, 1)
NIGHTS = [FIRST + timedelta(days=number) for number in range(14 * 12)]
RUNS = {night for number, night in enumerate(NIGHTS) if number // 14 % 2}
EVERY_OTHER = set(NIGHTS[::2])


def cramps(seed: int, bad: float) -> dict[date, float]:
    """Cramp nights, of which bad fortnights have more and good ones fewer."""
    rng = np.random.default_rng(seed)
    rates = 0.4 * np.repeat(rng.choice([1 - bad, 1 + bad], 12), 14)
    return dict(zip(NIGHTS, map(float, rng.random(len(NIGHTS)) < rates), strict=True))


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
    found = [
        swing(each, with_it, each.keys() - with_it) for each in (cramps(n, bad) for n in range(40))
    ]
    assert least <= float(np.mean(found)) <= most


def test_a_bad_time_is_not_put_down_to_what_was_beside_it() -> None:
    wrong = {"by the nights alone": 0, "by the fortnights": 0}
    for seed in range(100):
        found = cramps(seed, 0.8)
        swings = {
            "by the nights alone": 1.0,
            "by the fortnights": swing(found, RUNS, found.keys() - RUNS),
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
    alone = swing(found, RUNS, found.keys() - RUNS)
    assert alone > 1.0
    assert swing(before | found, RUNS, found.keys() - RUNS) == alone


def test_too_few_fortnights_tell_of_no_swing() -> None:
    found = dict.fromkeys(NIGHTS[:10], 1.0)
    assert swing(found, set(NIGHTS[:5]), set(NIGHTS[5:10])) == 1.0
    assert swing({}, set(), set()) == 1.0
