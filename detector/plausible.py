"""What an accelerometer cannot have measured: a dead or stuck sensor, numbers in another unit.

A file may be well formed and still hold no night. At rest an accelerometer shows gravity, one g,
and however still the wearer lies its last digit wanders.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from detector.ranks import median
from detector.runs import inside, runs_of
from detector.seconds import Seconds
from detector.short_sums import sum_over_second
from ingest.errors import SampleError

__all__ = ["find_frozen", "require_gravity", "without_dead_seconds"]

Flags = npt.NDArray[np.bool_]

REST_G = (0.7, 1.3)
"""Length of gravity at rest in g that can be a wearable's: cheap chips are up to 0.1 g wrong on
each axis, and no other unit in use comes near."""
FLAT_G = 1e-6
"""Wander within a second, in g, that is none: the finest digit of any wearable chip is 6e-5 g."""
FROZEN_S = 60 * 60
"""Seconds of one and the same number after which the sensor is stuck: more than twice the longest
such stretch of the real nights, 25 min at steps of 0.01 g."""

SHAKEN_SHARE = 0.2
"""Wander of the quieter seconds, as a share of their length, from which on they are no rest: in any
unit a wrist at rest wanders by some 0.01 of it, and of shaking alone no level can be read."""

RESTING_G = 0.02
"""Wander within a second, in g, below which a wrist rests; as `detector.movement` has it."""
JUDGED_S = 60
"""Seconds of other rest that are needed to tell how a sensor wanders."""
COARSE_SHARE = 0.5
"""Share of resting seconds without any wander from which on that is how the sensor is."""

STANDARD_GRAVITY = 9.80665
"""Metres per second squared in one g."""
MPS2_REST = (REST_G[0] * STANDARD_GRAVITY, REST_G[1] * STANDARD_GRAVITY)
NO_GRAVITY_G = 0.3
"""Rest below this, in g, is acceleration from which gravity has been taken away."""


def without_dead_seconds(seconds: Seconds) -> Seconds:
    """Take out the seconds in which the sensor repeated a number that is not gravity, as zeros."""
    length = _length_g(seconds)
    with np.errstate(invalid="ignore"):
        dead = (seconds.deviation_g < FLAT_G) & ((length < REST_G[0]) | (length > REST_G[1]))
    if not dead.any():
        return seconds
    alive = ~dead[:, None]
    return replace(
        seconds,
        mean_g=np.where(alive, seconds.mean_g, np.nan),
        variance_g2=np.where(alive, seconds.variance_g2, np.nan),
        jerk2=np.where(alive, seconds.jerk2, np.nan),
    )


def require_gravity(seconds: Seconds) -> None:
    """Refuse acceleration that does not show one g at rest.

    Raises
    ------
    SampleError
        With what it seems to be instead, and what to do.
    """
    deviation_g = seconds.deviation_g
    quiet = deviation_g <= median(deviation_g[seconds.recorded])
    rest_g = float(median(_length_g(seconds)[quiet]))
    if float(median(deviation_g[quiet])) > max(SHAKEN_SHARE * rest_g, NO_GRAVITY_G):
        return
    if not REST_G[0] <= rest_g <= REST_G[1]:
        raise SampleError(
            f"at rest the acceleration is {rest_g:.3g} g long, where gravity alone makes 1 g. "
            f"{_advice(rest_g)}"
        )


def find_frozen(seconds: Seconds) -> Flags:
    """Return where a sensor that wanders otherwise gave one and the same number for an hour.

    Returns
    -------
    bool, shape (n,)
        Never true of a sensor whose last digit is too coarse to wander at rest.
    """
    deviation_g = seconds.deviation_g
    still = np.flatnonzero(deviation_g < FLAT_G)
    change_g = np.abs(seconds.mean_g[still] - seconds.mean_g[np.maximum(still - 1, 0)])
    flat = np.zeros(len(seconds), np.bool_)
    flat[still] = (change_g < FLAT_G).all(axis=1)
    frozen = inside([run for run in runs_of(flat) if run[1] - run[0] >= FROZEN_S], len(seconds))
    others = seconds.recorded & ~frozen & (deviation_g < RESTING_G)
    coarse = others.sum() >= JUDGED_S and flat[others].mean() > COARSE_SHARE
    return np.zeros_like(frozen) if coarse else frozen


def _length_g(seconds: Seconds) -> npt.NDArray[np.float64]:
    return np.asarray(np.sqrt(sum_over_second(seconds.mean_g * seconds.mean_g)))


def _advice(rest_g: float) -> str:
    if MPS2_REST[0] <= rest_g <= MPS2_REST[1]:
        return f"It looks like metres per second squared: divide by {STANDARD_GRAVITY}."
    if rest_g < NO_GRAVITY_G:
        return (
            "Gravity seems to have been taken away: export the raw acceleration, "
            "not the 'linear' or 'user' one."
        )
    return "Give the acceleration in g, gravity included."
