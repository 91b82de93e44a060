"""``crampwatch alerts simulate``: how often the alerts are false, and how late they come.

Every figure is from simulation: nobody slept these nights.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import repeat
from multiprocessing import get_context

import numpy as np
import typer
from numpy.typing import NDArray

from crampwatch.alerts_people import Detector, Life, Lived, Ups, live
from crampwatch.alerts_rivals import RIVALS, bar_at, fired
from crampwatch.output import say
from server.alerts.nightly import Counts
from server.alerts.rules import RULES
from server.alerts.watch import Layer, watch_alone

Floats = NDArray[np.float64]

__all__ = [
    "CHANGES",
    "LIVES",
    "RATES",
    "Delay",
    "FalseAlerts",
    "Result",
    "report",
    "simulate_alerts",
    "study",
    "told",
]

RATES = (0.5, 1.0, 2.0, 3.0, 4.0, 6.0)
"""Cramps a week that stay the same."""

CHANGES = ((0.5, 1.5), (1.0, 2.0), (2.0, 4.0), (3.0, 6.0))
"""Cramps a week before and after a rise."""

HISTORY_NIGHTS = 364
"""Nights before anything is counted: a year of the same wearable and the same detector."""

COUNTED_NIGHTS = 364
"""Nights in which false alerts are counted, and after which a rise counts as not found: a year."""

MOST_FALSE_A_YEAR = 0.5
"""False alerts a year that are aimed at: one in two years."""

AIMED_DELAYS = {1.0: (5.1, 7.2, 4.6, 3.5), 2.0: (8.9, 12.2, 8.0, 6.0)}
"""Weeks from a rise to the alert that are aimed at, by dispersion and change, with a perfect
detector and no missing night: what a weekly CUSUM needs that knows the usual."""

LONGER = 1.5
"""How much longer it may take with missing nights, the detector as it is, and 9 of 10 answered."""

ANSWERED_MOST = 0.9
"""Part of the mornings that is answered where the longer delays are aimed at."""

ROUNDING = 1e-9
"""Cramp nights by which a sum may fall short of three in seven because numbers are rounded."""

LAYERS = tuple(layer.name.lower() for layer in Layer)

UPS = ((Ups.NONE, 1.0), (Ups.NIGHTS, 2.0), (Ups.WEEKS, 2.0))

LIVES = tuple(
    Life(ups, dispersion, missing, detector, answered, adds)
    for detector, answered, adds in (
        (Detector.PERFECT, 1.0, False),
        (Detector.AS_IT_IS, 0.9, True),
        (Detector.AS_IT_IS, 0.9, False),
        (Detector.AS_IT_IS, 0.5, False),
        (Detector.AS_IT_IS, 0.0, False),
    )
    for missing in (0.0, 0.2)
    for ups, dispersion in UPS
) + tuple(
    Life(ups, dispersion, detector=Detector.AS_IT_IS, answered=answered, rebased=True)
    for answered in (0.5, 0.0)
    for ups, dispersion in UPS
)
"""Every way to live that is tried; the last ones to see what probabilities at the wearer's own rate
would be good for."""


@dataclass(frozen=True, slots=True)
class FalseAlerts:
    """False alerts a year at a rate that stays the same; `low` and `high` hold 95 %."""

    weekly: float
    a_year: float
    low: float
    high: float
    by_layer: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Delay:
    """Weeks from a rise to the first alert; whoever has none within a year counts 52 in the mean.

    Parameters
    ----------
    standing
        Part of the people in whom an alert stood already; they are left out.
    rivals
        Mean weeks of each rival, its bar set on the same people to no more false alerts than ours
        or the aim, whichever is more.
    """

    before: float
    after: float
    mean: float
    median: float
    never: float
    standing: float
    aim: float | None
    rivals: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What came out for one way to live."""

    life: Life
    false_alerts: tuple[FalseAlerts, ...]
    delays: tuple[Delay, ...]


def simulate_alerts(people: int, seed: int, jobs: int, *, as_json: bool) -> None:
    """Run the study and print it."""
    results = study(people, seed, jobs)
    if as_json:
        typer.echo(json.dumps([_laid_out(each) for each in results], indent=2, allow_nan=False))
        return
    for line in report(results):
        say(line)


def study(
    people: int, seed: int, jobs: int = 1, lives: Sequence[Life] = LIVES
) -> tuple[Result, ...]:
    """Simulate so many people for every rate and every rise, in every way to live.

    The same seed gives the same figures, whatever the number of jobs.
    """
    seeds = np.random.SeedSequence(seed).spawn(len(lives))
    if jobs == 1:
        return tuple(map(_one, lives, seeds, repeat(people)))
    # A fork of a process with threads may wait for ever for one that it does not have.
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        return tuple(pool.map(_one, lives, seeds, repeat(people)))


def _one(life: Life, seed: np.random.SeedSequence, people: int) -> Result:
    rng = np.random.default_rng(seed)
    nights = HISTORY_NIGHTS + COUNTED_NIGHTS
    rates = [(rate, rate) for rate in RATES] + list(CHANGES)
    lived = [
        live(rng, life, people, nights, weekly=before, then_weekly=after, change=HISTORY_NIGHTS)
        for before, after in rates
    ]
    together = Counts(
        valid=np.concatenate([each.counts.valid for each in lived], axis=1),
        cramps=np.concatenate([each.counts.cramps for each in lived], axis=1),
        cramp_night=np.concatenate([each.counts.cramp_night for each in lived], axis=1),
        certain=np.concatenate([each.counts.certain for each in lived], axis=1),
        answered=np.concatenate([each.counts.answered for each in lived], axis=1),
        season=lived[0].counts.season,
    )
    raised, standing = watch_alone(together, RULES)
    parts = np.split(raised, len(rates), axis=1)
    stood = np.split(standing[HISTORY_NIGHTS - 1], len(rates))
    still = {
        rate: (_false_alerts(rate, part, each), each.counts)
        for rate, part, each in zip(RATES, parts, lived, strict=False)
    }
    delays = tuple(
        _delay(life, place, part, before, each.counts, *still[CHANGES[place][0]])
        for place, (part, before, each) in enumerate(
            zip(parts[len(RATES) :], stood[len(RATES) :], lived[len(RATES) :], strict=True)
        )
    )
    return Result(life, tuple(false for false, _ in still.values()), delays)


def _false_alerts(rate: float, raised: NDArray[np.int8], lived: Lived) -> FalseAlerts:
    """Count every alert but the first *persistent* of a person that is true.

    It is true where a cramp night was really to be expected in three nights of seven or more, over
    the nights that it looks at.
    """
    looked_at = RULES.frequent_nights
    chance = np.concatenate([np.zeros((1, raised.shape[1])), np.cumsum(lived.cramp_night, axis=0)])
    frequent = np.zeros(raised.shape, bool)
    frequent[looked_at - 1 :] = (
        chance[looked_at:] - chance[:-looked_at] >= RULES.frequent_share * looked_at - ROUNDING
    )
    persistent = raised == Layer.PERSISTENT
    first = persistent & (np.cumsum(persistent, axis=0) == 1)
    false = np.where(first & frequent, 0, raised)
    counted = false[HISTORY_NIGHTS:]
    years = len(counted) / 365.25
    each = (counted > 0).sum(axis=0) / years
    # Nobody may have had any: then as many as 3 in all that time are not excluded (rule of three).
    error = 1.96 * each.std(ddof=1) / np.sqrt(len(each))
    high = each.mean() + error if each.any() else 3 / (years * len(each))
    by_layer = tuple(float((counted == layer).sum() / years / len(each)) for layer in Layer)
    return FalseAlerts(
        rate, float(each.mean()), float(max(each.mean() - error, 0)), float(high), by_layer
    )


def _delay(
    life: Life,
    place: int,
    raised: NDArray[np.int8],
    stood: NDArray[np.bool_],
    counts: Counts,
    ours: FalseAlerts,
    still: Counts,
) -> Delay:
    weeks = _weeks(raised[HISTORY_NIGHTS:, ~stood] > 0)
    budget = max(ours.a_year, MOST_FALSE_A_YEAR)
    rivals = []
    for statistic in RIVALS.values():
        bar = bar_at(statistic(still), HISTORY_NIGHTS, budget)
        rivals.append(_mean(_weeks(fired(statistic(counts), bar, HISTORY_NIGHTS)[HISTORY_NIGHTS:])))
    before, after = CHANGES[place]
    return Delay(
        before=before,
        after=after,
        mean=_mean(weeks),
        median=float(np.median(weeks)),
        never=float(np.isinf(weeks).mean()),
        standing=float(stood.mean()),
        aim=_aim(life, place),
        rivals=tuple(rivals),
    )


def _aim(life: Life, place: int) -> float | None:
    """Give the weeks that are aimed at; None where none are."""
    aim = AIMED_DELAYS[life.dispersion][place]
    if life.detector is Detector.PERFECT:
        return None if life.missing else aim
    return LONGER * aim if life.missing and life.answered == ANSWERED_MOST else None


def _weeks(alerts: NDArray[np.bool_]) -> Floats:
    """Give the weeks to the first alert of each person, infinite where there is none."""
    return np.where(alerts.any(axis=0), (alerts.argmax(axis=0) + 1) / 7, np.inf)


def _mean(weeks: Floats) -> float:
    return float(np.minimum(weeks, COUNTED_NIGHTS / 7).mean())


def report(results: Sequence[Result]) -> Iterator[str]:
    """Write the figures as tables, in lines."""
    yield "## False alerts a year (95 % interval), of the three layers together"
    yield ""
    yield f"Aim: at most {MOST_FALSE_A_YEAR:g} at every rate. Cramps a week that stay the same:"
    yield ""
    yield f"| life | {' | '.join(f'{rate:g}' for rate in RATES)} |"
    yield "|" + " --- |" * (len(RATES) + 1)
    for each in results:
        cells = (f"{f.a_year:.2f} ({f.low:.2f}-{f.high:.2f})" for f in each.false_alerts)
        yield f"| {told(each.life)} | {' | '.join(cells)} |"
    yield ""
    yield "## Weeks from a rise to the alert: mean / median, part never found within a year"
    yield ""
    yield "In brackets the mean that is aimed at, where one is. Cramps a week before and after:"
    yield ""
    yield f"| life | {' | '.join(f'{before:g} to {after:g}' for before, after in CHANGES)} |"
    yield "|" + " --- |" * (len(CHANGES) + 1)
    for each in results:
        cells = (
            f"{d.mean:.1f} / {d.median:.1f}, {d.never:.2f}"
            + (f" [{d.aim:.1f}]" if d.aim is not None else "")
            for d in each.delays
        )
        yield f"| {told(each.life)} | {' | '.join(cells)} |"
    yield ""
    yield "## Mean weeks to the alert beside other rules"
    yield ""
    yield "Ours, " + ", ".join(RIVALS) + ":"
    yield ""
    yield f"| life | {' | '.join(f'{before:g} to {after:g}' for before, after in CHANGES)} |"
    yield "|" + " --- |" * (len(CHANGES) + 1)
    for each in results:
        cells = (
            ", ".join([f"**{d.mean:.1f}**", *(f"{rival:.1f}" for rival in d.rivals)])
            for d in each.delays
        )
        yield f"| {told(each.life)} | {' | '.join(cells)} |"


def told(life: Life) -> str:
    """Write how people live, in words."""
    if life.detector is Detector.PERFECT:
        seen = "perfect"
    else:
        answers = {0.9: "9 of 10", 0.5: "half", 0.0: "none"}[life.answered]
        seen = f"as it is, {answers} answered" + (", missed ones added" if life.adds else "")
    seen += ", probabilities at one's own rate" if life.rebased else ""
    ups = "" if life.ups is Ups.NONE else f", dispersion {life.dispersion:g} {life.ups.value}"
    missing = f", {100 * life.missing:.0f} % missing" if life.missing else ""
    return seen + missing + ups


def _laid_out(result: Result) -> dict[str, object]:
    return {
        "simulation": True,
        "life": asdict(result.life),
        "false_alerts": [
            asdict(each) | {"by_layer": dict(zip(LAYERS, each.by_layer, strict=True))}
            for each in result.false_alerts
        ],
        "delays": [
            asdict(each)
            | {
                # JSON has no infinity: half of the people or more were never found.
                "median": None if np.isinf(each.median) else each.median,
                "rivals": dict(zip(RIVALS, each.rivals, strict=True)),
            }
            for each in result.delays
        ],
    }
