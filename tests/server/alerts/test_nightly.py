from __future__ import annotations

import math
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.night import Standing
from ingest.errors import InputError
from server.alerts.nightly import Answer, AskedEpisode, WearerNight, count_night, counts
from server.alerts.season import Season
from tests.server.alerts.made import FIRST, FULL_S, asked, nights_of

NIGHT = date(2026, 11, 21)


def night(
    *answers: Answer | None, missed: int = 0, marks: int = 0, searched_s: float = FULL_S
) -> WearerNight:
    return WearerNight(NIGHT, searched_s, asked(*answers), missed, marks)


def test_a_probability_counts_until_it_is_answered() -> None:
    told = [count_night(night(answer)).cramps for answer in (None, Answer.UNSURE)]
    assert told == [0.3, 0.3]
    assert count_night(night(Answer.YES)).cramps == 1
    assert count_night(night(Answer.NO)).cramps == 0


def test_two_maybes_make_a_cramp_night_by_both() -> None:
    found = count_night(night(None, None))
    assert found.cramps == pytest.approx(0.6)
    assert found.cramp_night == pytest.approx(0.51)
    assert found.certain == pytest.approx(0.18)
    assert found.answered == 0


def test_what_the_wearer_added_counts_as_one() -> None:
    found = count_night(night(Answer.NO, missed=2))
    assert (found.cramps, found.cramp_night, found.certain, found.answered) == (2, 1, 2, 1)


def test_a_mark_counts_nearly_one_and_once_with_the_cramp_it_is_of() -> None:
    assert count_night(night(marks=1)).cramps == pytest.approx(0.9)
    assert count_night(night(marks=1)).answered == 0
    assert count_night(night(marks=1, missed=1)).cramps == 1
    assert count_night(night(marks=1, missed=1)).answered == 1
    assert count_night(night(marks=3, missed=1)).cramps == pytest.approx(2.8)


def test_a_night_without_a_question_has_no_answer() -> None:
    assert math.isnan(count_night(night()).answered)
    assert count_night(night(Answer.YES, None)).answered == 0


def test_a_night_is_valid_from_four_hours_searched() -> None:
    assert count_night(night(searched_s=4 * 3600)).valid
    assert not count_night(night(Answer.YES, missed=5, searched_s=4 * 3600 - 1)).valid


def test_nights_are_laid_out_by_date_with_those_that_are_missing() -> None:
    some = nights_of([1, None, None, 2])
    dates, laid = counts(reversed(some))
    assert dates == tuple(FIRST + timedelta(days=place) for place in range(4))
    assert laid.valid[:, 0].tolist() == [True, False, False, True]
    assert laid.cramps[[0, 3], 0].tolist() == [1, 2]


def test_a_night_that_is_there_twice_is_refused() -> None:
    with pytest.raises(InputError, match=r"2026-11-21 is there twice\. Give each night once"):
        counts([night(), night()])


@pytest.mark.parametrize("probability", [-0.1, 1.01, math.nan])
def test_what_is_no_probability_is_refused(probability: float) -> None:
    with pytest.raises(InputError, match="Give one from 0 to 1"):
        AskedEpisode(probability, Standing.LIKELY)


def test_no_night_is_laid_out_as_none() -> None:
    dates, laid = counts([])
    assert dates == ()
    assert len(laid) == 0


def test_a_leap_day_and_both_changes_of_the_clock_are_one_night_each() -> None:
    for first in (date(2028, 2, 27), date(2026, 3, 28), date(2026, 10, 24)):
        dates, laid = counts(nights_of([0, 1, 0, 0], first))
        assert len(dates) == len(laid) == 4
        assert laid.valid.all()
    assert date(2028, 2, 29) in counts(nights_of([0] * 4, date(2028, 2, 27)))[0]


@given(st.lists(st.sampled_from([None, *Answer]), max_size=6), st.integers(0, 3), st.integers(0, 3))
def test_a_cramp_more_never_counts_less(
    answers: list[Answer | None], missed: int, marks: int
) -> None:
    before = count_night(night(*answers, missed=missed, marks=marks))
    added = count_night(night(*answers, missed=missed + 1, marks=marks))
    assert added.cramps >= before.cramps
    assert added.cramp_night >= before.cramp_night
    for place, answer in enumerate(answers):
        if answer is not Answer.YES:
            surer = [*answers[:place], Answer.YES, *answers[place + 1 :]]
            confirmed = count_night(night(*surer, missed=missed, marks=marks))
            assert confirmed.cramps > before.cramps


def test_mid_summer_is_twice_mid_winter() -> None:
    summer, winter = date(2026, 7, 15), date(2026, 1, 13)
    assert Season().factor(summer) / Season().factor(winter) == pytest.approx(2, abs=0.01)
    assert Season(south=True).factor(winter) / Season(south=True).factor(summer) == pytest.approx(
        2, abs=0.01
    )


@given(st.dates(date(1970, 1, 1), date(2100, 1, 1)))
def test_the_season_moves_little_from_night_to_night_leap_day_or_not(day: date) -> None:
    ratio = Season().factor(day + timedelta(days=1)) / Season().factor(day)
    assert abs(math.log(ratio)) < 0.01
