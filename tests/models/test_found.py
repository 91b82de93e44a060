from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.study.baselines import BASELINES, without
from models.study.found import drawn_shares, find_at, find_from, threshold_at
from models.study.table import Table
from tests.models.sources import COLUMNS, a_source, within_cramps


def test_what_is_found_is_read_where_clean_nights_have_so_many_false_alarms() -> None:
    table = a_source("one", nights=8)
    score = np.where(table.kind == "rub", 5.0, 0.0)
    score[np.flatnonzero(table.kind == "rub")[0]] = -1.0
    score[np.flatnonzero(table.clean[table.night])[:2]] = 9.0
    at_one = find_at(table, score, 1.0, seed=0)
    assert at_one.share == 3 / 4
    assert at_one.kinds == {"rub": (3, 4), "silent": (0, 4)}
    assert sum(at_one.false_alarms.values()) == 2
    assert at_one.false_alarms_a_night == 0.5
    assert 0.0 <= at_one.low <= 0.75 <= at_one.high <= 1.0
    assert find_at(table, score, 0.25, seed=0).share == 0


def test_cramps_of_one_person_alone_have_no_interval() -> None:
    table, _ = a_source("one", nights=6).of_nights(np.array([True] * 3 + [False, True, False]))
    found = find_from(table, np.ones(len(table)), 0.5, seed=0)
    assert found.share == 1.0
    assert np.isnan([found.low, found.high]).all()


@given(st.integers(0, 2**32 - 1), st.floats(0, 5))
def test_no_rate_is_exceeded_and_more_false_alarms_find_no_less(seed: int, rate: float) -> None:
    table = a_source("one", nights=6, seed=seed)
    score = np.round(np.random.default_rng(seed).normal(0, 1, len(table)), 1)
    at, beyond = (find_at(table, score, each, seed=0) for each in (rate, rate + 1))
    assert at.false_alarms_a_night <= rate
    assert beyond.share >= at.share
    assert threshold_at(table, score, rate + 1) <= at.threshold


def test_nights_that_all_have_a_cramp_count_their_own_false_alarms() -> None:
    table, _ = a_source("one", nights=8).of_nights(np.arange(8) % 2 == 1)
    found = find_from(table, np.ones(len(table)), 1.0, seed=0)
    assert found.false_alarms_a_night == 10.0
    assert found.share == 1.0


def test_without_a_cramp_there_is_no_share() -> None:
    table, _ = a_source("one", nights=8).of_nights(np.arange(8) % 2 == 0)
    found = find_from(table, np.ones(len(table)), 1.0, seed=0)
    assert np.isnan([found.share, found.low, found.high]).all()


def test_the_interval_is_by_people_and_narrower_with_more_of_them() -> None:
    score_of = {nights: a_source("one", nights=nights, seed=4) for nights in (12, 120)}
    widths = []
    for table in score_of.values():
        found = find_from(
            table, (table.onset_s == 1000.0) * (table.night % 4 == 1) * 1.0, 0.5, seed=1
        )
        assert found.low < found.share < found.high
        widths.append(found.high - found.low)
    assert widths[1] < 0.5 * widths[0]


def test_an_awakening_within_a_cramp_is_neither_right_nor_wrong() -> None:
    table = within_cramps(a_source("one", nights=8))
    found = find_from(table, np.ones(len(table)), 1.0, seed=0)
    assert (found.false_alarms, found.share) == ({}, 1.0)


def test_the_baselines_are_simple_rules() -> None:
    table = a_source("one", nights=4)
    length, rise, rhythm = BASELINES.values()
    assert np.array_equal(length(table), table.rows[:, COLUMNS.index("length")], equal_nan=True)
    assert np.array_equal(rhythm(table), table.rhythmic_s)
    table.rows[:, COLUMNS.index("moving")] = 20.0
    assert (rise(table) == -np.inf).all()
    table.rows[:, COLUMNS.index("moving")] = 40.0
    table.rows[0, COLUMNS.index("heart_rate_rise")] = 12.0
    assert rise(table)[0] == 12.0


def test_a_table_without_features_says_the_same_of_every_awakening_by_them() -> None:
    table = a_source("one", nights=4)
    plain = without(table, ["moving"])
    assert (plain.rows[:, COLUMNS.index("moving")] == 0).all()
    assert np.array_equal(plain.rows[:, 0], table.rows[:, 0], equal_nan=True)
    assert table.rows[:, COLUMNS.index("moving")].any()


def test_the_baselines_that_are_named_say_what_they_are() -> None:
    assert list(BASELINES) == [
        "any awakening, the longer the likelier",
        "30 s of movement, then the heart-rate rise",
        "seconds of rhythmic movement",
    ]


@pytest.mark.parametrize("rate", [0.0, 0.1, 1.0])
def test_with_nothing_harmless_all_is_found(rate: float) -> None:
    table = within_cramps(a_source("one", nights=8))
    assert find_at(table, np.zeros(len(table)), rate, seed=0).share == 1.0


NONE_OF_THE_SECOND = np.array([0, 1, 0, 0, 0, 0])
"""What is found of two people, the first with one cramp and the second with two."""


def shares(table: Table, hits: npt.NDArray[np.intp], *, seed: int = 0) -> dict[float, int]:
    """Count how often each share was drawn; a NaN as -1."""
    drawn = np.nan_to_num(drawn_shares(table, hits, table.visible, seed=seed), nan=-1.0)
    return dict(Counter(np.round(drawn, 6).tolist()))


def test_people_are_drawn_with_all_their_nights() -> None:
    table = a_source("one", nights=6)
    assert table.visible.tolist() == [0, 1, 0, 1, 0, 1]
    drawn = shares(table, NONE_OF_THE_SECOND)
    # Twice the second, one of each, twice the first.
    assert set(drawn) == {0.0, 0.333333, 1.0}
    assert all(200 < drawn[share] < 300 for share in (0.0, 1.0))


def test_people_of_one_name_in_two_sources_are_two() -> None:
    table = a_source("one", nights=6)
    elsewhere = [replace(night, source="other", person="p0") for night in table.nights[3:]]
    renamed = replace(table, nights=(*table.nights[:3], *elsewhere))
    assert set(shares(renamed, NONE_OF_THE_SECOND)) == {0.0, 0.333333, 1.0}


def test_the_same_people_are_drawn_by_the_same_seed_alone() -> None:
    table = a_source("one", nights=12)
    hits = table.visible * (np.arange(12) < 6)
    once, again, other = (
        drawn_shares(table, hits, table.visible, seed=seed).tolist() for seed in (1, 1, 2)
    )
    assert once == again != other
    wide = [find_from(table, np.ones(len(table)), 0.5, seed=seed) for seed in (1, 1)]
    assert wide[0] == wide[1]


def test_people_without_a_cramp_leave_an_interval() -> None:
    # The first of three people has no cramp, and in one of 27 draws is drawn three times.
    table, _ = a_source("one", nights=9).of_nights(np.arange(9) != 1)
    assert set(shares(table, table.visible)) == {-1.0, 1.0}
    found = find_from(table, np.ones(len(table)), 1.0, seed=0)
    assert (found.low, found.share, found.high) == (1.0, 1.0, 1.0)
