from __future__ import annotations

import math

import pytest

from detector.answered import (
    AnsweredNight,
    Change,
    answered_night,
    asked_about,
    report_change,
)
from detector.classifier import load_model
from detector.habits import HABITS
from detector.personal import ASKED, UNASKED, Answer

MODEL = load_model()
LIKELY, POSSIBLE = MODEL.likely_from, MODEL.possible_from
USUAL = {
    name: math.expm1(habit.centre) if habit.logarithmic else habit.centre
    for name, habit in HABITS.items()
}
LONG = USUAL | {"moving": math.expm1(4.6 + 1.1)}


def log_odds(probability: float) -> float:
    return math.log(probability / (1 - probability))


def test_what_is_likely_is_asked_about_and_two_possible_ones() -> None:
    below, some, more, most = POSSIBLE / 2, POSSIBLE, POSSIBLE * 1.5, POSSIBLE * 2
    assert most < LIKELY
    assert asked_about(MODEL, []) == []
    assert asked_about(MODEL, [below, LIKELY, some, most, LIKELY, more]) == [
        False,
        True,
        False,
        True,
        True,
        True,
    ]


def test_a_full_answer_says_of_the_others_that_they_were_none() -> None:
    night = answered_night(
        [{"moving": 10.0 * n} for n in range(5)],
        [log_odds(0.3)] * 5,
        [True, False, False, None, True],
        [True, True, False, True, False],
        cramps=3,
    )
    assert [(one.cramp, one.weight, one.features) for one in night.answers] == [
        (True, ASKED, {"moving": 0.0}),
        (False, ASKED, {"moving": 10.0}),
        (False, UNASKED, {"moving": 20.0}),
        (True, ASKED, {"moving": 40.0}),
    ]
    assert night.cramps == 3
    assert night.answers[0].probability == pytest.approx(0.3)


def test_the_change_is_told_of_nights_that_were_not_learnt_from() -> None:
    nights = [
        AnsweredNight(
            (
                Answer(LONG, log_odds(LIKELY) + 0.5, cramp=False),
                Answer(USUAL, log_odds(LIKELY) - 0.5, cramp=True),
            ),
            cramps=2,
        )
        for _ in range(20)
    ]
    assert report_change(nights, MODEL) == Change(
        nights=20, cramps=40, found_before=0, found_after=20, false_before=20, false_after=0
    )
    # With one night there is no other to learn from.
    assert report_change(nights[:1], MODEL) == Change(1, 2, 0, 0, 1, 1)
    assert report_change([], MODEL) == Change(0, 0, 0, 0, 0, 0)


def test_a_night_does_not_learn_from_itself() -> None:
    night = AnsweredNight(
        (
            Answer(LONG, log_odds(LIKELY) + 0.5, cramp=False),
            Answer(USUAL, log_odds(LIKELY) - 0.5, cramp=True),
        )
        * 20,
        cramps=20,
    )
    silent = AnsweredNight((), cramps=0)
    alone = Change(1, 20, 0, 0, 20, 20)
    assert report_change([night], MODEL) == alone
    # In ten parts: the first and the eleventh are judged together, and neither by the other.
    beside = [night, *[silent] * 9, night]
    assert report_change(beside, MODEL) == Change(11, 40, 0, 0, 40, 40)
    assert report_change([*beside[:10], silent, night], MODEL) == Change(12, 40, 0, 40, 40, 0)


def test_the_change_in_words() -> None:
    assert Change(30, 13, 5, 8, 3, 1).in_words() == (
        "Of 13 cramps in 30 answered nights, 8 would have been called likely with the answers of "
        "other nights, 5 without. False alarms: 1 with them, 3 without."
    )
    assert Change(1, 1, 0, 0, 0, 0).in_words().startswith("Of 1 cramp in 1 answered night, 0 ")
