"""The phenomenological family: signals that look like movement, without an arm that moves.

A happening is a chain of states with power-law dwells (a semi-Markov process), drawn by weights of
its kind that vary widely from one to the next. A state lays a texture over the night: noise in
bursts and gaps, a noisy oscillator, a train of footfalls. Gravity is a jump process on the sphere
with a creep of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from simulator.body import Body
from simulator.habits import DWELLS_S, HABITS, Habit, State
from simulator.happening import Happening, Kind, Phenotype
from simulator.movement import Vector, unit
from simulator.person import Person
from simulator.pulse import draw_pulse
from simulator.texture import draw_power_law
from simulator.trace import Trace

__all__ = ["phenomenological"]

DWELL_EXPONENT = 1.5
"""Stays in a state fall as a power law with it."""
CONCENTRATION = 20.0
"""Of the Dirichlet that a happening's weights are drawn from: so small that no two are alike."""
OTHER_ARM = (0.1, 0.6)
"""What reaches this wrist of what the other arm does, as a share; assumed."""

AT_THE_LEG = 0.3
"""How far the place at the leg scatters from one time to the next, in radians."""


def phenomenological(
    seed: np.random.SeedSequence,
    person: Person,
    happenings: Sequence[Happening],
    times_s: Vector,
    *,
    span_s: float,
    twitches_h: float,
) -> Body:
    """Lay textures over a night; see `simulator.body.Family`."""
    movement, heartbeat = map(np.random.default_rng, seed.spawn(2))
    night = _Night(movement, person, span_s)
    next_onsets_s = [happening.onset_s for happening in happenings[1:]] + [math.inf]
    for happening, next_s in zip(happenings, next_onsets_s, strict=False):
        night.render(happening, next_s)
    for at_s in movement.uniform(0.0, span_s, movement.poisson(twitches_h * span_s / 3600.0)):
        night.twitch(float(at_s))
    return Body(night.force_g(times_s), draw_pulse(heartbeat, person, happenings, span_s=span_s))


class _Night(Trace):
    """What happens in a night."""

    def render(self, happening: Happening, next_s: float) -> None:
        """Draw one happening, and how the body settles after it before the next."""
        if happening.kind is Kind.OFF_WRIST:
            self.take_off(happening)
            return
        if happening.phenotype is Phenotype.SILENT:
            self.strain(happening)
            return
        if not happening.visible:
            return
        if happening.parts:
            self.jerk_along(happening)
            return
        first = len(self.jumps)
        habit = HABITS[happening.phenotype or happening.kind]
        self.act(happening, habit)
        for offset_s, pause_s in happening.pauses:
            self.hold_still(happening.onset_s + offset_s, pause_s, first)
        settling_s = happening.settling_s or float(self.rng.exponential(20.0))
        self.settle(happening.end_s, min(happening.end_s + settling_s, next_s - 3.0))

    def act(self, happening: Happening, habit: Habit) -> None:
        """Go through states until it is over."""
        rng = self.rng
        strength = float(rng.uniform(*habit.strength))
        takes_part = rng.random() < 0.5 if happening.watch_arm is None else happening.watch_arm
        other = float(rng.uniform(*OTHER_ARM))
        hand = 1.0 if takes_part else other
        states = list(habit.weights)
        weights = np.array([habit.weights[state] for state in states])
        shares = rng.dirichlet(CONCENTRATION * weights / weights.sum())
        slow = float(rng.uniform(0.5, 2.0))
        end_s = happening.end_s
        at_s = happening.onset_s + happening.lag_s
        up = rng.random() < habit.up
        opening_s = min(float(rng.lognormal(0.8, 0.6)), 0.5 * happening.duration_s)
        self.toss(at_s, opening_s, float(rng.uniform(*habit.opens)))
        at_s += opening_s
        way_s = min(float(rng.uniform(*habit.way_s)), 0.3 * happening.duration_s)
        # Pain limps, each time in another way; whoever just goes somewhere walks nearly evenly.
        limp = float(rng.beta(0.7, 1.5)) if happening.kind is Kind.CRAMP else 0.1
        if up:
            at_s = self.walk(at_s, way_s, end_s, limp)
        if habit.to_the_leg:
            self.jump(at_s, self.near(self.style.at_the_leg, AT_THE_LEG))
        # Doors and darkness: people walk about as far back as they went.
        back_s = way_s * float(rng.uniform(0.8, 1.2)) if up else 0.0
        while at_s < end_s - back_s - 2.0:
            state = states[int(rng.choice(len(states), p=shares))]
            dwell_s = slow * draw_power_law(rng, *DWELLS_S[state], DWELL_EXPONENT)
            if state is State.STILL:
                dwell_s /= happening.pace
            dwell_s = min(dwell_s, end_s - back_s - at_s)
            if habit.to_the_leg and state is State.STROKE:
                self.jump(at_s, self.near(self.style.at_the_leg, AT_THE_LEG))
            self.enter(state, at_s, dwell_s, strength, hand, limp)
            at_s += dwell_s
        if up:
            self.walk(at_s, back_s, end_s, limp)
        self.toss(end_s - 1.0, float(rng.uniform(0.8, 3.0)), 0.7 * strength)
        self.jump(end_s, self.resting())

    def enter(
        self,
        state: State,
        at_s: float,
        dwell_s: float,
        strength: float,
        hand: float,
        limp: float,
    ) -> None:
        """Stay in a state for a while."""
        rng = self.rng
        if state is State.FIDGET:
            self.noise(at_s, dwell_s, float(rng.lognormal(-1.6, 0.6)) * strength, gap_s=12.0)
            self.jump(at_s, self.near(self.pose, 0.12))
        elif state is State.TOSS:
            self.toss(at_s, dwell_s, strength)
        elif state is State.STROKE:
            self.stroke(at_s, dwell_s, strength, hand)
        elif state is State.SWAY:
            self.sway(at_s, dwell_s, strength)
        elif state is State.STEPS:
            self.walk(at_s, dwell_s, at_s + dwell_s, limp)
        elif state is State.HOLD:
            held = self.near(self.style.propped, 0.5)
            self.jump(at_s, held if hand == 1.0 else self.near(self.pose, 0.2))
            self.noise(at_s, dwell_s, 0.06 * strength, gap_s=4.0)

    def jerk_along(self, happening: Happening) -> None:
        """Jerk with the legs, or with the breath that comes back."""
        share = self.rng.uniform(0.3, 1.0)
        for offset_s, duration_s in happening.parts:
            if self.rng.random() < share:
                strength = float(self.rng.lognormal(-1.7, 0.7))
                self.noise(happening.onset_s + offset_s, duration_s, strength, gap_s=0.5)

    def strain(self, happening: Happening) -> None:
        """Lie still in pain: little reaches the wrist."""
        self.noise(happening.onset_s, happening.duration_s, 0.015, gap_s=20.0)

    def take_off(self, happening: Happening) -> None:
        """Handle the strap, lie on a table, handle it again."""
        taken_off, put_on = happening.each_part
        self.act(taken_off, HABITS[Kind.OFF_WRIST])
        table = unit(np.array([0.0, 0.0, 1.0]) + self.rng.normal(0.0, 0.05, 3))
        self.jump(taken_off.end_s + 0.5, table, seconds=0.08, ring=0.0)
        begin_s = taken_off.end_s + 1.0
        self.worn[self.window(begin_s, put_on.onset_s - begin_s)] = 0.0
        self.act(put_on, HABITS[Kind.OFF_WRIST])

    def twitch(self, at_s: float) -> None:
        """Move for no reason, where it is worn."""
        where = self.window(at_s - 2.0, 6.0)
        if self.worn[where].all():
            strength = float(self.rng.lognormal(-2.0, 0.7))
            self.noise(at_s, float(self.rng.uniform(0.3, 2.5)), strength, gap_s=0.5)

    def settle(self, at_s: float, end_s: float) -> None:
        """Small movements, ever further apart."""
        gap_s = 2.0
        while True:
            gap_s *= 1.5
            at_s += float(self.rng.exponential(gap_s)) + 0.5
            if at_s > end_s:
                return
            self.noise(at_s, float(self.rng.uniform(0.4, 3.0)), float(self.rng.uniform(0.03, 0.3)))
            if self.rng.random() < 0.4:
                self.jump(at_s, self.near(self.pose, 0.1))
