"""Which seconds of a sleep were slept: the sleep model on the epochs of one window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from detector.activity_count import activity_counts, smooth_counts
from detector.heart import BIN_S
from detector.heart_feature import heart_feature
from detector.sleep import SleepWindow
from detector.staging import EPOCH_S, SleepModel

__all__ = ["stage_sleep"]


def stage_sleep(
    window: SleepWindow,
    z_g: npt.NDArray[np.floating],
    rate_hz: float,
    heart_bins: npt.NDArray[np.float64],
    usable: npt.NDArray[np.bool_],
    model: SleepModel,
) -> SleepWindow:
    """Return a sleep with the seconds asleep by the model in place of those by the arm's angle.

    The window, in which somebody lies still as when going to sleep, stands for the time in bed.

    Parameters
    ----------
    window
        From `detector.sleep.find_sleeps`.
    z_g : shape (25 * seconds of the window,)
        Acceleration across the wrist in g in each cell, NaN where nothing was recorded.
    rate_hz
        How often the wearable measured.
    heart_bins
        Of the whole recording, from `detector.heart.bin_heart_rate`.
    usable : bool, shape (seconds of the recording,)
        Recorded on the wrist.
    """
    bins = heart_bins[window.onset_s // BIN_S : -(-window.wake_s // BIN_S)]
    count = smooth_counts(activity_counts(z_g, rate_hz))
    heart = heart_feature(bins)[: len(count)]
    if not len(count):
        return window
    probability = np.repeat(model.wake_probability(count, heart), EPOCH_S)
    judged = slice(window.onset_s, window.onset_s + len(probability))
    asleep = window.asleep.copy()
    # Where the model cannot tell, and in the last, broken epoch, the angle still does.
    asleep[judged] = np.where(
        np.isnan(probability),
        asleep[judged],
        (probability < model.wake_from) & usable[judged],
    )
    return replace(window, asleep=asleep)
