from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.study.szcore import score_overlap
from models.study.table import KnownCramp, Table
from tests.models.sources import a_source


def a_night(cramps: list[tuple[float, float]], claims: list[tuple[float, float]]) -> Table:
    table, _ = a_source("one", nights=1).of_nights(np.array([True]))
    rows = len(claims)
    return replace(
        table,
        rows=np.zeros((rows, table.rows.shape[1])),
        rhythmic_s=np.zeros(rows),
        cramp=np.zeros(rows, np.bool_),
        kind=np.array(["x"] * rows, np.str_),
        onset_s=np.array([claim[0] for claim in claims], np.float64),
        end_s=np.array([claim[1] for claim in claims], np.float64),
        night=np.zeros(rows, np.intp),
        nights=(
            replace(
                table.nights[0],
                cramps=tuple(KnownCramp(start, end, "rub") for start, end in cramps),
            ),
        ),
    )


def scored(
    cramps: list[tuple[float, float]], claims: list[tuple[float, float]]
) -> tuple[int, int, int]:
    table = a_night(cramps, claims)
    overlap = score_overlap(table, np.ones(len(table), np.bool_))
    return overlap.found, overlap.events, overlap.false_alarms


def test_any_overlap_counts_half_a_minute_before_and_a_minute_after() -> None:
    assert scored([(1000, 1060)], [(1100, 1110)]) == (1, 1, 0)
    assert scored([(1000, 1060)], [(960, 975)]) == (1, 1, 0)
    assert scored([(1000, 1060)], [(1130, 1160)]) == (0, 1, 1)


def test_cramps_close_to_each_other_are_one_and_long_ones_are_split() -> None:
    assert scored([(1000, 1060), (1120, 1180)], [(1130, 1140)]) == (1, 1, 0)
    assert scored([(1000, 1700)], [(1010, 1690)]) == (3, 3, 0)


def test_only_what_is_claimed_counts() -> None:
    table = a_night([(1000, 1060)], [(1000, 1050), (5000, 5050)])
    overlap = score_overlap(table, np.array([False, True]))
    assert (overlap.found, overlap.events, overlap.false_alarms) == (0, 1, 1)
    assert overlap.worn_nights == 1.0


def test_cramps_outside_the_recording_do_not_count_and_at_its_edges_are_cut() -> None:
    assert scored([(-100, -50), (28700, 29000), (40000, 40100)], [(28700, 28800)]) == (1, 1, 0)
