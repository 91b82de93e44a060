"""What the heart does in a night: a level, its wandering, and its answers to what happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from simulator.happening import Happening
from simulator.movement import Vector
from simulator.person import Person

__all__ = ["Heart", "beat_heart", "beats", "rise_bpm"]

GRID_S = 1.0
"""Resolution of the heart in seconds: nothing but the single beat is faster."""

CYCLE_S = 5400.0
"""Length of a sleep cycle in seconds: about 90 minutes."""
DREAM_S, DREAM_GROWTH_S = 420.0, 360.0
"""Seconds of dreaming sleep in the first cycle and how much more each later one holds."""
DREAM_BPM, DREAM_VARIABILITY = 3.0, 2.2
"""What dreaming adds to the level, and times what it varies more: read off real nights."""

EVENING_BPM, EVENING_S = 6.0, 5400.0
"""How far above its resting level the heart goes to bed, and how fast it comes down."""
WANDER_BPM, WANDER_S = 1.8, 1200.0
"""Slow wandering of the level over the night."""
VARIABILITY_S = 12.0
"""Time constant of the quick variability: the real nights' autocorrelation at 10 s is 0.6."""

LATENCY_S = (2.0, 12.0)
"""Seconds from the first movement to the heart's answer: with a cramp's own delay 2 to 20 s from
its onset. The same for all, or it would tell the cramps."""
RISE_S = (1.5, 4.5)
"""Time constant of the rise."""
BRIEF_DECAY_S = (6.0, 22.0)
"""Time constant of the fall after seconds of movement: real rises last 20-60 s in all."""
LONG_DECAY_S = (20.0, 60.0)
"""The same after minutes: back after one to three minutes."""
TIRING_S = 60.0
"""Time constant in which a long answer falls to its plateau."""
PLATEAU = 0.6
"""What is left of a long answer, as a share of its peak."""
LONG_S = 20.0
"""Length in seconds from which a happening counts as long for the heart."""


@dataclass(frozen=True, slots=True, eq=False)
class Heart:
    """A night of heartbeat, every `GRID_S` seconds from the start.

    Parameters
    ----------
    bpm
        Heart rate.
    effort_bpm
        The part of it that answers to what happens.
    respiration_hz, sinus_bpm
        Rate and size of the quickening with every breath, which single beats show.
    """

    bpm: Vector
    effort_bpm: Vector
    respiration_hz: float
    sinus_bpm: float


def beat_heart(
    rng: np.random.Generator, person: Person, happenings: Sequence[Happening], *, span_s: float
) -> Heart:
    """Draw the heart of a night.

    Parameters
    ----------
    rng
        Source of all chance.
    person, happenings
        Whose heart it is and what it answers to.
    span_s
        Length of the night in seconds.
    """
    times_s = np.arange(0.0, span_s + 2.0 * GRID_S, GRID_S)
    dreaming = _dreaming(rng, times_s)
    effort = np.zeros_like(times_s)
    for happening in happenings:
        effort += _answer(rng, happening, times_s)
    awake = np.clip(effort / 10.0, 0.0, 1.0)
    variability = person.variability_bpm * np.maximum(
        1.0 + (DREAM_VARIABILITY - 1.0) * dreaming, 1.0 + 1.2 * awake
    )
    level = (
        person.resting_bpm
        + EVENING_BPM * np.exp(-times_s / EVENING_S)
        + DREAM_BPM * dreaming
        + WANDER_BPM * _wander(rng, len(times_s), WANDER_S)
    )
    bpm = level + effort + variability * _wander(rng, len(times_s), VARIABILITY_S)
    return Heart(
        bpm=np.clip(bpm, 35.0, 190.0),
        effort_bpm=effort,
        respiration_hz=person.respiration_hz,
        sinus_bpm=person.variability_bpm,
    )


def rise_bpm(heart: Heart, happening: Happening) -> float:
    """Measure how far the heart's answer rose above where it was at the onset."""
    first = int(happening.onset_s / GRID_S)
    last = int((happening.end_s + 30.0) / GRID_S) + 1
    return float(heart.effort_bpm[first:last].max() - heart.effort_bpm[first])


def beats(heart: Heart) -> tuple[Vector, Vector]:
    """Single beats: their times in seconds and the intervals that end with them, in ms."""
    step_s = 0.1
    times_s = np.arange(0.0, (len(heart.bpm) - 1) * GRID_S, step_s)
    bpm = np.interp(times_s, np.arange(len(heart.bpm)) * GRID_S, heart.bpm)
    bpm += heart.sinus_bpm * np.sin(2.0 * np.pi * heart.respiration_hz * times_s)
    counted = np.cumsum(bpm / 60.0 * step_s)
    at_s = np.interp(np.arange(1.0, np.floor(counted[-1])), counted, times_s)
    return at_s[1:], np.diff(at_s) * 1000.0


def _wander(rng: np.random.Generator, count: int, time_constant_s: float) -> Vector:
    """First-order autoregression with unit variance."""
    memory = float(np.exp(-GRID_S / time_constant_s))
    noise = rng.normal(size=count) * np.sqrt(1.0 - memory**2)
    noise[0] = rng.normal()
    return np.asarray(lfilter([1.0], [1.0, -memory], noise))


def _dreaming(rng: np.random.Generator, times_s: Vector) -> Vector:
    """0 to 1: dreaming sleep at the end of every cycle, longer towards the morning."""
    dreaming = np.zeros_like(times_s)
    end_s, length_s = rng.uniform(0.9, 1.4) * CYCLE_S, DREAM_S
    while end_s < times_s[-1]:
        edges = (end_s - length_s - 60.0, end_s - length_s, end_s, end_s + 60.0)
        dreaming += np.interp(times_s, edges, (0.0, 1.0, 1.0, 0.0), left=0.0, right=0.0)
        end_s += rng.uniform(0.85, 1.15) * CYCLE_S
        length_s += DREAM_GROWTH_S * rng.uniform(0.5, 1.2)
    return np.clip(dreaming, 0.0, 1.0)


def _answer(rng: np.random.Generator, happening: Happening, times_s: Vector) -> Vector:
    """Answer to one happening, or to each movement of a run."""
    latency_s = happening.lag_s + rng.uniform(*LATENCY_S)
    rise_s = rng.uniform(*RISE_S)
    brief = happening.duration_s < LONG_S or bool(happening.parts)
    decay_s = rng.uniform(*(BRIEF_DECAY_S if brief else LONG_DECAY_S))
    answer = np.zeros_like(times_s)
    for offset_s, duration_s in happening.parts or ((0.0, happening.duration_s),):
        start_s = happening.onset_s + offset_s + latency_s
        # Even a start of a second lets the heart come most of the way up.
        hold_s = max(duration_s, 2.5 * rise_s)
        first, last = np.searchsorted(times_s, (start_s, start_s + hold_s + 6.0 * decay_s))
        local_s = times_s[first:last] - start_s
        held_s = np.minimum(local_s, hold_s)
        tiring = PLATEAU + (1.0 - PLATEAU) * np.exp(-held_s / TIRING_S)
        up = -np.expm1(-held_s / rise_s) * tiring
        down = np.exp(-np.maximum(local_s - hold_s, 0.0) / decay_s)
        size = happening.rise_bpm * (rng.uniform(0.6, 1.3) if happening.parts else 1.0)
        answer[first:last] += size * up * down
    return answer
