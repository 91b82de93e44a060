"""A night of the phenomenological family while it is drawn: textures over a wrist that points."""

from __future__ import annotations

import math

import numpy as np

from simulator.gravity import Jump, draw_gravity, step_at
from simulator.movement import Vector, unit
from simulator.person import Person
from simulator.style import draw_style
from simulator.texture import (
    GRID_HZ,
    Colour,
    any_direction,
    bursts,
    coloured,
    draw_power_law,
    footfalls,
    rhythm,
)

__all__ = ["Trace"]

HEAVE_G = (0.1, 0.3)
"""How hard a step pushes, in g: the body falls and rises with each, whatever the arm does."""


class Trace:
    """What an accelerometer may read of a night, on the grid of `GRID_HZ`."""

    def __init__(self, rng: np.random.Generator, person: Person, span_s: float):
        self.rng = rng
        self.person = person
        self.style = draw_style(person)
        self.count = int(span_s * GRID_HZ) + 2
        self.push_g = np.zeros((self.count, 3))
        self.tilt_rad = np.zeros((self.count, 3))
        self.worn = np.ones(self.count)
        self.jumps: list[Jump] = []
        self.pose = self.first_pose = self.resting()

    def noise(self, at_s: float, duration_s: float, strength: float, gap_s: float = 2.0) -> None:
        """Push and tilt in bursts of coloured noise."""
        style, where = self.style, self.window(at_s, duration_s)
        count = where.stop - where.start
        if count < 2:
            return
        envelope = strength * bursts(
            self.rng,
            count,
            burst_exponent=style.burst_exponent,
            gap_exponent=style.gap_exponent,
            gap_s=gap_s,
            spread=style.spread,
        )
        shade = Colour(
            style.colour.peak_hz * float(self.rng.lognormal(0.0, 0.25)), style.colour.slope
        )
        self.push_g[where] += style.push_g * envelope[:, None] * coloured(self.rng, count, shade)
        tilt = coloured(self.rng, count, style.tilt_colour)
        self.tilt_rad[where] += style.tilt_rad * envelope[:, None] * tilt

    def toss(self, at_s: float, duration_s: float, strength: float) -> None:
        """Move irregularly, and end elsewhere."""
        self.noise(at_s, duration_s, strength)
        end_s = at_s + duration_s
        while at_s < end_s:
            size = self.style.excursion_rad * strength * float(self.rng.lognormal(-0.3, 0.6))
            self.jump(at_s, self.near(self.pose, min(size, 1.5)))
            at_s += draw_power_law(self.rng, 0.4, 8.0, self.style.gap_exponent)

    def stroke(self, at_s: float, duration_s: float, strength: float, hand: float) -> None:
        """Rub, scratch, pat or wash: a noisy oscillator in stints, which the body goes along with.

        ``hand`` is what this arm takes of the strokes; the body moves both arms alike.
        """
        hz = float(np.clip(self.style.stroke_hz * self.rng.lognormal(0.0, 0.3), 0.4, 3.2))
        self.swing(at_s, duration_s, hz, strength * hand * float(self.rng.lognormal(-0.2, 0.4)))
        self.noise(at_s, duration_s, 0.12 * strength)

    def sway(self, at_s: float, duration_s: float, strength: float) -> None:
        """Rock slowly, or move along with what the rest of the body does."""
        hz = self.style.sway_hz * float(self.rng.lognormal(0.0, 0.25))
        self.swing(at_s, duration_s, hz, strength * float(self.rng.uniform(0.1, 0.5)))

    def swing(self, at_s: float, duration_s: float, hz: float, strength: float) -> None:
        """Tilt and push nearly periodically."""
        style, rng, where = self.style, self.rng, self.window(at_s, duration_s)
        count = where.stop - where.start
        if count < 2:
            return
        wave, quarter = rhythm(rng, count, hz, style.jitter)
        stints = strength * bursts(
            rng,
            count,
            burst_exponent=max(style.burst_exponent - 0.5, 1.05),
            gap_exponent=style.gap_exponent,
            gap_s=3.0,
            spread=0.3,
        )
        # A faster stroke is a shorter one, and pushes more.
        tilt = 0.8 * style.tilt_rad / max(hz, 0.5) * any_direction(rng)
        push = 1.3 * style.push_g * any_direction(rng)
        aside = 0.5 * style.push_g * any_direction(rng)
        self.tilt_rad[where] += (stints * wave)[:, None] * tilt
        self.push_g[where] += (stints * quarter)[:, None] * push + (stints * wave)[:, None] * aside

    def walk(self, at_s: float, duration_s: float, end_s: float, limp: float) -> float:
        """Step, with a hanging arm; return when it ends."""
        style, rng = self.style, self.rng
        duration_s = min(duration_s, max(end_s - at_s, 0.0))
        where = self.window(at_s, duration_s)
        count = where.stop - where.start
        if count < 2:
            return at_s
        cadence_hz = style.cadence_hz * float(rng.lognormal(0.0, 0.1))
        pose = self.near(style.upright, 0.25)
        self.jump(at_s, pose)
        falls = footfalls(rng, count, cadence_hz, limp, style.ring_hz)
        push = rng.uniform(*HEAVE_G) * unit(pose + rng.normal(0.0, 0.4, 3))
        self.push_g[where] += falls[:, None] * push
        self.swing(at_s, duration_s, cadence_hz / 2.0, float(rng.uniform(0.1, 1.0)))
        self.noise(at_s, duration_s, 0.2)
        return at_s + duration_s

    def resting(self) -> Vector:
        """Choose where the arm rests: one of the usual poses, or any other."""
        poses = self.person.bed_poses
        if self.rng.random() < 0.25:
            return any_direction(self.rng)
        return self.near(poses[int(self.rng.integers(len(poses)))], 0.3)

    def near(self, pose: Vector, spread: float) -> Vector:
        """Scatter a direction, now and then far."""
        return unit(pose + spread * self.rng.standard_t(4.0, 3) / math.sqrt(2.0))

    def jump(
        self, at_s: float, target: Vector, seconds: float | None = None, ring: float | None = None
    ) -> None:
        """Let gravity go to another direction."""
        if seconds is None:
            seconds = self.style.turn_s * float(self.rng.lognormal(0.0, 0.4))
        ring = float(self.rng.uniform(0.0, 1.5)) if ring is None else ring
        self.jumps.append(Jump(at_s, target, seconds, ring))
        self.pose = target

    def hold_still(self, start_s: float, duration_s: float, first: int) -> None:
        """Take back what was drawn in a stretch, after the first so many jumps."""
        where = self.window(start_s, duration_s)
        self.push_g[where] = 0.0
        self.tilt_rad[where] = 0.0
        end_s = start_s + duration_s
        self.jumps[first:] = [
            jump for jump in self.jumps[first:] if not start_s <= jump.start_s < end_s
        ]

    def window(self, start_s: float, duration_s: float) -> slice:
        """Return the steps of the grid in a stretch, as far as the night holds them."""
        last_s = start_s + max(duration_s, 0.0)
        return slice(step_at(start_s, self.count), step_at(last_s, self.count))

    def force_g(self, times_s: Vector) -> Vector:
        """Evaluate what an ideal accelerometer reads at some times."""
        up = draw_gravity(self.rng, self.person, self.first_pose, self.jumps, self.worn)
        moving = np.flatnonzero(self.tilt_rad.any(axis=1))
        up[moving] += np.cross(self.tilt_rad[moving], up[moving])
        up /= np.sqrt(np.einsum("ij,ij->i", up, up))[:, None]
        up += self.push_g * self.worn[:, None]
        grid_s = np.arange(self.count) / GRID_HZ
        return np.stack([np.interp(times_s, grid_s, up[:, axis]) for axis in range(3)], axis=1)
