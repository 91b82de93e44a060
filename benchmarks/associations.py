"""How often what goes with what is right, in lives that are made up.

    python -m benchmarks.associations

Nights are drawn with a cramp or without, each of its own or in bad weeks: fortnights of which every
other has half as many cramp nights again, and half as many less. A habit is kept in nights that are
drawn one by one, in runs of fourteen, in one run of fourteen, or from about the middle on. Three
things are counted: how often the interval holds the truth, how often anything is said of several
things that make no difference, and how often a trial shows a halving beside how often it was
foreseen to, where every morning is answered and where none is.
"""

from __future__ import annotations

import argparse
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from server.associations.judged import Verdict, judge
from server.associations.ratio import Pair, Side, rate_ratio
from server.associations.swing import swing
from server.diary_kinds import Habit
from server.trial.plan import BLOCK_NIGHTS, PAIRS, Plan
from server.trial.power import PARTS, Usual, power

LIVES = 500
SEED = 6
FIRST = date(2026, 1, 1)
NIGHTS = 180
THINGS = 8
SAID = (Verdict.FEWER, Verdict.MORE)
USUAL = {
    "answered": Usual.answered(0.45, 1.0),
    # A detector that is sure of little: a night counts a quarter of a cramp night, or three.
    "not answered": Usual((0.0, 0.6, 0.0, 0.4, 0.0), 1.0),
}

Flags = NDArray[np.bool_]
Rates = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.parse_args()
    rng = np.random.default_rng(SEED)
    print("| nights | habit | cramp nights | ratio | interval holds it | named of eight |")
    print("| --- | --- | --- | --- | --- | --- |")
    for bad in (0.0, 0.5):
        for how in KEPT:
            for share in (0.15, 0.45):
                for ratio in (0.5, 1.0):
                    print(_row(rng, share, ratio, bad, how))
    print()
    print("| mornings | weeks | foreseen | shown, nights alone | shown, bad weeks |")
    print("| --- | --- | --- | --- | --- |")
    for mornings, usual in USUAL.items():
        for foreseen in power(usual):
            shown = [_shown(rng, foreseen.pairs, usual, bad) for bad in (0.0, 0.5)]
            told = " | ".join(f"{each:.0%}" for each in (foreseen.halving, *shown))
            print(f"| {mornings} | {foreseen.weeks} | {told} |")


def _row(rng: np.random.Generator, share: float, ratio: float, bad: float, how: str) -> str:
    held = named = 0
    for _ in range(LIVES):
        rates = _rates(rng, NIGHTS, share, bad)
        things = [KEPT[how](rng) for _ in range(THINGS)]
        cramp = rng.random(NIGHTS) < rates * np.where(things[0], ratio, 1.0)
        found = rate_ratio([_pair(cramp, things[0])], swing=_swing(cramp, things[0]) or 1.0)
        held += found is None or found.least <= ratio <= found.most
        if ratio == 1.0:
            named += any(
                judge([_pair(cramp, each)], THINGS, _swing(cramp, each)).verdict in SAID
                for each in things
            )
    nights = "bad weeks" if bad else "alone"
    of_all = f"{named / LIVES:.1%}" if ratio == 1.0 else ""
    return f"| {nights} | {how} | {share:.0%} | {ratio:g} | {held / LIVES:.1%} | {of_all} |"


def _rates(rng: np.random.Generator, nights: int, share: float, bad: float) -> Rates:
    fortnights = rng.choice([1 - bad, 1 + bad], -(-nights // BLOCK_NIGHTS))
    return share * np.repeat(fortnights, BLOCK_NIGHTS)[:nights]


def _night_by_night(rng: np.random.Generator) -> Flags:
    return rng.random(NIGHTS) < 0.5


def _in_runs(rng: np.random.Generator) -> Flags:
    runs = rng.random(-(-NIGHTS // BLOCK_NIGHTS)) < 0.5
    return np.repeat(runs, BLOCK_NIGHTS)[:NIGHTS]


def _in_one_run(rng: np.random.Generator) -> Flags:
    run = int(rng.integers(NIGHTS // BLOCK_NIGHTS))
    return np.asarray(np.arange(NIGHTS) // BLOCK_NIGHTS == run)


def _from_the_middle_on(rng: np.random.Generator) -> Flags:
    first = NIGHTS // 2 + int(rng.integers(-BLOCK_NIGHTS, BLOCK_NIGHTS))
    return np.arange(NIGHTS) >= first


KEPT = {
    "night by night": _night_by_night,
    "in runs": _in_runs,
    "in one run": _in_one_run,
    "from the middle on": _from_the_middle_on,
}


def _swing(cramp: Flags, kept: Flags) -> float | None:
    dates = [FIRST + timedelta(days=night) for night in range(NIGHTS)]
    return swing(
        dict(zip(dates, map(float, cramp), strict=True)),
        {night for night, each in zip(dates, kept, strict=True) if each},
        {night for night, each in zip(dates, kept, strict=True) if not each},
    )


def _pair(cramp: Flags | Rates, kept: Flags) -> Pair:
    return Pair(_side(cramp[kept]), _side(cramp[~kept]))


def _counted(rng: np.random.Generator, cramp: Flags, usual: Usual) -> Rates:
    """Draw what each night counts, as of nights with a cramp and of nights without one."""
    counts, chances = np.array(usual.counts), np.arange(PARTS + 1) / PARTS
    of_cramp = counts * chances / usual.cramp_nights
    of_none = counts * (1 - chances) / (1 - usual.cramp_nights)
    drawn = [rng.choice(chances, size=len(cramp), p=each) for each in (of_cramp, of_none)]
    return np.where(cramp, *drawn)


def _side(cramp: Flags | Rates) -> Side:
    return Side(len(cramp), float(cramp.sum()))


def _shown(rng: np.random.Generator, pairs: int, usual: Usual, bad: float) -> float:
    assert pairs in PAIRS
    shown, share = 0, usual.cramp_nights
    for _ in range(LIVES):
        plan = Plan(Habit.CALF_STRETCHES, FIRST, pairs, int(rng.integers(2**31)))
        kept = np.repeat([each.with_it for each in plan.blocks], BLOCK_NIGHTS)
        cramp = rng.random(len(kept)) < _rates(rng, len(kept), share, bad) * np.where(
            kept, 0.5, 1.0
        )
        counts = _counted(rng, cramp, usual)
        two_blocks = (slice(2 * BLOCK_NIGHTS * n, 2 * BLOCK_NIGHTS * (n + 1)) for n in range(pairs))
        judged = judge([_pair(counts[each], kept[each]) for each in two_blocks])
        shown += judged.verdict is Verdict.FEWER
    return shown / LIVES


if __name__ == "__main__":
    main()
