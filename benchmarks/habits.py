"""Simulated people with habits, drawn once and kept: who gets up at two does so every night.

What the nights of `crampwatch simulate` draw anew each time is scripted here in each person's own
way. How people keep their habits is assumed; nothing is published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial

import numpy as np

from simulator.corpus import FIRST_EVENING, TIMEZONE
from simulator.families import life_of
from simulator.happening import Kind, Phenotype, Scripted
from simulator.night import NightSettings
from simulator.person import Person, Rates, draw_person

__all__ = ["FAMILIES", "HABITS", "Somebody", "draw_somebody", "night_of"]

HABITS = ("infant", "drinks at two", "lies awake", "turns left", "short rubs", "none")
"""What somebody is known by. The last draws everything anew every night: what the answers can bring
where there is nothing to learn but how often."""
FAMILIES = ("kinematic", "phenomenological")
"""Those that write down everything that happened."""
LIFE = "hard"
DEVICE = "pinetime"
"""The quickest to simulate: 10 samples a second, and it reads the heart."""
VISIBLE = (Phenotype.RUB, Phenotype.SIT, Phenotype.STAND)

CRAMPS_A_WEEK = 3.0
HOURS = (6.5, 7.5)
"""Range of the lengths of the nights, in hours."""
FIRST_S, LAST_S = 2000.0, 1000.0
"""Seconds after the beginning and before the end in which nothing is scripted: falling asleep and
the final waking lie there."""
APART_S = 200.0
"""Seconds between two scripted happenings."""
ATTEMPTS = 40
"""Instants tried for one before the night goes without it."""
FAITHFUL = 0.85
"""Share of visible cramps in which somebody does what they always do about it."""
SILENT = 0.2
"""Share of cramps that a wrist cannot see, as in all simulated nights."""
STANDING_RISE_BPM = (10.0, 20.0)
"""What getting up adds to the rise of a cramp, in bpm."""
NO_RISE = 0.1
"""Share of cramps that the heart does not answer."""
WITHIN = 0.35
"""Sigma of the logarithm of how long the same thing takes the same person."""


@dataclass(frozen=True, slots=True)
class Routine:
    """Something that somebody does at their own hour.

    Parameters
    ----------
    kind
    hour
        Of the local clock.
    spread_h
        Standard deviation of that.
    share
        Of the nights in which it happens.
    length_s, rise_bpm
        How long it takes them in the middle, and what their heart makes of it on average.
    """

    kind: Kind
    hour: float
    spread_h: float
    share: float
    length_s: float
    rise_bpm: float


@dataclass(frozen=True, slots=True, eq=False)
class Somebody:
    """A sleeper with habits.

    Parameters
    ----------
    rates
        Of all that is no habit.
    bedtime
        Hours after noon at which they go to bed.
    routines
        What they do at their own hours.
    phenotype, cramp_s, cramp_rise_bpm
        What they do about a cramp, how long in the middle and how their heart answers; None where
        each is drawn anew.
    """

    name: str
    habit: str
    family: str
    person: Person
    rates: Rates
    bedtime: float
    routines: tuple[Routine, ...]
    phenotype: Phenotype | None
    cramp_s: float
    cramp_rise_bpm: float


def draw_somebody(number: int, seed: int) -> Somebody:
    """Draw somebody; twelve in a row have every habit in every family once."""
    habit = HABITS[number % len(HABITS)]
    family = FAMILIES[number // len(HABITS) % len(FAMILIES)]
    rng = np.random.default_rng([seed, number])
    person = draw_person(rng)
    drawn = life_of(family, LIFE).draw_rates(rng)
    rates = replace(drawn, cramps_night=CRAMPS_A_WEEK / 7, infant_night=0.0)
    bedtime = float(rng.uniform(10.0, 11.5))
    # Each in turn, so that few people have all of them.
    phenotype = VISIBLE[(number + number // len(HABITS)) % len(VISIBLE)]
    cramp_s = float(rng.uniform(70.0, 200.0))
    rise_bpm = float(np.clip(rng.normal(15.0, 5.0), 5.0, 30.0))
    routines = tuple(_routines(habit, rng))
    if habit == "short rubs":
        phenotype, cramp_s = Phenotype.RUB, float(rng.uniform(25.0, 45.0))
    if habit == "turns left":
        # From one side to the other and back: there is no third pose.
        person = replace(person, bed_poses=person.bed_poses[:2])
    return Somebody(
        name=f"p{number + 1:02d}",
        habit=habit,
        family=family,
        person=person,
        rates=rates,
        bedtime=bedtime,
        routines=routines,
        phenotype=None if habit == "none" else phenotype,
        cramp_s=cramp_s,
        cramp_rise_bpm=rise_bpm,
    )


def _routines(habit: str, rng: np.random.Generator) -> Iterator[Routine]:
    if habit == "infant":
        length_s, rise_bpm = float(rng.uniform(90.0, 300.0)), float(rng.uniform(12.0, 28.0))
        for hour in (float(rng.uniform(0.5, 2.0)), float(rng.uniform(3.5, 5.0))):
            yield Routine(Kind.INFANT, hour, 0.5, 0.85, length_s, rise_bpm)
    elif habit == "drinks at two":
        length_s, rise_bpm = float(rng.uniform(50.0, 150.0)), float(rng.uniform(10.0, 25.0))
        yield Routine(Kind.DRINK, 2.0, 0.25, 0.9, length_s, rise_bpm)
    elif habit == "lies awake":
        length_s, rise_bpm = float(rng.uniform(90.0, 300.0)), float(rng.uniform(5.0, 20.0))
        for hour in (3.0, 4.0):
            yield Routine(Kind.LYING_AWAKE, hour, 0.5, 0.8, length_s, rise_bpm)
    elif habit == "turns left":
        length_s, rise_bpm = float(rng.uniform(20.0, 45.0)), float(rng.uniform(10.0, 28.0))
        for hour in (1.0, 2.5, 4.0):
            yield Routine(Kind.LARGE_MOVEMENT, hour, 0.75, 0.9, length_s, rise_bpm)


def night_of(somebody: Somebody, number: int, seed: int) -> tuple[NightSettings, int]:
    """Draw the settings of one of their nights, and its seed."""
    rng = np.random.default_rng([seed, int(somebody.name[1:]), number])
    evening = FIRST_EVENING + timedelta(days=number)
    noon = datetime.combine(evening, time(12))
    start = noon + timedelta(hours=somebody.bedtime + float(rng.normal(0.0, 0.25)))
    hours = round(float(rng.uniform(*HOURS)), 2)
    by_script = somebody.phenotype is not None
    settings = NightSettings(
        # Whoever goes to bed after midnight does so on the next date.
        date=start.date(),
        start=start.time().replace(microsecond=0),
        hours=hours,
        timezone=TIMEZONE,
        device=DEVICE,
        person=somebody.person,
        rates=somebody.rates,
        family=somebody.family,
        life=LIFE,
        script=tuple(_script(somebody, start, hours * 3600.0, rng)) if by_script else (),
        cramps=0 if by_script else None,
        name=f"{somebody.name}n{number + 1:03d}",
    )
    return settings, int(rng.integers(2**32))


def _script(
    somebody: Somebody, start: datetime, span_s: float, rng: np.random.Generator
) -> list[Scripted]:
    placed: list[Scripted] = []
    midnight = datetime.combine((start - timedelta(hours=12)).date(), time()) + timedelta(days=1)
    for _ in range(int(rng.poisson(somebody.rates.cramps_night))):
        _place(placed, span_s, _cramp(somebody, rng), partial(rng.uniform, 0.0, span_s))
    for routine in somebody.routines:
        if rng.random() >= routine.share:
            continue
        at_s = (midnight - start).total_seconds() + routine.hour * 3600.0
        happening = Scripted(
            routine.kind,
            0.0,
            _length_s(routine.length_s, rng),
            rise_bpm=float(np.clip(rng.normal(routine.rise_bpm, 4.0), 0.0, 40.0)),
        )
        spread_s = routine.spread_h * 3600.0
        _place(placed, span_s, happening, partial(rng.normal, at_s, spread_s))
    return placed


def _cramp(somebody: Somebody, rng: np.random.Generator) -> Scripted:
    phenotype = somebody.phenotype
    if rng.random() < SILENT:
        phenotype = Phenotype.SILENT
    elif rng.random() >= FAITHFUL:
        phenotype = VISIBLE[int(rng.integers(len(VISIBLE)))]
    rise_bpm = float(np.clip(rng.normal(somebody.cramp_rise_bpm, 4.0), 0.0, 40.0))
    if phenotype is Phenotype.STAND:
        rise_bpm += float(rng.uniform(*STANDING_RISE_BPM))
    if rng.random() < NO_RISE:
        rise_bpm = float(rng.uniform(0.0, 2.0))
    return Scripted(Kind.CRAMP, 0.0, _length_s(somebody.cramp_s, rng), phenotype, rise_bpm)


def _length_s(median_s: float, rng: np.random.Generator) -> float:
    return round(float(np.clip(rng.lognormal(np.log(median_s), WITHIN), 10.0, 600.0)), 1)


def _place(
    placed: list[Scripted], span_s: float, happening: Scripted, instant: Callable[[], float]
) -> None:
    """Find an instant for one more; the night goes without it where there is none."""
    length_s = happening.duration_s or 0.0
    for _ in range(ATTEMPTS):
        onset_s = round(float(instant()), 1)
        end_s = onset_s + length_s
        free = all(
            end_s + APART_S < other.onset_s
            or onset_s > other.onset_s + (other.duration_s or 0.0) + APART_S
            for other in placed
        )
        if free and onset_s > FIRST_S and end_s < span_s - LAST_S:
            placed.append(replace(happening, onset_s=onset_s))
            return
