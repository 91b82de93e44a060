"""On the wrist or not, from stillness and the heart-rate sensor together.

A sleeper can lie as still as a table: the longest still stretch in five real nights lasted 64
minutes. So stillness alone has to last, and a heart-rate sensor that reads nothing settles it
sooner.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from detector.heart import BIN_S
from detector.runs import Run, inside, join_close, runs_of
from detector.seconds import Seconds

__all__ = ["find_off_wrist"]

Flags = npt.NDArray[np.bool_]

TABLE_TURN_G = 0.05
"""Largest drift of an axis over a still stretch on a table, in g: the range that van Hees et al.
2011 allow a device that is not worn."""
STILL_WITHOUT_READING_S = 10 * 60
"""Seconds of stillness without a single reading of a sensor that has read before."""
STILL_WITHOUT_SENSOR_S = 90 * 60
"""Seconds of stillness where no heart rate was ever read: half as long again as the longest
stretch of the real nights."""
STILL_WITH_READINGS_S = 150 * 60
"""Seconds of stillness that outweigh readings: optical sensors also read numbers off a table."""
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
    has_sensor = not np.isnan(heart_bins).all()
    read = np.repeat(~np.isnan(heart_bins), BIN_S)[: len(seconds)]

    lasting_s = STILL_WITH_READINGS_S if has_sensor else STILL_WITHOUT_SENSOR_S
    still = join_close(runs_of(recorded & ~moving), NUDGE_S)
    candidates = [run for run in still if run[1] - run[0] >= lasting_s]
    if has_sensor:
        for silence in join_close(runs_of(recorded & ~read), STRAY_READING_S):
            put_down = _put_down(silence, recorded, moving)
            if put_down is not None:
                candidates.append(put_down)
    off = [run for run in candidates if _lies_flat(seconds, run)]
    return inside(off, len(seconds)) & recorded


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
    return at if not recorded[low:high].all() or high == len(moving) else None


def _lies_flat(seconds: Seconds, run: Run) -> bool:
    """Whether the wearable keeps its orientation, the odd nudge aside."""
    levels = np.nanpercentile(seconds.mean_g[run[0] : run[1]], [5, 95], axis=0)
    return bool((levels[1] - levels[0] <= TABLE_TURN_G).all())
