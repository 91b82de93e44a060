"""The one detector, fed chunk by chunk, live or from disk.

Chunks are reduced to seconds as they come, and of minutes with movement the samples are kept.
What needs the whole night (calibration, wear, sleep, awakenings, cues, score) is made from those
in one pass, by `so_far` while the night goes on and by `finish` when it is over: the same code,
so a provisional episode is never judged by another rule than the final one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from copy import copy
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.asleep import stage_sleep
from detector.awakenings import find_awakenings
from detector.calibration import calibrate, fit_calibration
from detector.cells import CELL_HZ, cells_between
from detector.classifier import Model, judge, load_model
from detector.cues import Evidence, measure_cues
from detector.faults import find_faults
from detector.heart import Readings, bin_heart_rate
from detector.identity import Identity, digest
from detector.movement import find_movement
from detector.night import Awakening, Episode, Night, Sleep, Span
from detector.plausible import find_frozen, require_gravity, without_dead_seconds
from detector.runs import Run, runs_of
from detector.seconds import Part, Reducer, Seconds, join_parts
from detector.sleep import SleepWindow, find_sleeps
from detector.staging import load_sleep_model
from detector.taps import TapFinder
from detector.wear import find_off_wrist
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

__all__ = ["Detector"]


class Detector:
    """Finds cramp-like awakenings in one recording.

    Parameters
    ----------
    info
        The recording.
    model
        What judges; the shipped one where none is given.

    Examples
    --------
    >>> detector = Detector(recording.info)
    >>> for samples in recording.samples():
    ...     detector.feed(samples)
    >>> night = detector.finish()
    """

    def __init__(self, info: RecordingInfo, model: Model | None = None) -> None:
        self._info = info
        self._model = model or load_model()
        self._sleep_model = load_sleep_model()
        self._reducer = Reducer()
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
            self._keep(self._reducer.feed(samples))
            tapped = self._taps.feed(samples)
            self._marks.update(tapped)
            return tapped
        return ()

    def so_far(self) -> Night:
        """Judge what is complete by now; episodes are provisional.

        Raises
        ------
        SampleError
            When not one second is complete yet.
        """
        return self._judged(final=False)

    def snapshot(self) -> Detector:
        """Give a detector that stands where this one does and is fed apart from it.

        So that another thread may judge the night so far while this one takes what comes.
        """
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
        if not self._finished:
            self._finished = True
            self._keep(self._reducer.finish())
        return self._judged(final=True)

    def _keep(self, part: Part | None) -> None:
        if part is not None:
            self._parts.append(part)
            self._identity.take_part(part)
            self._moving += part.moving

    def _judged(self, *, final: bool) -> Night:
        recorded = join_parts(self._parts) if self._parts else None
        if recorded is None or not recorded.recorded.any():
            raise SampleError("there is not one second of acceleration to judge")
        raw = without_dead_seconds(recorded)
        if final:
            require_gravity(raw if raw.recorded.any() else recorded)
        calibration = fit_calibration(raw)
        seconds = calibrate(raw, calibration)
        moving = find_movement(seconds)
        rates = HeartRate(self._rates.times_ns, self._rates.values)
        intervals = RRIntervals(self._intervals.times_ns, self._intervals.values)
        heart_bins = bin_heart_rate(raw.start_s, len(raw), [rates], [intervals])
        off_wrist = find_off_wrist(seconds, moving, heart_bins)
        frozen = find_frozen(raw)
        usable = seconds.recorded & ~frozen & ~off_wrist
        rate_hz = self._extents[Acceleration].samples / int(recorded.recorded.sum())
        sleeps = [
            stage_sleep(
                sleep,
                self._across_g(sleep, raw),
                rate_hz,
                heart_bins,
                usable,
                self._sleep_model,
            )
            for sleep in find_sleeps(seconds, usable)
        ]

        start_ns, end_ns = self._extents[Acceleration].span_ns
        clock = _Clock(raw.start_s, start_ns, end_ns)
        night_id = self._identity.name()
        judged: list[tuple[Awakening, Episode | None]] = []
        if sleeps:
            evidence = Evidence(
                seconds=seconds,
                moving=moving,
                off_wrist=off_wrist,
                heart_bins=heart_bins,
                cells_g=self._cells,
                calibration=calibration,
            )
            # While the night goes on, nobody knows yet that its last sleep is over.
            followed_s = [sleep.onset_s for sleep in sleeps[1:]]
            untils_s = [*followed_s, None if final else len(seconds)]
            for sleep, until_s in zip(sleeps, untils_s, strict=True):
                judged += [
                    self._judge(awakening, sleep, evidence, clock, night_id)
                    for awakening in find_awakenings(moving, sleep.onset_s, sleep.wake_s, until_s)
                ]

        return Night(
            id=night_id,
            info=self._info,
            start_ns=start_ns,
            end_ns=end_ns,
            recorded=clock.spans(seconds.recorded & ~frozen),
            worn=clock.spans(usable),
            sleeps=tuple(clock.sleep(sleep) for sleep in sleeps),
            awakenings=tuple(awakening for awakening, _ in judged),
            episodes=tuple(episode for _, episode in judged if episode is not None),
            faults=clock.faults(find_faults(seconds.recorded, frozen, off_wrist, heart_bins)),
            model=self._model.version,
            marks=tuple(sorted(self._marks, key=lambda mark: (mark.time_ns, mark.label))),
        )

    def _judge(
        self,
        awakening: Run,
        sleep: SleepWindow,
        evidence: Evidence,
        clock: _Clock,
        night_id: str,
    ) -> tuple[Awakening, Episode | None]:
        """Judge one awakening; an episode comes of it where its standing is worth telling."""
        cues = measure_cues(evidence, awakening, sleep.onset_s)
        judgement = judge(self._model, cues)
        onset_ns, end_ns = clock.ns(awakening[0]), clock.ns(awakening[1])
        judged = Awakening(onset_ns, end_ns, judgement.probability)
        standing = self._model.standing(judgement.probability)
        if standing is None:
            return judged, None
        version = self._model.version
        return judged, Episode(
            id=digest(night_id, version.name, version.version, onset_ns),
            onset_ns=onset_ns,
            end_ns=end_ns,
            probability=judgement.probability,
            standing=standing,
            heart_rate_rise_bpm=cues["heart_rate_rise"],
            got_up=bool(cues["walking"]),
            evidence=judgement.evidence,
        )

    def _kept(self, start: int, end: int) -> list[Acceleration]:
        """Minutes with movement that reach into a stretch of seconds of the recording."""
        first_s = self._parts[0].start_s
        return self._moving[
            bisect_right(self._moving, (first_s + start) * NS_PER_S, key=_end_ns) : bisect_left(
                self._moving, (first_s + end) * NS_PER_S, key=_start_ns
            )
        ]

    def _cells(self, start: int, end: int) -> npt.NDArray[np.float64]:
        """Cells of the minutes with movement between two seconds of the recording."""
        first_s = self._parts[0].start_s
        return cells_between(self._kept(start, end), first_s + start, first_s + end)

    def _across_g(self, sleep: SleepWindow, raw: Seconds) -> npt.NDArray[np.float32]:
        """Acceleration across the wrist in a sleep, in cells; level in minutes without movement."""
        level_g = raw.mean_g[sleep.onset_s : sleep.wake_s, 2].astype(np.float32)
        across_g = np.repeat(level_g, CELL_HZ)
        first_s = raw.start_s + sleep.onset_s
        # Minute by minute: a whole night of cells would be most of what judging it takes.
        for minute in self._kept(sleep.onset_s, sleep.wake_s):
            start = max(_start_ns(minute) // NS_PER_S - first_s, 0)
            end = min(_end_ns(minute) // NS_PER_S + 1 - first_s, len(level_g))
            cells = cells_between([minute], first_s + start, first_s + end)[:, 2]
            known = ~np.isnan(cells)
            across_g[start * CELL_HZ : end * CELL_HZ][known] = cells[known]
        return across_g


def _start_ns(samples: Acceleration) -> int:
    return int(samples.times_ns[0])


def _end_ns(samples: Acceleration) -> int:
    return int(samples.times_ns[-1])


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
