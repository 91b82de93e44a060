from __future__ import annotations

import numpy as np

from detector.evaluate import Tally
from models.study.told import told_of_each
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
