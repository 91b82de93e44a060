"""The night by the second: level, spread and jerk, straight from the samples of any rate.

Sums over a second are taken in float32 of what is left after the level is taken away, so that the
spread of a still second keeps its digits. Seconds are reduced whole UTC minutes at a time and each
for itself, so how the samples were cut into chunks cannot show in a single bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.short_sums import sum_over_second
from ingest.samples import NS_PER_S, Acceleration

__all__ = ["GAP_NS", "MINUTE_S", "Part", "Reducer", "Seconds", "join_parts"]

Singles = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]

MINUTE_S = 60
"""Seconds reduced together: few against the 90 s within which an episode must be known."""
MINUTE_NS = MINUTE_S * NS_PER_S

GAP_NS = NS_PER_S
"""Nanoseconds between two samples from which on nothing is known of the time between them:
five samples of the slowest device."""
MIN_COVERED = 0.8
"""Share of a second that must lie between samples for it to count as recorded."""
MIN_SAMPLES = 2
"""Samples of a recorded second: one alone has no spread."""

JERK_HZ = 25
"""Differences a second the jerk is taken over at most: what a limb does lies below, and a faster
device would measure its own noise."""
CARRIED = 16
"""Samples kept from before a minute: at 400 Hz the difference reaches that far back."""

MOVING_SD_G = 0.015
"""Spread of a second, in g, from which on its minute is kept for a closer look: below what
`detector.movement` takes for movement, however the calibration turns out."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some minutes of a recording by the second; NaN in seconds that were not recorded.

    Parameters
    ----------
    start_s
        Seconds since 1970 of the first row; a whole minute.
    mean_g, variance_g2, jerk2 : float32, shape (n, 3)
        Mean in g, variance in g^2 and mean squared jerk in (g/s)^2 of each axis.
    moving
        The samples of each minute that may hold movement, with one to either side.
    """

    start_s: int
    mean_g: Singles
    variance_g2: Singles
    jerk2: Singles
    moving: tuple[Acceleration, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Seconds:
    """A whole recording by the second, without holes: what was not recorded is NaN.

    Parameters
    ----------
    start_s
        Seconds since 1970 of the first row.
    mean_g, variance_g2, jerk2 : float64, shape (n, 3)
        As in `Part`.
    """

    start_s: int
    mean_g: Doubles
    variance_g2: Doubles
    jerk2: Doubles

    def __len__(self) -> int:
        return len(self.mean_g)

    @property
    def recorded(self) -> npt.NDArray[np.bool_]:
        """Where a second was recorded, shape (n,)."""
        return ~np.isnan(self.mean_g[:, 0])

    @property
    def deviation_g(self) -> Doubles:
        """Standard deviation within each second over the three axes together, in g, shape (n,)."""
        return np.asarray(np.sqrt(sum_over_second(self.variance_g2)))

    @property
    def jerk_g_per_s(self) -> Doubles:
        """Root mean square of the jerk in each second, in g/s, shape (n,)."""
        return np.asarray(np.sqrt(sum_over_second(self.jerk2)))


class Reducer:
    """Turns acceleration chunks into seconds, whole minutes at a time.

    Parameters
    ----------
    together
        Samples that must wait until `feed` reduces them.
    """

    def __init__(self, together: int = 1) -> None:
        self._together = together
        # The first of the waiting chunks holds the last samples before the next minute.
        self._waiting: list[Acceleration] = []
        self._samples = 0
        self._next_minute = 0

    def feed(self, chunk: Acceleration) -> Part | None:
        """Take the next chunk; where enough samples wait, give the minutes that are complete."""
        if not len(chunk):
            return None
        if not self._waiting:
            self._next_minute = _minute_of(chunk.times_ns[0])
        self._waiting.append(chunk)
        self._samples += len(chunk)
        return self.complete() if self._samples >= self._together else None

    def complete(self) -> Part | None:
        """Give the minutes that are complete by now and were not given yet, None without one."""
        if not self._waiting:
            return None
        minute = _minute_of(self._waiting[-1].times_ns[-1])
        return self._reduce_before(minute) if minute > self._next_minute else None

    def finish(self) -> Part | None:
        """Give the minute that the end of the recording cut short."""
        if not self._waiting:
            return None
        return self._reduce_before(_minute_of(self._waiting[-1].times_ns[-1]) + 1)

    def copied(self) -> Reducer:
        """Give one that goes on apart from this."""
        twin = copy(self)
        twin._waiting = self._waiting.copy()
        return twin

    def _reduce_before(self, end_minute: int) -> Part | None:
        times_ns = np.concatenate([chunk.times_ns for chunk in self._waiting])
        # One axis after the other lies in memory: ten times as fast to sum.
        axes = np.empty((3, len(times_ns)), np.float32)
        xyz_g = np.concatenate([chunk.xyz_g.T for chunk in self._waiting], axis=1, out=axes).T
        first, last = np.searchsorted(
            times_ns, (self._next_minute * MINUTE_NS, end_minute * MINUTE_NS)
        )
        self._next_minute = end_minute
        kept = max(int(last) - CARRIED, 0)
        self._waiting = [Acceleration.of_checked(times_ns[kept:].copy(), xyz_g[kept:].copy("F"))]
        self._samples = len(times_ns) - kept
        if first == last:
            return None
        # The minutes before the first sample were silent: a part begins with what was recorded.
        start_minute = _minute_of(times_ns[first])
        return _reduce(times_ns, xyz_g, int(first), int(last), start_minute, end_minute)


def join_parts(parts: Sequence[Part]) -> Seconds:
    """Lay the parts of a recording onto one unbroken line of seconds.

    Parameters
    ----------
    parts
        In order; at least one.
    """
    start_s, last = parts[0].start_s, parts[-1]
    length = last.start_s + len(last.mean_g) - start_s
    mean_g, variance_g2, jerk2 = (np.full((length, 3), np.nan, order="F") for _ in range(3))
    for part in parts:
        rows = slice(part.start_s - start_s, part.start_s - start_s + len(part.mean_g))
        mean_g[rows], variance_g2[rows], jerk2[rows] = part.mean_g, part.variance_g2, part.jerk2
    return Seconds(start_s, mean_g, variance_g2, jerk2)


def _minute_of(time_ns: np.int64 | int) -> int:
    return int(time_ns) // MINUTE_NS


def _reduce(
    times_ns: Times, xyz_g: Singles, first: int, last: int, start_minute: int, end_minute: int
) -> Part:
    """Reduce the samples from `first` to before `last`, which lie in the given minutes.

    Those before and after them serve the differences and the gaps at the edges.
    """
    start_s, length = start_minute * MINUTE_S, (end_minute - start_minute) * MINUTE_S
    edges_ns = (start_s + np.arange(length + 1)) * NS_PER_S
    edges = np.searchsorted(times_ns[first:last], edges_ns)
    count = np.diff(edges)
    held = np.flatnonzero(count)
    starts, many = edges[held], count[held]
    axes = xyz_g.T

    rate_hz = _usual(count.reshape(-1, MINUTE_S))
    steps = np.clip(np.rint(rate_hz / JERK_HZ), 1, CARRIED).astype(int).repeat(MINUTE_S)[held]
    differences = {
        step: _differences(times_ns, first, last, step, starts, many)
        for step in np.flatnonzero(np.bincount(steps)).tolist()
    }

    size = many.astype(np.float32)
    mean, variance, jerk2 = np.empty((3, len(axes), len(held)), np.float32)
    scratch = np.empty(last - first, np.float32)
    # One axis after the other, in one place: memory that was touched before costs nothing again.
    for axis, values in enumerate(axes):
        np.add.reduceat(values[first:last], starts, out=mean[axis])
        mean[axis] /= size
        rest = np.subtract(values[first:last], np.repeat(mean[axis], many), out=scratch)
        rest *= rest
        np.add.reduceat(rest, starts, out=variance[axis])
        variance[axis] /= size
        for step, each in differences.items():
            found = each.mean_squared_jerk(values[:last], starts, scratch)
            np.copyto(jerk2[axis], found, where=steps == step)

    covered_ns = _covered_ns(times_ns, first, last, starts, start_s, length)
    unknown = (covered_ns < MIN_COVERED * NS_PER_S) | (count < MIN_SAMPLES)
    mean_g, variance_g2, jerk2 = (
        _by_second(each, held, unknown) for each in (mean, variance, jerk2)
    )
    with np.errstate(invalid="ignore"):
        moving = sum_over_second(variance_g2) > MOVING_SD_G**2
    minutes = np.flatnonzero(moving.reshape(-1, MINUTE_S).any(axis=1))
    return Part(
        start_s,
        mean_g,
        variance_g2,
        jerk2,
        tuple(
            _with_neighbours(times_ns, xyz_g, first + edges[at], first + edges[at + MINUTE_S])
            for at in (minutes * MINUTE_S).tolist()
        ),
    )


def _by_second(values: Singles, held: Times, unknown: npt.NDArray[np.bool_]) -> Singles:
    """Lay what was found of the seconds that hold samples, axis by axis, onto all seconds."""
    line = values
    if len(held) < len(unknown):
        line = np.full((len(values), len(unknown)), np.nan, np.float32)
        line[:, held] = values
    line[:, unknown] = np.nan
    return line.T


def _with_neighbours(times_ns: Times, xyz_g: Singles, first: int, last: int) -> Acceleration:
    """Copy some samples and one to either side, so that the rest need not be kept for them."""
    rows = slice(max(first - 1, 0), last + 1)
    return Acceleration.of_checked(times_ns[rows].copy(), xyz_g[rows].copy("F"))


@dataclass(frozen=True, slots=True, eq=False)
class _Differences:
    """Differences between samples of some minutes and those a few before them.

    Parameters
    ----------
    step
        How many samples before.
    begin
        The sample that has the first one.
    weight : float32, shape (n,)
        Of each sample, 1 over the squared seconds between the two; 0 where that is not known.
    known : float32, shape (k,)
        How many are known in each second that holds samples, at least 1.
    """

    step: int
    begin: int
    weight: Singles
    known: Singles

    def mean_squared_jerk(
        self, values: Singles, starts: npt.NDArray[np.intp], out: Singles
    ) -> Singles:
        """Mean squared jerk of an axis in the seconds that hold samples; 0 where none is known.

        `values` end with the last of the samples; `out`, as long as they are, is written over.
        """
        unknown = len(out) - (len(values) - self.begin)
        out[:unknown] = 0
        np.subtract(
            values[self.begin :],
            values[self.begin - self.step : len(values) - self.step],
            out=out[unknown:],
        )
        out *= out
        out *= self.weight
        return np.asarray(np.add.reduceat(out, starts) / self.known)


def _differences(
    times_ns: Times,
    first: int,
    last: int,
    step: int,
    starts: npt.NDArray[np.intp],
    many: npt.NDArray[np.intp],
) -> _Differences:
    """Weigh the differences to the sample `step` before."""
    begin = max(first, step)
    weight = np.zeros(last - first, np.float32)
    apart_s = weight[begin - first :]
    later_ns, earlier_ns = times_ns[begin:last], times_ns[begin - step : last - step]
    np.subtract(later_ns, earlier_ns, out=apart_s, casting="unsafe")
    # Rounded, a gap may be as long as what is none yet: what is near is looked at in nanoseconds.
    far = np.flatnonzero(apart_s >= np.float32(GAP_NS))
    far = far[later_ns[far] - earlier_ns[far] > GAP_NS] + (begin - first)
    apart_s /= np.float32(NS_PER_S)
    apart_s *= apart_s
    np.divide(1, apart_s, out=apart_s)
    weight[far] = 0
    without = np.concatenate([np.arange(begin - first), far])
    seconds = np.searchsorted(starts, without, side="right") - 1
    known = many - np.bincount(seconds, minlength=len(many))
    return _Differences(step, begin, weight, np.maximum(known, 1).astype(np.float32))


def _usual(counts: npt.NDArray[np.intp]) -> Doubles:
    """Usual number of samples in the seconds of each minute that hold any."""
    ordered = np.sort(counts, axis=1)
    empty = (counts == 0).sum(axis=1)
    middle = np.minimum(empty + (counts.shape[1] - empty) // 2, counts.shape[1] - 1)
    return np.asarray(ordered[np.arange(len(counts)), middle], np.float64)


def _covered_ns(
    times_ns: Times,
    first: int,
    last: int,
    starts: npt.NDArray[np.intp],
    start_s: int,
    length: int,
) -> Times:
    """Nanoseconds of each second that lie between two samples less than a gap apart.

    In whole numbers: seconds since the part began would round otherwise in another part.
    """
    covered_ns = np.full(length, NS_PER_S)
    # A gap is no shorter than a second, so it ends at the first sample of one.
    ends = np.append(first + starts, last)[int(first == 0) : len(starts) + (last < len(times_ns))]
    holes = ends[times_ns[ends] - times_ns[ends - 1] > GAP_NS]
    spans = [(int(times_ns[at - 1]), int(times_ns[at])) for at in holes]
    start_ns, end_ns = start_s * NS_PER_S, (start_s + length) * NS_PER_S
    if first == 0:
        spans.append((start_ns, int(times_ns[0])))
    if last == len(times_ns):
        spans.append((int(times_ns[-1]), end_ns))
    for from_ns, to_ns in spans:
        begin, after_ns = divmod(max(from_ns, start_ns) - start_ns, NS_PER_S)
        end, before_ns = divmod(min(to_ns, end_ns) - start_ns, NS_PER_S)
        if begin == end:
            covered_ns[begin : begin + 1] -= before_ns - after_ns
            continue
        covered_ns[begin] -= NS_PER_S - after_ns
        covered_ns[begin + 1 : end] = 0
        covered_ns[end : end + 1] -= before_ns
    return covered_ns
