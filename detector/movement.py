"""Which seconds hold movement, judged against how quiet this wearable can be."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from detector.ranks import percentile
from detector.seconds import Seconds
from detector.short_sums import sum_over_second

__all__ = ["arm_angle_change_deg", "find_movement", "z_angle_deg"]

Doubles = npt.NDArray[np.float64]

MOVEMENT_SD_G = 0.02
"""Deviation within a second, in g, that counts as movement: four to five times the spread of a
resting wrist at 0.01 g resolution (4 to 5 mg, measured on five real nights)."""
NOISE_FACTOR = 3.0
"""A noisy device must show this many times its own quiet level instead."""
QUIET_PERCENTILE = 25
"""Percentile of the deviation that is the quiet level: also who wears it all day sleeps for a
quarter of the time."""
Z_ANGLE_EPOCH_S = 5
"""Seconds an angle is averaged over, as van Hees et al. 2015 do."""


MIN_LENGTH_G2 = 1e-12
"""Product of two lengths, in g^2, that stands for none: free fall has no direction."""


def find_movement(seconds: Seconds) -> npt.NDArray[np.bool_]:
    """Return where a second holds movement, shape (n,); false where nothing was recorded."""
    deviation = seconds.deviation_g
    recorded = seconds.recorded
    if not recorded.any():
        return np.zeros(len(seconds), np.bool_)
    quiet = percentile(deviation[recorded], QUIET_PERCENTILE)
    # NaN, where nothing was recorded, is not above the threshold.
    return deviation > max(MOVEMENT_SD_G, min(NOISE_FACTOR * quiet, 4 * MOVEMENT_SD_G))


def z_angle_deg(seconds: Seconds) -> Doubles:
    """Return the z-angle, the tilt of the arm against the horizontal, for each epoch of 5 s.

    Method: van Hees et al. 2015, PLoS ONE 10:e0142533. NaN where less than a whole epoch was
    recorded.
    """
    count = len(seconds) // Z_ANGLE_EPOCH_S
    by_epoch = seconds.mean_g[: count * Z_ANGLE_EPOCH_S].reshape(count, Z_ANGLE_EPOCH_S, 3)
    mean = sum_over_second(by_epoch) / Z_ANGLE_EPOCH_S
    return np.asarray(np.degrees(np.arctan2(mean[:, 2], np.hypot(mean[:, 0], mean[:, 1]))))


def arm_angle_change_deg(ones: Doubles, others: Doubles) -> Doubles:
    """Return the angles between directions of gravity in the frame of the wrist.

    Parameters
    ----------
    ones : shape (3,) or (n, 3)
        One for all, or one for each of the others.
    others : shape (n, 3)

    Returns
    -------
    shape (n,)
        In degrees; NaN where a direction is not known.
    """
    lengths = np.sqrt((ones * ones).sum(axis=-1) * sum_over_second(others * others))
    cosine = sum_over_second(others * ones) / np.maximum(lengths, MIN_LENGTH_G2)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
