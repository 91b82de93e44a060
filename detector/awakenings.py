"""Stretches of movement that interrupt sleep, or the rest in bed around it: each a candidate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from detector.runs import Run, join_close, runs_of

__all__ = ["BEFORE_S", "find_awakenings"]

Flags = npt.NDArray[np.bool_]

PAUSE_S = 60
"""Seconds of stillness within one awakening: whoever stretches a calf holds still in between."""
MIN_MOVING_S = 5
"""Seconds of movement an awakening holds at least; less is a twitch of a sleeper."""
MIN_LENGTH_S = 15
"""Seconds an awakening lasts at least: half a scoring epoch, the least the sleep laboratory
calls waking."""

EDGE_S = 10
"""Seconds by which a movement may begin after the sleep that it ends: two epochs of the angle."""
BEFORE_S = 20 * 60
"""Seconds before a sleep in which the wearer lies in bed: few take longer to fall asleep."""
AFTER_S = 10 * 60
"""Seconds after it in which they lie there still."""
RESTED_S = 120
"""Seconds on the wrist without movement that come before an awakening outside of the sleep."""
SETTLED_S = PAUSE_S
"""Seconds without movement that follow one before a sleep: else it goes on."""
STAYED_S = 180
"""Seconds without movement that follow one at the end of a sleep: else it is how they got up, for
whoever sits on the edge of the bed or dresses holds still for a minute or two at the most."""
UP_MOVING_S = 300
"""Seconds of movement in one stretch from which on the wearer is up: undressing and dressing take
minutes. What lies beyond is not the same rest in bed."""


def find_awakenings(moving: Flags, worn: Flags, sleeps: Sequence[Run]) -> list[tuple[Run, Run]]:
    """Find the awakenings of every sleep and of the rest in bed around it.

    Parameters
    ----------
    moving, worn : bool, shape (n,)
        Seconds that hold movement; that were recorded on the wrist.
    sleeps
        From onset to waking, by time. One that may go on reaches to the end.

    Returns
    -------
    list of (awakening, sleep)
        By time, each with the sleep that it belongs to. All in seconds.
    """
    stretches = join_close(runs_of(moving), PAUSE_S)
    calm = worn & ~moving
    found: dict[Run, Run] = {}
    for number, (onset, wake) in enumerate(sleeps):
        # Where another sleep follows, what ended this one was an awakening, however long it was.
        last = number + 1 == len(sleeps)
        latest, until = (wake, wake) if last else (wake + EDGE_S, sleeps[number + 1][0])
        before = [run for run in stretches if onset - BEFORE_S <= run[0] < onset]
        within = [run for run in stretches if onset <= run[0] <= latest and run[1] <= until]
        after = [run for run in stretches if onset <= run[0] <= wake + AFTER_S and run[1] > wake]
        in_bed = (*_until_up(moving, reversed(before)), *_until_up(moving, after))
        for run in (*within, *(run for run in in_bed if _at_rest(calm, run, (onset, wake)))):
            if run[1] - run[0] >= MIN_LENGTH_S and _moved_s(moving, run) >= MIN_MOVING_S:
                found.setdefault(run, (onset, wake))
    return sorted(found.items())


def _until_up(moving: Flags, stretches: Iterable[Run]) -> Iterator[Run]:
    for run in stretches:
        if _moved_s(moving, run) >= UP_MOVING_S:
            return
        yield run


def _at_rest(calm: Flags, run: Run, sleep: Run) -> bool:
    """Whether the wearer lay still before and after; what ends a sleep came out of rest anyway."""
    start, end = run
    ends_sleep = sleep[0] <= start <= sleep[1] + EDGE_S
    rested = start >= RESTED_S and bool(calm[start - RESTED_S : start].all())
    still_s = STAYED_S if end > sleep[1] else SETTLED_S
    settled = end + still_s <= len(calm) and bool(calm[end : end + still_s].all())
    return (ends_sleep or rested) and settled


def _moved_s(moving: Flags, run: Run) -> int:
    return int(np.count_nonzero(moving[run[0] : run[1]]))
