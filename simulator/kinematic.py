"""The kinematic family: an arm is moved from pose to pose, and the wrist feels it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.body import Body
from simulator.choreography import choreograph
from simulator.happening import Happening
from simulator.heart import beat_heart
from simulator.movement import Vector, specific_force
from simulator.person import Person

__all__ = ["kinematic"]


def kinematic(
    seed: np.random.SeedSequence,
    person: Person,
    happenings: Sequence[Happening],
    times_s: Vector,
    *,
    span_s: float,
    twitches_h: float,
) -> Body:
    """Choreograph an arm; see `simulator.body.Family`."""
    movement, heartbeat = map(np.random.default_rng, seed.spawn(2))
    motion = choreograph(movement, person, happenings, span_s=span_s, twitches_h=twitches_h)
    heart = beat_heart(heartbeat, person, happenings, span_s=span_s)
    return Body(specific_force(motion, times_s), heart)
