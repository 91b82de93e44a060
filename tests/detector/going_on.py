"""A recording told anew as it came in: chunk by chunk, judged at the moments of a live night."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from detector.detector import Detector
from detector.night import Night
from detector.provisional import Change, Fate, Provisional
from ingest.errors import SampleError
from ingest.samples import NS_PER_S, Acceleration, HeartRate, Mark, RecordingInfo, Samples

MINUTE_NS = 60 * NS_PER_S
CHUNK_NS = 2 * NS_PER_S
"""Nanoseconds of samples in a chunk: a frame of a wearable, or two, and a look of the collector."""


@dataclass(frozen=True)
class Spent:
    """A night as it was told, and as it was in the end.

    Parameters
    ----------
    told
        Each change, with the moment it was told in UTC nanoseconds.
    decided
        What the finish changed.
    judgements
        How often the night was judged before.
    """

    night: Night
    told: list[tuple[int, Change]]
    decided: tuple[Change, ...]
    judgements: int

    def delays_s(self) -> list[float]:
        """Seconds from the end of each episode of the night to when it was told first."""
        first_ns = {each.id: at for at, each in reversed(self.told) if each.fate is Fate.NEW}
        return [
            (first_ns[each.id] - each.episode.end_ns) / NS_PER_S
            for each in self.decided
            if each.fate is Fate.CONFIRMED
        ]


def part_of(samples: Samples, rows: slice) -> Samples:
    """Cut some rows out of a stream."""
    if isinstance(samples, Mark):
        return samples
    if isinstance(samples, Acceleration):
        return Acceleration(samples.times_ns[rows], samples.xyz_g[rows])
    values = samples.bpm if isinstance(samples, HeartRate) else samples.rr_ms
    return type(samples)(samples.times_ns[rows], values[rows])


def chunks_by_time(samples: Sequence[Samples], length_ns: int = CHUNK_NS) -> Iterator[Samples]:
    """Cut every stream into chunks, and give all of them by the time at which each is over."""
    cut: list[tuple[int, int, Samples]] = []
    for stream in samples:
        if isinstance(stream, Mark):
            cut.append((stream.time_ns, len(cut), stream))
            continue
        ends = np.flatnonzero(np.diff(stream.times_ns // length_ns)) + 1
        edges = [0, *ends.tolist(), len(stream)]
        for first, last in pairwise(edges):
            if first < last:
                part = part_of(stream, slice(first, last))
                cut.append((int(stream.times_ns[last - 1]), len(cut), part))
    return (each for _, _, each in sorted(cut, key=lambda item: item[:2]))


def spend(
    info: RecordingInfo,
    samples: Sequence[Samples],
    *,
    behind_ns: int,
    within: Sequence[tuple[int, int]] | None = None,
) -> Spent:
    """Feed a recording as its night went, judging every full minute and `behind_ns` after it.

    Where `within` is given, only between these times: what is told is never told sooner for it.
    """
    detector, tonight = Detector(info), Provisional()
    told: list[tuple[int, Change]] = []
    judged_ns = judgements = 0
    for chunk in chunks_by_time(samples):
        now_ns = chunk.time_ns if isinstance(chunk, Mark) else int(chunk.times_ns[-1])
        # The chunk is at hand only when it is over: what was due before is judged without it.
        due_ns = (now_ns - behind_ns) // MINUTE_NS * MINUTE_NS + behind_ns
        if due_ns > judged_ns and _is_within(due_ns, within):
            judged_ns, judgements = due_ns, judgements + 1
            try:
                _, changes = tonight.follow(detector.snapshot().so_far())
            except SampleError:
                changes = ()
            told += [(due_ns, each) for each in changes]
        detector.feed(chunk)
    night = detector.finish()
    return Spent(night, told, tonight.finish(night), judgements)


def _is_within(at_ns: int, spans: Sequence[tuple[int, int]] | None) -> bool:
    return spans is None or any(first_ns <= at_ns <= last_ns for first_ns, last_ns in spans)
