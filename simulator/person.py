"""Who sleeps: the body, and how often things happen to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.movement import Vector, unit

__all__ = ["Person", "Rates", "draw_person", "draw_rates"]

BED_POSES = 7
"""Arm poses a sleeper returns to: the real 5 Hz nights show five to ten each."""

TAP_G = 3.0
"""Peak in g of a firm tap on a watch; assumed. 1 to 8 g between people."""
TAP_APART_S = 0.35
"""Seconds between taps, from 0.17 to 0.8 between people; assumed: a finger comes to five or six
taps a second at the most, and knocking on a door is three."""

CRAMP_RATE_SHAPE = 0.45
"""Gamma shape of cramps a week: puts the 90th percentile at seven times the median."""
CRAMP_RATE_SCALE = 5.1
"""Gamma scale in cramps a week: puts the median at one, the 90th percentile near seven."""


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """A sleeper.

    Parameters
    ----------
    wrist
        ``"left"`` or ``"right"``, where the wearable is worn.
    vigour
        How strongly this body moves; 1 is usual.
    resting_bpm
        Heart rate in quiet sleep.
    variability_bpm
        Standard deviation of the heart rate in quiet sleep; dreaming and waking take a multiple.
    reactivity
        How strongly the heart answers; 1 is usual.
    no_rise_share
        Share of cramps that the heart does not answer.
    respiration_hz, breathing_mg
        Rate of breathing and the size it reaches the wrist with.
    bed_poses
        Directions of "up" in the wrist's frame that the arm rests in.
    tap_g, tap_apart_s
        Peak of this person's taps on the watch, and seconds from one to the next.
    """

    wrist: str
    vigour: float
    resting_bpm: float
    variability_bpm: float
    reactivity: float
    no_rise_share: float
    respiration_hz: float
    breathing_mg: float
    bed_poses: tuple[Vector, ...]
    tap_g: float
    tap_apart_s: float


@dataclass(frozen=True, slots=True)
class Rates:
    """How often things happen, an hour of sleep (``_h``) or a night (``_night``).

    `Rates()` is a night of nothing at all, for a night that is wholly scripted.
    """

    arousals_h: float = 0.0
    position_shifts_h: float = 0.0
    large_movements_h: float = 0.0
    twitches_h: float = 0.0
    limb_movement_runs_night: float = 0.0
    apnoea_spells_night: float = 0.0
    awake_spells_night: float = 0.0
    phone_night: float = 0.0
    bathroom_night: float = 0.0
    drink_night: float = 0.0
    infant_night: float = 0.0
    cramps_night: float = 0.0
    scratch_night: float = 0.0
    off_wrist_night: float = 0.0


def draw_person(rng: np.random.Generator) -> Person:
    """Draw a sleeper."""
    # On a stream of its own: how one taps changes nothing of the rest.
    tapping = rng.spawn(1)[0]
    return Person(
        wrist="left" if rng.random() < 0.75 else "right",
        vigour=float(rng.lognormal(0.0, 0.25)),
        resting_bpm=float(np.clip(rng.normal(60.0, 6.5), 45.0, 80.0)),
        variability_bpm=float(rng.uniform(0.9, 2.4)),
        reactivity=float(rng.lognormal(0.0, 0.2)),
        no_rise_share=float(rng.uniform(0.05, 0.15)),
        respiration_hz=float(rng.uniform(0.2, 0.3)),
        breathing_mg=float(rng.uniform(1.0, 4.0)),
        bed_poses=tuple(unit(rng.normal(size=3)) for _ in range(BED_POSES)),
        tap_g=float(np.clip(tapping.lognormal(np.log(TAP_G), 0.5), 1.0, 8.0)),
        tap_apart_s=float(np.clip(tapping.lognormal(np.log(TAP_APART_S), 0.35), 0.17, 0.8)),
    )


def draw_rates(rng: np.random.Generator) -> Rates:
    """Draw how often things happen to one person.

    Sources are in section 2 and 3 of the project's notes on cramps: 15 to 27 arousals an hour,
    1.6 (SD 0.7) position shifts an hour, two or more bathroom visits in 6 to 39 % of people, a
    median of one cramp a week with a 90th percentile of seven.
    """
    return Rates(
        arousals_h=float(rng.uniform(15.0, 27.0)),
        position_shifts_h=float(np.clip(rng.normal(1.6, 0.7), 0.4, 3.5)),
        large_movements_h=float(rng.uniform(0.5, 1.8)),
        twitches_h=float(rng.uniform(0.5, 3.0)),
        limb_movement_runs_night=float(rng.uniform(1.0, 6.0)) if rng.random() < 0.3 else 0.0,
        apnoea_spells_night=float(rng.uniform(1.0, 4.0)) if rng.random() < 0.15 else 0.0,
        awake_spells_night=float(rng.uniform(0.3, 2.0)),
        phone_night=float(rng.uniform(0.0, 0.6)),
        bathroom_night=float(rng.gamma(1.2, 0.6)),
        drink_night=float(rng.uniform(0.0, 0.4)),
        infant_night=float(rng.uniform(0.5, 2.0)) if rng.random() < 0.1 else 0.0,
        cramps_night=float(rng.gamma(CRAMP_RATE_SHAPE, CRAMP_RATE_SCALE)) / 7.0,
    )
