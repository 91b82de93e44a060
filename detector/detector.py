"""The one detector, fed chunk by chunk, live or from disk.

Chunks are reduced to seconds as they come, and of minutes with movement the samples are kept.
What needs the whole night (calibration, wear, sleep, awakenings, cues, score) is made from those
in one pass, by `so_far` while the night goes on and by `finish` when it is over: the same code,
so a provisional episode is never judged by another rule than the final one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from detector.classifier import Judgement, Model, judge, load_model
from detector.faults import find_faults
from detector.features import Candidate, measure
from detector.heart import Readings
from detector.identity import Identity, digest
from detector.night import Awakening, Episode, Night, Sleep, Span
from detector.reading import Reading, read_night
from detector.runs import Run, runs_of
from detector.seconds import Part, Reducer
from detector.sleep import SleepWindow
from detector.taps import TapFinder
from ingest.errors import SampleError
from ingest.samples import (
    MAX_RECORDING_S,
    NS_PER_S,
    Acceleration,
    Fault,
    FaultKind,
    HeartRate,
    Mark,
    RecordingInfo,
    RRIntervals,
    Samples,
)

if TYPE_CHECKING:
    from detector.personal import Personal

__all__ = ["Detector", "Measured"]

BLOCK_SAMPLES = 1 << 17
"""Samples taken at once, 44 minutes at 50 Hz: 2.6 MB of them. With fewer it is the calls that take
the time, with four times as many the memory."""


class Detector:
    """Finds cramp-like awakenings in one recording.

    Parameters
    ----------
    info
        The recording.
    model
        What judges; the shipped one where none is given.
    personal
        Adjusts the model to the wearer's answers; ids stay what they are without it.

    Raises
    ------
    ModelError
        Where the adjustment is of another model.

    Examples
    --------
    >>> detector = Detector(recording.info)
    >>> for samples in recording.samples():
    ...     detector.feed(samples)
    >>> night = detector.finish()
    """

    def __init__(
        self, info: RecordingInfo, model: Model | None = None, personal: Personal | None = None
    ) -> None:
        self._info = info
        self._given_model = model
        self._personal = personal
        if personal is not None:
            personal.require(self._model.version)
        self._reducer = Reducer(BLOCK_SAMPLES)
        self._parts: list[Part] = []
        self._moving: list[Acceleration] = []
        self._rates = Readings()
        self._intervals = Readings()
        self._taps = TapFinder()
        self._marks: set[Mark] = set()
        self._finished = False
        self._extents = {kind: _Extent() for kind in (Acceleration, HeartRate, RRIntervals)}
        self._identity = Identity()

    def feed(self, samples: Samples) -> tuple[Mark, ...]:
        """Take the next samples of any stream.

        Streams may come in any order against each other; within a stream times rise.

        Returns
        -------
        tuple of Mark
            What the wearer marked by taps on the watch, as these samples show. They are of the
            night already; who records it may write them down.

        Raises
        ------
        SampleError
            When a stream falls back in time, the recording grows past three days, or it is
            finished.
        """
        if self._finished:
            raise SampleError("the night is finished; begin another detector for more")
        if isinstance(samples, Mark):
            self._marks.add(samples)
            return ()
        if not len(samples):
            return ()
        self._extents[type(samples)].take(samples.times_ns)
        if isinstance(samples, HeartRate):
            self._rates.add(samples.times_ns, samples.bpm)
            self._identity.take_rates(samples)
        elif isinstance(samples, RRIntervals):
            self._intervals.add(samples.times_ns, samples.rr_ms)
            self._identity.take_beats(samples)
        else:
            tapped = [mark for block in _blocks(samples) for mark in self._take(block)]
            self._marks.update(tapped)
            return tuple(tapped)
        return ()

    def so_far(self) -> Night:
        """Judge what is complete by now; episodes are provisional.

        Raises
        ------
        SampleError
            When not one second is complete yet.
        """
        self._keep(self._reducer.complete())
        return self._judged(final=False)

    def snapshot(self) -> Detector:
        """Give a detector that stands where this one does and is fed apart from it.

        So that another thread may judge the night so far while this one takes what comes.
        """
        self._keep(self._reducer.complete())
        twin = copy(self)
        twin._reducer = self._reducer.copied()
        twin._parts = self._parts.copy()
        twin._moving = self._moving.copy()
        twin._taps = copy(self._taps)
        twin._marks = self._marks.copy()
        twin._rates = self._rates.copied()
        twin._intervals = self._intervals.copied()
        twin._extents = {kind: copy(extent) for kind, extent in self._extents.items()}
        twin._identity = self._identity.copied()
        return twin

    def finish(self) -> Night:
        """Judge the whole recording.

        Raises
        ------
        SampleError
            When there was no acceleration to judge.
        """
        self._complete()
        return self._judged(final=True)

    def _take(self, block: Acceleration) -> tuple[Mark, ...]:
        self._keep(self._reducer.feed(block))
        return self._taps.feed(block)

    def _keep(self, part: Part | None) -> None:
        if part is not None:
            self._parts.append(part)
            self._identity.take_part(part)
            self._moving += part.moving

    def measured(self) -> Measured:
        """Measure the finished recording without judging it: what a model is trained on.

        Raises
        ------
        SampleError
            When there was no acceleration to judge.
        """
        self._complete()
        reading = self._read(final=True)
        clock = self._clock(reading)
        return Measured(
            start_ns=clock.first_ns,
            end_ns=clock.last_ns,
            worn=clock.spans(reading.worn),
            awakenings=tuple(
                Span(clock.ns(candidate.start), clock.ns(candidate.end))
                for candidate in reading.candidates
            ),
            features=tuple(measure(reading.body, reading.candidates)),
            cells_g=tuple(
                reading.body.cells_g(candidate.start, candidate.end)
                for candidate in reading.candidates
            ),
        )

    @property
    def _model(self) -> Model:
        return self._given_model or load_model()

    def _complete(self) -> None:
        if not self._finished:
            self._finished = True
            self._keep(self._reducer.finish())

    def _read(self, *, final: bool) -> Reading:
        return read_night(
            self._parts,
            self._moving,
            self._rates,
            self._intervals,
            samples=self._extents[Acceleration].samples,
            final=final,
        )

    def _clock(self, reading: Reading) -> _Clock:
        return _Clock(reading.seconds.start_s, *self._extents[Acceleration].span_ns)

    def _judged(self, *, final: bool) -> Night:
        reading = self._read(final=final)
        clock = self._clock(reading)
        beginning = self._identity.beginning()
        measured = measure(reading.body, reading.candidates)
        judgements = judge(self._model, measured)
        if self._personal is not None:
            judgements = [self._personal.adjusted(each) for each in judgements]
        judged = [
            self._told(candidate, features, judgement, clock, beginning, final=final)
            for candidate, features, judgement in zip(
                reading.candidates, measured, judgements, strict=True
            )
        ]
        return Night(
            id=self._identity.name(),
            info=self._info,
            start_ns=clock.first_ns,
            end_ns=clock.last_ns,
            recorded=clock.spans(reading.there),
            worn=clock.spans(reading.worn),
            sleeps=tuple(clock.sleep(sleep) for sleep in reading.sleeps),
            awakenings=tuple(awakening for awakening, _ in judged),
            episodes=tuple(episode for _, episode in judged if episode is not None),
            faults=clock.faults(
                find_faults(
                    reading.seconds.recorded,
                    reading.frozen,
                    reading.off_wrist,
                    reading.heart_bins,
                )
            ),
            model=self._model.version,
            marks=tuple(sorted(self._marks, key=lambda mark: (mark.time_ns, mark.label))),
            personal=None if self._personal is None else self._personal.version,
        )

    def _told(
        self,
        candidate: Candidate,
        features: dict[str, float],
        judgement: Judgement,
        clock: _Clock,
        beginning: str,
        *,
        final: bool,
    ) -> tuple[Awakening, Episode | None]:
        """Tell of one awakening; an episode comes of it where its standing is worth telling."""
        onset_ns, end_ns = clock.ns(candidate.start), clock.ns(candidate.end)
        got_up = features["walking"] > 0
        awakening = Awakening(
            onset_ns,
            end_ns,
            judgement.probability,
            got_up,
            judgement.others,
            # Sent once a minute, they would be most of what is sent.
            features=_known(features) if final else {},
        )
        standing = self._model.standing(judgement.probability)
        if standing is None:
            return awakening, None
        version = self._model.version
        rise_bpm = features["heart_rate_rise"]
        return awakening, Episode(
            id=digest(beginning, version.name, version.version, onset_ns),
            onset_ns=onset_ns,
            end_ns=end_ns,
            probability=judgement.probability,
            standing=standing,
            heart_rate_rise_bpm=None if math.isnan(rise_bpm) else rise_bpm,
            got_up=got_up,
            evidence=judgement.evidence,
            others=judgement.others,
        )


def _known(features: Mapping[str, float]) -> dict[str, float | None]:
    return {name: None if math.isnan(value) else value for name, value in features.items()}


def _blocks(samples: Acceleration) -> Iterator[Acceleration]:
    """Cut a long chunk, so that what is computed of a block stays in the processor's cache."""
    for start in range(0, len(samples), BLOCK_SAMPLES):
        rows = slice(start, start + BLOCK_SAMPLES)
        yield Acceleration.of_checked(samples.times_ns[rows], samples.xyz_g[rows])


class _Extent:
    """Order and extent of one stream, whatever its chunks."""

    def __init__(self) -> None:
        self.samples = 0
        self._first_ns: int | None = None
        self._last_ns = 0

    @property
    def span_ns(self) -> tuple[int, int]:
        """Time of the first and the last sample."""
        return self._first_ns or 0, self._last_ns

    def take(self, times_ns: npt.NDArray[np.int64]) -> None:
        """Note the times of the next chunk."""
        first_ns, last_ns = int(times_ns[0]), int(times_ns[-1])
        if self._first_ns is None:
            self._first_ns = first_ns
        elif first_ns <= self._last_ns:
            back_s = (self._last_ns - first_ns) / NS_PER_S
            raise SampleError(
                f"a chunk begins {back_s:.3f} s before the end of the chunk before it; "
                "hand every sample on once and in order"
            )
        if last_ns - self._first_ns > MAX_RECORDING_S * NS_PER_S:
            raise SampleError(
                f"the recording spans more than {MAX_RECORDING_S // 3600} h; "
                "hand on one night at a time"
            )
        self._last_ns = last_ns
        self.samples += len(times_ns)


@dataclass(frozen=True, slots=True)
class Measured:
    """A finished recording as far as it goes without a model.

    Parameters
    ----------
    start_ns, end_ns
        First and last acceleration sample.
    worn
        Spans recorded with the wearable on a wrist.
    awakenings, features
        Each awakening by time, and what was measured on it; NaN where the data did not tell.
    cells_g
        The movement of each, as `detector.cells.cells_between` gives it.
    """

    start_ns: int
    end_ns: int
    worn: tuple[Span, ...]
    awakenings: tuple[Span, ...]
    features: tuple[dict[str, float], ...]
    cells_g: tuple[npt.NDArray[np.float64], ...]


@dataclass(frozen=True, slots=True)
class _Clock:
    """From seconds of the night to UTC nanoseconds, within what was recorded."""

    start_s: int
    first_ns: int
    last_ns: int

    def ns(self, second: int) -> int:
        """Give an instant; one within the first or the last, broken second is that end."""
        instant_ns = (self.start_s + second) * NS_PER_S
        if instant_ns < self.first_ns + NS_PER_S:
            return self.first_ns
        return self.last_ns if instant_ns > self.last_ns - NS_PER_S else instant_ns

    def sleep(self, window: SleepWindow) -> Sleep:
        onset_ns, wake_ns = self.ns(window.onset_s), self.ns(window.wake_s)
        asleep_s = min(float(window.asleep.sum()), (wake_ns - onset_ns) / NS_PER_S)
        return Sleep(onset_ns, wake_ns, asleep_s)

    def spans(self, flags: npt.NDArray[np.bool_]) -> tuple[Span, ...]:
        return tuple(Span(self.ns(start), self.ns(end)) for start, end in runs_of(flags))

    def faults(self, found: list[tuple[FaultKind, Run]]) -> tuple[Fault, ...]:
        return tuple(sorted(Fault(self.ns(run[0]), self.ns(run[1]), kind) for kind, run in found))
