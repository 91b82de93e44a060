"""The arm while its night is being written: the movements that happenings are made of.

Cramps and harmless happenings draw on the same movements with the same ranges, so that nothing
can tell them apart by how they were made.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simulator.movement import Impact, Restless, Rhythm, Turn, Vector, knock, unit
from simulator.person import Person

__all__ = [
    "BEFORE_THE_FACE",
    "HANGING",
    "IN_THE_ARMS",
    "ON_A_TABLE",
    "PROPPED",
    "TO_THE_LEG",
    "Arm",
]

HANGING = (-1.0, 0.0, 0.1)
"""Standing: the hand hangs, so up points to the elbow."""
TO_THE_LEG = (-0.55, 0.2, 0.75)
"""Bent forward, hand on the calf."""
PROPPED = (-0.25, -0.2, 0.9)
"""Sitting, leaning on the hand or holding the edge of the bed."""
BEFORE_THE_FACE = (0.5, 0.4, 0.7)
"""Looking at a phone or drinking."""
IN_THE_ARMS = (0.1, 0.8, 0.5)
"""Carrying a child."""
ON_A_TABLE = (0.05, -0.1, 1.0)
"""A watch that lies on its strap."""


class Arm:
    """Where the arm is, and what it has done so far.

    Each method is a movement; it begins at ``now_s`` and moves it on. ``deadline_s`` is when the
    next happening begins: an arm that settles stops for it. ``handed`` is how much of what hands do
    is done by this one, ``pace`` how densely its movements follow on each other; 1 is usual.
    """

    def __init__(self, rng: np.random.Generator, person: Person):
        self.rng = rng
        self.person = person
        self.now_s = 0.0
        self.deadline_s = math.inf
        self.handed = 1.0
        self.pace = 1.0
        self.pose = self.first_pose = self.in_bed()
        self.turns: list[Turn] = []
        self.overlays: list[Restless | Rhythm | Impact] = []

    # Where to

    def near(self, pose: Vector | Sequence[float], spread: float) -> Vector:
        """Scatter a pose by about ``spread`` radians."""
        return unit(np.asarray(pose, dtype=np.float64) + self.rng.normal(0.0, spread, 3))

    def in_bed(self) -> Vector:
        """Choose one of the sleeper's resting poses."""
        poses = self.person.bed_poses
        return self.near(poses[int(self.rng.integers(len(poses)))], 0.15)

    # Pieces

    def turn(
        self, pose: Vector, duration_s: float, *, worn: bool = True, lands: bool = False
    ) -> None:
        """Go into a pose; with a knock where the arm lands on something."""
        self.turns.append(Turn(self.now_s, duration_s, pose, worn))
        self.now_s += duration_s
        self.pose = pose
        if lands:
            push = self.rng.normal(0.0, 1.0, 3) * self.rng.lognormal(-1.2, 0.7)
            start_s = self.now_s - 0.15 * duration_s
            hz, decay_s = self.rng.uniform(4.0, 11.0), self.rng.uniform(0.04, 0.1)
            self.overlays.append(Impact(start_s, push * self.person.vigour, hz, decay_s))

    def restless(self, duration_s: float, tilt_deg: float, push_g: float) -> None:
        """Lay irregular movement over what comes next."""
        vigour = self.person.vigour
        tilt_rad = float(np.radians(tilt_deg)) * vigour
        self.overlays.append(
            Restless(self.now_s, float(duration_s), tilt_rad, push_g * vigour, self.seed())
        )

    def rhythm(
        self, duration_s: float, hz: float, tilt_deg: float, push_g: float, wander: float = 0.15
    ) -> None:
        """Lay nearly periodic movement over what comes next."""
        vigour = self.person.vigour * self.handed
        tilt = unit(self.rng.normal(size=3)) * float(np.radians(tilt_deg)) * vigour
        push = unit(self.rng.normal(size=3)) * push_g * vigour
        self.overlays.append(Rhythm(self.now_s, duration_s, hz, wander, tilt, push, self.seed()))

    def seed(self) -> int:
        """Draw the seed of a piece."""
        return int(self.rng.integers(2**32))

    def wait(self, duration_s: float) -> None:
        """Stay as it is."""
        self.now_s += float(duration_s)

    def linger(self, mean_s: float, end_s: float) -> None:
        """Stay as it is for about that long at a usual pace, and not beyond an end."""
        self.wait(min(self.rng.exponential(mean_s / self.pace), max(0.0, end_s - self.now_s)))

    # What several happenings share

    def toss(self, duration_s: float, target: Vector | None, strength: float = 1.0) -> None:
        """Turn this way and that, and end in the target pose, or near the pose it began in."""
        rng = self.rng
        end_s = self.now_s + duration_s
        pose = self.pose if target is None else target
        self.restless(
            duration_s, rng.uniform(4.0, 13.0) * strength, rng.uniform(0.05, 0.2) * strength
        )
        while end_s - self.now_s > 2.5:
            spread = rng.uniform(0.15, 0.9) * strength
            self.turn(self.near(self.pose, spread), rng.uniform(0.4, 1.4), lands=rng.random() < 0.3)
            self.wait(min(rng.exponential(1.3), max(0.0, end_s - self.now_s - 1.3)))
        self.turn(self.near(pose, 0.05), rng.uniform(0.5, 1.2), lands=rng.random() < 0.7)

    def fidget(self, strength: float = 1.0) -> None:
        """Move a little and stay about where it was."""
        rng = self.rng
        duration_s = float(rng.uniform(0.6, 4.0))
        self.restless(
            duration_s, rng.uniform(1.0, 6.0) * strength, rng.lognormal(-3.2, 0.6) * strength
        )
        self.turn(self.near(self.pose, rng.uniform(0.01, 0.18) * strength), duration_s)

    def settle(self) -> None:
        """Come to rest: ever smaller fidgets, ever further apart."""
        strength, gap_s = 1.0, 3.0
        for _ in range(int(self.rng.integers(0, 4))):
            self.wait(self.rng.exponential(gap_s) + 0.5)
            if self.now_s > self.deadline_s - 5.0:
                return
            self.fidget(strength)
            strength, gap_s = strength * 0.8, gap_s * 1.6

    def settle_until(self, end_s: float) -> None:
        """Come to rest by then: fidgets, ever further apart."""
        gap_s = 3.0
        self.wait(self.rng.exponential(gap_s) + 0.5)
        while self.now_s < min(end_s, self.deadline_s - 5.0):
            self.fidget(self.rng.uniform(0.3, 1.2))
            gap_s = min(1.5 * gap_s, 60.0)
            self.wait(self.rng.exponential(gap_s) + 0.5)

    def hold_still(self, start_s: float, end_s: float, turns: int, overlays: int) -> None:
        """Take back what was done in a stretch, after the first so many turns and overlays."""
        self.turns[turns:] = [
            turn for turn in self.turns[turns:] if not start_s <= turn.start_s < end_s
        ]
        kept: list[Restless | Rhythm | Impact] = []
        for piece in self.overlays[overlays:]:
            if isinstance(piece, Impact):
                kept += [piece] if not start_s <= piece.start_s < end_s else []
                continue
            piece_end_s = piece.start_s + piece.duration_s
            before_s = min(piece_end_s, start_s) - piece.start_s
            after_s = piece_end_s - max(piece.start_s, end_s)
            if before_s > 0.0:
                kept.append(replace(piece, duration_s=before_s))
            if after_s > 0.0:
                begin_s = max(piece.start_s, end_s)
                kept.append(replace(piece, start_s=begin_s, duration_s=after_s))
        self.overlays[overlays:] = kept

    def rub(self, duration_s: float, strength: float = 1.0) -> None:
        """Rub, scratch or wash: strokes of 0.5-3 Hz in stints, broken by pauses."""
        rng = self.rng
        end_s = self.now_s + duration_s
        hz = rng.uniform(0.6, 2.6)
        while end_s - self.now_s > 1.5:
            stint_s = min(float(rng.lognormal(1.9, 0.6)), end_s - self.now_s)
            stint_hz = float(np.clip(hz * rng.lognormal(0.0, 0.2), 0.5, 3.0))
            self.rhythm(
                stint_s,
                stint_hz,
                rng.uniform(2.0, 11.0) * strength,
                rng.uniform(0.04, 0.25) * strength,
            )
            self.restless(stint_s, 3.0 * strength, 0.05 * strength)
            self.wait(stint_s)
            pause_s = min(float(rng.exponential(3.0)), max(0.0, end_s - self.now_s - 1.5))
            if rng.random() < 0.4:
                self.turn(self.near(self.pose, 0.25), max(0.4, min(pause_s, 1.2)))
            else:
                self.wait(pause_s)

    def tap(self, count: int) -> None:
        """Be tapped on the watch by the other hand, in this person's way."""
        rng, person = self.rng, self.person
        self.restless(count * person.tap_apart_s + 2.0, 0.4, 0.004)
        # Onto the face, but not quite, and never twice in the same way.
        into = self.near((0.0, 0.0, -1.0), 0.3)
        for number in range(count):
            peak_g = person.tap_g * rng.lognormal(0.0, 0.2)
            hz, decay_s = rng.uniform(15.0, 40.0), rng.uniform(0.008, 0.02)
            self.overlays.append(knock(self.now_s, self.near(into, 0.08) * peak_g, hz, decay_s))
            # The arm gives way a little, and swings.
            gives = 0.05 * peak_g * self.near(into, 0.3)
            self.overlays.append(knock(self.now_s, gives, rng.uniform(3.0, 7.0), 0.08))
            if number < count - 1:
                self.wait(np.clip(person.tap_apart_s * rng.lognormal(0.0, 0.1), 0.15, 0.9))

    def walk(self, steps: int, *, limp: float = 0.0) -> None:
        """Walk: push at the steps' rate, swing at half of it; a limp makes every other uneven."""
        rng = self.rng
        stride_hz = float(rng.uniform(1.5, 2.1)) / 2.0 * (1.0 - 0.25 * limp)
        duration_s = steps / (2.0 * stride_hz)
        swing = np.array([0.0, 1.0, 0.3]) * np.radians(rng.uniform(4.0, 18.0))
        push = np.array([-1.0, 0.3, 0.35]) * rng.uniform(0.1, 0.25) * self.person.vigour
        self.overlays.append(
            Rhythm(
                self.now_s,
                duration_s,
                stride_hz,
                0.04 + 0.15 * limp,
                swing,
                push,
                self.seed(),
                tilt_harmonics=(1.0, 0.25),
                push_harmonics=(0.25 + 0.6 * limp, 1.0, 0.2, 0.45, 0.1, 0.2),
            )
        )
        self.restless(duration_s, 2.0, 0.04)
        self.wait(duration_s)

    def stand_up(self, *, abrupt: float) -> None:
        """Sit up and stand, in a second or two, or with a while on the edge of the bed."""
        rng = self.rng
        seconds = float(rng.lognormal(1.3 - 0.8 * abrupt, 0.5))
        self.toss(seconds, self.near(PROPPED, 0.3), 0.6 + 0.5 * abrupt)
        self.wait(rng.exponential(2.0 + 18.0 * (1.0 - abrupt)))
        self.turn(self.near(HANGING, 0.2), rng.uniform(0.8, 2.2))

    def lie_down(self) -> None:
        """Sit down, lie down, pull up the blanket, settle."""
        rng = self.rng
        self.turn(self.near(PROPPED, 0.3), rng.uniform(0.8, 2.0))
        self.wait(rng.exponential(3.0))
        self.toss(rng.uniform(3.0, 14.0), self.in_bed())
        self.settle()
