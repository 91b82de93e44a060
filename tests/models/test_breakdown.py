from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from detector.evaluate import Tally
from models.study.breakdown import Counted, cramps_found, missed_by_cause, taken_for_cramps
from models.study.diagram import reliability_diagram
from models.study.reliability import reliability
from tests.models.sources import COLUMNS, a_source, within_cramps


def test_cramps_are_counted_by_phenotype_length_heart_and_device() -> None:
    table = a_source("one", nights=8)
    table.rows[:, COLUMNS.index("heart_rate_rise")] = 20.0
    rubs = np.flatnonzero(table.kind == "rub")
    table.rows[rubs[0], COLUMNS.index("heart_rate_rise")] = 3.0
    table.rows[rubs[1], COLUMNS.index("heart_rate_rise")] = np.nan
    above = np.zeros(len(table), np.bool_)
    above[rubs[:2]] = True
    assert tallies(cramps_found(table, above)) == {
        "device: watch": Tally(2, 4),
        "heart: not measured": Tally(1, 1),
        "heart: rise of 5 bpm and more": Tally(0, 2),
        "heart: rise under 5 bpm": Tally(1, 1),
        "length: 60 to 180 s": Tally(2, 4),
        "silent": Tally(0, 4),
        "visible: rub": Tally(2, 4),
    }


def test_a_cramp_without_an_awakening_counts_as_missed() -> None:
    table = a_source("one", nights=2)
    seen = ~((table.kind == "rub") & (table.night == 1))
    without = replace(
        table,
        rows=table.rows[seen],
        cramp=table.cramp[seen],
        kind=table.kind[seen],
        onset_s=table.onset_s[seen],
        night=table.night[seen],
    )
    found = cramps_found(without, np.ones(len(without), np.bool_))
    assert found["visible: rub"].tally == found["heart: no awakening seen"].tally == Tally(0, 1)


def test_each_missed_cramp_is_put_down_to_the_first_cause_that_holds() -> None:
    table = a_source("one", nights=12)
    rise = COLUMNS.index("heart_rate_rise")
    table.rows[:, rise] = 20.0
    rubs = np.flatnonzero(table.kind == "rub")
    table.rows[rubs[0], rise] = 3.0
    table.rows[rubs[1], rise] = np.nan
    first, *others = table.nights[table.night[rubs[2]]].cramps
    brief = replace(first, end_s=first.onset_s + 30.0)
    nights = list(table.nights)
    nights[table.night[rubs[2]]] = replace(nights[table.night[rubs[2]]], cramps=(brief, *others))
    table = replace(table, nights=tuple(nights))
    above = np.zeros(len(table), np.bool_)
    assert missed_by_cause(table, above) == {
        "heart rose less than 5 bpm": 1,
        "heart not measured": 1,
        "under 60 s": 1,
        "none of these": len(rubs) - 3,
    }
    above[rubs[1:]] = True
    assert missed_by_cause(table, above) == {"heart rose less than 5 bpm": 1}


def test_a_share_of_none_has_an_exact_upper_end_and_one_person_has_no_interval() -> None:
    """Drawing people anew finds none in what has none, however little it is."""
    table = a_source("one", nights=8)
    none = np.zeros(len(table), np.bool_)
    shifts = taken_for_cramps(table, none)["position_shift"]
    upper = 1 - 0.025 ** (1 / shifts.tally.of)
    assert shifts.share(table, seed=0) == pytest.approx((0.0, 0.0, upper))
    alone = a_source("one", nights=3)
    share, low, high = taken_for_cramps(alone, ~none[: len(alone)])["bathroom"].share(alone, seed=0)
    assert share == 1.0
    assert np.isnan([low, high]).all()


def tallies(counted: Mapping[str, Counted]) -> dict[str, Tally]:
    return {group: each.tally for group, each in counted.items()}


def test_what_is_taken_for_a_cramp_is_counted_by_what_it_was() -> None:
    table = a_source("one", nights=8)
    above = table.kind == "bathroom"
    above[np.flatnonzero(above)[0]] = False
    baths, shifts = (int((table.kind == kind).sum()) for kind in ("bathroom", "position_shift"))
    taken = taken_for_cramps(table, above)
    assert tallies(taken) == {
        "bathroom": Tally(baths - 1, baths),
        "position_shift": Tally(0, shifts),
    }
    share, low, high = taken["bathroom"].share(table, seed=0)
    assert 0.8 < low < share == (baths - 1) / baths < high == 1.0
    assert taken_for_cramps(within_cramps(table), above) == {}


def test_the_diagram_has_a_dot_a_bin_where_said_and_happened_meet() -> None:
    table = a_source("one", nights=40)
    held = reliability(table, np.where(table.cramp, 0.75, 0.05), stated=0.09, cramps_a_week=7.0)
    drawn = reliability_diagram(held, title="on trial")
    assert drawn.count("<circle") == len(held.bins) == 2
    assert 'aria-label="on trial"' in drawn
    # 0.75 said and all of them cramps: three quarters to the right, at the top.
    assert '<circle cx="296.0" cy="56.0"' in drawn
