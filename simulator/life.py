"""How nights go: how often things happen, for how long, and what the heart makes of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from simulator.happening import Kind, Phenotype
from simulator.person import Rates, draw_rates
from simulator.texture import draw_power_law

__all__ = [
    "HARD",
    "LENGTHS",
    "LIVES",
    "PLAIN",
    "Draws",
    "Length",
    "Life",
    "Manner",
    "PowerLength",
    "Rise",
    "SkewedRise",
]

PHENOTYPE_SHARES: Mapping[Phenotype, float] = {
    Phenotype.SILENT: 0.20,
    Phenotype.RUB: 0.30,
    Phenotype.SIT: 0.25,
    Phenotype.STAND: 0.25,
}
"""Assumed shares: none are published."""

SHIFT_BEFORE_CRAMP = 0.3
"""Assumed share of cramps that follow a change of position."""

VISIBLE_AROUSALS = 0.1
"""Share of arousals that move the wrist: leaves 7 to 14 movements an hour, as in real nights."""


@dataclass(frozen=True, slots=True)
class Length:
    """Log-normal duration in seconds, cut to a range."""

    median_s: float
    sigma: float
    low_s: float
    high_s: float

    def draw(self, rng: np.random.Generator) -> float:
        """Draw seconds."""
        while True:
            drawn = float(rng.lognormal(math.log(self.median_s), self.sigma))
            if self.low_s <= drawn <= self.high_s:
                return round(drawn, 1)


LENGTHS: Mapping[Kind, Length] = {
    Kind.CRAMP: Length(100.0, 0.9, 10.0, 600.0),
    Kind.BATHROOM: Length(200.0, 0.45, 80.0, 720.0),
    Kind.INFANT: Length(420.0, 0.7, 90.0, 2400.0),
    Kind.DRINK: Length(90.0, 0.6, 30.0, 400.0),
    Kind.PHONE: Length(240.0, 0.8, 30.0, 1800.0),
    Kind.LYING_AWAKE: Length(300.0, 0.9, 45.0, 2700.0),
    Kind.APNOEA: Length(1200.0, 0.4, 600.0, 2400.0),
    Kind.LARGE_MOVEMENT: Length(12.0, 0.7, 3.0, 45.0),
    Kind.POSITION_SHIFT: Length(8.0, 0.5, 3.0, 30.0),
    Kind.AROUSAL: Length(7.0, 0.5, 3.0, 15.0),
    Kind.LIMB_MOVEMENTS: Length(240.0, 0.6, 60.0, 900.0),
    Kind.SCRATCH: Length(45.0, 0.9, 8.0, 400.0),
    Kind.TAPS: Length(9.0, 0.2, 7.0, 14.0),
    Kind.OFF_WRIST: Length(1500.0, 1.2, 120.0, 7200.0),
}
"""Cramps by the project's assumptions (published: seconds to ten minutes); large movements 3-45 s
(IRLSSG); arousals 3-15 s by definition; what happens out of bed and awake by common experience: a
strap is aired for minutes, a wearable charged for an hour or two."""


@dataclass(frozen=True, slots=True)
class PowerLength:
    """Duration in seconds whose density falls as a power, between two bounds."""

    low_s: float
    high_s: float
    exponent: float

    def draw(self, rng: np.random.Generator) -> float:
        """Draw seconds."""
        return round(draw_power_law(rng, self.low_s, self.high_s, self.exponent), 1)


@dataclass(frozen=True, slots=True)
class Rise:
    """Heart-rate rise in bpm: none in some, else normal, cut to 0-40."""

    answered: float
    mean_bpm: float
    sd_bpm: float

    def draw(self, rng: np.random.Generator) -> float:
        """Draw bpm."""
        if rng.random() >= self.answered:
            return float(rng.uniform(0.0, 2.0))
        return float(np.clip(rng.normal(self.mean_bpm, self.sd_bpm), 0.0, 40.0))


RISES: Mapping[Kind, Rise] = {
    Kind.CRAMP: Rise(1.0, 15.0, 7.0),
    Kind.BATHROOM: Rise(1.0, 22.0, 8.0),
    Kind.INFANT: Rise(1.0, 19.0, 8.0),
    Kind.DRINK: Rise(0.9, 13.0, 7.0),
    Kind.PHONE: Rise(0.7, 7.0, 4.0),
    Kind.FALLING_ASLEEP: Rise(1.0, 10.0, 4.0),
    Kind.LYING_AWAKE: Rise(1.0, 9.0, 5.0),
    Kind.FINAL_WAKING: Rise(1.0, 18.0, 6.0),
    Kind.APNOEA: Rise(1.0, 8.0, 3.0),
    Kind.LARGE_MOVEMENT: Rise(0.75, 20.0, 8.0),
    Kind.POSITION_SHIFT: Rise(0.65, 18.0, 8.0),
    Kind.AROUSAL: Rise(0.4, 14.0, 8.0),
    Kind.LIMB_MOVEMENTS: Rise(0.8, 7.0, 3.0),
    Kind.SCRATCH: Rise(0.6, 12.0, 7.0),
    Kind.TAPS: Rise(0.5, 5.0, 3.0),
    Kind.OFF_WRIST: Rise(0.7, 12.0, 6.0),
}
"""Cramps by the project's assumptions (nothing is published); the harmless ones so that together
they rise by over 10 bpm three to nine times an hour and that most large movements bring one, as
in the real nights of the project."""


@dataclass(frozen=True, slots=True)
class SkewedRise:
    """Heart-rate rise in bpm: next to none in some, else of a gamma law, cut at 50."""

    answered: float
    mean_bpm: float
    shape: float

    def draw(self, rng: np.random.Generator) -> float:
        """Draw bpm."""
        if rng.random() >= self.answered:
            return float(rng.exponential(1.0))
        return float(min(rng.gamma(self.shape, self.mean_bpm / self.shape), 50.0))


class Draws(Protocol):
    """Anything that can be drawn: seconds, or bpm."""

    def draw(self, rng: np.random.Generator) -> float:
        """Draw one."""
        ...


@dataclass(frozen=True, slots=True)
class Manner:
    """How anything long is gone about, a cramp or not: drawn alike, but that pain lets go less.

    Parameters
    ----------
    watch_arm
        Share in which the arm with the watch does the most of it.
    every_s, pause_s
        Seconds of doing between two pauses, and of each pause.
    pain
        How many times longer a cramp goes on between two pauses.
    pace
        How densely movements follow on each other; 1 is usual.
    settling_s
        Seconds of small movements, ever fewer, after the end.
    lag_s
        Mean seconds from the onset to the first movement.
    """

    watch_arm: float
    every_s: Draws
    pause_s: Draws
    pain: float
    pace: Draws
    settling_s: Draws
    lag_s: float


@dataclass(frozen=True, slots=True)
class Life:
    """How nights go.

    Parameters
    ----------
    lengths, rises
        Seconds that each kind of happening takes, and what the heart makes of it.
    phenotypes
        Shares of what people do about a cramp.
    shift_before_cramp
        Share of cramps that follow a change of position.
    visible_arousals
        Share of arousals that move the wrist.
    draw_rates
        Draws how often things happen to one person.
    manner
        How anything long is gone about; None leaves it to the family.
    """

    lengths: Mapping[Kind, Draws]
    rises: Mapping[Kind, Draws]
    phenotypes: Mapping[Phenotype, float]
    shift_before_cramp: float
    visible_arousals: float
    draw_rates: Callable[[np.random.Generator], Rates]
    manner: Manner | None = None


PLAIN = Life(
    lengths=LENGTHS,
    rises=RISES,
    phenotypes=PHENOTYPE_SHARES,
    shift_before_cramp=SHIFT_BEFORE_CRAMP,
    visible_arousals=VISIBLE_AROUSALS,
    draw_rates=draw_rates,
)
"""The life of the first simulated nights: easier than a real one."""


def draw_hard_rates(rng: np.random.Generator) -> Rates:
    """Draw how often things happen to one person in the hard life.

    Movements of 20 s and more come 1.2 to 3.8 times an hour in the real 5 Hz nights, and those of a
    minute and more 0.5 to 0.9 times: several times what the plain life has. What they were is not
    known; here they are what people say that they do at night. One in three takes the wearable off
    now and then.
    """
    # On a stream of its own: nights of whoever keeps it on are as they are without.
    strap = rng.spawn(1)[0]
    return replace(
        draw_rates(rng),
        large_movements_h=float(rng.uniform(0.5, 2.0)),
        awake_spells_night=float(rng.uniform(0.5, 2.5)),
        phone_night=float(rng.uniform(0.0, 1.0)),
        drink_night=float(rng.uniform(0.0, 1.0)),
        infant_night=float(rng.uniform(1.0, 3.0)) if rng.random() < 0.15 else 0.0,
        scratch_night=float(rng.uniform(0.3, 3.0)),
        off_wrist_night=float(strap.uniform(0.2, 1.0)) if strap.random() < 0.35 else 0.0,
    )


HARD = replace(
    PLAIN,
    lengths={
        **LENGTHS,
        Kind.INFANT: Length(200.0, 0.8, 45.0, 1800.0),
        Kind.DRINK: Length(80.0, 0.7, 20.0, 400.0),
        Kind.PHONE: Length(120.0, 0.9, 20.0, 1200.0),
        Kind.LYING_AWAKE: Length(120.0, 0.9, 20.0, 1500.0),
        Kind.LARGE_MOVEMENT: Length(16.0, 0.7, 4.0, 45.0),
        Kind.SCRATCH: Length(70.0, 0.8, 10.0, 500.0),
    },
    rises={
        **RISES,
        Kind.INFANT: Rise(0.85, 22.0, 9.0),
        Kind.DRINK: Rise(0.6, 18.0, 8.0),
        Kind.PHONE: Rise(0.5, 17.0, 8.0),
        Kind.LYING_AWAKE: Rise(0.5, 18.0, 8.0),
        Kind.LARGE_MOVEMENT: Rise(0.6, 20.0, 8.0),
        Kind.POSITION_SHIFT: Rise(0.5, 20.0, 8.0),
        Kind.AROUSAL: Rise(0.22, 19.0, 7.0),
        Kind.SCRATCH: Rise(0.5, 18.0, 8.0),
    },
    draw_rates=draw_hard_rates,
    manner=Manner(
        watch_arm=0.55,
        every_s=Length(20.0, 0.8, 3.0, 200.0),
        pause_s=Length(10.0, 0.8, 2.0, 60.0),
        pain=1.8,
        pace=Length(1.2, 0.5, 0.4, 4.0),
        settling_s=Length(40.0, 0.9, 5.0, 300.0),
        lag_s=2.5,
    ),
)
"""As hard as a real life: half of what is harmless carries a rise of the real height (median 18
bpm, one in ten over 24 to 32), lasts as long as a cramp, and is gone about in the same manner."""

LIVES: Mapping[str, Life] = {"plain": PLAIN, "hard": HARD}
"""By name."""
