"""What the wrist feels: its orientation and linear acceleration as functions of time.

A motion is a list of small pieces. `Turn` takes the wrist from one pose to the next; `Restless`,
`Rhythm` and `Impact` are laid over it. All of them can be evaluated at any time, so the same body
can be worn with any device, and cramps and harmless movements are made of the same pieces.

The frame is the wrist's: x along the forearm towards the hand, y across it, z out of the watch
face. A pose is the unit vector that points up in that frame: what an accelerometer at rest reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

__all__ = [
    "Impact",
    "Motion",
    "Restless",
    "Rhythm",
    "Turn",
    "Vector",
    "knock",
    "specific_force",
    "unit",
]

Vector: TypeAlias = npt.NDArray[np.float64]

STANDARD_GRAVITY = 9.80665
"""Metres per second squared in one g (CODATA)."""

FOREARM_M = 0.28
"""Elbow to wrist in metres, an adult's: the lever on which a turn flings the sensor."""

TONES = 10
"""Sinusoids that make up irregular movement: enough that no period is seen in it."""

GUST_S = 0.7
"""Seconds between changes of strength: real tossing comes in gusts of about a second."""

BREATH_WANDER_S = 8.0
"""Seconds between changes of the breathing rate: about two breaths."""

SETTLING_S = 90.0
"""Time constant in seconds in which a resting arm sinks into its place."""
SETTLING_RAD = 0.012
"""How far it sinks, in radians: 10 mg or so, as in the still minutes of the real nights."""


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """A minimum-jerk rotation about the elbow into a new pose (Flash and Hogan 1985).

    ``worn`` is False where the pose is that of a watch on a table, which does not breathe.
    """

    start_s: float
    duration_s: float
    pose: Vector
    worn: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Restless:
    """Irregular movement: tilting below 2 Hz or so and pushing up to some 8 Hz, in gusts."""

    start_s: float
    duration_s: float
    tilt_rad: float
    push_g: float
    seed: int
    tilt_hz: tuple[float, float] = (0.2, 2.0)
    push_hz: tuple[float, float] = (0.8, 8.0)


@dataclass(frozen=True, slots=True, eq=False)
class Rhythm:
    """Nearly periodic movement: rubbing, scratching, rocking, walking.

    Parameters
    ----------
    frequency_hz
        Of the fundamental; it wanders by the share ``wander`` (standard deviation).
    tilt_rad, push_g : shape (3,)
        Size and direction of the rotation and of the linear acceleration.
    tilt_harmonics, push_harmonics
        Weight of the fundamental and of each harmonic after it.
    """

    start_s: float
    duration_s: float
    frequency_hz: float
    wander: float
    tilt_rad: Vector
    push_g: Vector
    seed: int
    tilt_harmonics: tuple[float, ...] = (1.0, 0.2)
    push_harmonics: tuple[float, ...] = (1.0, 0.35, 0.15)


@dataclass(frozen=True, slots=True, eq=False)
class Impact:
    """An arm that lands, or a finger on the watch: a damped knock."""

    start_s: float
    push_g: Vector
    frequency_hz: float
    decay_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """All that a wrist does in a night.

    Parameters
    ----------
    first_pose
        Pose before the first turn.
    turns
        In order of time, none beginning before the last has ended.
    overlays
        Everything laid over the turns.
    respiration_hz, breathing_mg
        Micro-movement of a worn wrist at rest.
    span_s
        Length of the night.
    seed
        Of what is not worth a piece of its own: breaths and the sinking of a resting arm.
    """

    first_pose: Vector
    turns: Sequence[Turn]
    overlays: Sequence[Restless | Rhythm | Impact]
    respiration_hz: float
    breathing_mg: float
    span_s: float
    seed: int


def unit(vector: Vector) -> Vector:
    """Scale a vector to length one."""
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float64)


def knock(start_s: float, peak_g: Vector, frequency_hz: float, decay_s: float) -> Impact:
    """Make a damped knock by the acceleration at its peak."""
    pulse = 2.0 * np.pi * frequency_hz
    at_s = float(np.arctan(pulse * decay_s) / pulse)
    height = np.exp(-at_s / decay_s) * np.sin(pulse * at_s)
    return Impact(start_s, peak_g / height, frequency_hz, decay_s)


def specific_force(motion: Motion, times_s: Vector) -> Vector:
    """Evaluate what an ideal accelerometer on the wrist reads.

    Parameters
    ----------
    motion
        What the wrist does.
    times_s : shape (n,)
        Rising times in seconds.

    Returns
    -------
    shape (n, 3)
        Acceleration in g, gravity included, in the wrist's frame.
    """
    up, push = _poses(motion, times_s)
    tilt = np.zeros_like(up)
    for piece in motion.overlays:
        window = _window(times_s, piece.start_s, _end_s(piece))
        local = times_s[window] - piece.start_s
        if isinstance(piece, Impact):
            push[window] += _impact(piece, local)
            continue
        piece_tilt, piece_push = (
            _restless(piece, local) if isinstance(piece, Restless) else _rhythm(piece, local)
        )
        tilt[window] += piece_tilt
        push[window] += piece_push
    moving = np.flatnonzero(tilt.any(axis=1))
    up[moving] = Rotation.from_rotvec(tilt[moving]).apply(up[moving])
    return up + push


def _end_s(piece: Restless | Rhythm | Impact) -> float:
    if isinstance(piece, Impact):
        return piece.start_s + 8.0 * piece.decay_s
    return piece.start_s + piece.duration_s


def _window(times_s: Vector, start_s: float, end_s: float) -> slice:
    first, last = np.searchsorted(times_s, (start_s, end_s))
    return slice(int(first), int(last))


def _poses(motion: Motion, times_s: Vector) -> tuple[Vector, Vector]:
    """Gravity from turns, sinking and breathing, and the linear acceleration of the turns."""
    rng = np.random.default_rng(motion.seed)
    holds = len(motion.turns) + 1
    worn = np.array([True, *(turn.worn for turn in motion.turns)])
    sinks = rng.normal(0.0, SETTLING_RAD, (holds, 3)) * worn[:, None]
    breaths = rng.normal(0.0, motion.breathing_mg / 1000.0, (holds, 3)) * worn[:, None]

    up = np.empty((len(times_s), 3))
    push = np.zeros((len(times_s), 3))
    pose, hold_start_s, sink = motion.first_pose, 0.0, sinks[0]
    for turn, next_sink in zip(motion.turns, sinks[1:], strict=True):
        window = _window(times_s, hold_start_s, turn.start_s)
        up[window] = _sunken(pose, sink, times_s[window] - hold_start_s)
        begin = _sunken(pose, sink, np.array([turn.start_s - hold_start_s]))[0]
        window = _window(times_s, turn.start_s, turn.start_s + turn.duration_s)
        up[window], push[window] = _turn(begin, turn, times_s[window] - turn.start_s)
        pose, hold_start_s, sink = turn.pose, turn.start_s + turn.duration_s, next_sink
    window = _window(times_s, hold_start_s, np.inf)
    up[window] = _sunken(pose, sink, times_s[window] - hold_start_s)

    knots_s = [-1.0]
    for turn in motion.turns:
        knots_s += [turn.start_s, turn.start_s + turn.duration_s]
    knots_s.append(max(float(times_s[-1]), knots_s[-1]) + 1.0)
    size = np.stack(
        [np.interp(times_s, knots_s, np.repeat(breaths[:, axis], 2)) for axis in range(3)], axis=1
    )
    phase = _wandering_phase(
        rng, motion.respiration_hz, 0.08, BREATH_WANDER_S, times_s, motion.span_s
    )
    return up + np.cross(size, up) * np.sin(phase)[:, None], push


def _sunken(pose: Vector, sink: Vector, rest_s: Vector) -> Vector:
    share = -np.expm1(-rest_s / SETTLING_S)[:, None]
    sunken = pose + share * np.cross(sink, pose)
    return np.asarray(sunken / np.linalg.norm(sunken, axis=1, keepdims=True))


def _turn(begin: Vector, turn: Turn, local_s: Vector) -> tuple[Vector, Vector]:
    """Rotate along the great circle; fling the sensor about the elbow."""
    cosine = float(np.clip(begin @ turn.pose, -1.0, 1.0))
    normal = np.cross(begin, turn.pose)
    if np.linalg.norm(normal) < 1e-6:
        # Same or opposite pose: any axis across it will do.
        normal = np.cross(begin, np.eye(3)[int(np.argmin(np.abs(begin)))])
    axis = unit(normal)
    angle = float(np.arccos(cosine))
    s = local_s / turn.duration_s
    travelled = angle * (10 * s**3 - 15 * s**4 + 6 * s**5)
    speed = angle * (30 * s**2 - 60 * s**3 + 30 * s**4) / turn.duration_s
    gain = angle * (60 * s - 180 * s**2 + 120 * s**3) / turn.duration_s**2
    up = (
        begin * np.cos(travelled)[:, None]
        + np.cross(axis, begin) * np.sin(travelled)[:, None]
        + axis * (axis @ begin) * (1 - np.cos(travelled))[:, None]
    )
    lever = np.array([FOREARM_M, 0.0, 0.0])
    # Up turns in the wrist's frame against the way the wrist turns in the room.
    flung = -gain[:, None] * np.cross(axis, lever) + (speed**2)[:, None] * np.cross(
        axis, np.cross(axis, lever)
    )
    return up, flung / STANDARD_GRAVITY


def _fade(local_s: Vector, duration_s: float) -> Vector:
    """Rise and fall over a fifth of the piece, half a second at the most."""
    edge = min(0.5, duration_s / 5.0)
    ramp = np.clip(np.minimum(local_s, duration_s - local_s) / edge, 0.0, 1.0)
    return np.asarray(ramp * ramp * (3.0 - 2.0 * ramp))


def _gusts(rng: np.random.Generator, local_s: Vector, duration_s: float) -> Vector:
    """Strength that comes and goes, 1 on average."""
    knots = int(duration_s / GUST_S) + 2
    return np.interp(local_s, np.arange(knots) * GUST_S, rng.gamma(1.5, 1 / 1.5, knots))


def _tones(
    rng: np.random.Generator, local_s: Vector, band_hz: tuple[float, float], slope: float
) -> Vector:
    """Band-limited noise on three axes with a spectrum falling as frequency to ``slope``."""
    hz = np.exp(rng.uniform(np.log(band_hz[0]), np.log(band_hz[1]), (3, TONES)))
    weights = hz**-slope
    weights *= np.sqrt(2.0 / (weights**2).sum(axis=1, keepdims=True))
    phases = rng.uniform(0.0, 2.0 * np.pi, (3, TONES))
    out = np.zeros((len(local_s), 3))
    for axis in range(3):
        for tone in range(TONES):
            wave = np.sin(2.0 * np.pi * hz[axis, tone] * local_s + phases[axis, tone])
            out[:, axis] += weights[axis, tone] * wave
    return out


def _restless(piece: Restless, local_s: Vector) -> tuple[Vector, Vector]:
    rng = np.random.default_rng(piece.seed)
    strength = (_gusts(rng, local_s, piece.duration_s) * _fade(local_s, piece.duration_s))[:, None]
    tilt = piece.tilt_rad * strength * _tones(rng, local_s, piece.tilt_hz, 1.0)
    push = piece.push_g * strength * _tones(rng, local_s, piece.push_hz, 0.3)
    return tilt, push


def _wandering_phase(
    rng: np.random.Generator,
    frequency_hz: float,
    wander: float,
    knot_s: float,
    local_s: Vector,
    span_s: float,
) -> Vector:
    """Phase in radians of an oscillation whose frequency drifts about its mean."""
    knots = int(span_s / knot_s) + 3
    hz = frequency_hz * np.exp(_autoregressive(rng, knots, 0.8) * wander)
    phases = rng.uniform(0.0, 2.0 * np.pi) + np.concatenate(
        [[0.0], 2.0 * np.pi * np.cumsum(hz * knot_s)]
    )
    return np.interp(local_s, np.arange(knots + 1) * knot_s, phases)


def _autoregressive(rng: np.random.Generator, count: int, memory: float) -> Vector:
    """First-order autoregression with unit variance."""
    values = rng.normal(size=count)
    for index in range(1, count):
        values[index] = memory * values[index - 1] + np.sqrt(1 - memory**2) * values[index]
    return values


def _harmonics(phase: Vector, weights: Sequence[float], offsets: Iterator[float]) -> Vector:
    total = np.zeros_like(phase)
    for order, weight in enumerate(weights, start=1):
        total += weight * np.sin(order * phase + next(offsets))
    return total


def _rhythm(piece: Rhythm, local_s: Vector) -> tuple[Vector, Vector]:
    rng = np.random.default_rng(piece.seed)
    phase = _wandering_phase(rng, piece.frequency_hz, piece.wander, 0.5, local_s, piece.duration_s)
    knots = int(piece.duration_s / GUST_S) + 2
    uneven = np.interp(
        local_s, np.arange(knots) * GUST_S, np.clip(rng.normal(1.0, 0.3, knots), 0.1, 2.0)
    )
    strength = uneven * _fade(local_s, piece.duration_s)
    offsets = iter(rng.uniform(0.0, 2.0 * np.pi, 16))
    tilt = strength * _harmonics(phase, piece.tilt_harmonics, offsets)
    push = strength * _harmonics(phase, piece.push_harmonics, offsets)
    return tilt[:, None] * piece.tilt_rad, push[:, None] * piece.push_g


def _impact(piece: Impact, local_s: Vector) -> Vector:
    knock = np.exp(-local_s / piece.decay_s) * np.sin(2.0 * np.pi * piece.frequency_hz * local_s)
    return knock[:, None] * piece.push_g
