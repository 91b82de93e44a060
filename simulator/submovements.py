"""The submovement family: a hidden state that wanders, and a wrist that adds up what it asks for.

A happening is a stay in hidden states, of which each asks for submovements of its own rate, size
and habit of going back. Rubbing is a stroke and a stroke back, walking a body that is lifted and
let down; no oscillator, no pose to pose. Stays at rest are as long as in the real nights.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.arousal import draw_arousal
from simulator.body import Body
from simulator.happening import Happening, Kind, Phenotype
from simulator.movement import Vector, unit
from simulator.person import Person
from simulator.states import ASKS, COURSES, Course, State
from simulator.superposition import GRID_HZ, Wrist, turn_to
from simulator.texture import wander

__all__ = ["submovements"]

SHORTEST_S, LONGEST_S = 0.12, 2.5
"""Bounds of a submovement in seconds."""
SIZE_EXPONENT = 0.35
"""How much longer a larger one takes, as a power of its size: less than in proportion, as reaches
do."""
USUAL_RAD = 0.2
"""Turn in radians that the usual length of a submovement belongs to."""
OTHER_ARM = (0.05, 0.5)
"""What reaches this wrist of what the other arm does, as a share; assumed."""
STEP_LIFT_M = (0.02, 0.05)
"""How far the body rises with each step, in metres, from a shuffle to a brisk walk."""
HEEL_G = (0.05, 0.3)
"""How hard a heel that comes down reaches the wrist, in g; assumed."""
LANDING_G = 0.25
"""How hard an arm that is let fall lands, in g, on average; assumed."""
SETTLING_S = 6.0
"""Seconds after which small movements have become half as many: they thin out like aftershocks."""
DRIFT_RAD, DRIFT_S = 0.007, 200.0
"""How far a still arm drifts, in radians, and its time constant in seconds."""
ROUGH_S = 5.0
"""Seconds between two points of the drift."""


@dataclass(frozen=True, slots=True, eq=False)
class _Style:
    """How one person moves, the same in all of their nights.

    Parameters
    ----------
    quick
        How short submovements are; 1 is usual.
    large
        How large they are.
    pace_s
        Seconds of a stroke, of rocking one way, and of a step, against the usual.
    ring_hz, damping
        Of the watch on its soft tissue.
    places : each shape (3,)
        Where up is while the arm is at the leg, hangs, is before the face, carries something.
    """

    quick: float
    large: float
    pace_s: Mapping[State, float]
    ring_hz: float
    damping: float
    places: Mapping[str, Vector]


def submovements(
    seed: np.random.SeedSequence,
    person: Person,
    happenings: Sequence[Happening],
    times_s: Vector,
    *,
    span_s: float,
    twitches_h: float,
) -> Body:
    """Add up submovements; see `simulator.body.Family`."""
    movement, heartbeat = map(np.random.default_rng, seed.spawn(2))
    sleeper = _Sleeper(movement, person, span_s)
    twitches_s = np.sort(
        movement.uniform(0.0, span_s, movement.poisson(twitches_h * span_s / 3600))
    )
    next_onsets_s = [happening.onset_s for happening in happenings[1:]] + [math.inf]
    for happening, next_s in zip(happenings, next_onsets_s, strict=False):
        sleeper.twitch(twitches_s, happening.onset_s)
        sleeper.live(happening, next_s)
    sleeper.twitch(twitches_s, span_s)
    return Body(
        sleeper.force_g(times_s), draw_arousal(heartbeat, person, happenings, span_s=span_s)
    )


def _draw_style(person: Person) -> _Style:
    """Draw it from the person: each of their nights has the same."""
    own = np.concatenate(person.bed_poses).view(np.uint32).tolist()
    rng = np.random.default_rng(own)
    usual = {
        "leg": (-0.6, 0.2, 0.6),
        "stand": (-1.0, 0.0, 0.1),
        "face": (0.5, 0.4, 0.6),
        "arms": (0.1, 0.8, 0.5),
    }
    return _Style(
        quick=float(rng.lognormal(0.0, 0.2)),
        large=float(rng.lognormal(0.0, 0.2)) * person.vigour,
        pace_s={
            State.STROKING: float(rng.lognormal(0.0, 0.35)),
            State.ROCKING: float(rng.lognormal(0.0, 0.3)),
            State.WALKING: float(rng.lognormal(0.0, 0.08)),
        },
        ring_hz=float(rng.uniform(5.0, 14.0)),
        damping=float(rng.uniform(0.2, 0.7)),
        places={name: unit(np.array(up) + rng.normal(0.0, 0.35, 3)) for name, up in usual.items()},
    )


class _Sleeper:
    """A night while it is being lived."""

    def __init__(self, rng: np.random.Generator, person: Person, span_s: float):
        self.rng = rng
        self.person = person
        self.style = _draw_style(person)
        self.wrist = Wrist(span_s, self.resting())
        self.worn = np.ones(self.wrist.count)
        self.busy_s = 0.0
        """Until when submovements have been asked for."""

    # What happens

    def live(self, happening: Happening, next_s: float) -> None:
        """Live through one happening, and settle after it before the next."""
        if happening.kind is Kind.OFF_WRIST:
            self.take_off(happening)
        elif happening.phenotype is Phenotype.SILENT:
            self.strain(happening)
        elif not happening.visible:
            return
        elif happening.parts:
            self.jerk_along(happening)
        else:
            self.go_through(happening, COURSES[happening.phenotype or happening.kind])
            settling_s = happening.settling_s or float(self.rng.exponential(20.0))
            self.settle(happening.end_s, min(settling_s, next_s - happening.end_s - 4.0))

    def go_through(self, happening: Happening, course: Course) -> None:
        """Begin, stay in one state after the other, and lie back."""
        rng = self.rng
        act = _Act(self, happening, float(rng.uniform(*course.vigour)))
        at_s = happening.onset_s + happening.lag_s
        opening_s = min(float(rng.lognormal(0.8, 0.6)), 0.4 * happening.duration_s)
        up = rng.random() < course.up
        place = self.style.places.get(course.at if up or course.at != "stand" else "")
        act.stay(State.SHIFTING, at_s, opening_s, float(rng.uniform(*course.opening)), place)
        at_s += opening_s
        way_s = min(0.55 * float(rng.integers(*course.steps)), 0.3 * happening.duration_s)
        back_s = way_s * float(rng.uniform(0.8, 1.2)) if up else 0.0
        if up:
            hanging = self.style.places["stand"]
            act.get_up(at_s, 1.0)
            act.stay(State.WALKING, at_s + 1.0, way_s, 1.0, hanging)
            at_s += way_s + 1.0
        states = list(course.weights)
        shares = np.array([course.weights[state] for state in states])
        shares = rng.dirichlet(12.0 * shares / shares.sum())
        end_s = happening.end_s - 1.5
        while at_s < end_s - back_s:
            state = states[int(rng.choice(len(states), p=shares))]
            asks = ASKS[state]
            stay_s = float(rng.lognormal(math.log(asks.stay_s), asks.spread))
            if state is State.QUIET:
                stay_s /= happening.pace
            stay_s = min(stay_s, end_s - back_s - at_s)
            act.stay(state, at_s, stay_s, 1.0, place)
            at_s += stay_s
        if up:
            act.stay(State.WALKING, at_s, back_s, 1.0, self.style.places["stand"])
            act.get_up(end_s - 1.0, -1.0)
        self.turn_into(max(end_s, self.busy_s), self.resting(), 1.0)

    def jerk_along(self, happening: Happening) -> None:
        """Jerk with the legs, or with the breath that comes back."""
        share = self.rng.uniform(0.3, 1.0)
        for offset_s, duration_s in happening.parts:
            at_s, end_s = happening.onset_s + offset_s, happening.onset_s + offset_s + duration_s
            size = float(self.rng.lognormal(-2.3, 0.6))
            while self.rng.random() < share and at_s < end_s - SHORTEST_S:
                self.move(at_s, size, 0.1 * size)
                at_s += float(self.rng.exponential(0.8))

    def strain(self, happening: Happening) -> None:
        """Lie still in pain: little reaches the wrist."""
        at_s = happening.onset_s
        while (at_s := at_s + float(self.rng.exponential(8.0))) < happening.end_s:
            self.move(at_s, 0.004, 0.0003)

    def take_off(self, happening: Happening) -> None:
        """Handle the strap, lie on a table, handle it again."""
        taken_off, put_on = happening.each_part
        self.go_through(taken_off, COURSES[Kind.OFF_WRIST])
        table = unit(np.array([0.0, 0.0, 1.0]) + self.rng.normal(0.0, 0.05, 3))
        self.turn_into(self.busy_s, table, 0.5)
        first, last = (self.busy_s + 1.0) * GRID_HZ, put_on.onset_s * GRID_HZ
        self.worn[int(first) : int(last)] = 0.0
        self.go_through(put_on, COURSES[Kind.OFF_WRIST])

    def twitch(self, onsets_s: Vector, before_s: float) -> None:
        """Move for no reason, where nothing else does."""
        for at_s in onsets_s[(onsets_s > self.busy_s) & (onsets_s < before_s - 3.0)]:
            self.move(float(at_s), float(self.rng.lognormal(-3.0, 0.7)), 0.01)

    def settle(self, at_s: float, seconds: float) -> None:
        """Make small movements that thin out (Omori's law)."""
        if seconds <= 1.0:
            return
        reach = math.log1p(seconds / SETTLING_S)
        for share in np.sort(self.rng.uniform(size=self.rng.poisson(1.6 * reach))):
            after_s = SETTLING_S * math.expm1(share * reach)
            self.move(at_s + after_s, float(self.rng.lognormal(-2.6, 0.7)), 0.01)

    # Submovements

    def move(self, at_s: float, turn_rad: float, way_m: float) -> Vector:
        """Ask for one in any direction; return how it turns."""
        rotation = turn_rad * unit(self.rng.normal(size=3))
        self.submove(at_s, rotation, way_m * unit(self.rng.normal(size=3)))
        return rotation

    def submove(
        self, at_s: float, rotation_rad: Vector, way_m: Vector, seconds: float | None = None
    ) -> None:
        """Ask for one; the larger, the longer it takes."""
        size = float(np.linalg.norm(rotation_rad)) + float(np.linalg.norm(way_m)) / 0.3
        if seconds is None:
            seconds = 0.55 * self.style.quick * (size / USUAL_RAD) ** SIZE_EXPONENT
            seconds *= float(self.rng.lognormal(0.0, 0.2))
        seconds = min(max(seconds, SHORTEST_S), LONGEST_S)
        self.wrist.turn(at_s, seconds, rotation_rad)
        self.wrist.carry(at_s, seconds, way_m)
        self.busy_s = max(self.busy_s, at_s + seconds)

    def turn_into(self, at_s: float, pose: Vector, size: float) -> None:
        """Turn the shortest way to a direction, and land there now and then."""
        self.submove(
            at_s, turn_to(self.wrist.pose, pose), 0.05 * size * unit(self.rng.normal(size=3))
        )
        if self.rng.random() < 0.4:
            push_g = self.rng.exponential(LANDING_G) * unit(self.rng.normal(size=3))
            self.wrist.blow(self.busy_s, push_g)

    def resting(self) -> Vector:
        """Choose where the arm rests: near one of the usual poses."""
        poses = self.person.bed_poses
        return self.near(poses[int(self.rng.integers(len(poses)))], 0.25)

    def near(self, pose: Vector, spread: float) -> Vector:
        """Scatter a direction."""
        return unit(pose + self.rng.normal(0.0, spread, 3))

    # What the wrist reads

    def force_g(self, times_s: Vector) -> Vector:
        """Evaluate what an ideal accelerometer reads at some times."""
        style, count = self.style, self.wrist.count
        up = self.wrist.directions().copy()
        rough = int(count / (ROUGH_S * GRID_HZ)) + 2
        grid = np.arange(count) / (ROUGH_S * GRID_HZ)
        hz = self.person.respiration_hz * np.exp(0.12 * wander(self.rng, rough, 4.0))
        breath = np.sin(2.0 * np.pi * ROUGH_S * np.interp(grid, np.arange(rough), np.cumsum(hz)))
        for axis in range(3):
            drift = DRIFT_RAD * wander(self.rng, rough, DRIFT_S / ROUGH_S)
            depth = self.person.breathing_mg / 1000.0 * wander(self.rng, rough, 60.0)
            up[:, axis] += self.worn * (
                np.interp(grid, np.arange(rough), drift)
                + np.interp(grid, np.arange(rough), depth) * breath
            )
        up /= np.sqrt(np.einsum("ij,ij->i", up, up))[:, None]
        up += self.wrist.pushes_g(self.rng, style.ring_hz, style.damping) * self.worn[:, None]
        grid_s = np.arange(count) / GRID_HZ
        return np.stack([np.interp(times_s, grid_s, up[:, axis]) for axis in range(3)], axis=1)


class _Act:
    """How one happening is gone about: how large, with which arm, with which pauses."""

    def __init__(self, sleeper: _Sleeper, happening: Happening, vigour: float):
        rng = sleeper.rng
        self.sleeper = sleeper
        self.vigour = vigour * sleeper.style.large
        watch_arm = rng.random() < 0.5 if happening.watch_arm is None else happening.watch_arm
        self.hand = 1.0 if watch_arm else float(rng.uniform(*OTHER_ARM))
        # Pain limps, each time in another way; whoever just goes somewhere walks nearly evenly.
        self.limp = float(rng.beta(0.7, 1.5)) if happening.kind is Kind.CRAMP else 0.1
        self.pauses = [
            (happening.onset_s + offset_s, happening.onset_s + offset_s + pause_s)
            for offset_s, pause_s in happening.pauses
        ]

    def get_up(self, at_s: float, height_m: float) -> None:
        """Lift the whole body out of bed, or let it down."""
        if not self.paused(at_s):
            self.sleeper.wrist.lift(at_s, float(self.sleeper.rng.uniform(1.0, 2.0)), 0.5 * height_m)

    def paused(self, at_s: float) -> float | None:
        """Return the end of the pause that a moment or the half second after lies in."""
        for begin_s, end_s in self.pauses:
            if begin_s - 0.5 <= at_s < end_s:
                return end_s
        return None

    def stay(
        self, state: State, at_s: float, stay_s: float, vigour: float, place: Vector | None
    ) -> None:
        """Ask for the submovements of a stay."""
        sleeper, rng, asks = self.sleeper, self.sleeper.rng, ASKS[state]
        at_s, end_s = self.paused(at_s) or at_s, at_s + stay_s
        if at_s >= end_s:
            return
        every_s = (
            asks.every_s * sleeper.style.pace_s.get(state, 1.0) * float(rng.lognormal(0, 0.15))
        )
        hand = self.hand if state in (State.STROKING, State.HANDLING) else 1.0
        size = self.vigour * vigour * float(rng.lognormal(-0.1, 0.35))
        along = unit(rng.normal(size=3))
        body_m = size * asks.body_m * float(rng.uniform(0.2, 1.0))
        lift_m = float(rng.uniform(*STEP_LIFT_M))
        last, foot = sleeper.move(max(at_s, sleeper.busy_s), 0.02 * size, 0.01 * size), 1
        if place is not None and state is not State.QUIET:
            sleeper.turn_into(max(at_s, sleeper.busy_s), sleeper.near(place, 0.25), 1.0)
        while True:
            at_s += float(rng.gamma(asks.even, every_s / asks.even))
            while (pause_end_s := self.paused(at_s)) is not None:
                at_s = pause_end_s + float(rng.exponential(0.5))
            if at_s >= end_s:
                return
            turn_rad = size * hand * asks.turn_rad * float(rng.lognormal(0.0, 0.6))
            way_m = size * hand * asks.way_m * float(rng.lognormal(0.0, 0.5))
            back = rng.random() < asks.back
            seconds = every_s * float(rng.uniform(0.85, 1.15)) if back and asks.even > 5.0 else None
            if back:
                rotation, foot = -last * float(rng.lognormal(0.0, 0.15)), -foot
            elif place is not None and rng.random() < asks.home:
                rotation = turn_to(sleeper.wrist.pose, sleeper.near(place, 0.25))
            else:
                rotation = turn_rad * unit(rng.normal(size=3))
            sleeper.submove(at_s, rotation, foot * (body_m + way_m) * along, seconds)
            last = rotation
            if state is State.WALKING:
                self.step(at_s, every_s, lift_m * (1.0 - 0.6 * self.limp * (foot > 0)))

    def step(self, at_s: float, step_s: float, lift_m: float) -> None:
        """Lift the body over a foot, let it down, and come down on the heel."""
        rng, wrist = self.sleeper.rng, self.sleeper.wrist
        wrist.lift(at_s, 0.5 * step_s, lift_m)
        wrist.lift(at_s + 0.5 * step_s, 0.5 * step_s, -lift_m)
        push_g = lift_m / STEP_LIFT_M[1] * float(rng.uniform(*HEEL_G))
        wrist.blow(at_s + step_s, push_g * unit(wrist.pose + rng.normal(0.0, 0.4, 3)))
