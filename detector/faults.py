"""What was wrong with the data, each with a beginning and an end; apart from what was found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from detector.heart import silences
from detector.night import Night
from detector.runs import Run, inside, join_close, runs_of
from ingest.samples import Fault, FaultKind

__all__ = ["add_recorded", "find_faults"]

Flags = npt.NDArray[np.bool_]

MIN_GAP_S = 10
"""Seconds without acceleration worth telling: a radio link stutters for less."""
MIN_UNREAD_S = 600
"""Seconds without heart rate worth telling: optical sensors lose it for minutes in a turn."""
UNREAD_JOIN_S = 60
"""Seconds of stray readings that do not end a loss."""


def find_faults(
    present: Flags, frozen: Flags, off_wrist: Flags, heart_bins: npt.NDArray[np.float64]
) -> list[tuple[FaultKind, Run]]:
    """Return the faults of a recording, in seconds since its first.

    Parameters
    ----------
    present, frozen, off_wrist : bool, shape (n,)
        Seconds with acceleration, and those of them that hold none of a wearer: the sensor was
        stuck, or nobody wore it. What lies before the first second with acceleration and after
        the last is no gap.
    heart_bins
        From `detector.heart.bin_heart_rate`, starting with the same second.
    """
    seconds = np.flatnonzero(present)
    between = inside([(seconds[0], seconds[-1] + 1)], len(present)) if len(seconds) else present
    unread = present & ~off_wrist & inside(silences(heart_bins), len(present))
    gaps = runs_of(between & (~present | frozen))
    losses = join_close(runs_of(unread), UNREAD_JOIN_S)
    return [
        *((FaultKind.GAP, run) for run in gaps if run[1] - run[0] >= MIN_GAP_S),
        *((FaultKind.OFF_WRIST, run) for run in runs_of(off_wrist)),
        *((FaultKind.NO_HEART_RATE, run) for run in losses if run[1] - run[0] >= MIN_UNREAD_S),
    ]


FOUND_IN_SAMPLES = frozenset({FaultKind.GAP, FaultKind.OFF_WRIST, FaultKind.NO_HEART_RATE})
"""Kinds that `find_faults` finds itself; what a collector noted of them is the same thing again."""


def add_recorded(night: Night, recorded: Iterable[Fault]) -> Night:
    """Add to a night the faults that its collector noted and no sample shows.

    Parameters
    ----------
    recorded
        As they stand in the recording.

    Returns
    -------
    Night
        The same findings, with the faults cut to the extent of the night.
    """
    within = (
        replace(
            fault,
            start_ns=max(fault.start_ns, night.start_ns),
            end_ns=min(fault.end_ns, night.end_ns),
        )
        for fault in recorded
        if fault.kind not in FOUND_IN_SAMPLES
    )
    noted = {fault for fault in within if fault.start_ns < fault.end_ns}
    return replace(night, faults=tuple(sorted({*night.faults, *noted})))
