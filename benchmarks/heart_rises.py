"""How often hearts rise in the night, with and without a movement of the wrist."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import median_filter

from benchmarks.people_drawn import ratio_interval
from simulator.corpus import NIGHTS_A_PERSON, night_settings
from simulator.families import family_named, life_of
from simulator.movement import Vector
from simulator.plan import plan_night
from simulator.real_nights import COUNTED_S, find_real_nights

__all__ = ["HEAD", "Beating", "Rises", "counted", "heart_row", "rises", "simulated", "stepping"]

LEAST_BPM = 10.0
"""Height from which a rise counts, in bpm above the median of the minute before."""
BASELINE_S = 60
"""Seconds before that the height is against; as much without such a height ends a rise."""
SMOOTHED_S = 5
"""Seconds of the running median that single readings far off are taken out by."""
LOST_S = 60
"""Longest loss of the heart that a line is drawn over, in seconds."""
BEFORE_S, AFTER_S = 30, 10
"""A movement from so long before a heart is so high to so long after goes with its rise: hearts
answer within half a minute, and some rise before the arm moves."""
SETTLED_S, WAKING_S = 1800.0, 900.0
"""Seconds after lying down and before getting up that are left out of simulated nights: in the real
ones these lie before midnight and after half past six, or outside of the diary's sleep."""
SIMULATED_HZ = 5
"""Samples a second of the simulated wrists: enough for the question whether they move."""
MOVING_G = 0.03
"""Standard deviation within a second from which a simulated wrist moves, in g: breathing is
below."""
QUARTILES = (25, 50, 75)

HEAD = (
    f"| nights | people | hours | rises over {LEAST_BPM:g} bpm an hour | with movement | without "
    "| bpm |",
    "| --- | --- | --- | --- | --- | --- | --- |",
)


@dataclass(frozen=True, slots=True, eq=False)
class Beating:
    """A stretch of a night, once a second: the heart, and whether the wrist moves."""

    person: str
    bpm: Vector
    moving: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Rises:
    """Rises of a heart: the second at which each is high enough, and how high it gets, in bpm."""

    at_s: npt.NDArray[np.int64]
    heights_bpm: Vector


def rises(bpm: Vector) -> Rises:
    """Find the rises of a heart that is read once a second."""
    smooth = median_filter(bpm, SMOOTHED_S)
    baseline = np.median(sliding_window_view(smooth, BASELINE_S), axis=1)[:-1]
    above = smooth[BASELINE_S:] - baseline
    high = np.flatnonzero(above > LEAST_BPM)
    runs = np.split(high, np.flatnonzero(np.diff(high) > BASELINE_S) + 1) if len(high) else []
    return Rises(
        np.array([run[0] + BASELINE_S for run in runs], np.int64),
        np.array([above[run].max() for run in runs]),
    )


def stepping(backgrounds: Path) -> Iterator[Beating]:
    """Real nights once a second; of the wrist is known when it took steps, and no more."""
    for night in find_real_nights(backgrounds).hearts:
        yield from _unbroken(night.name, night.bpm, night.stepping)


def counted(backgrounds: Path) -> Iterator[Beating]:
    """Real nights with activity counts of the wrist."""
    seconds = int(COUNTED_S)
    for night in find_real_nights(backgrounds).counted:
        bpm = np.where(night.bpm > 0.0, night.bpm, np.nan)
        yield from _unbroken(night.name, np.repeat(bpm, seconds), np.repeat(night.moving, seconds))


def _unbroken(person: str, bpm: Vector, moving: npt.NDArray[np.bool_]) -> Iterator[Beating]:
    """Part a night where the heart is lost for long; shorter losses are bridged."""
    known = np.flatnonzero(~np.isnan(bpm))
    for run in np.split(known, np.flatnonzero(np.diff(known) > LOST_S) + 1):
        if len(run) and run[-1] - run[0] > 2 * BASELINE_S:
            seconds = np.arange(run[0], run[-1] + 1)
            yield Beating(person, np.interp(seconds, run, bpm[run]), moving[seconds])


def simulated(
    family: str, nights: int, life: str, seed: int, backgrounds: Path | None
) -> Iterator[Beating]:
    """Clean simulated nights, each of somebody else."""
    lived = life_of(family, life)
    for number in range(nights):
        settings, night_seed = night_settings(
            number * NIGHTS_A_PERSON,
            seed,
            cramps=0,
            family=family,
            life=life,
            backgrounds=backgrounds,
        )
        person = settings.person
        rates = settings.rates
        assert person is not None
        assert rates is not None
        plan_seed, body_seed = np.random.SeedSequence(night_seed).spawn(2)
        span_s = settings.hours * 3600.0
        rng = np.random.default_rng(plan_seed)
        plan = plan_night(rng, person, rates, span_s=span_s, life=lived, cramps=0)
        body = family_named(family, backgrounds)(
            body_seed,
            person,
            plan,
            np.arange(0.0, span_s, 1.0 / SIMULATED_HZ),
            span_s=span_s,
            twitches_h=rates.twitches_h,
        )
        asleep = slice(int(SETTLED_S), int(span_s - WAKING_S))
        cells = body.force_g[: int(span_s) * SIMULATED_HZ].reshape(-1, SIMULATED_HZ, 3)
        moving = np.sqrt(cells.var(axis=1).sum(axis=1)) > MOVING_G
        yield Beating(settings.name, body.heart.bpm[asleep], moving[asleep])


def heart_row(name: str, stretches: Sequence[Beating]) -> str:
    """Lay out one row: rises an hour with 95 % intervals by people, and their middle half."""
    people = sorted({each.person for each in stretches})
    hours, with_it, without = np.zeros((3, len(people)))
    heights_bpm = []
    for each in stretches:
        place = people.index(each.person)
        found = rises(each.bpm)
        moved = np.array(
            [
                each.moving[max(0, at_s - BEFORE_S) : at_s + AFTER_S + 1].any()
                for at_s in found.at_s
            ],
            np.bool_,
        )
        # Before there is a baseline nothing can rise.
        hours[place] += (len(each.bpm) - BASELINE_S) / 3600.0
        with_it[place] += moved.sum()
        without[place] += (~moved).sum()
        heights_bpm.append(found.heights_bpm)
    rates = " | ".join(_hourly(count, hours) for count in (with_it + without, with_it, without))
    all_bpm = np.concatenate(heights_bpm)
    height = ""
    if len(all_bpm):
        low, middle, high = np.percentile(all_bpm, QUARTILES)
        height = f"{middle:.0f} ({low:.0f} to {high:.0f})"
    return f"| {name} | {len(people)} | {hours.sum():.0f} | {rates} | {height} |"


def _hourly(count: npt.NDArray[np.float64], hours: npt.NDArray[np.float64]) -> str:
    rate = f"{count.sum() / hours.sum():.1f}"
    if len(hours) < 2:
        return rate
    low, high = ratio_interval(count, hours)
    return f"{rate} ({low:.1f} to {high:.1f})"
