"""A wrist that is moved by submovements: each turns and carries it a little, one over the other.

What a hand does is a sum of short movements, each of the smoothest course there is (Flash and
Hogan 1985). Orientation is the product of their turns, so that two may overlap and each is whole.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from simulator.movement import FOREARM_M, STANDARD_GRAVITY, Vector

__all__ = ["GRID_HZ", "Wrist", "second_order", "turn_to"]

GRID_HZ = 50.0
"""Steps a second that movement is summed up on: the raw excerpt of a real watch holds next to
nothing above 20 Hz."""

TREMOR_HZ, TREMOR_WIDTH = 9.0, 0.75
"""Middle of physiological tremor, and the share of its phase that is kept from one step to the
next: it is a noise of 6 to 12 Hz, and no tone."""
TREMOR = 0.09
"""Tremor and uneven force as a share of the acceleration meant: noise grows with the signal (Harris
and Wolpert 1998)."""
TREMOR_S = 0.25
"""Seconds for which a movement leaves tremor behind."""
BLOW_S = 0.06
"""Length of a blow in seconds: a heel on the floor, an arm on the mattress."""


def turn_to(pose: Vector, target: Vector) -> Vector:
    """Rotation vector of the shortest way from one direction to another."""
    across = np.cross(pose, target)
    length = float(np.linalg.norm(across))
    if length < 1e-6:
        # Same or opposite direction: any axis across it will do.
        across = np.cross(pose, np.eye(3)[int(np.argmin(np.abs(pose)))])
        length = float(np.linalg.norm(across))
    return (
        across / length * float(np.arctan2(np.linalg.norm(np.cross(pose, target)), pose @ target))
    )


def second_order(driven: Vector, seconds: float, damping: float, step_s: float) -> Vector:
    """Follow within some seconds, as a mass on a damped spring; below 1 it overshoots."""
    ratio = 2.0 * seconds / step_s
    below = [ratio**2 + 2.0 * damping * ratio + 1.0, 2.0 - 2.0 * ratio**2]
    below.append(ratio**2 - 2.0 * damping * ratio + 1.0)
    return np.asarray(lfilter([1.0, 2.0, 1.0], below, driven, axis=0))


class Wrist:
    """A night of one wrist on the grid of `GRID_HZ`, while it is being written.

    Parameters
    ----------
    span_s
        Length of the night in seconds.
    pose : shape (3,)
        Where up is in the wrist's frame at first.
    """

    def __init__(self, span_s: float, pose: Vector):
        self.count = int(span_s * GRID_HZ) + 2
        self.pose = pose
        """Where up is when all that has begun is over."""
        self.up = np.empty((self.count, 3))
        self.meant_g = np.zeros((self.count, 3))
        self.lifted_g = np.zeros(self.count)
        self.blows_g = np.zeros((self.count, 3))
        self._written = 0

    def turn(self, start_s: float, duration_s: float, rotation_rad: Vector) -> None:
        """Turn by a rotation vector, about an elbow that flings the wrist along."""
        first, last = self._steps(start_s, duration_s)
        self._write_until(last)
        angle = float(np.linalg.norm(rotation_rad))
        if last == first or angle < 1e-9:
            return
        axis = rotation_rad / angle
        way, _ = _course(first, last, start_s, duration_s)
        self.up[first : self._written] = _turned(
            self.up[first : self._written],
            axis,
            angle * np.r_[way, np.ones(self._written - last)],
        )
        self.pose = _turned(self.pose[None, :], axis, np.array([angle]))[0]
        flung = np.array([0.0, rotation_rad[2], -rotation_rad[1]])
        self.carry(start_s, duration_s, FOREARM_M * flung)

    def carry(self, start_s: float, duration_s: float, way_m: Vector) -> None:
        """Carry the wrist straight along, in its own frame."""
        first, last = self._steps(start_s, duration_s)
        _, push = _course(first, last, start_s, duration_s)
        self.meant_g[first:last] += push[:, None] * way_m / STANDARD_GRAVITY

    def lift(self, start_s: float, duration_s: float, height_m: float) -> None:
        """Carry the whole body up, or down where it is negative."""
        first, last = self._steps(start_s, duration_s)
        _, push = _course(first, last, start_s, duration_s)
        self.lifted_g[first:last] += push * height_m / STANDARD_GRAVITY

    def blow(self, at_s: float, push_g: Vector) -> None:
        """Stop at once."""
        first, last = self._steps(at_s, BLOW_S)
        self.blows_g[first:last] += push_g

    def directions(self) -> Vector:
        """Where up is, all through the night; nothing can be turned afterwards."""
        self._write_until(self.count)
        return self.up

    def pushes_g(self, rng: np.random.Generator, ring_hz: float, damping: float) -> Vector:
        """Return what the watch is pushed with in the wrist's frame, through the tissue under it.

        Parameters
        ----------
        rng
            Of the tremor.
        ring_hz, damping
            Of the watch on soft tissue: a mass on a spring.
        """
        push_g = self.meant_g + self.lifted_g[:, None] * self.directions()
        memory = float(np.exp(-1.0 / (TREMOR_S * GRID_HZ)))
        effort = lfilter([1.0 - memory], [1.0, -memory], np.sqrt((push_g**2).sum(axis=1)))
        moving = np.flatnonzero(effort > 1e-5)
        push_g[moving] += TREMOR * effort[moving, None] * _tremor(rng, len(moving))
        push_g += self.blows_g
        return second_order(push_g, 1.0 / (2.0 * np.pi * ring_hz), damping, 1.0 / GRID_HZ)

    def _steps(self, start_s: float, duration_s: float) -> tuple[int, int]:
        first, last = (
            int(np.ceil(start_s * GRID_HZ)),
            int(np.ceil((start_s + duration_s) * GRID_HZ)),
        )
        return min(max(first, 0), self.count), min(max(last, 0), self.count)

    def _write_until(self, last: int) -> None:
        if last > self._written:
            self.up[self._written : last] = self.pose
            self._written = last


def _course(first: int, last: int, start_s: float, duration_s: float) -> tuple[Vector, Vector]:
    """Share of the way at each step, and its second derivative, per second squared."""
    s = (np.arange(first, last) / GRID_HZ - start_s) / duration_s
    way = s**3 * (10.0 - 15.0 * s + 6.0 * s**2)
    return way, s * (60.0 - 180.0 * s + 120.0 * s**2) / duration_s**2


def _turned(vectors: Vector, axis: Vector, angle: Vector) -> Vector:
    """Turn vectors about one axis, each by an angle of its own (Rodrigues)."""
    x, y, z = axis
    turning = np.array([[0.0, z, -y], [-z, 0.0, x], [y, -x, 0.0]])
    across = vectors @ turning
    return np.asarray(
        vectors
        + np.sin(angle)[:, None] * across
        + (1.0 - np.cos(angle))[:, None] * (across @ turning)
    )


def _tremor(rng: np.random.Generator, count: int) -> Vector:
    """Noise about `TREMOR_HZ` on three axes."""
    turn = 2.0 * np.cos(2.0 * np.pi * TREMOR_HZ / GRID_HZ) * TREMOR_WIDTH
    noise = lfilter([1.0], [1.0, -turn, TREMOR_WIDTH**2], rng.normal(size=(count, 3)), axis=0)
    return np.asarray(noise)
