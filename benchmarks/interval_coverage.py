"""Whether intervals meant as 95 % hold what is true, with scores of pure chance: there it is known.

``python -m benchmarks.interval_coverage``

Eight sources of made-up people, as many as a training has. Each person's awakenings score higher or
lower than those of others, and so do their cramps, by normal laws; so what is found at each rate of
false alarms can be worked out. The intervals are made as those of the model card are: of a share,
and of the difference to a second score that is as good and errs elsewhere. Beside them stands what
plain percentiles of the draws hold, which are not moved to where their mean is what was found. And
what is found in the mean, a little more than in truth: a threshold lies just above the first false
alarm that is one too many.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from models.study.found import CURVE, INTERVAL, interval_of, shares_drawn
from models.study.table import KnownCramp, KnownNight, Table

__all__ = ["coverage", "simulate_source", "true_share"]

SOURCES = 8
PEOPLE = 17
"""With cramps, and as many others without, in each source."""
NIGHTS = 3
"""Of each person."""
WORN = 0.93
"""Hours of wear over eight, of each night: in the mean as in the nights of a training."""
CRAMPS = 4
"""That a wrist can see, in each night with any."""
HARMLESS = 20
"""Other awakenings of a night, in the mean."""
PERSON = 0.5
"""How far people differ from each other, where awakenings of one person differ by 1."""
CRAMP_SCORE = 2.3
"""Mean score of a cramp, harmless ones being at 0: as many are then found as by the model."""
SHARED = 0.9
"""Correlation of the second score with the first."""
SPREAD = (1.0 + PERSON**2) ** 0.5

Doubles = npt.NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    held = coverage(chosen.repeats, seed=chosen.seed)
    print(f"PURE CHANCE. {chosen.repeats} times {SOURCES} sources; intervals meant as 95 %.")
    print()
    print(
        "| false alarms a clean night | in truth | found | share held | difference held "
        "| share held by plain percentiles | difference |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for rate, row in zip(CURVE, held, strict=True):
        print(f"| {rate:g} | {true_share(rate):.2f} | {' | '.join(f'{one:.2f}' for one in row)} |")


def true_share(rate: float) -> float:
    """Return what is found in truth where so many false alarms a night are allowed."""
    threshold = NormalDist(0.0, SPREAD).inv_cdf(1.0 - rate * WORN / HARMLESS)
    return 1.0 - NormalDist(CRAMP_SCORE, SPREAD).cdf(threshold)


def coverage(repeats: int, *, seed: int) -> Doubles:
    """Return what is found in the mean, and how often intervals hold the truth, at each rate.

    Returns
    -------
    shape (rates of `CURVE`, 5)
        Found; held, of a share and of a difference that is none; the same by plain percentiles.
    """
    rng = np.random.default_rng(seed)
    held = np.zeros((len(CURVE), 5))
    for _ in range(repeats):
        one, other = _mean_shares(rng)
        for place, rate in enumerate(CURVE):
            truth, difference = true_share(rate), other[place] - one[place]
            held[place] += [
                one[place, 0],
                _holds(interval_of(one[place, 0], one[place, 1:]), truth),
                _holds(interval_of(difference[0], difference[1:], least=-1.0), 0.0),
                _holds(np.percentile(one[place, 1:], INTERVAL), truth),
                _holds(np.percentile(difference[1:], INTERVAL), 0.0),
            ]
    return held / repeats


def _holds(interval: Iterable[float], truth: float) -> bool:
    low, high = interval
    return low <= truth <= high


def _mean_shares(rng: np.random.Generator) -> tuple[Doubles, Doubles]:
    """Mean over sources of what two scores find: of everybody, then of each draw."""
    one: list[Doubles] = []
    other: list[Doubles] = []
    for number in range(SOURCES):
        table, *scores = simulate_source(rng)
        visible = table.visible
        for score, shares in zip(scores, (one, other), strict=True):
            shares.append(shares_drawn(table, score, CURVE, table.cramp, visible, seed=number))
    return np.mean(one, axis=0), np.mean(other, axis=0)


def simulate_source(rng: np.random.Generator) -> tuple[Table, Doubles, Doubles]:
    """Make the nights of one source, and two scores of its awakenings."""
    nights: list[KnownNight] = []
    night, cramp, scores = [], [], []
    for person in range(2 * PEOPLE):
        count = CRAMPS if person < PEOPLE else 0
        usual = _two_scores(rng, PERSON, 2)
        for _ in range(NIGHTS):
            harmless = rng.poisson(HARMLESS)
            scores += [
                CRAMP_SCORE + usual[:, :1] + _two_scores(rng, 1.0, count),
                usual[:, 1:] + _two_scores(rng, 1.0, harmless),
            ]
            cramp += [True] * count + [False] * harmless
            night += [len(nights)] * (count + harmless)
            nights.append(_night(f"p{person}", count))
    rows = len(cramp)
    table = Table(
        rows=np.empty((rows, 0)),
        rhythmic_s=np.zeros(rows),
        cramp=np.array(cramp),
        kind=np.where(cramp, "rub", "arousal"),
        onset_s=np.zeros(rows),
        end_s=np.zeros(rows),
        night=np.array(night),
        nights=tuple(nights),
    )
    return table, *np.concatenate(scores, axis=1)


def _two_scores(rng: np.random.Generator, spread: float, count: int) -> Doubles:
    first, own = rng.normal(0.0, spread, (2, count))
    return np.array([first, SHARED * first + (1.0 - SHARED**2) ** 0.5 * own])


def _night(person: str, cramps: int) -> KnownNight:
    happened = tuple(
        KnownCramp(1000.0 * each, 1000.0 * each + 60.0, "rub") for each in range(cramps)
    )
    return KnownNight("chance", "chance", person, "", "", WORN, 28800.0, happened)


if __name__ == "__main__":
    main()
