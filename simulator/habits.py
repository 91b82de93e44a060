"""What the sleepers of the phenomenological family do, and how their nights go through life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto

from simulator.happening import Kind, Phenotype
from simulator.life import Draws, Length, Life, PowerLength, Rise, SkewedRise

__all__ = ["DWELLS_S", "HABITS", "Habit", "State", "vary"]


class State(Enum):
    """What a wrist can be seen to do."""

    STILL = auto()
    FIDGET = auto()
    TOSS = auto()
    STROKE = auto()
    SWAY = auto()
    STEPS = auto()
    HOLD = auto()


DWELLS_S: Mapping[State, tuple[float, float]] = {
    State.STILL: (1.0, 45.0),
    State.FIDGET: (0.7, 12.0),
    State.TOSS: (0.7, 9.0),
    State.STROKE: (1.5, 40.0),
    State.SWAY: (2.0, 45.0),
    State.STEPS: (1.5, 15.0),
    State.HOLD: (2.0, 45.0),
}
"""Shortest and longest stay in each, in seconds: nobody tosses or fidgets for long on end."""

PAIN = 3.0
"""How many times longer a cramp goes on between two pauses. Doing and pausing fall as powers here:
with less, cramps are in as many pieces as anything else, and even in their true windows two thirds
of them cannot be told from it at 0.3 false alarms a night."""


@dataclass(frozen=True, slots=True)
class Habit:
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

    weights: Mapping[State, float]
    strength: tuple[float, float] = (0.5, 1.3)
    opens: tuple[float, float] = (0.2, 1.3)
    up: float = 0.0
    way_s: tuple[float, float] = (2.0, 15.0)
    to_the_leg: bool = False


HABITS: Mapping[Kind | Phenotype, Habit] = {
    Phenotype.RUB: Habit(
        {
            State.STROKE: 4.0,
            State.FIDGET: 2.0,
            State.TOSS: 1.5,
            State.STILL: 0.4,
            State.SWAY: 1.0,
        },
        strength=(0.6, 1.5),
        opens=(0.6, 1.6),
        to_the_leg=True,
    ),
    Phenotype.SIT: Habit(
        {
            State.STROKE: 2.5,
            State.HOLD: 1.2,
            State.FIDGET: 1.5,
            State.TOSS: 1.5,
            State.STILL: 0.4,
            State.SWAY: 1.0,
        },
        strength=(0.6, 1.5),
        opens=(0.6, 1.6),
        to_the_leg=True,
    ),
    Phenotype.STAND: Habit(
        {
            State.STEPS: 3.0,
            State.HOLD: 1.0,
            State.STROKE: 1.0,
            State.FIDGET: 2.0,
            State.STILL: 0.4,
        },
        strength=(0.6, 1.5),
        opens=(0.6, 1.6),
        up=1.0,
    ),
    Kind.BATHROOM: Habit(
        {
            State.STEPS: 1.0,
            State.HOLD: 2.5,
            State.TOSS: 1.5,
            State.STROKE: 1.5,
            State.FIDGET: 2.0,
            State.STILL: 4.0,
        },
        opens=(0.2, 1.2),
        up=1.0,
        way_s=(6.0, 30.0),
    ),
    Kind.INFANT: Habit(
        {
            State.SWAY: 3.0,
            State.STROKE: 2.0,
            State.STEPS: 1.5,
            State.HOLD: 2.0,
            State.FIDGET: 1.0,
            State.STILL: 2.5,
        },
        up=0.7,
    ),
    Kind.DRINK: Habit(
        {
            State.HOLD: 3.0,
            State.TOSS: 2.0,
            State.FIDGET: 2.0,
            State.STEPS: 1.0,
            State.STILL: 3.5,
            State.STROKE: 0.5,
        },
        up=0.5,
        way_s=(4.0, 24.0),
    ),
    Kind.PHONE: Habit(
        {
            State.HOLD: 3.0,
            State.FIDGET: 3.0,
            State.STILL: 3.5,
            State.TOSS: 1.0,
            State.STROKE: 1.0,
        },
        strength=(0.3, 1.1),
    ),
    Kind.SCRATCH: Habit(
        {
            State.STROKE: 4.0,
            State.FIDGET: 2.0,
            State.TOSS: 1.5,
            State.STILL: 2.0,
            State.SWAY: 0.5,
        },
    ),
    Kind.LYING_AWAKE: Habit(
        {
            State.STILL: 5.0,
            State.FIDGET: 3.0,
            State.TOSS: 2.0,
            State.STROKE: 1.5,
            State.HOLD: 1.0,
        },
    ),
    Kind.FALLING_ASLEEP: Habit(
        {State.STILL: 4.0, State.FIDGET: 3.0, State.TOSS: 1.5, State.STROKE: 0.5},
    ),
    Kind.FINAL_WAKING: Habit(
        {State.STILL: 2.0, State.FIDGET: 2.0, State.TOSS: 2.0, State.STEPS: 1.5},
        up=1.0,
    ),
    Kind.LARGE_MOVEMENT: Habit(
        {State.TOSS: 4.0, State.STROKE: 1.0, State.FIDGET: 1.0}, strength=(0.6, 1.5)
    ),
    Kind.POSITION_SHIFT: Habit({State.TOSS: 4.0, State.FIDGET: 1.0}),
    Kind.AROUSAL: Habit({State.FIDGET: 3.0, State.TOSS: 1.0}, strength=(0.2, 0.9)),
    Kind.OFF_WRIST: Habit(
        {State.FIDGET: 4.0, State.TOSS: 2.0, State.HOLD: 1.0, State.STILL: 1.0, State.STEPS: 0.5},
        up=0.3,
    ),
}
"""By kind of happening, cramps by what is done about them; assumed. The rest has its own ways."""


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
        pain=PAIN,
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
