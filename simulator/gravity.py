"""Gravity in the wrist's frame of the phenomenological family: jumps, a creep, and breathing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.movement import Vector
from simulator.person import Person
from simulator.texture import GRID_HZ, wander

__all__ = ["Jump", "draw_gravity", "step_at"]

CREEP_RAD = 0.006
"""How far gravity creeps in a still wrist, standard deviation: some mg, as in the real nights."""
CREEP_S = 150.0
"""Time constant of that in seconds."""
CREEP_STEP_S = 5.0
"""Seconds between two points of the creep and of where breathing points."""


@dataclass(frozen=True, slots=True, eq=False)
class Jump:
    """Gravity's way to a new direction: its time constant, and how far it overshoots."""

    start_s: float
    target: Vector
    seconds: float
    ring: float


def step_at(at_s: float, count: int) -> int:
    """Return the step of the grid at some time, of so many."""
    return min(max(int(at_s * GRID_HZ), 0), count)


def draw_gravity(
    rng: np.random.Generator,
    person: Person,
    first_pose: Vector,
    jumps: Sequence[Jump],
    worn: Vector,
) -> Vector:
    """Draw where gravity points without movement: jumps, and what is left to a still wrist.

    Parameters
    ----------
    first_pose : shape (3,)
        Before the first jump.
    worn : shape (n,)
        1 at the steps of the grid at which somebody wears it, 0 at the others.

    Returns
    -------
    shape (n, 3)
        Up in the wrist's frame, of a length of about 1.
    """
    count = len(worn)
    up = np.empty((count, 3))
    jumps = sorted(jumps, key=lambda jump: jump.start_s)
    starts = [step_at(jump.start_s, count) for jump in jumps] + [count]
    up[: starts[0]] = value = first_pose
    for jump, first, last in zip(jumps, starts[:-1], starts[1:], strict=True):
        if last == first:
            continue
        near = min(last, first + int(12.0 * jump.seconds * GRID_HZ) + 2)
        since = np.arange(1, near - first + 1) / (GRID_HZ * jump.seconds)
        left = np.exp(-since) * (np.cos(jump.ring * since) + np.sin(since))
        up[first:near] = jump.target + left[:, None] * (value - jump.target)
        up[near:last] = jump.target
        value = up[last - 1]
    rough = max(int(count / (CREEP_STEP_S * GRID_HZ)) + 2, 2)
    grid = np.arange(count) / (CREEP_STEP_S * GRID_HZ)
    breath = _breath_g(rng, person, count)
    for axis in range(3):
        creep = CREEP_RAD * wander(rng, rough, CREEP_S / CREEP_STEP_S)
        points = wander(rng, rough, 400.0 / CREEP_STEP_S)
        up[:, axis] += worn * (
            np.interp(grid, np.arange(rough), creep)
            + np.interp(grid, np.arange(rough), points) * breath
        )
    return up


def _breath_g(rng: np.random.Generator, person: Person, count: int) -> Vector:
    """Breathing at the wrist: a rate and a depth that wander."""
    rough = int(count / GRID_HZ) + 2
    hz = person.respiration_hz * np.exp(0.1 * wander(rng, rough, 30.0))
    depth = np.exp(0.3 * wander(rng, rough, 20.0))
    grid = np.arange(count) / GRID_HZ
    phase = np.interp(grid, np.arange(rough), 2.0 * np.pi * np.cumsum(hz))
    size = person.breathing_mg / 1000.0 * np.interp(grid, np.arange(rough), depth)
    return np.asarray(size * np.sin(phase + 0.4 * np.sin(phase)))
