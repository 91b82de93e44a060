"""The heart of the submovement family: two branches of second order, driven by waking and effort.

The vagus lets go within seconds of an arousal and takes hold again; the sympathetic follows what
the body does, later and for longer. Below them runs a level with a noise of one over the frequency.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.happening import Happening
from simulator.heart import GRID_S, Heart
from simulator.movement import Vector
from simulator.person import Person
from simulator.superposition import second_order

__all__ = ["draw_arousal"]

STAYS_S = ((2400.0, 0.5), (900.0, 0.6))
"""Median in seconds and spread of a stay in calm sleep, and in dreaming: log-normal."""
STAGE_EDGE_S = 90.0
"""Seconds in which one turns into the other."""
CORNER_HZ, SLOPE = 0.012, 1.5
"""Below this frequency the heart's noise is even, above it its power falls as frequency to the
slope: the autocorrelation is 0.6 after 10 s, as in the real nights."""
MAYER_HZ = 0.1
"""Rate of the waves of blood pressure that the heart goes along with."""
SLOW_BPM, SLOW_S = 2.0, 1500.0
"""Drift of the level over the night, and its time constant in seconds."""
ENDS_S = 240.0
"""Seconds after which an answer is over, beyond the end of what it answers."""


def draw_arousal(
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
        _answer(rng, effort, happening)
    dreaming = _dreaming(rng, count)
    times_s = np.arange(count) * GRID_S
    # Lowest some two hours before the end, as body temperature is.
    tide = np.cos(2.0 * np.pi * (times_s - span_s + 7200.0) / 86400.0)
    lively = 1.0 + rng.uniform(0.4, 1.4) * dreaming + np.clip(effort / 20.0, 0.0, 1.0)
    bpm = (
        person.resting_bpm
        + rng.uniform(2.0, 8.0) * (1.0 - tide)
        + rng.uniform(1.0, 5.0) * dreaming
        + SLOW_BPM * _noise(rng, count, 1.0 / (2.0 * np.pi * SLOW_S), 2.0)
        + effort
        + person.variability_bpm * lively * _noise(rng, count, CORNER_HZ, SLOPE, rng.uniform(0, 3))
    )
    return Heart(
        bpm=np.clip(bpm, 35.0, 190.0),
        effort_bpm=effort,
        respiration_hz=person.respiration_hz,
        sinus_bpm=person.variability_bpm * float(rng.uniform(0.6, 1.4)),
    )


def _answer(rng: np.random.Generator, effort: Vector, happening: Happening) -> None:
    """Answer to one happening, or to each movement of a run."""
    latency_s = float(rng.gamma(4.0, 1.2))
    vagus_s, vagus = rng.uniform(1.5, 4.0), rng.uniform(0.7, 1.1)
    sympathetic_s, sympathetic = rng.uniform(6.0, 18.0), rng.uniform(1.0, 1.6)
    waking_s = float(rng.lognormal(2.2, 0.5))
    woken = float(rng.beta(2.0, 2.0))
    for offset_s, duration_s in happening.parts or ((0.0, happening.duration_s),):
        first = int(np.ceil((happening.onset_s + happening.lag_s + offset_s + latency_s) / GRID_S))
        length = min(int((duration_s + ENDS_S) / GRID_S), len(effort) - first)
        if length < 2:
            continue
        local_s = np.arange(length) * GRID_S
        worked = (local_s < max(duration_s, 6.0)).astype(np.float64)
        for pause_s, still_s in happening.pauses:
            worked[(local_s >= pause_s) & (local_s < pause_s + still_s)] *= 0.5
        waking = second_order(np.exp(-local_s / waking_s), vagus_s, vagus, GRID_S)
        working = second_order(worked, sympathetic_s, sympathetic, GRID_S)
        answer = woken * waking + (1.0 - woken) * working
        size = happening.rise_bpm * (rng.gamma(12.0, 1.0 / 12.0) if happening.parts else 1.0)
        # What is cut off at the end is let down to nothing.
        fade = np.clip((length - np.arange(length)) * GRID_S / 30.0, 0.0, 1.0)
        effort[first : first + length] += size * fade * answer / max(float(answer.max()), 1e-6)


def _dreaming(rng: np.random.Generator, count: int) -> Vector:
    """0 to 1: two stages in turn."""
    dreaming = np.zeros(count)
    at, stage = 0, 0
    while at < count:
        median_s, spread = STAYS_S[stage]
        stay = int(rng.lognormal(np.log(median_s), spread) / GRID_S) + 1
        dreaming[at : at + stay] = stage
        at, stage = at + stay, 1 - stage
    edge = np.hanning(int(2.0 * STAGE_EDGE_S / GRID_S))
    return np.convolve(dreaming, edge / edge.sum(), "same")


def _noise(
    rng: np.random.Generator, count: int, corner_hz: float, slope: float, waves: float = 0.0
) -> Vector:
    """Noise of unit variance: even below a corner, falling above it, with waves of a rate."""
    hz = np.fft.rfftfreq(count, GRID_S)
    power = 1.0 / (1.0 + (hz / corner_hz) ** slope)
    at_rate = 1.0 / (1.0 + (MAYER_HZ / corner_hz) ** slope)
    power += waves * at_rate * np.exp(-0.5 * ((hz - MAYER_HZ) / 0.015) ** 2)
    power[0] = 0.0
    noise = np.fft.irfft(np.fft.rfft(rng.normal(size=count)) * np.sqrt(power), count)
    return np.asarray(noise / np.sqrt(power.mean()))
