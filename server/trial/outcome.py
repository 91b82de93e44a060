"""What came of a trial: as it was planned, and as it was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from server.alerts.nightly import NightCount
from server.associations.exposure import Told
from server.associations.judged import Judgement, judge
from server.associations.ratio import Pair
from server.associations.table import side
from server.diary_kinds import Habits
from server.nights import ONE_DAY
from server.trial.plan import Plan

__all__ = ["Outcome", "outcome"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of the nights of a trial up to its end, or so far.

    Parameters
    ----------
    nights
        How many it had, recorded or not.
    told
        Of how many of them the diary tells whether the habit was kept.
    as_planned_told
        Of how many of these it tells what was planned.
    as_planned
        Every counted night on the side of its block, whatever was done: who gives up in bad nights
        does not make the habit look better by it.
    as_done
        The counted nights of which the diary tells, on the side of what was done.
    """

    nights: int
    told: int
    as_planned_told: int
    as_planned: Judgement
    as_done: Judgement


def outcome(plan: Plan, until: date, counted: Mapping[date, NightCount], told: Told) -> Outcome:
    """Judge the nights of a trial up to a last one, within each pair of blocks.

    Parameters
    ----------
    counted
        The valid nights; what is missing is on neither side.
    """
    last = min(plan.last, until)
    nights = [plan.first + day * ONE_DAY for day in range((last - plan.first).days + 1)]
    done = {day: plan.habit in each.done for day, each in told if isinstance(each, Habits)}
    planned = {
        night: (block.pair, block.with_it) for night in nights if (block := plan.block(night))
    }
    as_done = {night: (pair, done[night]) for night, (pair, _) in planned.items() if night in done}

    def judged(sides: Mapping[date, tuple[int, bool]]) -> Judgement:
        def of(pair: int, with_it: bool) -> set[date]:
            return {night for night, where in sides.items() if where == (pair, with_it)}

        return judge(
            [
                Pair(side(counted, of(pair, True)), side(counted, of(pair, False)))
                for pair in range(plan.pairs)
            ]
        )

    return Outcome(
        nights=len(nights),
        told=len(as_done),
        as_planned_told=sum(planned[night] == where for night, where in as_done.items()),
        as_planned=judged(planned),
        as_done=judged(as_done),
    )
