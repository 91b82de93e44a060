"""The kinematic family: an arm is moved from pose to pose, and the wrist feels it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simulator.body import Body
from simulator.choreography import choreograph
from simulator.happening import Happening
from simulator.heart import beat_heart
from simulator.life import Length, Life
from simulator.movement import Vector, specific_force
from simulator.person import Person

__all__ = ["keep_at_it", "kinematic"]

PACE = Length(2.5, 0.5, 0.8, 8.0)
"""How densely an arm's movements follow on each other; 1 is the plain life. At a usual pace the
pauses between a choreography's movements are long, and cramps alone go on without them."""
PAIN = 1.15
"""How many times longer a cramp goes on between two pauses. With 1.8, as elsewhere, the longest
stretch of movement alone told cramps from the rest, with an area under the curve of 0.91."""


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


def keep_at_it(life: Life) -> Life:
    """Let people keep at what they do, a cramp or not, where the life says how it is gone about."""
    if life.manner is None:
        return life
    return replace(life, manner=replace(life.manner, pace=PACE, pain=PAIN))
