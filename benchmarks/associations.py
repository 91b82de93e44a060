"""How often what goes with what is right, in lives that are made up.

    python -m benchmarks.associations

Nights are drawn with a cramp or without, each of its own or in bad weeks: fortnights of which every
other has half as many cramp nights again, and half as many less. A habit is kept in nights that are
drawn one by one, or in runs of fourteen. Three things are counted: how often the interval holds the
truth, how often anything is said of several things that make no difference, and how often a trial
shows a halving beside how often it was foreseen to.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from server.associations.judged import Verdict, judge
from server.associations.ratio import Pair, Side, rate_ratio
from server.associations.swing import swing
from server.diary_kinds import Habit
from server.trial.plan import BLOCK_NIGHTS, PAIRS, Plan
from server.trial.power import Usual, power

LIVES = 500
SEED = 6
FIRST = date(2026, 1, 1)
NIGHTS = 180
THINGS = 8
SAID = (Verdict.FEWER, Verdict.MORE)

Flags = NDArray[np.bool_]
Rates = NDArray[np.float64]


def main() -> None:
    rng = np.random.default_rng(SEED)
    print("| nights | habit | cramp nights | ratio | interval holds it | named of eight |")
    print("| --- | --- | --- | --- | --- | --- |")
    for bad in (0.0, 0.5):
        for in_runs in (False, True):
            for share in (0.15, 0.45):
                for ratio in (0.5, 1.0):
                    print(_row(rng, share, ratio, bad, in_runs))
    print()
    print("| weeks | foreseen | shown, nights alone | shown, bad weeks |")
    print("| --- | --- | --- | --- |")
    for foreseen in power(Usual(0.45, 1.0)):
        shown = [_shown(rng, foreseen.pairs, 0.45, bad) for bad in (0.0, 0.5)]
        told = " | ".join(f"{each:.0%}" for each in (foreseen.halving, *shown))
        print(f"| {foreseen.weeks} | {told} |")


def _row(rng: np.random.Generator, share: float, ratio: float, bad: float, in_runs: bool) -> str:
    held = named = 0
    for _ in range(LIVES):
        rates = _rates(rng, NIGHTS, share, bad)
        things = [_kept(rng, in_runs) for _ in range(THINGS)]
        cramp = rng.random(NIGHTS) < rates * np.where(things[0], ratio, 1.0)
        found = rate_ratio([_pair(cramp, things[0])], swing=_swing(cramp, things[0]))
        held += found is None or found.least <= ratio <= found.most
        if ratio == 1.0:
            named += any(
                judge([_pair(cramp, each)], THINGS, _swing(cramp, each)).verdict in SAID
                for each in things
            )
    nights, habit = "bad weeks" if bad else "alone", "in runs" if in_runs else "night by night"
    of_all = f"{named / LIVES:.1%}" if ratio == 1.0 else ""
    return f"| {nights} | {habit} | {share:.0%} | {ratio:g} | {held / LIVES:.1%} | {of_all} |"


def _rates(rng: np.random.Generator, nights: int, share: float, bad: float) -> Rates:
    fortnights = rng.choice([1 - bad, 1 + bad], -(-nights // BLOCK_NIGHTS))
    return share * np.repeat(fortnights, BLOCK_NIGHTS)[:nights]


def _kept(rng: np.random.Generator, in_runs: bool) -> Flags:
    if not in_runs:
        return rng.random(NIGHTS) < 0.5
    runs = rng.random(-(-NIGHTS // BLOCK_NIGHTS)) < 0.5
    return np.repeat(runs, BLOCK_NIGHTS)[:NIGHTS]


def _swing(cramp: Flags, kept: Flags) -> float:
    dates = [FIRST + timedelta(days=night) for night in range(NIGHTS)]
    return swing(
        dict(zip(dates, map(float, cramp), strict=True)),
        {night for night, each in zip(dates, kept, strict=True) if each},
        {night for night, each in zip(dates, kept, strict=True) if not each},
    )


def _pair(cramp: Flags, kept: Flags) -> Pair:
    return Pair(_side(cramp[kept]), _side(cramp[~kept]))


def _side(cramp: Flags) -> Side:
    return Side(len(cramp), float(cramp.sum()))


def _shown(rng: np.random.Generator, pairs: int, share: float, bad: float) -> float:
    assert pairs in PAIRS
    shown = 0
    for _ in range(LIVES):
        plan = Plan(Habit.CALF_STRETCHES, FIRST, pairs, int(rng.integers(2**31)))
        kept = np.repeat([each.with_it for each in plan.blocks], BLOCK_NIGHTS)
        cramp = rng.random(len(kept)) < _rates(rng, len(kept), share, bad) * np.where(
            kept, 0.5, 1.0
        )
        two_blocks = (slice(2 * BLOCK_NIGHTS * n, 2 * BLOCK_NIGHTS * (n + 1)) for n in range(pairs))
        judged = judge([_pair(cramp[each], kept[each]) for each in two_blocks])
        shown += judged.verdict is Verdict.FEWER
    return shown / LIVES


if __name__ == "__main__":
    main()
