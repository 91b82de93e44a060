from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from models.study.apart import ALL, GROUPS, groups_of, mean_share
from models.study.found import find_at, find_from, interval_of, shares_drawn
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
        name: (int((group.rows & above).sum()), int(group.happened.sum()))
        for name, group in groups_of(table).items()
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


def drawn(
    table: Table, score: npt.NDArray[np.float64], rate: float, *, name: str = ALL, seed: int = 0
) -> npt.NDArray[np.float64]:
    group = groups_of(table)[name]
    [shares] = shares_drawn(table, score, (rate,), group.rows, group.happened, seed=seed)
    return np.asarray(shares)


def test_every_group_is_read_where_all_clean_nights_have_so_many_false_alarms(
    table: Table,
) -> None:
    rubs = np.flatnonzero(table.kind == "rub")
    score = np.zeros(len(table))
    score[rubs] = [1.0, 2.0, 3.0, 4.0, 5.0]
    # Two in five clean nights, above all cramps but the last two.
    score[np.flatnonzero(table.clean[table.night])[:2]] = 3.5
    shares = {name: drawn(table, score, 0.3, name=name)[0] for name in GROUPS}
    assert np.isnan(shares.pop("no awakening seen"))
    assert shares == {
        "all visible": 2 / 5,
        "60 s and more": 2 / 4,
        "under 60 s": 0,
        "rise of 5 bpm and more": 2 / 3,
        "rise under 5 bpm": 0,
        "heart rate not measured": 0,
        "60 s and more, no rise under 5 bpm": 2 / 3,
    }
    assert drawn(table, score, 0.4)[0] == 1.0


def found_in_half(source: str, *, seed: int = 0) -> npt.NDArray[np.float64]:
    table = a_source(source, nights=40)
    score = np.where(table.cramp & (table.night < 21), 1.0, -1.0)
    return drawn(table, score, 0.0, seed=seed)


def test_each_source_counts_alike_in_the_mean() -> None:
    few, many = a_source("one", nights=8), a_source("other", nights=40, seed=1)
    everything = drawn(few, np.ones(len(few)), 1e9)
    nothing = drawn(many, np.ones(len(many)), 0.0)
    assert mean_share([everything, nothing]) == (0.5, 0.5, 0.5)


def test_the_interval_is_by_people() -> None:
    share, low, high = mean_share([found_in_half("one")])
    assert share == 0.5
    assert 0.1 < low < 0.3
    assert 0.7 < high < 0.9


def test_the_people_of_two_sources_are_drawn_apart() -> None:
    alone = mean_share([found_in_half("one")])
    both = mean_share([found_in_half("one"), found_in_half("one", seed=1)])
    # Drawn alike, the mean of two that are the same would be as wide as one.
    assert both[0] == alone[0]
    assert both[2] - both[1] < 0.8 * (alone[2] - alone[1])


def test_people_without_such_a_cramp_leave_an_interval() -> None:
    table, _ = a_source("one", nights=6).of_nights(np.arange(6) != 1)
    everything = drawn(table, np.ones(len(table)), 1e9)
    assert mean_share([everything]) == (1.0, 1.0, 1.0)
    other = a_source("other", nights=40)
    nothing = drawn(other, np.ones(len(other)), 0.0)
    # Where none of the first was drawn, the second alone is the mean.
    share, low, high = mean_share([everything, nothing])
    assert share == 0.5
    assert high - low == pytest.approx(0.5)


def test_the_threshold_is_chance_too() -> None:
    """Two false alarms of one person stand in the way of cramps that everybody has."""
    table = a_source("one", nights=40)
    clean = np.flatnonzero(table.clean[table.night])
    score = np.where(table.cramp, 1.0, 0.0)
    mine = clean[table.night[clean] == table.night[clean[0]]][:2]
    score[mine] = 2.0
    found = find_at(table, score, 0.1, seed=0)
    assert found.share == 1.0
    assert found.low < 1.0
    fixed = find_from(table, score, found.threshold, seed=0)
    assert (fixed.low, fixed.high) == (1.0, 1.0)


def test_draws_that_find_more_than_was_found_are_moved_to_it() -> None:
    """Without the one person whose false alarm is above all cramps, every cramp is found."""
    table = a_source("one", nights=40)
    score = np.where(table.cramp, 1.0, 0.0)
    score[np.flatnonzero(table.clean[table.night])[0]] = 2.0
    found = find_at(table, score, 0.0, seed=0)
    again = drawn(table, score, 0.0)[1:]
    assert 0.3 < np.mean(again) < 0.45
    assert np.percentile(again, 97.5) == 1.0
    assert (found.low, found.share) == (0.0, 0.0)
    assert found.high == pytest.approx(1.0 - np.mean(again))


def test_draws_about_what_was_found_stay_where_they_are() -> None:
    again = np.linspace(0.3, 0.5, 1001)
    assert interval_of(0.4, again) == pytest.approx((0.305, 0.495))
    assert interval_of(0.05, again) == pytest.approx((0.0, 0.145))
    assert interval_of(-0.4, -again, least=-1.0) == pytest.approx((-0.495, -0.305))
