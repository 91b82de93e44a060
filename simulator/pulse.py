"""The heart of the phenomenological family: a drive, a kernel, a bend, and noise of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.happening import Happening
from simulator.heart import GRID_S, Heart
from simulator.movement import Vector
from simulator.person import Person
from simulator.texture import draw_power_law, wander

__all__ = ["draw_pulse"]

CEILING_BPM = 55.0
"""Where the answer levels off: no sleeper's heart doubles its rate for a movement."""

STAGES_S = ((600.0, 5400.0), (240.0, 2400.0))
"""Shortest and longest spell, in seconds, of calm sleep and of dreaming."""
STAGE_EXPONENT = 1.3
"""Their lengths fall as a power law with it: long spells are not rare."""

NOISE = ((6.0, 0.7), (25.0, 0.55), (120.0, 0.4), (1500.0, 0.8))
"""Time constants in seconds of the noise's parts, and the share of the variability in each: their
sum has the autocorrelation of the real nights, 0.6 after 10 s and 0.3 after 20 s."""

SURGES_H = (0.5, 4.0)
"""Rises an hour without any movement; the real nights hold as many."""
SURGE_BPM = 6.0
"""Mean height of one, exponential: most are lost in the noise."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """How a heart answers this time.

    Parameters
    ----------
    latency_s
        Until anything happens.
    rise_s
        Time constant of the kernel, which is of second order.
    kept
        Share of the drive that stays after its beginning.
    fall_s
        Time constant of the recovery.
    slow, slow_s
        Share of a second, slower recovery, and its time constant.
    rebound
        Share by which it falls below where it was.
    """

    latency_s: float
    rise_s: float
    kept: float
    fall_s: float
    slow: float
    slow_s: float
    rebound: float


def draw_pulse(
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
    count = int(span_s / GRID_S) + 2
    effort = np.zeros(count)
    for happening in happenings:
        _add_answer(rng, effort, happening)
    effort = CEILING_BPM * np.tanh(effort / CEILING_BPM)
    dreaming = _dreaming(rng, count)
    noise = np.zeros(count)
    for seconds, share in NOISE:
        noise += share * wander(rng, count, seconds / GRID_S)
    lively = (1.0 + rng.uniform(0.4, 1.6) * dreaming) * (1.0 + np.clip(effort / 25.0, 0.0, 1.0))
    times_s = np.arange(count) * GRID_S
    bpm = (
        person.resting_bpm
        + rng.uniform(1.0, 9.0) * np.exp(-times_s / rng.uniform(2400.0, 9000.0))
        + rng.uniform(-3.0, 2.0) * times_s / max(span_s, 1.0)
        + rng.uniform(1.0, 6.0) * dreaming
        + effort
        + _surges(rng, count)
        + person.variability_bpm * lively * noise
    )
    return Heart(
        bpm=np.clip(bpm, 35.0, 190.0),
        effort_bpm=effort,
        respiration_hz=person.respiration_hz,
        sinus_bpm=person.variability_bpm * float(rng.uniform(0.5, 1.6)),
    )


def _dreaming(rng: np.random.Generator, count: int) -> Vector:
    """0 to 1: two stages in turn, with edges of minutes."""
    dreaming = np.zeros(count)
    at, stage = 0, 0
    while at < count:
        low_s, high_s = STAGES_S[stage]
        length = int(draw_power_law(rng, low_s, high_s, STAGE_EXPONENT) / GRID_S)
        dreaming[at : at + length] = stage
        at, stage = at + length, 1 - stage
    edge = np.ones(int(rng.uniform(60.0, 300.0) / GRID_S))
    return np.convolve(dreaming, edge / len(edge), "same")


def _surges(rng: np.random.Generator, count: int) -> Vector:
    surges = np.zeros(count)
    for _ in range(int(rng.poisson(rng.uniform(*SURGES_H) * count * GRID_S / 3600.0))):
        height_bpm, width_s = rng.exponential(SURGE_BPM), rng.uniform(4.0, 14.0)
        at = int(rng.integers(count))
        local_s = np.arange(0.0, min(8.0 * width_s, (count - at) * GRID_S), GRID_S)
        surges[at : at + len(local_s)] += (
            height_bpm * (local_s / width_s) * np.exp(1.0 - local_s / width_s)
        )
    return surges


def _draw_answer(rng: np.random.Generator) -> _Answer:
    return _Answer(
        latency_s=float(np.clip(rng.lognormal(1.2, 0.6), 0.5, 15.0)),
        rise_s=float(rng.uniform(1.2, 5.0)),
        kept=float(rng.uniform(0.3, 0.9)),
        fall_s=float(rng.lognormal(2.8, 0.5)),
        slow=float(rng.uniform(0.0, 0.4)),
        slow_s=float(rng.uniform(50.0, 200.0)),
        rebound=float(rng.uniform(0.0, 0.2)),
    )


def _add_answer(rng: np.random.Generator, effort: Vector, happening: Happening) -> None:
    """Answer to one happening, or to each movement of a run."""
    answer = _draw_answer(rng)
    for offset_s, duration_s in happening.parts or ((0.0, happening.duration_s),):
        start_s = happening.onset_s + happening.lag_s + offset_s + answer.latency_s
        first = int(start_s / GRID_S)
        length = min(int((duration_s + 4.0 * answer.slow_s) / GRID_S) + 1, len(effort) - first)
        if length < 2:
            continue
        shape = _shape(rng, answer, duration_s, length)
        size = happening.rise_bpm * float(rng.lognormal(0.0, 0.2 if happening.parts else 0.08))
        effort[first : first + length] += size * shape


def _shape(rng: np.random.Generator, answer: _Answer, duration_s: float, length: int) -> Vector:
    """One answer with a peak of 1: an uneven drive, smoothed upwards and let go slowly."""
    local_s = np.arange(length) * GRID_S
    held = local_s < max(duration_s, 2.0 * answer.rise_s)
    uneven = np.exp(0.25 * wander(rng, length, 15.0 / GRID_S))
    drive = held * uneven * (answer.kept + (1.0 - answer.kept) * np.exp(-local_s / 20.0))
    kernel_s = np.arange(0.0, 12.0 * answer.rise_s + GRID_S, GRID_S) + GRID_S / 2.0
    up = kernel_s / answer.rise_s**2 * np.exp(-kernel_s / answer.rise_s)
    driven = np.convolve(drive, up / up.sum())[:length]
    quick, slow = _let_go(driven, answer.fall_s), _let_go(driven, answer.slow_s)
    shape = (1.0 - answer.slow) * quick + answer.slow * slow
    since_s = np.maximum(local_s - duration_s - answer.fall_s, 0.0)
    rebound = since_s / answer.slow_s * np.exp(1.0 - since_s / (0.5 * answer.slow_s))
    shape = shape / max(float(shape.max()), 1e-6) - answer.rebound * rebound
    # What is cut off at the end of the window is let down to nothing.
    return np.asarray(shape * np.clip((length - np.arange(length)) * GRID_S / 30.0, 0.0, 1.0))


def _let_go(driven: Vector, fall_s: float) -> Vector:
    """Follow upwards at once and downwards with a time constant."""
    fallen = np.arange(len(driven)) * GRID_S / fall_s
    level = np.log(np.maximum(driven, 1e-9)) + fallen
    return np.asarray(np.exp(np.maximum.accumulate(level) - fallen))
