"""A recorded night as every reader hands it on, its samples in the order of a live one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from ingest.samples import (
    NS_PER_S,
    Acceleration,
    Fault,
    HeartRate,
    RecordingInfo,
    RRIntervals,
    Samples,
)

__all__ = [
    "EVENT_LABELS",
    "Damage",
    "Event",
    "ReadSoFar",
    "Recording",
    "Repeats",
    "SampleStream",
    "in_live_order",
    "part",
]

FAR_NS = 30 * 60 * NS_PER_S
"""Nanoseconds by which heart rate may begin and end elsewhere than movement before it is odd."""

Series = TypeVar("Series", bound=Acceleration | HeartRate | RRIntervals)

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


@dataclass(slots=True)
class ReadSoFar:
    """Counts how much of a file has been read, in bytes of it or in rows."""

    done: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class Damage:
    """A part of a recording that could not be read, and was left out.

    Parameters
    ----------
    path
        The file.
    problem
        What is wrong with it, as a clause.
    after_ns, before_ns
        The last sample before it and the first after it, where there is one.
    tail
        Whether it is what a crash leaves at the end of a file, where nothing can be made good.
    spared
        Whether a copy elsewhere made it good, so that nothing is left out.
    """

    path: Path
    problem: str
    after_ns: int | None = None
    before_ns: int | None = None
    tail: bool = False
    spared: bool = False

    @property
    def lost_s(self) -> float | None:
        """Seconds lost at most; None where that cannot be told."""
        if self.spared:
            return 0.0
        if self.after_ns is None or self.before_ns is None:
            return None
        return max(0.0, (self.before_ns - self.after_ns) / NS_PER_S)

    def __str__(self) -> str:
        lost = "" if self.lost_s is None else f"; at most {self.lost_s:.1f} s are lost"
        return f"{self.path}: {self.problem}{'; a copy of it was used' if self.spared else lost}"


class SampleStream(Iterator[Samples]):
    """The samples of a recording, once through, in the order a wearable would have sent them.

    A chunk of acceleration comes first, then the heart rate and RR intervals up to its end.

    Raises
    ------
    RecordingError
        While iterating, at the first sample that cannot be used.
    """

    def __init__(
        self,
        samples: Iterator[Samples],
        repeats: Repeats,
        damage: Sequence[Damage] = (),
        read: ReadSoFar | None = None,
    ):
        self._samples = samples
        self._repeats = repeats
        self._damage = damage
        self._read = read or ReadSoFar()
        self._spans_ns: dict[type, tuple[int, int]] = {}

    def __next__(self) -> Samples:
        record = next(self._samples)
        if isinstance(record, Acceleration | HeartRate) and len(record):
            first_ns, _ = self._spans_ns.get(type(record), (int(record.times_ns[0]), 0))
            self._spans_ns[type(record)] = first_ns, int(record.times_ns[-1])
        return record

    @property
    def repeated_times(self) -> int:
        """Rows left out so far because they repeat a time; complete when the stream has ended."""
        return self._repeats.count

    @property
    def damage(self) -> tuple[Damage, ...]:
        """Parts left out so far because they are damaged; complete when the stream has ended."""
        return tuple(self._damage)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is odd about the samples, as clauses; complete when the stream has ended."""
        movement, heart = self._spans_ns.get(Acceleration), self._spans_ns.get(HeartRate)
        if movement is None or heart is None:
            return ()
        return tuple(
            f"its heart rate {verb} {abs(late_ns) / NS_PER_S / 3600:.1f} h "
            f"{'after' if late_ns > 0 else 'before'} its movement; "
            "check that both are of the same night and by the same clock"
            for verb, late_ns in (
                ("begins", heart[0] - movement[0]),
                ("ends", heart[1] - movement[1]),
            )
            if abs(late_ns) > FAR_NS
        )

    @property
    def part_read(self) -> float | None:
        """Part of the recording read so far, 0 to 1; None where nobody knows how much there is."""
        return self._read.done / self._read.of if self._read.of else None


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
    labelled
        Whether somebody did: without that, no events says nothing.
    remarks
        What is odd about it, as sentences, though it can be read.
    faults
        Reads the faults that were noted while it was recorded.
    """

    info: RecordingInfo
    samples: Callable[[], SampleStream]
    events: tuple[Event, ...] = ()
    labelled: bool = False
    remarks: tuple[str, ...] = ()
    faults: Callable[[], tuple[Fault, ...]] = tuple


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
                yield part(series, done[index], upto)
                done[index] = upto
    for index, series in enumerate(readings):
        if done[index] < len(series):
            yield part(series, done[index], len(series))


def part(series: Series, start: int, stop: int) -> Series:
    """Cut a part out of samples, by place."""
    columns = {each.name: getattr(series, each.name) for each in fields(series)}
    cut = {name: values[start:stop] for name, values in columns.items() if values is not None}
    return replace(series, **cut)
