from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from models.study.found import people_drawn
from models.study.reliability import error_by_people, reliability
from models.study.table import Table, concatenate
from tests.models.sources import a_source, within_cramps

TABLE = a_source("one", nights=400, seed=5)


def share_of_cramps(table: Table) -> float:
    return float(table.cramp.mean())


def test_a_probability_that_holds_has_no_error() -> None:
    probability = np.full(len(TABLE), share_of_cramps(TABLE))
    held = reliability(TABLE, probability, stated=share_of_cramps(TABLE), cramps_a_week=None)
    assert held.equal_width == pytest.approx(0, abs=1e-9)
    [only] = held.bins
    assert only.share == 1.0
    assert only.said == pytest.approx(only.happened)


def test_one_that_says_too_much_is_told() -> None:
    probability = np.where(TABLE.cramp, 0.95, 0.35)
    own = share_of_cramps(TABLE)
    held = reliability(TABLE, probability, stated=own, cramps_a_week=None)
    assert held.equal_width == pytest.approx((1 - own) * 0.35 + own * 0.05)
    assert held.bins[0].happened == 0


def test_at_the_stated_rate_cramps_weigh_what_so_many_a_week_make() -> None:
    nights, cramps = TABLE.worn_nights.sum(), TABLE.cramp.sum()
    weight = 2.0 / 7 * nights / cramps
    own = weight * cramps / (weight * cramps + (~TABLE.cramp).sum())
    held = reliability(TABLE, np.full(len(TABLE), own), stated=0.5, cramps_a_week=2.0)
    assert held.equal_width == pytest.approx(0, abs=1e-9)


def test_probabilities_are_carried_to_the_rate_of_the_nights() -> None:
    stated, own = 0.01, share_of_cramps(TABLE)
    said_at_stated = np.full(len(TABLE), stated)
    held = reliability(TABLE, said_at_stated, stated=stated, cramps_a_week=None)
    assert [each.said for each in held.bins] == [pytest.approx(own)]
    assert held.equal_weight == pytest.approx(0, abs=0.05)


def test_only_those_told_may_be_looked_at() -> None:
    probability = np.where(TABLE.cramp, 0.9, 0.01)
    told = reliability(TABLE, probability, stated=0.1, cramps_a_week=4.4, least=0.5)
    [only] = told.bins
    assert only.said == pytest.approx(0.9)
    assert only.happened == 1.0
    none = reliability(TABLE, probability, stated=0.1, cramps_a_week=4.4, least=0.95)
    assert (none.bins, none.equal_width) == ((), 0)


def test_a_part_of_a_cramp_says_nothing() -> None:
    table = within_cramps(a_source("one", nights=40))
    held = reliability(table, np.ones(len(table)), stated=0.5, cramps_a_week=None)
    assert [each.happened for each in held.bins] == [1.0]


def told_by_chance(nights: int) -> tuple[Table, npt.NDArray[np.float64]]:
    """Cramps that are as likely as the probability of each."""
    table = a_source("one", nights=nights, seed=3)
    rng = np.random.default_rng(6)
    probability = rng.uniform(0, 0.5, len(table))
    cramp = rng.random(len(table)) < probability
    return replace(table, cramp=cramp, kind=np.where(cramp, "rub", "bathroom")), probability


def at_own_rate(
    table: Table, probability: npt.NDArray[np.float64], *, least: float = 0.0
) -> tuple[float, float, float]:
    own = share_of_cramps(table)
    return error_by_people(table, probability, stated=own, cramps_a_week=None, least=least, seed=1)


def test_the_interval_of_probabilities_that_hold_reaches_down_to_zero() -> None:
    error, low, high = at_own_rate(*told_by_chance(120))
    assert 0 == low < error < high < 2 * error


def test_the_interval_of_those_that_do_not_hold_leaves_zero_and_narrows_with_people() -> None:
    widths = []
    for nights in (30, 480):
        table, probability = told_by_chance(nights)
        error, low, high = at_own_rate(table, probability**2)
        assert 0 < low < error < high
        widths.append(high - low)
    # Of sixteen times as many people, a quarter.
    assert widths[1] < 0.4 * widths[0]


@pytest.mark.parametrize("a_week", [2.0, None])
@pytest.mark.parametrize("least", [0.0, 0.2])
def test_every_draw_is_read_as_the_nights_of_those_drawn_would_be(
    monkeypatch: pytest.MonkeyPatch, a_week: float | None, least: float
) -> None:
    monkeypatch.setattr("models.study.found.RESAMPLES", 40)
    table, probability = told_by_chance(15)
    said = probability**2
    person, drawn = people_drawn(table, seed=1)
    errors = []
    for people in drawn:
        nights = [table.of_nights(person == one) for one in people]
        errors.append(
            reliability(
                concatenate([theirs for theirs, _ in nights]),
                np.concatenate([said[rows] for _, rows in nights]),
                stated=0.3,
                cramps_a_week=a_week,
                least=least,
            ).equal_width
        )
    found, low, high = error_by_people(
        table, said, stated=0.3, cramps_a_week=a_week, least=least, seed=1
    )
    held = reliability(table, said, stated=0.3, cramps_a_week=a_week, least=least)
    assert found == held.equal_width
    lowest, highest = np.percentile(errors, (2.5, 97.5))
    assert low == pytest.approx(max(2 * found - highest, 0))
    assert high == pytest.approx(max(2 * found - lowest, found))


def test_the_error_of_one_person_has_no_interval() -> None:
    alone, _ = TABLE.of_nights(np.arange(400) < 3)
    error, low, high = at_own_rate(alone, np.full(len(alone), 0.5))
    assert error > 0
    assert np.isnan([low, high]).all()
    # Of two, only one has an awakening of which so much is said.
    two, _ = TABLE.of_nights(np.arange(400) < 6)
    of_first = np.where(two.night < 3, 0.9, 0.1)
    assert np.isnan(at_own_rate(two, of_first, least=0.5)[1:]).all()
    assert not np.isnan(at_own_rate(two, of_first)[1:]).any()


def test_people_who_say_nothing_leave_the_interval_to_the_others() -> None:
    # In one of 27 draws nobody is drawn of whom so much is said.
    three, _ = TABLE.of_nights(np.arange(400) < 9)
    said = np.where(three.night < 6, 0.9, 0.1)
    error, low, high = at_own_rate(three, said, least=0.5)
    assert 0 <= low <= error <= high <= 1


def test_a_probability_that_is_certain_stays_so_in_every_draw() -> None:
    certain = TABLE.cramp.astype(np.float64)
    assert at_own_rate(TABLE, certain) == (0.0, 0.0, 0.0)


def test_the_same_seed_draws_the_same_people() -> None:
    table, probability = told_by_chance(30)
    once, again, other = (
        error_by_people(table, probability, stated=0.2, cramps_a_week=4.4, seed=seed)
        for seed in (1, 1, 2)
    )
    assert once == again != other
