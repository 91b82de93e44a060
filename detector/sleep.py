"""The sleeps of a recording, from the tilt of the arm.

Methods: van Hees et al. 2018, Sci Rep 8:12975, for the window in which a person sleeps without
a diary; van Hees et al. 2015, PLoS ONE 10:e0142533, for sleep within it: an arm that keeps its
angle within 5 degrees for 5 minutes.

Like every method that sees only movement it takes lying awake without moving for sleep.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.movement import Z_ANGLE_EPOCH_S, z_angle_deg
from detector.ranks import median, percentile
from detector.runs import Run, inside, join_close, runs_of
from detector.seconds import Seconds

__all__ = ["BEGUN_REST_EPOCHS", "MAX_WAKE_EPOCHS", "SleepWindow", "find_sleeps"]

Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

EPOCHS_PER_MINUTE = 60 // Z_ANGLE_EPOCH_S

SMOOTHING_EPOCHS = 5 * EPOCHS_PER_MINUTE
"""Epochs (5 min) of the rolling median, as published."""
QUIET_PERCENTILE, QUIET_FACTOR = 10, 15
"""The night's own threshold: the 10th percentile of the smoothed change times 15, as published."""
QUIET_LIMITS_DEG = (0.13, 0.50)
"""Bounds of that threshold in degrees, as published."""
MIN_REST_EPOCHS = 30 * EPOCHS_PER_MINUTE
"""A block of rest lasts at least 30 min, as published."""
BEGUN_REST_EPOCHS = 5 * EPOCHS_PER_MINUTE
"""Epochs (5 min) of rest that may be the beginning of such a block while the night goes on: the
least that counts as rest at all, and what the threshold is smoothed over."""
MAX_WAKE_EPOCHS = 60 * EPOCHS_PER_MINUTE
"""Blocks less than 60 min of wake apart are one night, as published. Time that was not recorded
is neither and does not count."""
MAX_UNKNOWN_EPOCHS = 4 * 60 * EPOCHS_PER_MINUTE
"""Time of which nothing is known that a night may hold, 4 h: more is a day, or another night."""
SUSTAINED_CHANGE_DEG = 5.0
"""Change of the z-angle between epochs, in degrees, that ends a sustained rest, as published."""
SUSTAINED_EPOCHS = 5 * EPOCHS_PER_MINUTE
"""Epochs (5 min) a sustained rest lasts at least, as published."""


@dataclass(frozen=True, slots=True, eq=False)
class SleepWindow:
    """One sleep, in seconds since the first second of the recording.

    Parameters
    ----------
    onset_s, wake_s
        Half-open.
    asleep : bool, shape (n,)
        For each second of the recording; false outside the window.
    """

    onset_s: int
    wake_s: int
    asleep: Flags


def find_sleeps(
    seconds: Seconds, usable: Flags, least_rest_epochs: int = MIN_REST_EPOCHS
) -> list[SleepWindow]:
    """Find every sleep of a recording, by time.

    Parameters
    ----------
    seconds
        Calibrated.
    usable : bool, shape (n,)
        Seconds recorded on the wrist.
    least_rest_epochs
        What a block of rest lasts at least, in epochs of 5 s.

    Returns
    -------
    list of SleepWindow
        Empty where there is no block of rest. Whoever lies awake for an hour between two
        sleeps has two of them; the published method keeps only the longest.
    """
    angle = z_angle_deg(seconds)
    by_epoch = usable[: len(angle) * Z_ANGLE_EPOCH_S].reshape(-1, Z_ANGLE_EPOCH_S)
    known = np.asarray(by_epoch.all(axis=1))
    angle = np.where(known, angle, np.nan)
    rests = _sustained_rests(angle)
    # A smoothed window begins and ends within a rest; one that reaches over its edge counts whole.
    windows = [_over(rests, window) for window in _rest_windows(angle, known, least_rest_epochs)]
    asleep = inside([_in_seconds(run) for run in rests], len(seconds)) & usable
    return [
        SleepWindow(start, end, asleep & inside([(start, end)], len(seconds)))
        for start, end in map(_in_seconds, join_close([run for run in windows if run], 0))
    ]


def _over(rests: list[Run], window: Run) -> Run | None:
    """Extent of the rests that a window touches."""
    touched = [run for run in rests if run[0] < window[1] and run[1] > window[0]]
    return (touched[0][0], touched[-1][1]) if touched else None


def _in_seconds(epochs: Run) -> Run:
    return epochs[0] * Z_ANGLE_EPOCH_S, epochs[1] * Z_ANGLE_EPOCH_S


def _rest_windows(angle: Doubles, known: Flags, least_rest_epochs: int) -> list[Run]:
    """Stretches of rest blocks, in epochs; the longest is the published 'sleep period time'."""
    at = np.flatnonzero(known)
    if len(at) < least_rest_epochs:
        return []
    # Unknown time is cut out, so that a gap neither ends a night nor lengthens its wake.
    parts = np.split(at, np.flatnonzero(np.diff(at) > MAX_UNKNOWN_EPOCHS) + 1)
    smooth = [
        _rolling_median(np.abs(np.diff(angle[part], prepend=angle[part[0]])), SMOOTHING_EPOCHS)
        for part in parts
    ]
    threshold = np.clip(
        percentile(np.concatenate(smooth), QUIET_PERCENTILE) * QUIET_FACTOR,
        QUIET_LIMITS_DEG[0],
        QUIET_LIMITS_DEG[1],
    )
    windows = []
    for part, change in zip(parts, smooth, strict=True):
        calm = runs_of(change < threshold)
        blocks = [run for run in calm if run[1] - run[0] >= least_rest_epochs]
        joined = join_close(blocks, MAX_WAKE_EPOCHS)
        windows += [(int(part[start]), int(part[end - 1]) + 1) for start, end in joined]
    return windows


def _rolling_median(values: Doubles, width: int) -> Doubles:
    """Median of a centred window, the edges repeated."""
    padded = np.pad(values, (width // 2, width - 1 - width // 2), mode="edge")
    return np.asarray(median(np.lib.stride_tricks.sliding_window_view(padded, width)))


def _sustained_rests(angle: Doubles) -> list[Run]:
    """Find runs of epochs without a change of more than 5 degrees, at least 5 min long."""
    # NaN, where nothing is known, is not below the limit and ends a run.
    calm = np.abs(np.diff(angle, prepend=angle[0] if len(angle) else 0.0)) <= SUSTAINED_CHANGE_DEG
    return [run for run in runs_of(calm) if run[1] - run[0] >= SUSTAINED_EPOCHS]
