from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.alerts.chances import beta_below
from server.associations.judged import LEAST_CRAMP_NIGHTS, LEAST_NIGHTS, Verdict, judge
from server.associations.ratio import INTERVAL, LOG_RATIOS, Pair, Side, rate_ratio


def pair(with_it: float, of: int, without: float, of_those: int) -> Pair:
    return Pair(Side(of, with_it), Side(of_those, without))


@pytest.mark.parametrize(
    ("with_it", "of", "without", "of_those"),
    [(12, 30, 20, 40), (1, 20, 5, 20), (3.7, 90, 10.2, 40), (80, 200, 61, 165), (0.2, 14, 6, 60)],
)
def test_of_one_pair_the_share_is_beta_distributed(
    with_it: float, of: int, without: float, of_those: int
) -> None:
    found = rate_ratio([pair(with_it, of, without, of_those)])
    assert found is not None
    for ratio, chance in ((found.least, 0.05), (found.ratio, 0.5), (found.most, 0.95)):
        share = ratio * of / (ratio * of + of_those)
        assert beta_below(share, with_it + 0.5, without + 0.5) == pytest.approx(chance, abs=1e-4)


def test_an_interval_reaches_to_the_end_where_a_side_has_no_cramp_night() -> None:
    none = rate_ratio([pair(0, 20, 8, 20)])
    every = rate_ratio([pair(8, 20, 0, 20)])
    assert none is not None
    assert every is not None
    assert (none.least, every.most) == (0.0, math.inf)
    assert none.most == pytest.approx(1 / every.least)
    assert none.most == pytest.approx(0.262, abs=0.001)


@pytest.mark.parametrize(
    "pairs", [[], [pair(0, 20, 0, 20)], [pair(3, 20, 0, 0)], [pair(0, 0, 3, 20)]]
)
def test_where_nothing_can_be_compared_there_is_no_ratio(pairs: list[Pair]) -> None:
    assert rate_ratio(pairs) is None


def test_pairs_are_compared_within_and_not_across() -> None:
    # A bad fortnight with many cramps on both sides says nothing against the habit.
    within = rate_ratio([pair(2, 14, 4, 14), pair(1, 3, 9, 14)])
    across = rate_ratio([pair(3, 17, 13, 28)])
    one_sided = rate_ratio([pair(2, 14, 4, 14), pair(9, 14, 0, 0)])
    alone = rate_ratio([pair(2, 14, 4, 14)])
    assert within is not None
    assert across is not None
    assert within.ratio > across.ratio
    assert one_sided == alone


@given(
    st.floats(0, 60),
    st.integers(14, 80),
    st.floats(0, 60),
    st.integers(14, 80),
)
def test_the_other_way_round_is_the_reciprocal(
    with_it: float, of: int, without: float, of_those: int
) -> None:
    one = rate_ratio([pair(with_it, of, without, of_those)])
    other = rate_ratio([pair(without, of_those, with_it, of)])
    if one is None or other is None:
        assert with_it + without == 0
        return
    assert one.least <= one.ratio <= one.most
    assert math.log(one.ratio) == pytest.approx(-math.log(other.ratio), abs=1e-6)
    if one.most < math.exp(LOG_RATIOS[-1]) and other.least > 0:
        assert math.log(one.most) == pytest.approx(-math.log(other.least), abs=1e-6)


@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0])
@pytest.mark.parametrize(
    ("share", "of", "of_those"), [(0.1, 20, 60), (0.3, 40, 40), (0.45, 90, 30)]
)
def test_the_interval_holds_the_truth_nine_times_in_ten(
    ratio: float, share: float, of: int, of_those: int
) -> None:
    rng = np.random.default_rng(6)
    lives = 300
    found = [
        rate_ratio([pair(with_it, of, without, of_those)])
        for with_it, without in zip(
            rng.binomial(of, ratio * share, lives),
            rng.binomial(of_those, share, lives),
            strict=True,
        )
    ]
    held = sum(each is None or each.least <= ratio <= each.most for each in found)
    # Three standard errors below nine in ten; cramp nights vary less than is assumed of them.
    assert held / lives >= INTERVAL - 3 * math.sqrt(0.09 / lives)


# What is said


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        (pair(5, 20, 15, 20), Verdict.FEWER),
        (pair(15, 20, 5, 20), Verdict.MORE),
        (pair(0, 20, 6, 20), Verdict.FEWER),
        # An interval without 1, but too few nights, or too few cramp nights.
        (pair(0, LEAST_NIGHTS - 1, 12, 20), Verdict.TOO_EARLY),
        (pair(0, 20, LEAST_CRAMP_NIGHTS - 0.1, 20), Verdict.TOO_EARLY),
        # Enough nights, and an interval with 1.
        (pair(8, 20, 10, 20), Verdict.TOO_EARLY),
        (pair(80, 180, 82, 180), Verdict.ALIKE),
        (pair(0, 300, 0, 60), Verdict.TOO_EARLY),
    ],
)
def test_too_early_to_tell_until_the_nights_say_more(told: Pair, verdict: Verdict) -> None:
    assert judge([told]).verdict is verdict


@pytest.mark.parametrize("one_sided", [LEAST_CRAMP_NIGHTS, LEAST_CRAMP_NIGHTS - 1])
def test_one_night_put_down_wrongly_changes_no_verdict(one_sided: int) -> None:
    found = rate_ratio([pair(1, 20, one_sided - 1, 20)])
    assert found is not None
    assert (found.most < 1) == (one_sided == LEAST_CRAMP_NIGHTS)


def test_what_is_compared_beside_others_takes_more() -> None:
    told = pair(5, 20, 13, 20)
    assert judge([told]).verdict is Verdict.FEWER
    assert judge([told], compared=10).verdict is Verdict.TOO_EARLY
    assert judge([told], compared=10).ratio == judge([told]).ratio


def test_of_many_things_that_make_no_difference_none_is_named_nine_times_in_ten() -> None:
    rng = np.random.default_rng(6)
    lives, things = 120, 8
    named = 0
    for _ in range(lives):
        cramp = rng.random(180) < 0.4
        done = rng.random((things, 180)) < rng.uniform(0.2, 0.8, (things, 1))
        named += any(
            judge(
                [pair(cramp[each].sum(), each.sum(), cramp[~each].sum(), (~each).sum())], things
            ).verdict
            in (Verdict.FEWER, Verdict.MORE)
            for each in done
        )
    assert named / lives <= 0.10
