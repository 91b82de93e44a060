"""Autocalibration: what a wearable shows at rest must be one g, whichever way it lies.

Method: van Hees et al. 2014, J Appl Physiol 117:738, "Autocalibration of accelerometer data for
free-living physical activity assessment using local gravity and temperature". Still windows and
the conditions on them are the published ones; the sphere is fitted by Gauss-Newton in place of
the published iteration, which needs hundreds of rounds to arrive at the same place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from detector.seconds import Seconds
from detector.short_sums import sum_over_second

__all__ = ["Calibration", "calibrate", "fit_calibration"]

Doubles = npt.NDArray[np.float64]

WINDOW_S = 10
"""Seconds a still window, as published."""
STILL_SD_G = 0.013
"""Largest standard deviation of an axis at rest in g, as published."""
MAX_REST_G = 2.0
"""Largest mean of an axis at rest in g, as published: more is a fault of the device."""
SPREAD_G = 0.3
"""Every axis must have rested beyond this on both sides, in g, or the night does not tell."""
MIN_WINDOWS = 30
"""Still windows needed, five minutes of rest: fewer cannot carry six unknowns."""
MAX_ROUNDS = 50
"""Rounds of fitting; a night that can be fitted takes fewer than ten."""
CONVERGED = 1e-9
"""Change between rounds that ends the fit: a millionth of what any device resolves."""
OUTLIER_G = 0.02
"""Error in g from which on a window is weighted down: it was not at rest after all."""
PRIOR = 1e-3
"""Weak pull towards gain 1 and offset 0, relative to the data: decides only what a night with few
positions leaves open."""
MAX_GAIN_ERROR = 0.2
"""A gain further than this from 1 is no calibration but a wrong unit; it is not applied."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A gain and an offset for each axis: calibrated = gain * measured + offset.

    Parameters
    ----------
    gain, offset_g
        For x, y, z; the offset in g.
    error_before_g, error_after_g
        Mean distance of the resting windows from one g; None where the night did not allow a fit.
    """

    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    offset_g: tuple[float, float, float] = (0.0, 0.0, 0.0)
    error_before_g: float | None = None
    error_after_g: float | None = None

    @property
    def fitted(self) -> bool:
        """Whether the night showed enough to calibrate by."""
        return self.error_after_g is not None


UNCALIBRATED = Calibration()


def fit_calibration(seconds: Seconds) -> Calibration:
    """Fit gain and offset to the still windows of a recording.

    Returns
    -------
    Calibration
        Gains of 1 and offsets of 0 where the wearable did not rest in enough different ways.
    """
    rest = _still_windows(seconds)
    if len(rest) < MIN_WINDOWS:
        return UNCALIBRATED
    if (rest.min(axis=0) > -SPREAD_G).any() or (rest.max(axis=0) < SPREAD_G).any():
        return UNCALIBRATED

    gain, offset = np.ones(3), np.zeros(3)
    for _ in range(MAX_ROUNDS):
        step = _gauss_newton_step(rest, gain, offset)
        gain, offset = gain + step[:3], offset + step[3:]
        if np.abs(step).max() < CONVERGED:
            break
    error_before = _mean_error(rest)
    error_after = _mean_error(rest * gain + offset)
    if not error_after < error_before or (np.abs(gain - 1) > MAX_GAIN_ERROR).any():
        return UNCALIBRATED
    x, y, z = (float(value) for value in gain)
    dx, dy, dz = (float(value) for value in offset)
    return Calibration((x, y, z), (dx, dy, dz), error_before, error_after)


def calibrate(seconds: Seconds, calibration: Calibration) -> Seconds:
    """Apply a calibration to means, variances and jerk alike."""
    gain = np.array(calibration.gain)
    return replace(
        seconds,
        mean_g=seconds.mean_g * gain + np.array(calibration.offset_g),
        variance_g2=seconds.variance_g2 * gain**2,
        jerk2=seconds.jerk2 * gain**2,
    )


def _still_windows(seconds: Seconds) -> Doubles:
    """Mean of each still window, shape (k, 3)."""
    count = len(seconds) // WINDOW_S
    means = seconds.mean_g[: count * WINDOW_S].reshape(count, WINDOW_S, 3)
    variances = seconds.variance_g2[: count * WINDOW_S].reshape(count, WINDOW_S, 3)
    mean = sum_over_second(means) / WINDOW_S
    wander = (means - mean[:, None]) ** 2
    variance = sum_over_second(variances) / WINDOW_S + sum_over_second(wander) / WINDOW_S
    # A window with a gap in it is NaN, and NaN is not below the limit.
    still = (variance < STILL_SD_G**2).all(axis=1) & (np.abs(mean) < MAX_REST_G).all(axis=1)
    return np.asarray(mean[still])


def _mean_error(rest: Doubles) -> float:
    return float(np.abs(np.sqrt(sum_over_second(rest * rest)) - 1).mean())


def _gauss_newton_step(rest: Doubles, gain: Doubles, offset: Doubles) -> Doubles:
    """Next change of (gain, offset) towards windows that are all one g long."""
    now = rest * gain + offset
    length = np.sqrt(sum_over_second(now * now))
    error = length - 1
    weight = np.minimum(OUTLIER_G / np.maximum(np.abs(error), 1e-12), 1)
    towards = now / length[:, None]
    slopes = np.concatenate([towards * rest, towards], axis=1)
    weighted = weight[:, None] * slopes
    # einsum, not BLAS: the same bits on any number of cores.
    normal = np.einsum("ni,nj->ij", weighted, slopes) / len(rest)
    pull = np.einsum("ni,n->i", weighted, error) / len(rest)
    normal += PRIOR * np.eye(6)
    pull += PRIOR * np.concatenate([gain - 1, offset])
    return np.asarray(-np.linalg.solve(normal, pull))
