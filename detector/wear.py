"""On the wrist or not, from stillness and the heart-rate sensor together.

A sleeper can lie as still as a table: the longest still stretch in five real nights lasted 64
minutes. So stillness alone has to last, and a heart-rate sensor that reads nothing settles it
sooner. A sensor whose readings change is on somebody, however still.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from detector.heart import BIN_S, silences
from detector.runs import Run, inside, join_close, runs_of
from detector.seconds import Seconds

__all__ = ["find_off_wrist"]

Flags = npt.NDArray[np.bool_]

TABLE_TURN_G = 0.05
"""Largest drift of an axis over a still stretch on a table, in g: the range that van Hees et al.
2011 allow a device that is not worn."""
STILL_WITHOUT_READING_S = 30 * 60
"""Seconds between two hands without a single reading of a sensor that has read before: an arm lain
upon loses its reading for as long as it lies, minutes to a quarter of an hour."""
STILL_S = 120 * 60
"""Seconds of stillness without a heart rate that changes: twice the longest stretch of the real
nights."""
FROZEN_BPM = 1.0
"""Range of nine in ten readings of such a stretch, in bpm, that is no heart: a sensor repeating
itself."""
NUDGE_S = 5
"""Seconds of movement within a stretch off the wrist that are somebody knocking the table."""
STRAY_READING_S = 30
"""Seconds of readings within a silence that do not end it: a sensor off the body reads a ghost
now and then."""
NUDGED_SHARE = 0.005
"""Share of the time off the wrist in which the table may be knocked: 18 s in an hour."""
HANDLING_S = 90
"""Seconds between a hand at the wearable and the sensor going silent, or reading again."""


def find_off_wrist(seconds: Seconds, moving: Flags, heart_bins: npt.NDArray[np.float64]) -> Flags:
    """Return the recorded seconds in which nobody wore the wearable, shape (n,).

    Parameters
    ----------
    seconds
        Calibrated.
    moving : bool, shape (n,)
        From `detector.movement.find_movement`.
    heart_bins
        From `detector.heart.bin_heart_rate`, starting with the same second.
    """
    recorded = seconds.recorded
    still = join_close(runs_of(recorded & ~moving), NUDGE_S)
    candidates = [
        run for run in still if run[1] - run[0] >= STILL_S and not _heart_beats(heart_bins, run)
    ]
    if not np.isnan(heart_bins).all():
        silent = recorded & inside(silences(heart_bins), len(recorded))
        for silence in join_close(runs_of(silent), STRAY_READING_S):
            put_down = _put_down(silence, recorded, moving)
            if put_down is not None:
                candidates.append(put_down)
    off = [run for run in candidates if _lies_flat(seconds, run)]
    return inside(off, len(seconds)) & recorded


def _heart_beats(heart_bins: npt.NDArray[np.float64], run: Run) -> bool:
    """Whether readings of a stretch change as those of a heart do."""
    readings = heart_bins[run[0] // BIN_S : run[1] // BIN_S]
    readings = readings[~np.isnan(readings)]
    if not len(readings):
        return False
    low, high = np.percentile(readings, [5, 95])
    return bool(high - low > FROZEN_BPM)


def _put_down(silence: Run, recorded: Flags, moving: Flags) -> Run | None:
    """Time between the hand that put the wearable down and the one that took it up again.

    Around a silence of the heart-rate sensor both must have moved it, and nothing in between. A
    sleeper whose heart rate is lost goes on moving, or lay still when it was lost.
    """
    start = _hand_near(silence[0], recorded, moving, last=True)
    end = _hand_near(silence[1], recorded, moving, last=False)
    if start is None or end is None or end - start < STILL_WITHOUT_READING_S:
        return None
    nudges = runs_of(moving[start:end])
    if any(b - a > NUDGE_S for a, b in nudges):
        return None
    return (start, end) if moving[start:end].mean() <= NUDGED_SHARE else None


def _hand_near(at: int, recorded: Flags, moving: Flags, *, last: bool) -> int | None:
    """End of the last movement, or beginning of the first, near a second.

    Where the recording begins or ends there, no movement is needed.
    """
    low, high = max(at - HANDLING_S, 0), min(at + HANDLING_S, len(moving))
    moved = np.flatnonzero(moving[low:high])
    if len(moved):
        return low + int(moved[-1]) + 1 if last else low + int(moved[0])
    at_an_end = low == 0 or high == len(moving) or not recorded[low:high].all()
    return at if at_an_end else None


def _lies_flat(seconds: Seconds, run: Run) -> bool:
    """Whether the wearable keeps its orientation, the odd nudge aside."""
    levels = np.nanpercentile(seconds.mean_g[run[0] : run[1]], [5, 95], axis=0)
    return bool((levels[1] - levels[0] <= TABLE_TURN_G).all())
