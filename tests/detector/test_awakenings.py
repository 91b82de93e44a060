from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from detector.awakenings import (
    AFTER_S,
    BEFORE_S,
    EDGE_S,
    MIN_LENGTH_S,
    MIN_MOVING_S,
    PAUSE_S,
    RESTED_S,
    SETTLED_S,
    STAYED_S,
    UP_MOVING_S,
    find_awakenings,
)
from detector.runs import Run

Flags = npt.NDArray[np.bool_]

ONSET, WAKE, LENGTH = 10_000, 20_000, 30_000
SLEEP = (ONSET, WAKE)


def moving(length: int, *spans: Run) -> Flags:
    flags = np.zeros(length, np.bool_)
    for start, end in spans:
        flags[start:end] = True
    return flags


def found(flags: Flags, *sleeps: Run, off_wrist: Run = (0, 0)) -> list[Run]:
    worn = ~moving(len(flags), off_wrist)
    return [run for run, _ in find_awakenings(flags, worn, sleeps)]


def test_a_pause_of_a_minute_belongs_to_the_awakening_and_a_longer_one_parts_two() -> None:
    joined = moving(1000, (100, 120), (120 + PAUSE_S, 200))
    parted = moving(1000, (100, 120), (121 + PAUSE_S, 201))
    assert found(joined, (0, 1000)) == [(100, 200)]
    assert found(parted, (0, 1000)) == [(100, 120), (181, 201)]


def test_a_twitch_is_none() -> None:
    assert found(moving(500, (100, 100 + MIN_LENGTH_S - 1)), (0, 500)) == []
    sparse = moving(500, (100, 102), (130, 132))
    assert np.count_nonzero(sparse) < MIN_MOVING_S
    assert found(sparse, (0, 500)) == []


def test_a_night_without_movement_has_none() -> None:
    assert found(moving(100), (0, 100)) == []
    assert found(moving(1000, (100, 200))) == []


def test_within_a_sleep_nothing_is_asked_of_what_lies_around() -> None:
    restless = [(start, start + 30) for start in range(ONSET + 10, WAKE - 100, 100)]
    assert found(moving(LENGTH, *restless), SLEEP) == restless


@pytest.mark.parametrize(
    "start",
    [ONSET - BEFORE_S, ONSET - 1000, ONSET - 20, WAKE, WAKE + EDGE_S, WAKE + 500, WAKE + AFTER_S],
)
def test_what_breaks_the_rest_in_bed_around_a_sleep_is_one(start: int) -> None:
    assert found(moving(LENGTH, (start, start + 40)), SLEEP) == [(start, start + 40)]


@pytest.mark.parametrize("start", [ONSET - BEFORE_S - 1, WAKE + AFTER_S + 1])
def test_what_lies_further_from_a_sleep_is_none(start: int) -> None:
    assert found(moving(LENGTH, (start, start + 40)), SLEEP) == []


@pytest.mark.parametrize("start", [ONSET - 1000, WAKE + 500])
def test_outside_of_a_sleep_it_comes_out_of_two_minutes_of_rest_on_the_wrist(start: int) -> None:
    run, before = (start, start + 40), start - RESTED_S
    assert found(moving(LENGTH, (before - 1, before), run), SLEEP) == [run]
    assert found(moving(LENGTH, (before, before + 1), run), SLEEP) == []
    assert found(moving(LENGTH, run), SLEEP, off_wrist=(before - 50, before + 1)) == []


@pytest.mark.parametrize(
    ("start", "rest"), [(ONSET - 1000, SETTLED_S), (WAKE, STAYED_S), (WAKE + 500, STAYED_S)]
)
def test_outside_of_a_sleep_rest_on_the_wrist_follows_it(start: int, rest: int) -> None:
    run, after = (start, start + 40), start + 40 + rest
    assert found(moving(LENGTH, run), SLEEP, off_wrist=(after, LENGTH)) == [run]
    assert found(moving(LENGTH, run), SLEEP, off_wrist=(after - 1, LENGTH)) == []


@pytest.mark.parametrize("start", [WAKE, WAKE + 500])
def test_who_moves_again_within_three_minutes_of_waking_has_got_up(start: int) -> None:
    run, after = (start, start + 40), start + 40 + STAYED_S
    assert found(moving(LENGTH, run, (after, after + 1)), SLEEP) == [run]
    assert found(moving(LENGTH, run, (after - 1, after)), SLEEP) == []


def test_what_the_recording_ends_too_soon_after_is_none() -> None:
    run = (WAKE, WAKE + 40)
    assert found(moving(run[1] + STAYED_S, run), SLEEP) == [run]
    assert found(moving(run[1] + STAYED_S - 1, run), SLEEP) == []


def test_going_to_bed_and_what_came_before_it_are_none() -> None:
    to_bed = (ONSET - 900, ONSET - 900 + UP_MOVING_S)
    sofa, in_bed = (ONSET - 1150, ONSET - 1100), (ONSET - 400, ONSET - 300)
    assert found(moving(LENGTH, sofa, in_bed), SLEEP) == [sofa, in_bed]
    assert found(moving(LENGTH, sofa, to_bed, in_bed), SLEEP) == [in_bed]


def test_getting_up_and_what_comes_after_it_are_none() -> None:
    ends_it, up = (WAKE + 5, WAKE + 100), (WAKE + 400, WAKE + 400 + UP_MOVING_S)
    breakfast = (WAKE + 400 + UP_MOVING_S + RESTED_S, WAKE + 400 + UP_MOVING_S + RESTED_S + 100)
    assert found(moving(LENGTH, ends_it, up, breakfast), SLEEP) == [ends_it]
    assert found(moving(LENGTH, (WAKE, WAKE + UP_MOVING_S)), SLEEP) == []
    assert found(moving(LENGTH, (WAKE, WAKE + UP_MOVING_S - 1)), SLEEP) != []


def test_what_lies_between_two_sleeps_is_told_once_and_belongs_to_the_first() -> None:
    run, later = (WAKE + 500, WAKE + 600), (WAKE + 1500, LENGTH)
    assert find_awakenings(moving(LENGTH, run), ~moving(LENGTH), [SLEEP, later]) == [(run, SLEEP)]


def test_what_ends_a_sleep_that_another_follows_is_one_however_long_it_is() -> None:
    run, later = (WAKE + EDGE_S, WAKE + 4000), (WAKE + 4010, LENGTH)
    assert found(moving(LENGTH, run), SLEEP) == []
    assert found(moving(LENGTH, run), SLEEP, later) == [run]
    assert found(moving(LENGTH, (WAKE + EDGE_S, WAKE + 4020)), SLEEP, later) == []


def test_a_sleep_that_may_go_on_has_no_end_to_ask_about() -> None:
    run = (WAKE - 40, WAKE)
    assert found(moving(WAKE, run), SLEEP) == [run]
