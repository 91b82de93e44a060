"""A recording read as far as it goes without a model: worn, asleep, awake, and what was measured.

Training and judging both begin here, so that a model is never shown in training what it will not
be shown at night.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from detector.asleep import stage_sleep
from detector.awakenings import find_awakenings
from detector.calibration import calibrate, fit_calibration
from detector.cells import CELL_HZ, cells_between
from detector.features import Body, Candidate, see_body
from detector.heart import Readings, bin_heart_rate
from detector.movement import Z_ANGLE_EPOCH_S, find_movement
from detector.plausible import find_frozen, require_gravity, without_dead_seconds
from detector.seconds import Part, Seconds, join_parts
from detector.sleep import BEGUN_REST_EPOCHS, MAX_WAKE_EPOCHS, SleepWindow, find_sleeps
from detector.staging import load_sleep_model
from detector.wear import find_off_wrist
from ingest.errors import SampleError
from ingest.samples import NS_PER_S, Acceleration, HeartRate, RRIntervals

__all__ = ["Reading", "read_night"]

MAX_AWAKE_S = MAX_WAKE_EPOCHS * Z_ANGLE_EPOCH_S
"""Seconds (60 min) awake after which, at the finish, what follows is another sleep."""

STILL_AHEAD_S = 600
"""Seconds (10 min) for which, while the night goes on, the wearer is taken to lie still from now
on: as long as stillness after an awakening is measured (`detector.features.around`). Else one that
this stillness makes an episode of would be told minutes later."""

Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A recording, read; everything starts with the same second.

    Parameters
    ----------
    seconds
        Calibrated.
    frozen, off_wrist : bool, shape (n,)
        Recorded seconds in which the sensor was stuck, or nobody wore it.
    heart_bins : float64, shape (ceil(n / 5),)
        Heart rate in bpm.
    sleeps, candidates
        Each by time.
    body
        What the candidates are measured on.
    """

    seconds: Seconds
    frozen: Flags
    off_wrist: Flags
    heart_bins: Doubles
    sleeps: Sequence[SleepWindow]
    candidates: Sequence[Candidate]
    body: Body

    @property
    def there(self) -> Flags:
        """Seconds with acceleration of a sensor that was not stuck."""
        return self.seconds.recorded & ~self.frozen

    @property
    def worn(self) -> Flags:
        """Those of them in which somebody wore it."""
        return self.there & ~self.off_wrist


def read_night(
    parts: Sequence[Part],
    moving_minutes: Sequence[Acceleration],
    rates: Readings,
    intervals: Readings,
    *,
    samples: int,
    final: bool,
) -> Reading:
    """Read what was recorded.

    Parameters
    ----------
    parts, moving_minutes
        From `detector.seconds.Reducer`, and the samples of minutes with movement in them.
    rates, intervals
        Heart rate, and the intervals between beats.
    samples
        Acceleration samples in all.
    final
        Whether the recording is over. While it goes on, the wearer is taken to sleep on: a sleep
        that may have begun has, the last goes on, and what moved last is followed by stillness.

    Raises
    ------
    SampleError
        When there is not one second of acceleration, or at the end no gravity in it.
    """
    recorded = join_parts(parts) if parts else None
    if recorded is None or not recorded.recorded.any():
        raise SampleError("there is not one second of acceleration to judge")
    raw = without_dead_seconds(recorded)
    if final:
        require_gravity(raw if raw.recorded.any() else recorded)
    calibration = fit_calibration(raw)
    seconds = calibrate(raw, calibration)
    moving = find_movement(seconds)
    heart_bins = bin_heart_rate(
        raw.start_s,
        len(raw),
        [HeartRate(rates.times_ns, rates.values)],
        [RRIntervals(intervals.times_ns, intervals.values)],
    )
    off_wrist = find_off_wrist(seconds, moving, heart_bins)
    frozen = find_frozen(raw)
    usable = seconds.recorded & ~frozen & ~off_wrist

    def cells_g(start: int, end: int) -> Doubles:
        first_s, last_s = raw.start_s + start, raw.start_s + end
        return cells_between(_between(moving_minutes, first_s, last_s), first_s, last_s)

    windows = find_sleeps(seconds, usable)
    if not final:
        windows += _begun(windows, seconds, usable)
    sleeps = [
        stage_sleep(
            window,
            _across_g(window, raw, moving_minutes),
            samples / int(recorded.recorded.sum()),
            heart_bins,
            usable,
            load_sleep_model(),
        )
        for window in windows
    ]
    if not final:
        sleeps = _going_on(sleeps, len(seconds))
    spans = [(sleep.onset_s, sleep.wake_s) for sleep in sleeps]

    return Reading(
        seconds=seconds,
        frozen=frozen,
        off_wrist=off_wrist,
        heart_bins=heart_bins,
        sleeps=sleeps,
        candidates=[
            Candidate(start, end, onset)
            for (start, end), (onset, _) in find_awakenings(moving, usable, spans)
        ],
        body=see_body(
            seconds,
            moving,
            off_wrist,
            heart_bins,
            spans,
            cells_g,
            calibration,
            still_ahead_s=0 if final else STILL_AHEAD_S,
        ),
    )


def _going_on(sleeps: list[SleepWindow], length: int) -> list[SleepWindow]:
    """Let the last sleep reach to now, where it will if the wearer sleeps on.

    A rest is one only after half an hour: an awakening would be known as late as that.
    """
    if not _may_go_on(sleeps, length):
        return sleeps
    return [*sleeps[:-1], replace(sleeps[-1], wake_s=length)]


def _begun(sleeps: list[SleepWindow], seconds: Seconds, usable: Flags) -> list[SleepWindow]:
    """Find the sleep that may have begun where none goes on; empty where none has.

    Else a cramp in the first half hour of a sleep would be known only when that is over.
    """
    length = len(seconds)
    if _may_go_on(sleeps, length):
        return []
    since_s = sleeps[-1].wake_s if sleeps else 0
    later = usable & (np.arange(length) >= since_s)
    begun = find_sleeps(seconds, later, BEGUN_REST_EPOCHS)[-1:]
    return begun if _may_go_on(begun, length) else []


def _may_go_on(sleeps: list[SleepWindow], length: int) -> bool:
    return bool(sleeps) and length - sleeps[-1].wake_s <= MAX_AWAKE_S


def _across_g(
    window: SleepWindow, raw: Seconds, minutes: Sequence[Acceleration]
) -> npt.NDArray[np.float32]:
    """Acceleration across the wrist in a sleep, in cells; level in minutes without movement."""
    level_g = raw.mean_g[window.onset_s : window.wake_s, 2].astype(np.float32)
    across_g = np.repeat(level_g, CELL_HZ)
    first_s, last_s = raw.start_s + window.onset_s, raw.start_s + window.wake_s
    # Minute by minute: a whole night of cells would be most of what judging it takes.
    for minute in _between(minutes, first_s, last_s):
        start_s = max(_start_ns(minute) // NS_PER_S, first_s)
        end_s = min(_end_ns(minute) // NS_PER_S + 1, last_s)
        cells = cells_between([minute], start_s, end_s, axes=[2])[:, 0]
        rows = slice((start_s - first_s) * CELL_HZ, (end_s - first_s) * CELL_HZ)
        np.copyto(across_g[rows], cells, casting="same_kind", where=~np.isnan(cells))
    return across_g


def _between(minutes: Sequence[Acceleration], start_s: int, end_s: int) -> Sequence[Acceleration]:
    """Minutes with movement that reach between two seconds since 1970."""
    return minutes[
        bisect_right(minutes, start_s * NS_PER_S, key=_end_ns) : bisect_left(
            minutes, end_s * NS_PER_S, key=_start_ns
        )
    ]


def _start_ns(samples: Acceleration) -> int:
    return int(samples.times_ns[0])


def _end_ns(samples: Acceleration) -> int:
    return int(samples.times_ns[-1])
