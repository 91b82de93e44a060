from __future__ import annotations

import math

import numpy as np
import pytest

from server.alerts.nightly import NightCount
from server.associations.judged import Verdict, judge
from server.associations.ratio import Pair, Side
from server.trial.power import Usual, power, usual_nights


def night(cramp_night: float) -> NightCount:
    return NightCount(True, cramp_night, cramp_night, cramp_night, math.nan)


ANSWERED = Usual.answered(cramp_nights=0.5, counted=0.9)
UNANSWERED = Usual((0.0, 0.5, 0.0, 0.5, 0.0), 0.9)


def nights_with(rng: np.random.Generator, usual: Usual, ratio: float) -> Side:
    """Make up the nights of a block: whether there was a cramp, then what the night counts."""
    nights, chances = round(14 * usual.counted), np.arange(5) / 4
    counts = np.array(usual.counts)
    of_cramp = counts * chances / usual.cramp_nights
    of_none = counts * (1 - chances) / (1 - usual.cramp_nights)
    cramps = rng.random(nights) < ratio * usual.cramp_nights
    found = [rng.choice(chances, p=of_cramp if each else of_none) for each in cramps]
    return Side(nights, float(sum(found)))


@pytest.mark.parametrize("ratio", [0.5, 1.0])
@pytest.mark.parametrize("usual", [ANSWERED, UNANSWERED])
def test_the_chance_is_that_of_trials_that_are_made_up_and_judged(
    usual: Usual, ratio: float
) -> None:
    told = power(usual)[1]
    rng = np.random.default_rng(1)
    lives = 400
    verdicts = [
        judge(
            [Pair(nights_with(rng, usual, ratio), nights_with(rng, usual, 1.0)) for _ in range(3)]
        ).verdict
        for _ in range(lives)
    ]
    fewer = sum(each is Verdict.FEWER for each in verdicts) / lives
    more = sum(each is Verdict.MORE for each in verdicts) / lives
    expected = told.halving if ratio == 0.5 else told.mistaken
    assert fewer + (more if ratio == 1.0 else 0.0) == pytest.approx(expected, abs=0.06)


def test_who_answers_nothing_sees_less_of_the_same_halving() -> None:
    assert power(ANSWERED)[1].halving > 0.5
    assert power(UNANSWERED)[1].halving < 0.1


def test_where_every_night_has_a_cramp_half_of_them_have_one_left() -> None:
    assert power(Usual.answered(1.0, 1.0))[0].halving > 0.9


def test_a_longer_trial_and_more_cramps_show_more_and_nothing_is_shown_mistakenly_often() -> None:
    found = {share: power(Usual.answered(share, 0.9)) for share in (0.15, 0.3, 0.6)}
    for powers in found.values():
        assert [each.weeks for each in powers] == [8, 12, 16]
        chances = [each.halving for each in powers]
        assert chances == sorted(chances)
        assert all(each.mistaken <= 0.10 for each in powers)
    assert found[0.15][1].halving < found[0.3][1].halving < found[0.6][1].halving
    # The reference has 68 % for six weeks each, of 4.4 cramps a week.
    assert power(Usual.answered(4.4 / 7, 1.0))[1].halving == pytest.approx(0.68, abs=0.08)


def test_of_no_cramps_nothing_can_be_shown() -> None:
    assert [each.halving for each in power(Usual.answered(0.0, 1.0))] == pytest.approx(
        [0.0] * 3, abs=1e-9
    )


def test_too_few_counted_nights_show_nothing() -> None:
    assert power(Usual.answered(0.9, 0.2))[0].halving == 0.0


def test_what_is_usual_takes_two_weeks_of_counted_nights() -> None:
    assert usual_nights([night(1.0)] * 13, 84) is None
    assert usual_nights([night(1.0)] * 7 + [night(0.5)] * 7, 28) == Usual(
        (0.0, 0.0, 0.5, 0.0, 0.5), 0.5
    )
