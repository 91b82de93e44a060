from __future__ import annotations

import numpy as np
import numpy.typing as npt

from detector.awakenings import MIN_LENGTH_S, MIN_MOVING_S, PAUSE_S, find_awakenings


def moving(length: int, *spans: tuple[int, int]) -> npt.NDArray[np.bool_]:
    flags = np.zeros(length, np.bool_)
    for start, end in spans:
        flags[start:end] = True
    return flags


def test_a_pause_of_a_minute_belongs_to_the_awakening_and_a_longer_one_parts_two() -> None:
    joined = moving(1000, (100, 120), (120 + PAUSE_S, 200))
    parted = moving(1000, (100, 120), (121 + PAUSE_S, 201))
    assert find_awakenings(joined, 0, 1000) == [(100, 200)]
    assert find_awakenings(parted, 0, 1000) == [(100, 120), (181, 201)]


def test_a_twitch_is_none() -> None:
    assert find_awakenings(moving(500, (100, 100 + MIN_LENGTH_S - 1)), 0, 500) == []
    sparse = moving(500, (100, 102), (130, 132))
    assert np.count_nonzero(sparse) < MIN_MOVING_S
    assert find_awakenings(sparse, 0, 500) == []


def test_what_reaches_over_an_end_of_sleep_is_none() -> None:
    flags = moving(1000, (90, 130), (400, 440), (880, 920))
    assert find_awakenings(flags, 100, 900) == [(400, 440)]


def test_a_night_without_movement_has_none() -> None:
    assert find_awakenings(moving(100), 0, 100) == []


def test_what_ends_a_sleep_is_an_awakening_only_where_another_sleep_follows() -> None:
    moving = np.zeros(10_000, np.bool_)
    moving[4005:4100] = True
    assert find_awakenings(moving, 0, 4000) == []
    assert find_awakenings(moving, 0, 4000, 9000) == [(4005, 4100)]
    moving[4100:4200] = True
    assert find_awakenings(moving, 0, 4000, 4150) == []
    assert find_awakenings(moving, 0, 3990, 9000) == []
