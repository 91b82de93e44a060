"""What the phenomenological family's signals are made of: noise, bursts, rhythms and steps.

Nothing here knows of an arm. Everything is drawn on a grid of `GRID_HZ`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import fftconvolve, lfilter

from simulator.movement import Vector, unit

__all__ = [
    "GRID_HZ",
    "Colour",
    "any_direction",
    "bursts",
    "coloured",
    "draw_power_law",
    "footfalls",
    "rhythm",
    "wander",
]

GRID_HZ = 50.0
"""Samples a second: the raw excerpt of a real watch holds next to nothing above 20 Hz."""

SOFT_S = 0.08
"""Time constant in seconds in which a burst comes and goes: muscles are no switches."""

STEP_TIMES, STEP_FORCES = 800.0, 40.0
"""Shapes of the gamma laws of steps: who walks evenly varies the time from one to the next by
3 to 4 %, and how hard it falls by a sixth."""


@dataclass(frozen=True, slots=True)
class Colour:
    """Shape of a noise: strongest at ``peak_hz``, falling above it as frequency to ``slope``."""

    peak_hz: float
    slope: float


def draw_power_law(rng: np.random.Generator, low: float, high: float, exponent: float) -> float:
    """Draw from a density that falls as value to ``exponent`` between two bounds.

    Lengths of rest and activity at the wrist fall like this over decades (Nakamura et al. 2007).
    """
    power = 1.0 - exponent
    low, high = low**power, high**power
    return float((low + rng.random() * (high - low)) ** (1.0 / power))


def wander(rng: np.random.Generator, count: int, memory_steps: float) -> Vector:
    """Draw an Ornstein-Uhlenbeck process of unit variance, its time constant in steps."""
    memory = float(np.exp(-1.0 / memory_steps))
    noise = rng.normal(size=count) * np.sqrt(1.0 - memory**2)
    if count:
        noise[0] = rng.normal()
    return np.asarray(lfilter([1.0], [1.0, -memory], noise))


def coloured(rng: np.random.Generator, count: int, colour: Colour) -> Vector:
    """Draw noise of unit variance on three axes, of which no two are independent."""
    padded = count + int(2.0 * GRID_HZ)
    hz = np.fft.rfftfreq(padded, 1.0 / GRID_HZ)
    ratio = hz / colour.peak_hz
    gain = ratio / (1.0 + ratio ** (1.0 + colour.slope))
    gain /= np.sqrt(2.0 * np.sum(gain**2) / padded)
    spectrum = np.fft.rfft(rng.normal(size=(padded, 3)), axis=0) * gain[:, None]
    noise = np.fft.irfft(spectrum, padded, axis=0)[:count]
    mixed = noise @ rng.normal(size=(3, 3)) / np.sqrt(3.0)
    return np.asarray(mixed)


def bursts(
    rng: np.random.Generator,
    count: int,
    *,
    burst_exponent: float,
    gap_exponent: float,
    gap_s: float,
    spread: float,
) -> Vector:
    """Draw an envelope of bursts and gaps, both of power-law length.

    Parameters
    ----------
    count
        Steps of the grid.
    burst_exponent, gap_exponent
        Of the two laws; higher is shorter.
    gap_s
        Longest gap in seconds.
    spread
        Of the bursts' heights, standard deviation of their logarithm.
    """
    envelope = np.zeros(count)
    at = 0
    while at < count:
        length = int(GRID_HZ * draw_power_law(rng, 0.25, 6.0, burst_exponent))
        envelope[at : at + length] = rng.lognormal(-(spread**2) / 2.0, spread)
        at += length + int(GRID_HZ * draw_power_law(rng, 0.1, max(gap_s, 0.2), gap_exponent))
    memory = float(np.exp(-1.0 / (SOFT_S * GRID_HZ)))
    for _ in range(2):
        envelope = np.asarray(lfilter([1.0 - memory], [1.0, -memory], envelope))
    return envelope


def rhythm(rng: np.random.Generator, count: int, hz: float, jitter: float) -> tuple[Vector, Vector]:
    """Draw a noisy oscillator: a phase that diffuses, a strength that wanders, a skewed wave.

    Parameters
    ----------
    count
        Steps of the grid.
    hz
        Usual frequency.
    jitter
        Diffusion of the phase, in radians per root second.

    Returns
    -------
    wave, quarter : shape (count,)
        The oscillation, and the same a quarter of a turn later.
    """
    drift = hz * np.exp(0.12 * wander(rng, count, 4.0 * GRID_HZ))
    noise = rng.normal(0.0, jitter / np.sqrt(GRID_HZ), count)
    phase = rng.uniform(0.0, 2.0 * np.pi) + np.cumsum(2.0 * np.pi * drift / GRID_HZ + noise)
    strength = np.exp(0.35 * wander(rng, count, 1.2 * GRID_HZ))
    skew, square = rng.uniform(0.0, 0.7), rng.uniform(0.2, 2.0)
    bent = phase + skew * np.sin(phase)
    wave = np.tanh(square * np.sin(bent)) / np.tanh(square)
    return strength * wave, strength * np.sin(bent + np.pi / 2.0)


def footfalls(
    rng: np.random.Generator, count: int, cadence_hz: float, limp: float, ring_hz: float
) -> Vector:
    """Draw a train of steps: an impulse each, which rings in a body of its own frequency.

    Parameters
    ----------
    count
        Steps of the grid.
    cadence_hz
        Footfalls a second.
    limp
        0 for even steps, 1 where every other is late and weak.
    ring_hz
        Frequency that a footfall rings at.
    """
    train = np.zeros(count)
    at_s, foot = float(rng.uniform(0.0, 0.4)), 0
    while (index := int(at_s * GRID_HZ)) < count:
        weak = 1.0 - 0.6 * limp * (foot % 2)
        train[index] = weak * rng.gamma(STEP_FORCES, 1.0 / STEP_FORCES)
        uneven = 1.0 + 0.35 * limp * (1.0 if foot % 2 else -1.0)
        at_s += uneven * float(rng.gamma(STEP_TIMES, 1.0 / STEP_TIMES)) / cadence_hz
        foot += 1
    local_s = np.arange(0.0, 0.6, 1.0 / GRID_HZ)
    response = np.exp(-local_s * ring_hz * 1.3) * np.sin(2.0 * np.pi * ring_hz * local_s)
    heave = -np.sin(2.0 * np.pi * np.minimum(local_s * cadence_hz, 1.0))
    return np.asarray(fftconvolve(train, response + 0.45 * heave)[:count])


def any_direction(rng: np.random.Generator) -> Vector:
    """Draw a direction, all alike."""
    return unit(rng.normal(size=3))
