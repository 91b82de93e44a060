"""Gives movement sampled at 5 Hz the bandwidth and the noise of a real wrist.

A sample every fifth of a second holds all that the wrist did in that instant, fast movement too:
the fast is folded into the slow. So the slow part is weakened to what really is slow, and what is
fast is filled in as noise that comes and goes with the movement. How much is slow, how much fast,
and its spectrum are measured on a real excerpt at 50 Hz.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.fft import next_fast_len
from scipy.ndimage import gaussian_filter1d, uniform_filter1d
from scipy.signal import resample_poly

from simulator.movement import Vector
from simulator.real_nights import RATE_HZ, RealNights

__all__ = ["Texture", "measure_texture", "resynthesise"]

EXCERPT_HZ = 50
"""Samples a second of the excerpt."""

WINDOW = 128
"""Samples of the excerpt that one spectrum is taken of: 2.56 s, all moving or all still."""

MOVING_G, STILL_G = 0.03, 0.006
"""Standard deviation within a second of the excerpt from which it moves, below which it is still,
in g: its still seconds lie at 0.0035, hardly any between the two."""

SPLIT_HZ = RATE_HZ / 2
"""What is slower can be sampled at 5 Hz, what is faster is filled in."""

HIGHEST_HZ = 100.0
"""Highest frequency filled in: half of the highest rate there is."""

ROLL_OFF = 2.0
"""Power of the frequency that amplitude falls with beyond the excerpt's, as it does below."""

TAPS = 31
"""Length of the filter that weakens the folded part, in samples of 5 Hz: 6 s."""

FINE = 8
"""Times as many samples before lines are drawn between them: then a line is as good as a curve."""

QUIET_G, SURE_G = 0.008, 0.016
"""Standard deviation within a second between which a 5 Hz sample goes from rest to movement, in g:
the noise of the sensor is below, every movement told as one above."""

GUST_S = 0.25
"""Standard deviation in seconds over which the strength of movement is taken."""

CALM, CALM_SIGMA, CALM_S = 0.55, 0.6, 8.0
"""Median size of micro-movement against the excerpt's still windows on average, its spread, and the
seconds it changes in: with the noise of a wearable the seconds at rest spread as the excerpt's."""

SWAY_HZ = 0.6
"""Slowest micro-movement of a resting arm; what is slower is breathing, in Hz."""

BREATH_S = 4.0
"""Seconds between changes of the breathing rate: about a breath."""
BREATH_WANDER = 0.1
"""How far the rate of a breath is from the usual one, as a share."""


@dataclass(frozen=True, slots=True, eq=False)
class Texture:
    """What is measured of the excerpt.

    Parameters
    ----------
    hz, fast
        What white noise up to the highest is weighed with to be fast movement of variance 1.
    rest_hz, rest_g
        Amplitude density of micro-movement at rest, in g a root hertz, each axis.
    slow_taps
        Filter that leaves of 5 Hz samples what really is slow.
    fast_gain
        Variance of fast movement for each unit of the mean squared step from sample to sample.
    """

    hz: Vector
    fast: Vector
    rest_hz: Vector
    rest_g: Vector
    slow_taps: Vector
    fast_gain: float


@lru_cache(maxsize=2)
def measure_texture(real: RealNights) -> Texture:
    """Measure the excerpt of a folder of real nights."""
    excerpt_g = real.excerpt_g
    mean = uniform_filter1d(excerpt_g, EXCERPT_HZ, axis=0)
    spread = np.sqrt(
        np.maximum(uniform_filter1d(excerpt_g**2, EXCERPT_HZ, axis=0) - mean**2, 0.0).sum(axis=1)
    )
    hz = np.asarray(np.fft.rfftfreq(WINDOW, 1.0 / EXCERPT_HZ), dtype=np.float64)
    moving = _spectrum(moving_parts := _windows(excerpt_g, spread > MOVING_G))
    still = _spectrum(_windows(excerpt_g, spread < STILL_G))
    floor = still[hz > 0.8 * hz[-1]].mean()

    # What 5 Hz samples hold at a frequency: its own and all that folds onto it.
    slow_hz = np.linspace(0.0, SPLIT_HZ, TAPS // 2 + 1)
    folded = sum(
        np.interp(np.abs(slow_hz + turn * RATE_HZ), hz, moving, right=0.0) for turn in range(-5, 6)
    )
    kept = np.sqrt(np.interp(slow_hz, hz, moving) / folded)
    kept[0] = 1.0
    taps = np.fft.fftshift(np.fft.irfft(kept, TAPS)) * np.hanning(TAPS + 2)[1:-1]

    fast_hz = np.linspace(0.0, HIGHEST_HZ, 512)
    beyond = np.minimum(1.0, (hz[-1] / np.maximum(fast_hz, 1.0)) ** ROLL_OFF)
    fast = np.sqrt(np.interp(fast_hz, hz, moving)) * beyond * (fast_hz > SPLIT_HZ)
    step = hz[1]
    fast_variance = 3.0 * moving[hz > SPLIT_HZ].sum() * step
    every = EXCERPT_HZ // RATE_HZ
    steps = moving_parts[:, every:] - moving_parts[:, :-every]
    return Texture(
        hz=fast_hz,
        fast=fast / np.sqrt((fast**2).mean()),
        rest_hz=hz,
        rest_g=np.sqrt(np.maximum(still - floor, 0.0)) * (hz > SWAY_HZ),
        slow_taps=taps / taps.sum(),
        fast_gain=float(fast_variance / (steps**2).sum(axis=2).mean()),
    )


def _windows(excerpt_g: Vector, chosen: npt.NDArray[np.bool_]) -> Vector:
    """Windows, three quarters of each in the next, that are chosen throughout."""
    starts = range(0, len(excerpt_g) - WINDOW, WINDOW // 4)
    return np.stack(
        [excerpt_g[at : at + WINDOW] for at in starts if chosen[at : at + WINDOW].all()]
    )


def _spectrum(windows: Vector) -> Vector:
    """Mean power density of one axis."""
    taper = np.hanning(WINDOW)
    tapered = (windows - windows.mean(axis=1, keepdims=True)) * taper[:, None]
    power = (np.abs(np.fft.rfft(tapered, axis=1)) ** 2).mean(axis=(0, 2))
    return np.asarray(2.0 * power / (EXCERPT_HZ * (taper**2).sum()))


def resynthesise(
    rng: np.random.Generator,
    texture: Texture,
    track_g: Vector,
    times_s: Vector,
    *,
    respiration_hz: float,
    breathing_g: float,
    still: Sequence[tuple[float, float]] = (),
) -> Vector:
    """Make what an ideal accelerometer reads of movement sampled at 5 Hz.

    Parameters
    ----------
    rng
        Source of all chance.
    texture
        Of the excerpt.
    track_g : shape (m, 3)
        A sample every fifth of a second from 0 on, smooth where the arm rests.
    times_s : shape (n,)
        Rising times in seconds.
    respiration_hz, breathing_g
        Rate of breathing and the size it reaches the wrist with.
    still
        Spans from one second to another in which nothing breathes: the watch is not worn.

    Returns
    -------
    shape (n, 3)
        In g.
    """
    mean = uniform_filter1d(track_g, RATE_HZ, axis=0)
    spread = np.sqrt(
        np.maximum(uniform_filter1d(track_g**2, RATE_HZ, axis=0) - mean**2, 0.0).sum(axis=1)
    )
    moving = np.clip((spread - QUIET_G) / (SURE_G - QUIET_G), 0.0, 1.0)
    moving = gaussian_filter1d(moving * moving * (3.0 - 2.0 * moving), 1.0)

    edge = TAPS // 2
    padded = np.pad(track_g, ((edge, edge), (0, 0)), mode="edge")
    slow = np.stack(
        [np.convolve(axis_g, texture.slow_taps, mode="valid") for axis_g in padded.T], axis=1
    )
    resting = gaussian_filter1d(track_g, float(RATE_HZ), axis=0, mode="nearest")
    # Only what moves goes through the filter: its ripples of a thousandth would show in gravity.
    fine = resample_poly(moving[:, None] * (slow - resting), FINE, 1, axis=0)
    fine_s = np.arange(len(fine)) / (FINE * RATE_HZ)
    track_s = np.arange(len(track_g)) / RATE_HZ
    force_g = np.stack(
        [
            np.interp(times_s, track_s, rest) + np.interp(times_s, fine_s, quick)
            for rest, quick in zip(resting.T, fine.T, strict=True)
        ],
        axis=1,
    )

    steps = np.diff(track_g, axis=0, prepend=track_g[:1])
    energy = gaussian_filter1d((steps**2).sum(axis=1), GUST_S * RATE_HZ)
    strength = moving * np.sqrt(texture.fast_gain * energy / 3.0)
    bounds = np.flatnonzero(np.diff(np.r_[False, moving > 0.0, False]))
    for first, last in bounds.reshape(-1, 2):
        start_s, end_s = (first - 1) / RATE_HZ, (last + 1) / RATE_HZ
        window = slice(*np.searchsorted(times_s, (start_s, end_s)))
        local_s = times_s[window] - start_s
        noise = _coloured(rng, texture.hz, texture.fast, end_s - start_s, local_s)
        force_g[window] += np.interp(times_s[window], track_s, strength)[:, None] * noise

    sway = _micro_movement(rng, texture, times_s, track_s[-1])
    sway += _breathing(rng, times_s, moving, track_s, respiration_hz, breathing_g)
    for start_s, end_s in still:
        sway[slice(*np.searchsorted(times_s, (start_s, end_s)))] = 0.0
    return np.asarray(force_g + sway)


def _coloured(
    rng: np.random.Generator, hz: Vector, amplitude: Vector, span_s: float, local_s: Vector
) -> Vector:
    """White noise of variance 1 up to the highest frequency, on three axes, weighed by frequency.

    It depends on the span, not on the times: every device is to feel the same.
    """
    rate_hz = 2.0 * hz[-1]
    count = next_fast_len(max(16, int(span_s * rate_hz) + 2), real=True)
    own_hz = np.fft.rfftfreq(count, 1.0 / rate_hz)
    shaped = np.fft.rfft(rng.normal(size=(count, 3)), axis=0)
    shaped *= np.interp(own_hz, hz, amplitude)[:, None]
    noise = np.fft.irfft(shaped, count, axis=0)
    at_s = np.arange(count) / rate_hz
    return np.stack([np.interp(local_s, at_s, axis) for axis in noise.T], axis=1)


def _micro_movement(
    rng: np.random.Generator, texture: Texture, times_s: Vector, span_s: float
) -> Vector:
    # White noise of variance 1 up to a frequency has a density of one over its root.
    amplitude = texture.rest_g * np.sqrt(texture.rest_hz[-1])
    knots = int(span_s / CALM_S) + 2
    calm = CALM * np.exp(CALM_SIGMA * rng.normal(size=knots))
    size = np.interp(times_s, np.arange(knots) * CALM_S, calm)
    sway = _coloured(rng, texture.rest_hz, amplitude, span_s + 1.0, times_s)
    return np.asarray(size[:, None] * sway)


def _breathing(
    rng: np.random.Generator,
    times_s: Vector,
    moving: Vector,
    track_s: Vector,
    respiration_hz: float,
    breathing_g: float,
) -> Vector:
    """Breath by breath, each of a little other length; after a movement from another side."""
    knots = int(track_s[-1] / BREATH_S) + 3
    hz = respiration_hz * np.exp(BREATH_WANDER * gaussian_filter1d(rng.normal(size=knots), 1.0))
    turns = np.r_[0.0, np.cumsum(hz * BREATH_S)]
    wave = np.sin(2.0 * np.pi * np.interp(times_s, np.arange(knots + 1) * BREATH_S, turns))
    rests = np.flatnonzero(np.diff(np.r_[False, moving < 0.5, False])).reshape(-1, 2)
    if not len(rests):
        return np.zeros((len(times_s), 3))
    sides = rng.normal(0.0, breathing_g, (len(rests), 3))
    at_s = track_s[np.minimum(rests, len(track_s) - 1)].ravel()
    size = [np.interp(times_s, at_s, np.repeat(side, 2)) for side in sides.T]
    return np.asarray(wave[:, None] * np.stack(size, axis=1))
