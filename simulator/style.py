"""How one person of the phenomenological family moves, the same in all of their nights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.movement import Vector, unit
from simulator.person import Person
from simulator.texture import Colour, any_direction

__all__ = ["Style", "draw_style"]

UPRIGHT = (-1.0, 0.0, 0.0)
"""Up in the wrist's frame of an arm that hangs: physics, and so the same in every family."""


@dataclass(frozen=True, slots=True, eq=False)
class Style:
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


def draw_style(person: Person) -> Style:
    """Draw it from the person: each of their nights has the same."""
    own = np.concatenate(person.bed_poses).view(np.uint32).tolist()
    rng = np.random.default_rng(own)
    return Style(
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
