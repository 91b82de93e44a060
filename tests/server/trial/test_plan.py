from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.diary_kinds import Habit
from server.trial.plan import BLOCK_NIGHTS, PAIRS, Plan

FIRST = date(2026, 11, 23)


def plan(seed: int = 6, pairs: int = 3) -> Plan:
    return Plan(Habit.CALF_STRETCHES, FIRST, pairs, seed)


@given(st.integers(0, 2**31 - 1), st.sampled_from(PAIRS))
def test_each_pair_has_one_block_with_the_habit_and_one_without(seed: int, pairs: int) -> None:
    blocks = plan(seed, pairs).blocks
    assert len(blocks) == 2 * pairs
    for pair in range(pairs):
        assert sorted(each.with_it for each in blocks if each.pair == pair) == [False, True]
    assert plan(seed, pairs).last == FIRST + timedelta(days=2 * pairs * BLOCK_NIGHTS - 1)


def test_blocks_follow_one_another_and_hold_every_night_once() -> None:
    made = plan()
    nights = [made.first + timedelta(days=day) for day in range(-1, 3 * 28 + 1)]
    held = [made.block(night) for night in nights]
    assert (held[0], held[-1]) == (None, None)
    assert [each.number for each in held if each] == [
        number for number in range(6) for _ in range(BLOCK_NIGHTS)
    ]
    for night, block in zip(nights, held, strict=True):
        assert block is None or block.first <= night <= block.last


def test_the_same_seed_is_the_same_plan_in_every_version() -> None:
    # Whoever restarts, or runs another Python, goes on with the plan that was begun.
    order = "".join("x" if each.with_it else "." for each in plan(seed=2026, pairs=4).blocks)
    assert order == ORDER_OF_2026


ORDER_OF_2026 = "x..x.x.x"


@pytest.mark.parametrize("pair", [0, 1, 2])
def test_either_order_comes_half_of_the_time(pair: int) -> None:
    first = sum(plan(seed).blocks[2 * pair].with_it for seed in range(400))
    assert 170 <= first <= 230
