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
SAME_SHARE = 0.9
"""Share of a silence that has to be still: the rest is taking off and putting on."""
HANDLING_S = 180
"""Seconds by which the sensor may go silent late and read early, as sensors do."""
MIN_STRETCH_S = 60
"""Seconds a still stretch lasts to be looked at, and to go on after a nudge."""


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

    still = _still_stretches(recorded, moving)
    lasting_s = STILL_WITH_READINGS_S if has_sensor else STILL_WITHOUT_SENSOR_S
    candidates = [run for run in still if run[1] - run[0] >= lasting_s]
    if has_sensor:
        unread = join_close(runs_of(recorded & ~read), STRAY_READING_S)
        candidates += [
            both
            for stretch in still
            for silence in unread
            if (both := _table_time(stretch, silence)) is not None
        ]
    off = [run for run in candidates if _lies_flat(seconds, run)]
    return inside(off, len(seconds)) & recorded


def _table_time(stretch: Run, silence: Run) -> Run | None:
    """Time in which stillness and silence are one, so that a hand put the wearable down.

    A sleeper whose heart rate is lost goes on moving, or lay still before it was lost.
    """
    both = max(stretch[0], silence[0]), min(stretch[1], silence[1])
    together_s = both[1] - both[0]
    if together_s < STILL_WITHOUT_READING_S or together_s < SAME_SHARE * (silence[1] - silence[0]):
        return None
    handled = silence[0] - stretch[0] <= HANDLING_S and stretch[1] - silence[1] <= HANDLING_S
    return stretch if handled else None


def _still_stretches(recorded: Flags, moving: Flags) -> list[Run]:
    stretches = runs_of(recorded & ~moving)
    return join_close([run for run in stretches if run[1] - run[0] >= MIN_STRETCH_S], NUDGE_S)


def _lies_flat(seconds: Seconds, run: Run) -> bool:
    """Whether the wearable keeps its orientation, the odd nudge aside."""
    levels = np.nanpercentile(seconds.mean_g[run[0] : run[1]], [5, 95], axis=0)
    return bool((levels[1] - levels[0] <= TABLE_TURN_G).all())
