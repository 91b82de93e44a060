"""Fragments of real movement, and how they are strung together into the track of one wrist.

Everything here is at the 5 Hz of the real nights. A fragment is never scaled: it is turned as a
whole, so that it begins in the pose the arm is in, and while it moves it is turned on, so that it
ends in the pose that is wanted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from simulator.movement import Vector, unit
from simulator.real_nights import RATE_HZ, WristNight

__all__ = [
    "STRONG_G",
    "After",
    "Fragment",
    "Fragments",
    "Track",
    "angle",
    "cut_afters",
    "cut_fragments",
    "strength",
]

LONGEST_S = 12.0
"""Longer movements are cut where they are quietest, in seconds: bursts, not scenes."""

SHORTEST_S = 0.8
"""Shortest fragment in seconds: the margins of a single jerk."""

STRONG_G = 0.08
"""Strength in g from which a movement is more than small."""
AFTER_S = 60.0
"""How long the time after a movement is, in seconds."""

NEAREST = 8
"""Fragments that one is drawn of: few enough that it fits, enough that none is seen twice a night
as a rule."""

LENGTH_TOLERANCE, STRENGTH_TOLERANCE = 0.35, 0.45
"""How far a fragment may be off what is wanted, as a logarithm, before it is worth less than one
that is `POSE_TOLERANCE` off."""
POSE_TOLERANCE = 0.6
"""The same for its poses, in radians."""

FREE_TURN = 0.35
"""Radians a second of movement that a pose may be made to differ: less than real turns do."""


@dataclass(frozen=True, slots=True, eq=False)
class Fragment:
    """A real movement.

    Parameters
    ----------
    force_g : shape (n, 3)
        As it was measured, a sample every fifth of a second.
    start, end
        Poses it leads from and to.
    strength_g
        Root mean square of what is faster than a turn.
    moving
        False for a rest.
    """

    force_g: Vector
    start: Vector
    end: Vector
    strength_g: float
    moving: bool = True

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.force_g) / RATE_HZ


After: TypeAlias = tuple[Fragment, ...]
"""What followed a movement, in its order."""


def angle(one: Vector, other: Vector) -> float:
    """Angle between two unit vectors in radians."""
    return float(np.arccos(np.clip(one @ other, -1.0, 1.0)))


def strength(force_g: Vector) -> float:
    """Root mean square of what is faster than a turn, in g."""
    quick = force_g - gaussian_filter1d(force_g, float(RATE_HZ), axis=0, mode="nearest")
    return float(np.sqrt((quick**2).sum(axis=1).mean()))


def cut_fragments(night: WristNight) -> list[Fragment]:
    """Cut out every movement of a night, those that last in several."""
    fragments = []
    for stretch in night.stretches:
        if not stretch.moving:
            continue
        force_g = night.force_g[stretch.start : stretch.stop]
        bounds = [0, *_quietest(force_g), len(force_g)]
        for start, stop in pairwise(bounds):
            if stop - start >= SHORTEST_S * RATE_HZ:
                fragments.append(_fragment(force_g[start:stop]))
    return fragments


def cut_afters(night: WristNight) -> list[After]:
    """Cut out what followed each movement of a night, for `AFTER_S`."""
    whole = [
        _fragment(night.force_g[stretch.start : stretch.stop], moving=stretch.moving)
        for stretch in night.stretches
        if stretch.stop - stretch.start > 1
    ]
    afters = []
    for place, fragment in enumerate(whole[:-1]):
        if fragment.moving and fragment.strength_g > STRONG_G:
            seconds = np.cumsum([0.0, *(later.seconds for later in whole[place + 1 : place + 40])])
            count = int(np.searchsorted(seconds, AFTER_S))
            afters.append(tuple(whole[place + 1 : place + 1 + count]))
    return afters


def _quietest(force_g: Vector) -> list[int]:
    """Where to cut: the quietest sample in the middle, again and again."""
    if len(force_g) <= LONGEST_S * RATE_HZ:
        return []
    unrest = gaussian_filter1d((np.diff(force_g, axis=0) ** 2).sum(axis=1), 2.0)
    third = len(force_g) // 4
    cut = third + int(np.argmin(unrest[third:-third])) + 1
    return [*_quietest(force_g[:cut]), cut, *(cut + at for at in _quietest(force_g[cut:]))]


def _fragment(force_g: Vector, *, moving: bool = True) -> Fragment:
    return Fragment(
        force_g=force_g,
        start=unit(force_g[:2].mean(axis=0)),
        end=unit(force_g[-2:].mean(axis=0)),
        strength_g=strength(force_g),
        moving=moving,
    )


class Fragments:
    """A store of fragments to choose from."""

    def __init__(self, fragments: Iterable[Fragment]):
        self.all = tuple(fragments)
        self.log_seconds = np.log([fragment.seconds for fragment in self.all])
        self.log_strength = np.log([max(fragment.strength_g, 1e-3) for fragment in self.all])
        self.start = np.stack([fragment.start for fragment in self.all])
        self.end = np.stack([fragment.end for fragment in self.all])

    def choose(
        self,
        rng: np.random.Generator,
        seconds: float,
        strength_g: float,
        start: Vector,
        end: Vector | None,
    ) -> Fragment:
        """Draw one of those that fit best what is wanted; without an end it may lead anywhere."""
        cost = ((self.log_seconds - np.log(seconds)) / LENGTH_TOLERANCE) ** 2
        cost += ((self.log_strength - np.log(strength_g)) / STRENGTH_TOLERANCE) ** 2
        cost += (np.arccos(np.clip(self.start @ start, -1.0, 1.0)) / POSE_TOLERANCE) ** 2
        if end is not None:
            cost += (np.arccos(np.clip(self.end @ end, -1.0, 1.0)) / POSE_TOLERANCE) ** 2
        best = np.argpartition(cost, min(NEAREST, len(cost) - 1))[:NEAREST]
        # By position, so that the draw does not depend on how the partition orders them.
        return self.all[int(rng.choice(np.sort(best)))]


class Track:
    """What one wrist does, in the order in which it is put down.

    Parameters
    ----------
    home
        From the frame of the real nights to how this watch is worn.
    pose
        Of the arm at the beginning.
    """

    def __init__(self, home: Rotation, pose: Vector):
        self.home = home
        self.pose = pose
        self.parts: list[Vector] = []
        self.count = 0
        self.moved = False

    @property
    def now_s(self) -> float:
        """Where it has come to."""
        return self.count / RATE_HZ

    @property
    def force_g(self) -> Vector:
        """All of it, shape (n, 3)."""
        return np.concatenate(self.parts)

    def at_home(self) -> Vector:
        """Return the pose in the frame of the real nights."""
        return np.asarray(self.home.inv().apply(self.pose))

    def rest(self, path_g: Vector) -> None:
        """Rest, sinking and stirring as on a real path, from the pose the arm is in."""
        if len(path_g):
            self._add(self._bridge(unit(path_g[0])).apply(path_g))
            self.moved = False

    def move(self, force_g: Vector, end: Vector | None = None) -> None:
        """Move as in a fragment, from the pose the arm is in.

        Parameters
        ----------
        force_g
            In the frame of the real nights.
        end
            Pose to end in, as this watch is worn, or as near as `FREE_TURN` leads; None for where
            the fragment leads from here.
        """
        start, stop = unit(force_g[:2].mean(axis=0)), unit(force_g[-2:].mean(axis=0))
        bridge = self._bridge(start)
        if end is None:
            self._add(bridge.apply(force_g))
            return
        onward = _shortest(bridge.apply(stop), end).as_rotvec()
        size = float(np.linalg.norm(onward))
        onward = onward * min(1.0, FREE_TURN * len(force_g) / RATE_HZ / max(size, 1e-9))
        # It is turned on where it moves, so that no turn is seen in its quiet.
        unrest = gaussian_filter1d(np.gradient(force_g, axis=0) ** 2, 1.0, axis=0).sum(axis=1)
        share = np.cumsum(unrest) / max(float(unrest.sum()), 1e-12)
        self._add((Rotation.from_rotvec(share[:, None] * onward) * bridge).apply(force_g))

    def put(self, force_g: Vector) -> None:
        """Put down samples as they are, as this watch is worn."""
        if len(force_g):
            self._add(force_g)

    def _bridge(self, pose: Vector) -> Rotation:
        """Rotation nearest to `home` that takes a real pose to the one the arm is in."""
        return _shortest(self.home.apply(pose), self.pose) * self.home

    def _add(self, force_g: Vector) -> None:
        self.parts.append(force_g)
        self.count += len(force_g)
        self.moved = True
        self.pose = unit(force_g[-2:].mean(axis=0))


def _shortest(begin: Vector, end: Vector) -> Rotation:
    """Shortest rotation that takes one unit vector to another."""
    axis = np.cross(begin, end)
    size = float(np.linalg.norm(axis))
    if size < 1e-9:
        # Opposite poses: any axis across will do.
        axis = np.cross(begin, np.eye(3)[int(np.argmin(np.abs(begin)))])
        size = float(np.linalg.norm(axis))
    return Rotation.from_rotvec(axis / size * angle(begin, end))
