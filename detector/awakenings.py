"""Stretches of movement that interrupt sleep, each a candidate to be judged."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from detector.runs import Run, join_close, runs_of

__all__ = ["find_awakenings"]

PAUSE_S = 60
"""Seconds of stillness within one awakening: whoever stretches a calf holds still in between."""
MIN_MOVING_S = 5
"""Seconds of movement an awakening holds at least; less is a twitch of a sleeper."""
MIN_LENGTH_S = 15
"""Seconds an awakening lasts at least: half a scoring epoch, the least the sleep laboratory
calls waking."""


EDGE_S = 10
"""Seconds by which a movement may begin after the sleep that it ends: two epochs of the angle."""


def find_awakenings(
    moving: npt.NDArray[np.bool_], onset_s: int, wake_s: int, until_s: int | None = None
) -> list[Run]:
    """Return the awakenings that interrupt a sleep, in seconds.

    Parameters
    ----------
    moving : bool, shape (n,)
        Seconds that hold movement.
    onset_s, wake_s
        The sleep to look in. Movement that reaches over its beginning belongs to going to bed.
    until_s
        Where another sleep follows, its beginning: what ended this one is an awakening then, and
        else getting up.
    """
    latest_start, latest_end = (wake_s, wake_s) if until_s is None else (wake_s + EDGE_S, until_s)
    return [
        (start, end)
        for start, end in join_close(runs_of(moving), PAUSE_S)
        if onset_s <= start <= latest_start
        and end <= latest_end
        and end - start >= MIN_LENGTH_S
        and np.count_nonzero(moving[start:end]) >= MIN_MOVING_S
    ]
