from __future__ import annotations

import math
from datetime import date, timedelta

from server.alerts.nightly import NightCount
from server.associations.judged import Verdict
from server.associations.ratio import Side
from server.diary_kinds import Habit, Habits, Symptoms
from server.trial.outcome import outcome
from server.trial.plan import Plan

FIRST = date(2026, 6, 1)
PLAN = Plan(Habit.CALF_STRETCHES, FIRST, 2, 6)
DONE, NOT_DONE = Habits((Habit.CALF_STRETCHES,)), Habits()


def night(number: int) -> date:
    return FIRST + timedelta(days=number)


def with_it(number: int) -> bool:
    block = PLAN.block(night(number))
    assert block is not None
    return block.with_it


def count(cramp: bool) -> NightCount:
    return NightCount(True, float(cramp), float(cramp), float(cramp), math.nan)


def test_nights_are_on_the_side_of_their_block_and_missing_ones_on_none() -> None:
    # A cramp in every night without it, and in every fourth with it; each seventh is missing.
    counted = {
        night(number): count(not with_it(number) or number % 4 == 0)
        for number in range(56)
        if number % 7
    }
    told = [(night(number), DONE if with_it(number) else NOT_DONE) for number in range(56)]
    found = outcome(PLAN, PLAN.last, counted, told)
    assert (found.nights, found.told, found.as_planned_told) == (56, 56, 56)
    assert found.as_planned == found.as_done
    assert found.as_planned.without == Side(24, 24.0)
    assert found.as_planned.with_it.valid == 24
    assert found.as_planned.verdict is Verdict.FEWER


def test_who_did_otherwise_is_counted_both_ways() -> None:
    counted = {night(number): count(number % 2 == 0) for number in range(56)}
    # In cramp nights the habit was left out, whatever was planned; of a week nothing is told.
    told = [(night(n), NOT_DONE if n % 2 == 0 else DONE) for n in range(49)]
    told += [(night(50), Symptoms())]  # type: ignore[list-item]
    found = outcome(PLAN, PLAN.last, counted, told)
    assert found.as_planned.with_it == found.as_planned.without == Side(28, 14.0)
    assert found.as_planned.verdict is Verdict.TOO_EARLY
    assert (found.as_done.with_it, found.as_done.without) == (Side(24, 0.0), Side(25, 25.0))
    assert found.as_done.verdict is Verdict.FEWER
    assert found.told == 49
    assert 20 <= found.as_planned_told <= 29


def test_what_was_stopped_early_is_judged_by_the_pairs_that_have_both_sides() -> None:
    counted = {night(number): count(cramp=not with_it(number)) for number in range(56)}
    stopped = outcome(PLAN, night(41), counted, ())
    assert stopped.nights == 42
    whole = outcome(PLAN, night(27), counted, ())
    # The third block has no other to be compared with.
    assert stopped.as_planned.ratio == whole.as_planned.ratio
    assert whole.as_planned.with_it == Side(14, 0.0)


def test_before_it_begins_nothing_is_known() -> None:
    found = outcome(PLAN, FIRST - timedelta(days=1), {}, ())
    assert (found.nights, found.as_planned.ratio) == (0, None)
    assert found.as_planned.verdict is Verdict.TOO_EARLY
