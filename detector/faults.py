"""What was wrong with the data, each with a beginning and an end; apart from what was found."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from detector.heart import BIN_S
from detector.runs import inside, join_close, runs_of
from ingest.samples import NS_PER_S, Fault, FaultKind

__all__ = ["find_faults"]

Flags = npt.NDArray[np.bool_]

MIN_GAP_S = 10
"""Seconds without acceleration worth telling: a radio link stutters for less."""
MIN_UNREAD_S = 600
"""Seconds without heart rate worth telling: optical sensors lose it for minutes in a turn."""
UNREAD_JOIN_S = 60
"""Seconds of stray readings that do not end a loss."""


def find_faults(
    start_s: int, recorded: Flags, off_wrist: Flags, heart_bins: npt.NDArray[np.float64]
) -> tuple[Fault, ...]:
    """Return the faults of a recording, by time.

    Parameters
    ----------
    start_s
        Seconds since 1970 of the first second.
    recorded, off_wrist : bool, shape (n,)
        What lies before the first recorded second and after the last is no gap.
    heart_bins
        From `detector.heart.bin_heart_rate`, starting with the same second.
    """
    seconds = np.flatnonzero(recorded)
    between = inside([(seconds[0], seconds[-1])], len(recorded)) if len(seconds) else recorded
    unread = recorded & ~off_wrist & np.repeat(np.isnan(heart_bins), BIN_S)[: len(recorded)]
    found = [
        (
            FaultKind.GAP,
            [run for run in runs_of(between & ~recorded) if run[1] - run[0] >= MIN_GAP_S],
        ),
        (FaultKind.OFF_WRIST, runs_of(off_wrist)),
        (
            FaultKind.NO_HEART_RATE,
            [
                run
                for run in join_close(runs_of(unread), UNREAD_JOIN_S)
                if run[1] - run[0] >= MIN_UNREAD_S
            ],
        ),
    ]
    return tuple(
        sorted(
            Fault((start_s + start) * NS_PER_S, (start_s + end) * NS_PER_S, kind)
            for kind, runs in found
            for start, end in runs
        )
    )
