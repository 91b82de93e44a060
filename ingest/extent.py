"""How long a recording is, and how much of that was recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingest.recording import Damage, Recording
from ingest.samples import NS_PER_S, Acceleration, HeartRate, RRIntervals, Samples

__all__ = ["HOLE_NS", "Extent", "measure"]

HOLE_NS = NS_PER_S
"""Nanoseconds between two samples from which on the time between them counts as not recorded: five
samples of the slowest device."""


@dataclass(frozen=True, slots=True)
class Extent:
    """What a recording spans.

    Parameters
    ----------
    start_ns, end_ns
        First and last acceleration; None where there is none.
    recorded_ns
        Nanoseconds between them without the holes.
    heart_rate, rr_intervals
        Whether any came.
    repeated_times
        Rows left out because they repeat a time.
    damage
        Parts left out because they are damaged.
    """

    start_ns: int | None
    end_ns: int | None
    recorded_ns: int
    heart_rate: bool
    rr_intervals: bool
    repeated_times: int
    damage: tuple[Damage, ...]


def measure(recording: Recording) -> Extent:
    """Read a whole recording to see what it spans.

    Raises
    ------
    RecordingError
        If a sample cannot be used.
    """
    start_ns: int | None = None
    end_ns: int | None = None
    recorded_ns = 0
    samples = recording.samples()
    kinds: set[type[Samples]] = set()
    for chunk in samples:
        kinds.add(type(chunk))
        if not isinstance(chunk, Acceleration) or not len(chunk):
            continue
        first_ns = int(chunk.times_ns[0])
        steps_ns = np.diff(chunk.times_ns, prepend=first_ns if end_ns is None else end_ns)
        recorded_ns += int(steps_ns[steps_ns <= HOLE_NS].sum())
        start_ns = first_ns if start_ns is None else start_ns
        end_ns = int(chunk.times_ns[-1])
    return Extent(
        start_ns,
        end_ns,
        recorded_ns,
        HeartRate in kinds,
        RRIntervals in kinds,
        samples.repeated_times,
        samples.damage,
    )
