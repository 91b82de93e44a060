"""What a night looks like drawn over time: movement, tilt and heart rate, for whoever shows it.

Nothing is judged here. The curves are what the detector itself begins with, so that a picture
shows what was judged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.calibration import Calibration, calibrate, fit_calibration
from detector.heart import BIN_S, Readings, bin_heart_rate
from detector.identity import Identity
from detector.movement import Z_ANGLE_EPOCH_S, z_angle_deg
from detector.plausible import without_dead_seconds
from detector.seconds import Part, Reducer, join_parts
from ingest.errors import SampleError
from ingest.samples import NS_PER_S, Acceleration, HeartRate, RRIntervals, Samples

__all__ = ["STRETCH_S", "Stretch", "Stretches", "Tracer", "Traces", "enmo_g"]

Singles = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]

STRETCH_S = 300
"""Seconds (5 min) that are summed up together: a hundred lines tell a night."""
STRETCH_NS = STRETCH_S * NS_PER_S

BLOCK_SAMPLES = 1 << 16
"""Samples reduced at once, 22 minutes at 50 Hz: few, whatever a reader hands on."""


def enmo_g(xyz_g: Singles, calibration: Calibration) -> Singles:
    """Return how much each sample exceeds gravity: the Euclidean norm minus one.

    Method: van Hees et al. 2013, PLoS ONE 8:e61691; what is below zero becomes zero.

    Parameters
    ----------
    xyz_g : float32, shape (n, 3)
        As measured, gravity included.

    Returns
    -------
    float32, shape (n,)
        In g.
    """
    square = np.zeros(len(xyz_g), np.float32)
    for axis in range(3):
        along = xyz_g[:, axis] * np.float32(calibration.gain[axis])
        along += np.float32(calibration.offset_g[axis])
        along *= along
        square += along
    return np.maximum(np.sqrt(square) - np.float32(1), np.float32(0))


@dataclass(frozen=True, slots=True, eq=False)
class Traces:
    """What a whole recording shows beside its samples.

    Parameters
    ----------
    id
        Digest of the samples, as `detector.night.Night` has it.
    start_s
        Seconds since 1970 of the first value of both curves.
    calibration
        What `enmo_g` takes.
    z_angle_deg, heart_bpm : float64
        A value each 5 s; NaN where nothing is known.
    """

    id: str
    start_s: int
    calibration: Calibration
    z_angle_deg: Doubles
    heart_bpm: Doubles

    @property
    def times_ns(self) -> Times:
        """The middle of the 5 s of each value, for the longer of the two."""
        count = max(len(self.z_angle_deg), len(self.heart_bpm))
        starts_s = self.start_s + BIN_S * np.arange(count, dtype=np.int64)
        return starts_s * NS_PER_S + BIN_S * NS_PER_S // 2


class Tracer:
    """Takes the samples of a recording as they come, and none of them stays."""

    def __init__(self) -> None:
        self._reducer = Reducer()
        self._parts: list[Part] = []
        self._rates = Readings()
        self._intervals = Readings()
        self._identity = Identity()

    def feed(self, samples: Samples) -> None:
        """Take the next samples of any stream; a mark is left out."""
        if isinstance(samples, Acceleration):
            for start in range(0, len(samples), BLOCK_SAMPLES):
                rows = slice(start, start + BLOCK_SAMPLES)
                self._keep(
                    self._reducer.feed(
                        Acceleration.of_checked(samples.times_ns[rows], samples.xyz_g[rows])
                    )
                )
        elif isinstance(samples, HeartRate):
            self._rates.add(samples.times_ns, samples.bpm)
            self._identity.take_rates(samples)
        elif isinstance(samples, RRIntervals):
            self._intervals.add(samples.times_ns, samples.rr_ms)
            self._identity.take_beats(samples)

    def finish(self) -> Traces:
        """Draw the curves of what was taken.

        Raises
        ------
        SampleError
            When there is not one second of acceleration.
        """
        self._keep(self._reducer.finish())
        if not self._parts:
            raise SampleError("there is not one second of acceleration to draw")
        raw = without_dead_seconds(join_parts(self._parts))
        calibration = fit_calibration(raw)
        return Traces(
            id=self._identity.name(),
            start_s=raw.start_s,
            calibration=calibration,
            z_angle_deg=z_angle_deg(calibrate(raw, calibration)),
            heart_bpm=bin_heart_rate(
                raw.start_s,
                len(raw),
                [HeartRate(self._rates.times_ns, self._rates.values)],
                [RRIntervals(self._intervals.times_ns, self._intervals.values)],
            ),
        )

    def _keep(self, part: Part | None) -> None:
        if part is not None:
            self._identity.take_part(part)
            # The samples of restless minutes are what judging needs, not drawing.
            self._parts.append(Part(part.start_s, part.mean_g, part.variance_g2, part.jerk2, ()))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Five minutes of a recording in figures; None where nothing was measured.

    Parameters
    ----------
    start_ns
        UTC nanoseconds; a multiple of five minutes.
    enmo_g, most_enmo_g
        Mean and largest ENMO of the samples.
    z_angle_deg, heart_bpm
        Means.
    """

    start_ns: int
    enmo_g: float | None
    most_enmo_g: float | None
    z_angle_deg: float | None
    heart_bpm: float | None


class Stretches:
    """Sums up a recording by five minutes.

    Parameters
    ----------
    traces
        The curves of the same recording.
    """

    def __init__(self, traces: Traces) -> None:
        self._traces = traces
        self._sums: dict[int, tuple[float, int, float]] = {}

    def take(self, times_ns: Times, enmo: Singles) -> None:
        """Take the next samples."""
        if not len(times_ns):
            return
        numbers = times_ns // STRETCH_NS
        starts = np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 1))
        totals = np.add.reduceat(enmo, starts, dtype=np.float64)
        most = np.maximum.reduceat(enmo, starts)
        counts = np.diff(starts, append=len(enmo))
        for number, total, many, highest in zip(
            numbers[starts].tolist(), totals.tolist(), counts.tolist(), most.tolist(), strict=True
        ):
            before, so_many, so_high = self._sums.get(number, (0.0, 0, 0.0))
            self._sums[number] = before + total, so_many + many, max(so_high, highest)

    def finish(self) -> tuple[Stretch, ...]:
        """Give every stretch from the first sample to the last, by time."""
        if not self._sums:
            return ()
        angles = _means(self._traces, self._traces.z_angle_deg)
        rates = _means(self._traces, self._traces.heart_bpm)
        told = []
        for number in range(min(self._sums), max(self._sums) + 1):
            total, many, most = self._sums.get(number, (0.0, 0, 0.0))
            told.append(
                Stretch(
                    number * STRETCH_NS,
                    total / many if many else None,
                    most if many else None,
                    angles.get(number),
                    rates.get(number),
                )
            )
        return tuple(told)


def _means(traces: Traces, values: Doubles) -> dict[int, float]:
    """Give the mean of what is known in each stretch, by its number."""
    known = np.flatnonzero(~np.isnan(values))
    numbers = (traces.start_s + Z_ANGLE_EPOCH_S * known) // STRETCH_S
    found, place = np.unique(numbers, return_inverse=True)
    means = np.bincount(place, values[known]) / np.bincount(place)
    return dict(zip(found.tolist(), means.tolist(), strict=True))
