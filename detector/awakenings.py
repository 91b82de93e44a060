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


def find_awakenings(moving: npt.NDArray[np.bool_], onset_s: int, wake_s: int) -> list[Run]:
    """Return the awakenings that begin and end within a sleep, in seconds.

    Parameters
    ----------
    moving : bool, shape (n,)
        Seconds that hold movement.
    onset_s, wake_s
        The sleep to look in. Movement that reaches over either end belongs to going to bed or
        to getting up.
    """
    return [
        (start, end)
        for start, end in join_close(runs_of(moving), PAUSE_S)
        if onset_s <= start
        and end <= wake_s
        and end - start >= MIN_LENGTH_S
        and np.count_nonzero(moving[start:end]) >= MIN_MOVING_S
    ]
