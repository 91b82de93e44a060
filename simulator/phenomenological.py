"""The phenomenological family: signals that look like movement, without an arm that moves.

A happening is a chain of states with power-law dwells (a semi-Markov process), drawn by weights of
its kind that vary widely from one to the next. A state lays a texture over the night: noise in
bursts and gaps, a noisy oscillator, a train of footfalls. Gravity is a jump process on the sphere
with a creep of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

import numpy as np

from simulator.body import Body
from simulator.happening import Happening, Kind, Phenotype
from simulator.life import Draws, Length, Life, PowerLength, Rise, SkewedRise
from simulator.movement import Vector, unit
from simulator.person import Person
from simulator.pulse import draw_pulse
from simulator.texture import (
    GRID_HZ,
    Colour,
    any_direction,
    bursts,
    coloured,
    draw_power_law,
    footfalls,
    rhythm,
    wander,
)

__all__ = ["phenomenological", "vary"]

UPRIGHT = (-1.0, 0.0, 0.0)
"""Up in the wrist's frame of an arm that hangs: physics, and so the same in every family."""

CREEP_RAD = 0.006
"""How far gravity creeps in a still wrist, standard deviation: some mg, as in the real nights."""
CREEP_S = 150.0
"""Time constant of that in seconds."""
CREEP_STEP_S = 5.0
"""Seconds between two points of the creep and of where breathing points."""

DWELL_EXPONENT = 1.5
"""Stays in a state fall as a power law with it."""
CONCENTRATION = 20.0
"""Of the Dirichlet that a happening's weights are drawn from: so small that no two are alike."""
OTHER_ARM = (0.1, 0.6)
"""What reaches this wrist of what the other arm does, as a share; assumed."""

HEAVE_G = (0.1, 0.3)
"""How hard a step pushes, in g: the body falls and rises with each, whatever the arm does."""
AT_THE_LEG = 0.3
"""How far the place at the leg scatters from one time to the next, in radians."""


class _State(Enum):
    """What a wrist can be seen to do."""

    STILL = auto()
    FIDGET = auto()
    TOSS = auto()
    STROKE = auto()
    SWAY = auto()
    STEPS = auto()
    HOLD = auto()


DWELLS_S: Mapping[_State, tuple[float, float]] = {
    _State.STILL: (1.0, 45.0),
    _State.FIDGET: (0.7, 12.0),
    _State.TOSS: (0.7, 9.0),
    _State.STROKE: (1.5, 40.0),
    _State.SWAY: (2.0, 45.0),
    _State.STEPS: (1.5, 15.0),
    _State.HOLD: (2.0, 45.0),
}
"""Shortest and longest stay in each, in seconds: nobody tosses or fidgets for long on end."""


@dataclass(frozen=True, slots=True)
class _Habit:
    """What a kind of happening is made of.

    Parameters
    ----------
    weights
        How often each state comes.
    strength
        Range of how strong all of it is.
    opens
        Range of how strong its beginning is.
    up
        Share that gets out of bed: it walks first and last.
    way_s
        Range of how long it walks there, and about as long back, in seconds.
    to_the_leg
        Whether the body bends to the leg, and the arm goes there and comes back to it: from the
        pillow nobody reaches a calf.
    """

    weights: Mapping[_State, float]
    strength: tuple[float, float] = (0.5, 1.3)
    opens: tuple[float, float] = (0.2, 1.3)
    up: float = 0.0
    way_s: tuple[float, float] = (2.0, 15.0)
    to_the_leg: bool = False


HABITS: Mapping[Kind | Phenotype, _Habit] = {
    Phenotype.RUB: _Habit(
        {
            _State.STROKE: 4.0,
            _State.FIDGET: 2.0,
            _State.TOSS: 1.5,
            _State.STILL: 0.4,
            _State.SWAY: 1.0,
        },
        strength=(0.6, 1.5),
        opens=(0.6, 1.6),
        to_the_leg=True,
    ),
    Phenotype.SIT: _Habit(
        {
            _State.STROKE: 2.5,
            _State.HOLD: 1.2,
            _State.FIDGET: 1.5,
            _State.TOSS: 1.5,
            _State.STILL: 0.4,
            _State.SWAY: 1.0,
        },
        strength=(0.6, 1.5),
        opens=(0.6, 1.6),
        to_the_leg=True,
    ),
    Phenotype.STAND: _Habit(
        {
            _State.STEPS: 3.0,
            _State.HOLD: 1.0,
            _State.STROKE: 1.0,
            _State.FIDGET: 2.0,
            _State.STILL: 0.4,
        },
        strength=(0.6, 1.5),
        opens=(0.6, 1.6),
        up=1.0,
    ),
    Kind.BATHROOM: _Habit(
        {
            _State.STEPS: 1.0,
            _State.HOLD: 2.5,
            _State.TOSS: 1.5,
            _State.STROKE: 1.5,
            _State.FIDGET: 2.0,
            _State.STILL: 4.0,
        },
        opens=(0.2, 1.2),
        up=1.0,
        way_s=(6.0, 30.0),
    ),
    Kind.INFANT: _Habit(
        {
            _State.SWAY: 3.0,
            _State.STROKE: 2.0,
            _State.STEPS: 1.5,
            _State.HOLD: 2.0,
            _State.FIDGET: 1.0,
            _State.STILL: 2.5,
        },
        up=0.7,
    ),
    Kind.DRINK: _Habit(
        {
            _State.HOLD: 3.0,
            _State.TOSS: 2.0,
            _State.FIDGET: 2.0,
            _State.STEPS: 1.0,
            _State.STILL: 3.5,
            _State.STROKE: 0.5,
        },
        up=0.5,
        way_s=(4.0, 24.0),
    ),
    Kind.PHONE: _Habit(
        {
            _State.HOLD: 3.0,
            _State.FIDGET: 3.0,
            _State.STILL: 3.5,
            _State.TOSS: 1.0,
            _State.STROKE: 1.0,
        },
        strength=(0.3, 1.1),
    ),
    Kind.SCRATCH: _Habit(
        {
            _State.STROKE: 4.0,
            _State.FIDGET: 2.0,
            _State.TOSS: 1.5,
            _State.STILL: 2.0,
            _State.SWAY: 0.5,
        },
    ),
    Kind.LYING_AWAKE: _Habit(
        {
            _State.STILL: 5.0,
            _State.FIDGET: 3.0,
            _State.TOSS: 2.0,
            _State.STROKE: 1.5,
            _State.HOLD: 1.0,
        },
    ),
    Kind.FALLING_ASLEEP: _Habit(
        {_State.STILL: 4.0, _State.FIDGET: 3.0, _State.TOSS: 1.5, _State.STROKE: 0.5},
    ),
    Kind.FINAL_WAKING: _Habit(
        {_State.STILL: 2.0, _State.FIDGET: 2.0, _State.TOSS: 2.0, _State.STEPS: 1.5},
        up=1.0,
    ),
    Kind.LARGE_MOVEMENT: _Habit(
        {_State.TOSS: 4.0, _State.STROKE: 1.0, _State.FIDGET: 1.0}, strength=(0.6, 1.5)
    ),
    Kind.POSITION_SHIFT: _Habit({_State.TOSS: 4.0, _State.FIDGET: 1.0}),
    Kind.AROUSAL: _Habit({_State.FIDGET: 3.0, _State.TOSS: 1.0}, strength=(0.2, 0.9)),
}
"""By kind of happening, cramps by what is done about them; assumed. The rest has its own ways."""


@dataclass(frozen=True, slots=True, eq=False)
class _Style:
    """How one person moves, the same in all of their nights.

    Parameters
    ----------
    colour, tilt_colour
        Noise of irregular movement: what pushes, and what turns.
    burst_exponent, gap_exponent
        Of the lengths of bursts and gaps.
    spread
        Of the bursts' heights.
    push_g, tilt_rad
        Strength of a toss.
    turn_s
        Usual time constant of a turn.
    excursion_rad
        Usual size of a turn within a movement.
    stroke_hz, sway_hz, cadence_hz, ring_hz
        Usual rates of rubbing, swaying and walking, and what footfalls ring at.
    jitter
        Of rhythms, in radians per root second.
    upright, propped, at_the_leg : shape (3,)
        Up in the wrist's frame while standing, while holding something, and while at the leg.
    """

    colour: Colour
    tilt_colour: Colour
    burst_exponent: float
    gap_exponent: float
    spread: float
    push_g: float
    tilt_rad: float
    turn_s: float
    excursion_rad: float
    stroke_hz: float
    sway_hz: float
    cadence_hz: float
    ring_hz: float
    jitter: float
    upright: Vector
    propped: Vector
    at_the_leg: Vector


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
    trace = _Trace(movement, person, span_s)
    next_onsets_s = [happening.onset_s for happening in happenings[1:]] + [math.inf]
    for happening, next_s in zip(happenings, next_onsets_s, strict=False):
        trace.render(happening, next_s)
    for at_s in movement.uniform(0.0, span_s, movement.poisson(twitches_h * span_s / 3600.0)):
        trace.twitch(float(at_s))
    return Body(trace.force_g(times_s), draw_pulse(heartbeat, person, happenings, span_s=span_s))


def vary(life: Life) -> Life:
    """Give the family a plan of its own: other laws of length and rise, other shares.

    A happening that only one family plans like this would be known by its plan. Lengths are spread
    wider about their medians, rises are skewed, and rest and activity within a happening follow
    power laws in place of log-normal ones. How many cramps the heart does not answer stays as the
    life has it, from the project's notes on cramps.
    """
    lengths: dict[Kind, Draws] = {}
    for kind, length in life.lengths.items():
        if isinstance(length, Length):
            sigma = 1.15 * length.sigma
            length = replace(length, median_s=0.9 * length.median_s, sigma=sigma)
        lengths[kind] = length
    rises: dict[Kind, Draws] = {
        kind: SkewedRise(
            rise.answered if kind is Kind.CRAMP else 0.95 * rise.answered,
            rise.mean_bpm,
            (rise.mean_bpm / rise.sd_bpm) ** 2,
        )
        if isinstance(rise, Rise)
        else rise
        for kind, rise in life.rises.items()
    }
    manner = life.manner and replace(
        life.manner,
        watch_arm=0.5,
        every_s=PowerLength(6.0, 240.0, 1.5),
        pause_s=PowerLength(2.0, 90.0, 1.7),
        settling_s=PowerLength(8.0, 400.0, 1.5),
        lag_s=3.0,
    )
    phenotypes = {
        Phenotype.SILENT: 0.20,
        Phenotype.RUB: 0.34,
        Phenotype.SIT: 0.20,
        Phenotype.STAND: 0.26,
    }
    return replace(
        life,
        lengths=lengths,
        rises=rises,
        phenotypes=phenotypes,
        shift_before_cramp=0.2,
        visible_arousals=0.12,
        manner=manner,
    )


def _draw_style(person: Person) -> _Style:
    """Draw it from the person: each of their nights has the same."""
    own = np.concatenate(person.bed_poses).view(np.uint32).tolist()
    rng = np.random.default_rng(own)
    return _Style(
        colour=Colour(float(rng.uniform(0.7, 4.0)), float(rng.uniform(0.5, 1.7))),
        tilt_colour=Colour(float(rng.uniform(0.25, 0.9)), float(rng.uniform(1.2, 2.5))),
        burst_exponent=float(rng.uniform(1.2, 2.2)),
        gap_exponent=float(rng.uniform(1.2, 2.2)),
        spread=float(rng.uniform(0.4, 0.9)),
        push_g=float(rng.uniform(0.06, 0.2)) * person.vigour,
        tilt_rad=float(rng.uniform(0.08, 0.25)) * person.vigour,
        turn_s=float(rng.uniform(0.12, 0.4)),
        excursion_rad=float(rng.uniform(0.25, 0.7)),
        stroke_hz=float(rng.uniform(0.7, 2.6)),
        sway_hz=float(rng.uniform(0.35, 1.2)),
        cadence_hz=float(rng.uniform(1.4, 2.1)),
        ring_hz=float(rng.uniform(3.0, 9.0)),
        jitter=float(rng.uniform(0.3, 1.3)),
        upright=unit(np.asarray(UPRIGHT) + rng.normal(0.0, 0.25, 3)),
        propped=any_direction(rng),
        at_the_leg=any_direction(rng),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Jump:
    """Gravity's way to a new direction: its time constant, and how far it overshoots."""

    start_s: float
    target: Vector
    seconds: float
    ring: float


class _Trace:
    """A night while it is being drawn, on the grid of `GRID_HZ`."""

    def __init__(self, rng: np.random.Generator, person: Person, span_s: float):
        self.rng = rng
        self.person = person
        self.style = _draw_style(person)
        self.count = int(span_s * GRID_HZ) + 2
        self.push_g = np.zeros((self.count, 3))
        self.tilt_rad = np.zeros((self.count, 3))
        self.worn = np.ones(self.count)
        self.jumps: list[_Jump] = []
        self.pose = self.first_pose = self.resting()

    # What happens

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

    def act(self, happening: Happening, habit: _Habit) -> None:
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
            if state is _State.STILL:
                dwell_s /= happening.pace
            dwell_s = min(dwell_s, end_s - back_s - at_s)
            if habit.to_the_leg and state is _State.STROKE:
                self.jump(at_s, self.near(self.style.at_the_leg, AT_THE_LEG))
            self.enter(state, at_s, dwell_s, strength, hand, limp)
            at_s += dwell_s
        if up:
            self.walk(at_s, back_s, end_s, limp)
        self.toss(end_s - 1.0, float(rng.uniform(0.8, 3.0)), 0.7 * strength)
        self.jump(end_s, self.resting())

    def enter(
        self,
        state: _State,
        at_s: float,
        dwell_s: float,
        strength: float,
        hand: float,
        limp: float,
    ) -> None:
        """Stay in a state for a while."""
        rng = self.rng
        if state is _State.FIDGET:
            self.noise(at_s, dwell_s, float(rng.lognormal(-1.6, 0.6)) * strength, gap_s=12.0)
            self.jump(at_s, self.near(self.pose, 0.12))
        elif state is _State.TOSS:
            self.toss(at_s, dwell_s, strength)
        elif state is _State.STROKE:
            self.stroke(at_s, dwell_s, strength, hand)
        elif state is _State.SWAY:
            self.sway(at_s, dwell_s, strength)
        elif state is _State.STEPS:
            self.walk(at_s, dwell_s, at_s + dwell_s, limp)
        elif state is _State.HOLD:
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
        rng = self.rng
        self.toss(happening.onset_s, 9.0, 0.9)
        begin_s, end_s = happening.onset_s + 10.0, happening.end_s - 12.0
        table = unit(np.array([0.0, 0.0, 1.0]) + rng.normal(0.0, 0.05, 3))
        self.jump(begin_s - 1.0, table, seconds=0.08, ring=0.0)
        off = self.window(begin_s, end_s - begin_s)
        self.worn[off] = 0.0
        self.toss(end_s, 10.0, 0.9)
        self.jump(end_s + 10.0, self.resting())

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

    # Textures

    def noise(self, at_s: float, duration_s: float, strength: float, gap_s: float = 2.0) -> None:
        """Push and tilt in bursts of coloured noise."""
        style, where = self.style, self.window(at_s, duration_s)
        count = where.stop - where.start
        if count < 2:
            return
        envelope = strength * bursts(
            self.rng,
            count,
            burst_exponent=style.burst_exponent,
            gap_exponent=style.gap_exponent,
            gap_s=gap_s,
            spread=style.spread,
        )
        shade = Colour(
            style.colour.peak_hz * float(self.rng.lognormal(0.0, 0.25)), style.colour.slope
        )
        self.push_g[where] += style.push_g * envelope[:, None] * coloured(self.rng, count, shade)
        tilt = coloured(self.rng, count, style.tilt_colour)
        self.tilt_rad[where] += style.tilt_rad * envelope[:, None] * tilt

    def toss(self, at_s: float, duration_s: float, strength: float) -> None:
        """Move irregularly, and end elsewhere."""
        self.noise(at_s, duration_s, strength)
        end_s = at_s + duration_s
        while at_s < end_s:
            size = self.style.excursion_rad * strength * float(self.rng.lognormal(-0.3, 0.6))
            self.jump(at_s, self.near(self.pose, min(size, 1.5)))
            at_s += draw_power_law(self.rng, 0.4, 8.0, self.style.gap_exponent)

    def stroke(self, at_s: float, duration_s: float, strength: float, hand: float) -> None:
        """Rub, scratch, pat or wash: a noisy oscillator in stints, which the body goes along with.

        ``hand`` is what this arm takes of the strokes; the body moves both arms alike.
        """
        hz = float(np.clip(self.style.stroke_hz * self.rng.lognormal(0.0, 0.3), 0.4, 3.2))
        self.swing(at_s, duration_s, hz, strength * hand * float(self.rng.lognormal(-0.2, 0.4)))
        self.noise(at_s, duration_s, 0.12 * strength)

    def sway(self, at_s: float, duration_s: float, strength: float) -> None:
        """Rock slowly, or move along with what the rest of the body does."""
        hz = self.style.sway_hz * float(self.rng.lognormal(0.0, 0.25))
        self.swing(at_s, duration_s, hz, strength * float(self.rng.uniform(0.1, 0.5)))

    def swing(self, at_s: float, duration_s: float, hz: float, strength: float) -> None:
        """Tilt and push nearly periodically."""
        style, rng, where = self.style, self.rng, self.window(at_s, duration_s)
        count = where.stop - where.start
        if count < 2:
            return
        wave, quarter = rhythm(rng, count, hz, style.jitter)
        stints = strength * bursts(
            rng,
            count,
            burst_exponent=max(style.burst_exponent - 0.5, 1.05),
            gap_exponent=style.gap_exponent,
            gap_s=3.0,
            spread=0.3,
        )
        # A faster stroke is a shorter one, and pushes more.
        tilt = 0.8 * style.tilt_rad / max(hz, 0.5) * any_direction(rng)
        push = 1.3 * style.push_g * any_direction(rng)
        aside = 0.5 * style.push_g * any_direction(rng)
        self.tilt_rad[where] += (stints * wave)[:, None] * tilt
        self.push_g[where] += (stints * quarter)[:, None] * push + (stints * wave)[:, None] * aside

    def walk(self, at_s: float, duration_s: float, end_s: float, limp: float) -> float:
        """Step, with a hanging arm; return when it ends."""
        style, rng = self.style, self.rng
        duration_s = min(duration_s, max(end_s - at_s, 0.0))
        where = self.window(at_s, duration_s)
        count = where.stop - where.start
        if count < 2:
            return at_s
        cadence_hz = style.cadence_hz * float(rng.lognormal(0.0, 0.1))
        pose = self.near(style.upright, 0.25)
        self.jump(at_s, pose)
        falls = footfalls(rng, count, cadence_hz, limp, style.ring_hz)
        push = rng.uniform(*HEAVE_G) * unit(pose + rng.normal(0.0, 0.4, 3))
        self.push_g[where] += falls[:, None] * push
        self.swing(at_s, duration_s, cadence_hz / 2.0, float(rng.uniform(0.1, 1.0)))
        self.noise(at_s, duration_s, 0.2)
        return at_s + duration_s

    # Gravity

    def resting(self) -> Vector:
        """Choose where the arm rests: one of the usual poses, or any other."""
        poses = self.person.bed_poses
        if self.rng.random() < 0.25:
            return any_direction(self.rng)
        return self.near(poses[int(self.rng.integers(len(poses)))], 0.3)

    def near(self, pose: Vector, spread: float) -> Vector:
        """Scatter a direction, now and then far."""
        return unit(pose + spread * self.rng.standard_t(4.0, 3) / math.sqrt(2.0))

    def jump(
        self, at_s: float, target: Vector, seconds: float | None = None, ring: float | None = None
    ) -> None:
        """Let gravity go to another direction."""
        if seconds is None:
            seconds = self.style.turn_s * float(self.rng.lognormal(0.0, 0.4))
        ring = float(self.rng.uniform(0.0, 1.5)) if ring is None else ring
        self.jumps.append(_Jump(at_s, target, seconds, ring))
        self.pose = target

    def hold_still(self, start_s: float, duration_s: float, first: int) -> None:
        """Take back what was drawn in a stretch, after the first so many jumps."""
        where = self.window(start_s, duration_s)
        self.push_g[where] = 0.0
        self.tilt_rad[where] = 0.0
        end_s = start_s + duration_s
        self.jumps[first:] = [
            jump for jump in self.jumps[first:] if not start_s <= jump.start_s < end_s
        ]

    def window(self, start_s: float, duration_s: float) -> slice:
        """Return the steps of the grid in a stretch, as far as the night holds them."""
        first, last = int(start_s * GRID_HZ), int((start_s + max(duration_s, 0.0)) * GRID_HZ)
        return slice(min(max(first, 0), self.count), min(max(last, 0), self.count))

    def directions(self) -> Vector:
        """Gravity without movement: jumps, and what is left to a still wrist."""
        up = np.empty((self.count, 3))
        jumps = sorted(self.jumps, key=lambda jump: jump.start_s)
        starts = [self.window(jump.start_s, 0.0).start for jump in jumps] + [self.count]
        up[: starts[0]] = value = self.first_pose
        for jump, first, last in zip(jumps, starts[:-1], starts[1:], strict=True):
            if last == first:
                continue
            near = min(last, first + int(12.0 * jump.seconds * GRID_HZ) + 2)
            since = np.arange(1, near - first + 1) / (GRID_HZ * jump.seconds)
            left = np.exp(-since) * (np.cos(jump.ring * since) + np.sin(since))
            up[first:near] = jump.target + left[:, None] * (value - jump.target)
            up[near:last] = jump.target
            value = up[last - 1]
        rough = max(int(self.count / (CREEP_STEP_S * GRID_HZ)) + 2, 2)
        grid = np.arange(self.count) / (CREEP_STEP_S * GRID_HZ)
        breath = self.breath()
        for axis in range(3):
            creep = CREEP_RAD * wander(self.rng, rough, CREEP_S / CREEP_STEP_S)
            points = wander(self.rng, rough, 400.0 / CREEP_STEP_S)
            up[:, axis] += self.worn * (
                np.interp(grid, np.arange(rough), creep)
                + np.interp(grid, np.arange(rough), points) * breath
            )
        return up

    def breath(self) -> Vector:
        """Breathing at the wrist in g: a rate and a depth that wander."""
        rough = int(self.count / GRID_HZ) + 2
        hz = self.person.respiration_hz * np.exp(0.1 * wander(self.rng, rough, 30.0))
        depth = np.exp(0.3 * wander(self.rng, rough, 20.0))
        grid = np.arange(self.count) / GRID_HZ
        phase = np.interp(grid, np.arange(rough), 2.0 * np.pi * np.cumsum(hz))
        size = self.person.breathing_mg / 1000.0 * np.interp(grid, np.arange(rough), depth)
        return np.asarray(size * np.sin(phase + 0.4 * np.sin(phase)))

    def force_g(self, times_s: Vector) -> Vector:
        """Evaluate what an ideal accelerometer reads at some times."""
        up = self.directions()
        moving = np.flatnonzero(self.tilt_rad.any(axis=1))
        up[moving] += np.cross(self.tilt_rad[moving], up[moving])
        up /= np.sqrt(np.einsum("ij,ij->i", up, up))[:, None]
        up += self.push_g * self.worn[:, None]
        grid_s = np.arange(self.count) / GRID_HZ
        return np.stack([np.interp(times_s, grid_s, up[:, axis]) for axis in range(3)], axis=1)
