"""A recorded night as every reader hands it on, its samples in the order of a live one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ingest.samples import Acceleration, HeartRate, RecordingInfo, RRIntervals, Samples

__all__ = ["EVENT_LABELS", "Event", "Recording", "Repeats", "SampleStream", "in_live_order"]

EVENT_LABELS = (
    "cramp",
    "bathroom",
    "large_movement",
    "position_shift",
    "limb_movements",
    "phone",
    "arousal",
    "off_wrist",
)
"""Labels with an agreed meaning; a recording may carry others."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that really happened: a simulation's truth, or what the wearer said.

    Parameters
    ----------
    onset_s
        Seconds from the start of the recording.
    duration_s
        Seconds; 0 for a moment.
    label
        One of `EVENT_LABELS`, or another word.
    extra
        Further columns by name, such as the ``phenotype`` of a cramp.
    """

    onset_s: float
    duration_s: float
    label: str
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Repeats:
    """Counts rows left out because they repeat the time of the row before."""

    count: int = 0


class SampleStream(Iterator[Samples]):
    """The samples of a recording, once through, in the order a wearable would have sent them.

    A chunk of acceleration comes first, then the heart rate and RR intervals up to its end.

    Raises
    ------
    RecordingError
        While iterating, at the first sample that cannot be used.
    """

    def __init__(self, samples: Iterator[Samples], repeats: Repeats):
        self._samples = samples
        self._repeats = repeats

    def __next__(self) -> Samples:
        return next(self._samples)

    @property
    def repeated_times(self) -> int:
        """Rows left out so far because they repeat a time; complete when the stream has ended."""
        return self._repeats.count


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A recorded night, not yet in memory.

    Parameters
    ----------
    info
        What is known of it beside its samples.
    samples
        Opens its samples, as often as wanted.
    events
        What really happened, where somebody wrote it down.
    """

    info: RecordingInfo
    samples: Callable[[], SampleStream]
    events: tuple[Event, ...] = ()


def in_live_order(
    acceleration: Iterable[Acceleration], readings: Sequence[HeartRate | RRIntervals]
) -> Iterator[Samples]:
    """Put readings between the chunks of acceleration, each right after the chunk it falls in.

    Parameters
    ----------
    acceleration
        Chunks by time.
    readings
        Whole series; what is later than the last chunk comes at the end.
    """
    done = [0] * len(readings)
    for chunk in acceleration:
        yield chunk
        end_ns = chunk.times_ns[-1]
        for index, series in enumerate(readings):
            upto = int(np.searchsorted(series.times_ns, end_ns, side="right"))
            if upto > done[index]:
                yield _part(series, done[index], upto)
                done[index] = upto
    for index, series in enumerate(readings):
        if done[index] < len(series):
            yield _part(series, done[index], len(series))


def _part(series: HeartRate | RRIntervals, start: int, stop: int) -> HeartRate | RRIntervals:
    times_ns = series.times_ns[start:stop]
    if isinstance(series, HeartRate):
        return HeartRate(times_ns, series.bpm[start:stop])
    return RRIntervals(times_ns, series.rr_ms[start:stop])
