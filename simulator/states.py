"""What sleepers of the submovement family may be doing, and how their nights go through it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto

from simulator.happening import Kind, Phenotype
from simulator.life import Length, Life

__all__ = ["ASKS", "COURSES", "Asks", "Course", "State", "go_about"]

MINUTE_S = 60.0
"""Length in seconds from which a happening is one of minutes."""

PACE = Length(2.0, 0.5, 0.4, 4.0)
"""How densely movements follow on each other; 1 is the plain life. At the hard life's usual pace of
1.2, and with cramps broken as seldom as elsewhere, three in five cramps could be told from the rest
at 0.3 false alarms a night, given their true windows; at this one 0.55 of them."""
PAIN = 1.3
"""How many times longer a cramp goes on between two pauses: 1.8 elsewhere, see `PACE`."""


class State(Enum):
    """What a sleeper may be doing."""

    QUIET = auto()
    RESTLESS = auto()
    SHIFTING = auto()
    STROKING = auto()
    HOLDING = auto()
    HANDLING = auto()
    ROCKING = auto()
    WALKING = auto()


@dataclass(frozen=True, slots=True)
class Asks:
    """What a state asks of the wrist.

    Parameters
    ----------
    stay_s, spread
        Median and spread of its log-normal stays.
    every_s, even
        Mean seconds from one submovement to the next, and the shape of their gamma law: below 1
        they come in bursts, at 20 nearly evenly.
    turn_rad, way_m
        Median turn, and median way straight along.
    back
        Share that undoes the one before.
    home
        Share that goes to where the arm belongs in it.
    body_m
        How far the body goes along with each, at the most.
    """

    stay_s: float
    spread: float
    every_s: float
    even: float
    turn_rad: float
    way_m: float
    back: float = 0.0
    home: float = 0.0
    body_m: float = 0.0


ASKS: Mapping[State, Asks] = {
    State.QUIET: Asks(3.9, 1.3, 60.0, 1.0, 0.01, 0.002),
    State.RESTLESS: Asks(4.6, 1.1, 0.7, 0.6, 0.12, 0.03, back=0.3, home=0.2, body_m=0.01),
    State.SHIFTING: Asks(4.6, 0.6, 0.45, 1.0, 0.5, 0.08, back=0.15, home=0.1, body_m=0.03),
    State.STROKING: Asks(9.0, 0.8, 0.35, 20.0, 0.12, 0.04, back=0.93, home=0.02, body_m=0.01),
    State.HOLDING: Asks(6.0, 0.9, 1.2, 0.7, 0.05, 0.01, back=0.3, home=0.3, body_m=0.005),
    State.HANDLING: Asks(5.0, 0.8, 0.6, 0.8, 0.25, 0.07, back=0.4, home=0.15, body_m=0.005),
    State.ROCKING: Asks(12.0, 0.8, 0.8, 20.0, 0.03, 0.03, back=0.96, body_m=0.04),
    State.WALKING: Asks(6.0, 0.7, 0.55, 40.0, 0.15, 0.02, back=0.95, home=0.03),
}
"""Stays of rest and of restlessness are those of awakenings with 20 s of movement and more in the
real 5 Hz nights: medians 4.6 s moving (spread 1.1) and 3.9 s still (1.36). The rest is assumed."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a kind of happening goes.

    Parameters
    ----------
    weights
        How often each state comes.
    vigour
        Range of how large all of it is.
    opening
        Range of how large its beginning is.
    at
        Where the arm belongs in it: a place of the sleeper's, or empty where it lies.
    up
        Share that gets out of bed.
    steps
        Range of the steps there, and about as many back.
    """

    weights: Mapping[State, float]
    vigour: tuple[float, float] = (0.5, 1.3)
    opening: tuple[float, float] = (0.3, 1.3)
    at: str = ""
    up: float = 0.0
    steps: tuple[int, int] = (3, 20)


_Q, _R, _SH = State.QUIET, State.RESTLESS, State.SHIFTING
_ST, _HO, _HA = State.STROKING, State.HOLDING, State.HANDLING
_RO, _W = State.ROCKING, State.WALKING

COURSES: Mapping[Kind | Phenotype, Course] = {
    Phenotype.RUB: Course(
        {_ST: 3.5, _R: 2, _HO: 1.5, _SH: 0.7, _Q: 0.4}, (0.7, 1.5), (0.8, 1.8), at="leg"
    ),
    Phenotype.SIT: Course(
        {_ST: 1.5, _R: 1.5, _HO: 3, _RO: 0.5, _SH: 0.7, _Q: 0.4}, (0.7, 1.5), (0.8, 1.8), at="leg"
    ),
    Phenotype.STAND: Course(
        {_W: 2.5, _HO: 2, _R: 1.5, _ST: 1, _RO: 0.5, _Q: 0.4}, (0.7, 1.5), (0.8, 1.8), "stand", 1.0
    ),
    Kind.BATHROOM: Course(
        {_HA: 1.5, _HO: 2, _Q: 5, _ST: 0.3, _W: 0.3}, at="stand", up=1.0, steps=(10, 50)
    ),
    Kind.INFANT: Course(
        {_RO: 3, _HO: 2, _ST: 1, _HA: 1, _W: 0.7, _Q: 3}, at="arms", up=0.8, steps=(4, 30)
    ),
    Kind.DRINK: Course({_HO: 2, _HA: 1.5, _Q: 4, _W: 0.3}, at="face", up=0.5, steps=(6, 40)),
    Kind.PHONE: Course({_HO: 3, _HA: 0.7, _Q: 4, _R: 0.5}, (0.3, 1.1), at="face"),
    Kind.SCRATCH: Course({_ST: 4, _R: 1.5, _SH: 0.7, _Q: 4}, (0.4, 1.1)),
    Kind.LYING_AWAKE: Course({_Q: 6, _R: 2, _SH: 1, _ST: 0.4, _HO: 1}),
    Kind.FALLING_ASLEEP: Course({_Q: 6, _R: 2, _SH: 0.5}),
    Kind.FINAL_WAKING: Course({_Q: 2, _R: 2, _HA: 2, _W: 1.5}, at="stand", up=1.0),
    Kind.LARGE_MOVEMENT: Course({_SH: 4, _R: 2, _ST: 0.5}, (0.6, 1.5)),
    Kind.POSITION_SHIFT: Course({_SH: 4, _R: 1}),
    Kind.AROUSAL: Course({_R: 3, _SH: 0.7}, (0.3, 1.0)),
    Kind.OFF_WRIST: Course({_HA: 4, _HO: 1, _R: 1, _Q: 0.7}, at="face", up=0.3),
}
"""By kind of happening, cramps by what is done about them; assumed. The rest has its own ways."""


def go_about(life: Life) -> Life:
    """Give the family a plan of its own: other lengths, pauses and shares.

    What may take minutes varies less in length, about a longer median, than in the other families.
    Something is done for 36 s on end, the longest stretch of movement in awakenings with 40 s of it
    in the real 5 Hz nights; with what else breaks off it is half of that. Movements follow on each
    other more densely, and a cramp is broken by pauses nearly as often as anything else.
    """
    lengths = {
        kind: replace(length, median_s=1.2 * length.median_s, sigma=0.9 * length.sigma)
        if isinstance(length, Length) and kind is not Kind.CRAMP and length.high_s > MINUTE_S
        else length
        for kind, length in life.lengths.items()
    }
    manner = life.manner and replace(
        life.manner,
        watch_arm=0.6,
        every_s=Length(36.0, 0.8, 4.0, 300.0),
        pause_s=Length(10.0, 0.7, 4.0, 60.0),
        settling_s=Length(30.0, 1.1, 4.0, 400.0),
        lag_s=2.0,
        pace=PACE,
        pain=PAIN,
    )
    phenotypes = {
        Phenotype.SILENT: 0.20,
        Phenotype.RUB: 0.27,
        Phenotype.SIT: 0.29,
        Phenotype.STAND: 0.24,
    }
    return replace(life, lengths=lengths, phenotypes=phenotypes, manner=manner)
