"""Ties a night together: from a plan to what a device recorded of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.body import Family
from simulator.device import (
    Device,
    DeviceFault,
    read_acceleration,
    read_heart_rate,
    read_rr_intervals,
    recorded,
    tick,
)
from simulator.happening import Happening
from simulator.heart import Heart
from simulator.movement import Vector
from simulator.person import Person

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
    family: Family,
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
    of_body = np.random.SeedSequence(seed.entropy, spawn_key=seed.spawn_key)
    # The first two of five are the body's.
    clock, sensor, optics = map(np.random.default_rng, seed.spawn(5)[2:])
    times_s, written_s = tick(clock, device, span_s=span_s)
    body = family(of_body, person, happenings, times_s, span_s=span_s, twitches_h=twitches_h)
    xyz_g = read_acceleration(sensor, device, body.force_g)
    kept = recorded(times_s, faults)

    heart_rate = rr_intervals = None
    if device.heart is not None:
        at_s, bpm = read_heart_rate(
            optics, device.heart, body.heart, times_s, body.force_g, faults=faults
        )
        seen = recorded(at_s, faults)
        heart_rate = (at_s[seen], bpm[seen])
        if device.heart.intervals:
            rr_intervals = read_rr_intervals(optics, body.heart, faults=faults)
    return Readings(written_s[kept], xyz_g[kept], heart_rate, rr_intervals, body.heart)
