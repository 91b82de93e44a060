from __future__ import annotations

import numpy as np
import pytest

from models.study.reliability import reliability
from models.study.table import Table
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
