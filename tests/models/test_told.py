from __future__ import annotations

import numpy as np

from detector.evaluate import Tally
from models.study.told import sureness, told_of_each
from tests.models.sources import a_source


def test_each_kind_is_told_rightly_or_taken_for_another() -> None:
    table = a_source("one", nights=8)
    was = np.where(table.cramp, "", table.kind)
    told = was.copy()
    trips = np.flatnonzero(was == "bathroom")
    told[trips[:3]] = "phone"
    told[trips[3]] = "position_shift"
    told[table.cramp] = "phone"
    each = told_of_each(table, was, told)
    assert list(each) == ["bathroom", "position_shift"]
    assert each["bathroom"].rightly.tally == Tally(len(trips) - 4, len(trips))
    assert list(each["bathroom"].taken_for.items()) == [("phone", 3), ("position_shift", 1)]
    share, low, high = each["bathroom"].rightly.share(table, seed=1)
    assert low <= share <= high
    assert each["position_shift"].rightly.share(table, seed=1) == (1.0, 1.0, 1.0)
    assert not each["position_shift"].taken_for


def test_a_kind_that_is_never_told_has_an_upper_limit() -> None:
    table = a_source("one", nights=8)
    was = np.where(table.cramp, "", table.kind)
    each = told_of_each(table, was, np.full(len(table), "arousal"))
    share, low, high = each["bathroom"].rightly.share(table, seed=1)
    assert share == low == 0.0
    assert 0.0 < high < 0.2
    assert each["bathroom"].taken_for == {"arousal": each["bathroom"].rightly.tally.of}


def test_who_is_right_as_often_as_is_said_makes_no_error() -> None:
    table = a_source("one", nights=40)
    was = np.where(table.cramp, "", table.kind)
    kinds = ("bathroom", "position_shift")
    right = np.arange(len(table)) % 4 != 0
    truly = np.where(was == "bathroom", 0, 1)
    probable = np.full((len(table), 2), 0.25)
    probable[np.arange(len(table)), np.where(right, truly, 1 - truly)] = 0.75
    sure = sureness(table, was, kinds, probable, seed=1)
    share = np.mean(right[was != ""])
    assert (sure.said, sure.right) == (0.75, share)
    assert sure.error == abs(0.75 - share)
    assert sure.low <= sure.error <= sure.high
    assert sure.high < 0.1


def test_who_is_too_sure_errs_by_as_much_and_the_interval_leaves_zero_out() -> None:
    table = a_source("one", nights=40)
    was = np.where(table.cramp, "", table.kind)
    probable = np.tile([0.9, 0.1], (len(table), 1))
    sure = sureness(table, was, ("bathroom", "position_shift"), probable, seed=1)
    trips = np.mean(was[was != ""] == "bathroom")
    assert sure.right == trips
    assert abs(sure.error - abs(0.9 - trips)) < 1e-12
    assert 0.0 < sure.low < sure.error < sure.high


def test_of_one_person_there_is_no_interval() -> None:
    table = a_source("one", nights=1)
    was = np.where(table.cramp, "", table.kind)
    probable = np.tile([0.9, 0.1], (len(table), 1))
    sure = sureness(table, was, ("bathroom", "position_shift"), probable, seed=1)
    assert np.isnan([sure.low, sure.high]).all()
