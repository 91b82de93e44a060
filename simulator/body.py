"""The body in a night, as a family of simulated nights makes it: what its wrist and heart do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from simulator.happening import Happening
from simulator.heart import Heart
from simulator.movement import Vector
from simulator.person import Person

__all__ = ["Body", "Family"]


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """What a body does in a night, before any device has read it.

    Parameters
    ----------
    force_g : shape (n, 3)
        What an ideal accelerometer on the wrist reads, gravity included, in the wrist's frame.
    heart
        The heart.
    """

    force_g: Vector
    heart: Heart


class Family(Protocol):
    """A way to make a body's night of a plan.

    Parameters
    ----------
    seed
        Where its chance begins. Two may be spawned of it, movement and heart, and of those what is
        needed: a third would draw the same as the device.
    person
        Whose body it is.
    happenings
        By onset, none overlapping. Every kind has to be rendered.
    times_s : shape (n,)
        Rising times to give the force at. Another device asks for other times of the same body.
    span_s
        Length of the night in seconds.
    twitches_h
        Small movements an hour that belong to no happening.
    """

    def __call__(
        self,
        seed: np.random.SeedSequence,
        person: Person,
        happenings: Sequence[Happening],
        times_s: Vector,
        *,
        span_s: float,
        twitches_h: float,
    ) -> Body:
        """Make the night."""
        ...
