"""How soon an episode is told while the night goes on, and how much of it does not hold.

``python -m benchmarks.provisional --nights 60``

Nights are simulated, of two families in turn that need no real nights, half of them with a cramp.
With ``--evenings`` none has one, and a long evening comes before each. Nights are fed in chunks of
2 s and judged at the moments at which a live night is.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.evenings import with_an_evening
from crampwatch.night import BEHIND_NS
from detector.awakenings import BEFORE_S
from detector.night import Standing
from detector.provisional import Fate
from ingest.samples import NS_PER_S
from simulator.corpus import night_settings
from simulator.night import simulate
from tests.detector.going_on import spend

FAMILIES = "kinematic", "phenomenological"
"""Families of the simulator in turn."""


@dataclass(frozen=True)
class Counted:
    """What one night adds.

    Parameters
    ----------
    delays_s
        Of each episode that was confirmed, by its standing in the finished night.
    counts
        Of what was ``told``, ``taken back`` before the finish, and by `detector.provisional.Fate`
        at the finish, each with the standing; ``moved``, confirmed under another id; and what was
        told of before anything is looked at in the finished night, ``early``.
    """

    delays_s: list[tuple[Standing, float]]
    counts: Counter[str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=60)
    parser.add_argument("--hours", type=float, default=8.0, help="of each night")
    parser.add_argument("--life", default="hard")
    parser.add_argument("--evenings", action="store_true", help="long evenings, and no cramps")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    chosen = parser.parse_args()
    one = partial(
        _count,
        hours=chosen.hours,
        life=chosen.life,
        seed=chosen.seed,
        evenings=chosen.evenings,
    )
    counts: Counter[str] = Counter()
    early: list[int] = []
    delays_s: list[tuple[Standing, float]] = []
    with ProcessPoolExecutor(chosen.jobs, get_context("spawn")) as pool:
        for number, night in enumerate(pool.map(one, range(chosen.nights)), start=1):
            counts += night.counts
            early.append(night.counts["early"])
            delays_s += night.delays_s
            if number % 10 == 0 or number == chosen.nights:
                print(f"after {number} nights of {chosen.hours:g} h:")
                for line in _lines(counts, delays_s):
                    print(f"  {line}", flush=True)
                print(
                    f"  told of the time before the first sleep: {sum(early)}, "
                    f"in {np.count_nonzero(early)} nights, at most {max(early)} in one",
                    flush=True,
                )


def _count(number: int, *, hours: float, life: str, seed: int, evenings: bool) -> Counted:
    settings, night_seed = night_settings(
        number,
        seed,
        hours=hours,
        cramps=0 if evenings else number // len(FAMILIES) % 2,
        family=FAMILIES[number % len(FAMILIES)],
        life=life,
    )
    if evenings:
        settings = with_an_evening(settings, number, seed)
    night = simulate(settings, night_seed)
    with threadpool_limits(1):
        spent = spend(night.info, list(night.samples), behind_ns=BEHIND_NS)
    counts: Counter[str] = Counter()
    last = {change.id: change for _, change in spent.told}
    first_ns = spent.night.sleeps[0].onset_ns if spent.night.sleeps else spent.night.end_ns
    for change in last.values():
        counts["early"] += change.episode.onset_ns < first_ns - BEFORE_S * NS_PER_S
        counts[f"told {change.episode.standing}"] += 1
        counts[f"taken back {change.episode.standing}"] += change.fate is Fate.WITHDRAWN
    for change in spent.decided:
        counts[f"{change.fate} {change.episode.standing}"] += 1
        counts["moved"] += change.fate is Fate.CONFIRMED and change.id != change.episode.id
    confirmed = [each.episode for each in spent.decided if each.fate is Fate.CONFIRMED]
    standings = [each.standing for each in confirmed]
    return Counted(list(zip(standings, spent.delays_s(), strict=True)), counts)


def _lines(counts: Counter[str], delays_s: list[tuple[Standing, float]]) -> Iterator[str]:
    for standing in Standing:
        yield (
            f"{standing}: told {counts[f'told {standing}']}, "
            f"taken back meanwhile {counts[f'taken back {standing}']}, "
            f"at the finish withdrawn {counts[f'withdrawn {standing}']}, "
            f"confirmed {counts[f'confirmed {standing}']}, added {counts[f'added {standing}']}"
        )
        own_s = np.array([delay_s for each, delay_s in delays_s if each is standing])
        if len(own_s):
            yield (
                f"  told after its end: median {np.median(own_s):.0f} s, nine in ten within "
                f"{np.percentile(own_s, 90):.0f} s, latest {own_s.max():.0f} s; "
                f"later than 90 s {int((own_s > 90).sum())} of {len(own_s)}"
            )
    yield f"under an id that is not that of the finished night: {counts['moved']}"


if __name__ == "__main__":
    main()
