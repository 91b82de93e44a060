"""The night as the features see it: everything that is the same for all awakenings, made once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.calibration import Calibration
from detector.heart import BIN_S, bridged
from detector.ranks import median
from detector.runs import Run, inside, join_close, runs_of
from detector.seconds import Seconds

__all__ = ["Body", "Candidate", "see_body"]

Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MOVEMENT_JOIN_S = 5
"""Seconds of stillness within one movement of a sleeper."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An awakening to be judged, in seconds since the first of the recording.

    Parameters
    ----------
    start, end
        Half-open.
    asleep_at
        Onset of the sleep that it interrupts.
    """

    start: int
    end: int
    asleep_at: int


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """What a wearable saw of a body, all of it starting with the same second.

    Parameters
    ----------
    moving, recorded, off_wrist : bool, shape (n,)
        Seconds that hold movement; that were recorded; recorded ones in which nobody wore it.
    spread_g : float64, shape (n,)
        Deviation of each second; 0 where nothing was recorded.
    gravity_g : float64, shape (n, 3)
        Mean of each second, calibrated; NaN where nothing was recorded.
    pulse_bpm, read_bpm : float64, shape (ceil(n / 5),)
        Heart rate with each reading standing for half a minute at most; and as it was read.
    resting_bpm
        Median of the pulse asleep and still; NaN without a reading.
    movements
        Movements asleep, by time.
    cells_g
        Gives the cells between two seconds, uncalibrated: float64, shape (k * 25, 3), NaN in
        minutes without movement.
    calibration
        To be applied to it.
    still_ahead_s
        Seconds after the end for which the wearer is taken to lie still; 0 of a finished night.
    """

    moving: Flags
    recorded: Flags
    off_wrist: Flags
    spread_g: Doubles
    gravity_g: Doubles
    pulse_bpm: Doubles
    read_bpm: Doubles
    resting_bpm: float
    movements: Sequence[Run]
    cells_g: Callable[[int, int], Doubles]
    calibration: Calibration
    still_ahead_s: int


def see_body(
    seconds: Seconds,
    moving: Flags,
    off_wrist: Flags,
    heart_bins: Doubles,
    sleeps: Sequence[Run],
    cells_g: Callable[[int, int], Doubles],
    calibration: Calibration,
    still_ahead_s: int = 0,
) -> Body:
    """Prepare a night for its features.

    Parameters
    ----------
    seconds
        Calibrated.
    heart_bins
        From `detector.heart.bin_heart_rate`.
    sleeps
        From onset to waking.
    still_ahead_s
        As of `Body`.
    """
    recorded = seconds.recorded
    spread_g = np.nan_to_num(seconds.deviation_g)
    pulse_bpm = bridged(heart_bins)
    asleep = inside(list(sleeps), len(seconds)) & recorded
    movements = join_close(runs_of(moving & asleep), MOVEMENT_JOIN_S)
    return Body(
        moving=moving,
        recorded=recorded,
        off_wrist=off_wrist,
        spread_g=spread_g,
        gravity_g=seconds.mean_g,
        pulse_bpm=pulse_bpm,
        read_bpm=heart_bins,
        resting_bpm=_resting_bpm(pulse_bpm, asleep & ~moving),
        movements=movements,
        cells_g=cells_g,
        calibration=calibration,
        still_ahead_s=still_ahead_s,
    )


def _resting_bpm(pulse_bpm: Doubles, calm: Flags) -> float:
    """Median pulse of the bins that were calm throughout."""
    whole = np.asarray(calm[: len(calm) // BIN_S * BIN_S].reshape(-1, BIN_S).all(axis=1))
    levels = pulse_bpm[: len(whole)][whole]
    levels = levels[~np.isnan(levels)]
    return float(median(levels)) if len(levels) else float("nan")
