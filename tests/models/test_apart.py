from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from models.study.apart import GROUPS, counted, counted_at, mean_share
from models.study.table import Table
from tests.models.sources import COLUMNS, a_source

RISE = COLUMNS.index("heart_rate_rise")


@pytest.fixture
def table() -> Table:
    """Five visible cramps: a short one, one each with a faint and an unknown rise, two plain."""
    table = a_source("one", nights=10)
    table.rows[:, RISE] = 20.0
    rubs = np.flatnonzero(table.kind == "rub")
    table.rows[rubs[0], RISE] = 3.0
    table.rows[rubs[1], RISE] = np.nan
    nights = list(table.nights)
    night = int(table.night[rubs[2]])
    first, *others = nights[night].cramps
    nights[night] = replace(
        nights[night], cramps=(replace(first, end_s=first.onset_s + 30), *others)
    )
    return replace(table, nights=tuple(nights))


def totals(table: Table, above: npt.NDArray[np.bool_]) -> dict[str, tuple[int, int]]:
    return {
        group: (int(found.sum()), int(happened.sum()))
        for group, (found, happened) in counted(table, above).items()
    }


def test_every_visible_cramp_is_counted_by_length_and_by_heart(table: Table) -> None:
    rubs = np.flatnonzero(table.kind == "rub")
    above = np.isin(np.arange(len(table)), rubs[1:4])
    assert totals(table, above) == {
        "all visible": (3, 5),
        "60 s and more": (2, 4),
        "under 60 s": (1, 1),
        "rise of 5 bpm and more": (2, 3),
        "rise under 5 bpm": (0, 1),
        "heart rate not measured": (1, 1),
        "no awakening seen": (0, 0),
        "60 s and more, no rise under 5 bpm": (2, 3),
    }


def test_a_cramp_without_an_awakening_stays_among_those_that_are_missed(table: Table) -> None:
    last = np.flatnonzero(table.kind == "rub")[-1]
    kept = np.arange(len(table)) != last
    without = replace(
        table,
        rows=table.rows[kept],
        cramp=table.cramp[kept],
        kind=table.kind[kept],
        onset_s=table.onset_s[kept],
        night=table.night[kept],
    )
    found = totals(without, np.ones(len(without), np.bool_))
    assert found["no awakening seen"] == (0, 1)
    assert found["60 s and more, no rise under 5 bpm"] == (2, 3)
    assert found["all visible"] == (4, 5)


def test_every_group_is_read_where_all_clean_nights_have_so_many_false_alarms(
    table: Table,
) -> None:
    rubs = np.flatnonzero(table.kind == "rub")
    score = np.zeros(len(table))
    score[rubs] = [1.0, 2.0, 3.0, 4.0, 5.0]
    # Two in five clean nights, above all cramps but the last two.
    score[np.flatnonzero(table.clean[table.night])[:2]] = 3.5
    at = counted_at(table, score, 0.3, seed=0)
    assert {group: int(found.sum()) for group, (found, _) in at.items()} == {
        "all visible": 2,
        "60 s and more": 2,
        "under 60 s": 0,
        "rise of 5 bpm and more": 2,
        "rise under 5 bpm": 0,
        "heart rate not measured": 0,
        "no awakening seen": 0,
        "60 s and more, no rise under 5 bpm": 2,
    }
    assert set(at) == set(GROUPS)
    assert counted_at(table, score, 0.4, seed=0)["all visible"][0].sum() == 5


def test_each_source_counts_alike_in_the_mean() -> None:
    tables = [a_source("one", nights=8), a_source("other", nights=40, seed=1)]
    everything, nothing = (
        counted(tables[0], np.ones(len(tables[0]), np.bool_))["all visible"],
        counted(tables[1], np.zeros(len(tables[1]), np.bool_))["all visible"],
    )
    assert mean_share(tables, [everything, nothing], seed=0) == (0.5, 0.5, 0.5)


def test_the_interval_is_by_people() -> None:
    table = a_source("one", nights=40)
    above = table.night < 21
    share, low, high = mean_share([table], [counted(table, above)["all visible"]], seed=0)
    assert share == 0.5
    assert 0.1 < low < 0.3
    assert 0.7 < high < 0.9


def test_the_people_of_two_sources_are_drawn_apart() -> None:
    one = a_source("one", nights=40)
    counts = counted(one, one.night < 21)["all visible"]
    alone = mean_share([one], [counts], seed=0)
    both = mean_share([one, one], [counts, counts], seed=0)
    # Drawn alike, the mean of two that are the same would be as wide as one.
    assert both[0] == alone[0]
    assert both[2] - both[1] < 0.8 * (alone[2] - alone[1])
    assert mean_share([one, one], [counts, counts], seed=0) == both
    assert mean_share([one, one], [counts, counts], seed=5) != both


def test_people_without_such_a_cramp_leave_an_interval() -> None:
    table, _ = a_source("one", nights=6).of_nights(np.arange(6) != 1)
    everything = counted(table, np.ones(len(table), np.bool_))["all visible"]
    assert mean_share([table], [everything], seed=0) == (1.0, 1.0, 1.0)
    other = a_source("other", nights=40)
    nothing = counted(other, np.zeros(len(other), np.bool_))["all visible"]
    share, low, high = mean_share([table, other], [everything, nothing], seed=0)
    # Where none of the first was drawn, the second alone is the mean.
    assert (share, low, high) == (0.5, 0.0, 0.5)
