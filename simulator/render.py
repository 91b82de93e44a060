"""Ties a night together: from a plan to what a device recorded of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.choreography import choreograph
from simulator.device import (
    Device,
    DeviceFault,
    read_acceleration,
    read_heart_rate,
    read_rr_intervals,
    recorded,
    tick,
)
from simulator.heart import Heart, beat_heart
from simulator.movement import Vector, specific_force
from simulator.person import Person
from simulator.plan import Happening

__all__ = ["Readings", "render"]


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """What a device recorded, its times in seconds from the start, and the heart behind it.

    ``heart_rate`` and ``rr_intervals`` are times and values, or None for a device without.
    """

    times_s: Vector
    xyz_g: Vector
    heart_rate: tuple[Vector, Vector] | None
    rr_intervals: tuple[Vector, Vector] | None
    heart: Heart


def render(
    seed: np.random.SeedSequence,
    person: Person,
    happenings: Sequence[Happening],
    device: Device,
    *,
    span_s: float,
    twitches_h: float,
    faults: Sequence[DeviceFault] = (),
) -> Readings:
    """Play a plan and record it.

    Body and device draw on streams of chance of their own: another device records the same body.
    """
    body, heartbeat, clock, sensor, optics = map(np.random.default_rng, seed.spawn(5))
    motion = choreograph(body, person, happenings, span_s=span_s, twitches_h=twitches_h)
    heart = beat_heart(heartbeat, person, happenings, span_s=span_s)

    times_s, written_s = tick(clock, device, span_s=span_s)
    force_g = specific_force(motion, times_s)
    xyz_g = read_acceleration(sensor, device, force_g)
    kept = recorded(times_s, faults)

    heart_rate = rr_intervals = None
    if device.heart is not None:
        at_s, bpm = read_heart_rate(optics, device.heart, heart, times_s, force_g, faults=faults)
        seen = recorded(at_s, faults)
        heart_rate = (at_s[seen], bpm[seen])
        if device.heart.intervals:
            rr_intervals = read_rr_intervals(optics, heart, faults=faults)
    return Readings(written_s[kept], xyz_g[kept], heart_rate, rr_intervals, heart)
