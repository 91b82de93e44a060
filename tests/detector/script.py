"""A night written down movement by movement, for tests that need to know what is in it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ingest.samples import NS_PER_S, Acceleration, HeartRate

Doubles = npt.NDArray[np.float64]

START_NS = 1_790_000_000 * NS_PER_S + 123_456_789

POSES = {
    "back": (0.1, -0.2, 0.97),
    "left": (0.2, 0.95, -0.1),
    "right": (-0.5, -0.8, 0.3),
    "front": (0.3, -0.1, -0.95),
    "sitting": (0.75, 0.2, 0.6),
    "standing": (0.98, 0.1, 0.1),
}


class Script:
    """Builds acceleration second by second; every call adds to the end."""

    def __init__(self, rate_hz: float = 25.0, *, noise_g: float = 0.003, seed: int = 0) -> None:
        self.rate_hz = rate_hz
        self.noise_g = noise_g
        self.rng = np.random.default_rng(seed)
        self.pose = np.array(POSES["back"])
        self.seconds = 0.0
        self._times: list[Doubles] = []
        self._values: list[Doubles] = []

    def still(self, seconds: float) -> Script:
        return self._add(seconds, lambda t: np.zeros((len(t), 3)))

    def turn(self, pose: str, seconds: float = 2.0) -> Script:
        before, self.pose = self.pose, np.array(POSES[pose])
        after = self.pose
        return self._add(
            seconds, lambda t: (before - after) * (0.5 + 0.5 * np.cos(np.pi * t / seconds))[:, None]
        )

    def rub(self, seconds: float, hz: float = 1.5, strength_g: float = 0.25) -> Script:
        """Move back and forth in an uneven beat, as hands do and feet do not."""

        def movement(t: Doubles) -> Doubles:
            phase = 2 * np.pi * hz * t + 2.5 * np.sin(1.3 * t) + 1.5 * np.sin(0.57 * t)
            beat = strength_g * (0.7 + 0.3 * np.sin(0.8 * t))
            return np.column_stack(
                [
                    beat * np.sin(phase),
                    0.5 * beat * np.sin(phase + 1),
                    0.2 * beat * np.sin(2 * phase),
                ]
            )

        return self._add(seconds, movement)

    def walk(self, seconds: float, steps_hz: float = 1.8, strength_g: float = 0.2) -> Script:
        return self._add(
            seconds,
            lambda t: np.outer(
                strength_g * np.sin(2 * np.pi * steps_hz * t)
                + 0.4 * strength_g * np.sin(4 * np.pi * steps_hz * t + 0.5),
                self.pose,
            ),
        )

    def gap(self, seconds: float) -> Script:
        self.seconds += seconds
        return self

    def table(self, seconds: float) -> Script:
        noise, self.noise_g = self.noise_g, 0.001
        self._add(seconds, lambda t: np.zeros((len(t), 3)))
        self.noise_g = noise
        return self

    def acceleration(self) -> Acceleration:
        times = np.concatenate(self._times)
        return Acceleration(
            START_NS + np.rint(times * NS_PER_S).astype(np.int64),
            np.concatenate(self._values).astype(np.float32),
        )

    def _add(self, seconds: float, movement: Callable[[Doubles], Doubles]) -> Script:
        t = np.arange(0, seconds - 1e-9, 1 / self.rate_hz)
        noise = self.rng.normal(0, self.noise_g, (len(t), 3))
        self._times.append(self.seconds + t)
        self._values.append(self.pose + movement(t) + noise)
        self.seconds += seconds
        return self


def heart(
    seconds: float,
    level_bpm: float = 58.0,
    *,
    every_s: float = 2.0,
    rises: tuple[tuple[float, float], ...] = (),
    silent: tuple[tuple[float, float], ...] = (),
) -> HeartRate:
    """Heart rate with `rises` of (when in s, height in bpm) and spans in which nothing is read."""
    t = np.arange(0, seconds, every_s)
    bpm = level_bpm + np.sin(2 * np.pi * t / 240)
    for when, height in rises:
        since = np.maximum(t - when, 0)
        bpm += height * (1 - np.exp(-since / 6)) * np.exp(-since / 80)
    for start, end in silent:
        bpm[(t >= start) & (t < end)] = 0
    return HeartRate(START_NS + np.rint(t * NS_PER_S).astype(np.int64), bpm.astype(np.float32))
