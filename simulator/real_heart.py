"""The heart of the recombination family: real levels, and real rises where something happens.

A real night is taken apart into what it does by itself and its rises. The first is laid under the
simulated night; rises like the real ones, in shape, height and number, are put to its movements.
How high a heart answers to a movement of some length is drawn from real pairs of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d, median_filter
from scipy.signal import find_peaks

from simulator.happening import Happening, Kind
from simulator.heart import Heart
from simulator.movement import Vector
from simulator.person import Person
from simulator.real_nights import HeartNight, RealNights

__all__ = ["HeartSource", "Rise", "beat_real_heart", "take_hearts_apart"]

SMOOTH_S = 2.0
"""Standard deviation of the smoothing a peak is looked for in, in seconds."""
LEAST_RISE_BPM = 5.0
"""Least height of what is taken for a rise: the quick variability of a calm heart is below."""
HIGHEST_RISE_BPM = 60.0
"""Greatest height that is not taken for an artefact."""
BEFORE_S, AFTER_S = 40.0, 120.0
"""Farthest from its peak that a rise begins and ends, in seconds: real ones last 20-60 s in all."""
FADE_S = 20.0
"""Seconds in which a rise that is cut off before the heart was back is let down."""

CALM_S = 300.0
"""Seconds about a step in which a heart is not asleep."""
SHORTEST_LEVEL_S = 900.0
"""Shortest stretch of calm heart that is laid under a night, in seconds."""
JOIN_S = 60.0
"""Seconds in which one such stretch passes into the next."""
LOST_S = 60.0
"""Longest loss of the heart rate that a line is drawn over, in seconds."""

ALIKE = 8
"""Rises, and coupled pairs, that one is drawn of: the nearest in height, or in length."""
SCALING = (0.7, 1.4)
"""How far a rise may be scaled to the height that is wanted."""

LATENCY_S = (0.0, 8.0)
"""Seconds from a movement to the beginning of the answer: with the real rises' own slowness it
peaks 10 to 25 s after, as in the real pairs."""
AGAIN_S = 25.0
"""Mean seconds until a heart that is kept busy rises again."""
AGAIN = (0.4, 0.95)
"""Height of such a rise against the first."""
LONG_S = 20.0
"""Length in seconds from which something keeps the heart busy."""

LIVELINESS = (0.25, 1.0)
"""Height of a sleeper's answers against those of the real pairs, which are those of two young men:
at 50 to 65 a heart answers an arousal less than at 20 to 35 (Gosselin 2002, Clin Neurophysiol). How
much less is a choice."""

UNSEEN_ANSWERED = 0.35
"""Share of arousals without movement that the heart shows: then some 20 % of all rises come without
a movement, as 5 to 20 % do in the real pairs, and 4 to 9 an hour in all."""


@dataclass(frozen=True, slots=True, eq=False)
class Rise:
    """A real rise: bpm over where it began, every second, 0 at both ends."""

    bpm: Vector

    @property
    def height_bpm(self) -> float:
        """Of its peak."""
        return float(self.bpm.max())


@dataclass(frozen=True, slots=True, eq=False)
class HeartSource:
    """Real hearts, taken apart.

    ``levels`` has of every person the calm stretches without their rises, in bpm, every second;
    ``names`` has their names, ``heights_bpm`` the heights of the ``rises``.
    """

    names: tuple[str, ...]
    levels: tuple[tuple[Vector, ...], ...]
    rises: tuple[Rise, ...]
    heights_bpm: Vector


@lru_cache(maxsize=2)
def take_hearts_apart(real: RealNights) -> HeartSource:
    """Take every heart of a folder of real nights apart."""
    names: list[str] = []
    levels: list[tuple[Vector, ...]] = []
    rises: list[Rise] = []
    for night in real.hearts:
        own_levels: list[Vector] = []
        for bpm, stepping in _unbroken(night):
            level, own_rises = _taken_apart(bpm)
            rises += own_rises
            own_levels += _calm(level, stepping)
        if own_levels:
            names.append(night.name)
            levels.append(tuple(own_levels))
    heights_bpm = np.array([rise.height_bpm for rise in rises])
    return HeartSource(tuple(names), tuple(levels), tuple(rises), heights_bpm)


def _unbroken(night: HeartNight) -> list[tuple[Vector, npt.NDArray[np.bool_]]]:
    """Parts without a loss longer than `LOST_S`, the shorter ones filled."""
    known = np.flatnonzero(~np.isnan(night.bpm))
    cuts = np.flatnonzero(np.diff(known) > LOST_S)
    parts = []
    for run in np.split(known, cuts + 1):
        if len(run) and run[-1] - run[0] >= SHORTEST_LEVEL_S:
            seconds = np.arange(run[0], run[-1] + 1)
            bpm = np.interp(seconds, run, night.bpm[run])
            # Single readings far off are artefacts.
            parts.append((median_filter(bpm, 5), night.stepping[seconds]))
    return parts


def _taken_apart(bpm: Vector) -> tuple[Vector, list[Rise]]:
    smooth = gaussian_filter1d(bpm, SMOOTH_S)
    peaks, _ = find_peaks(smooth, prominence=LEAST_RISE_BPM, wlen=int(2 * AFTER_S) + 1)
    level, rises, done = bpm.copy(), [], 0
    for peak in peaks.tolist():
        if peak <= done:
            continue
        first = max(done, peak - int(BEFORE_S))
        low = smooth[first : peak + 1].min()
        before = smooth[first : peak + 1] <= low + 0.1 * (smooth[peak] - low)
        onset = first + int(np.flatnonzero(before)[-1])
        back = smooth[onset] + 0.2 * (smooth[peak] - smooth[onset])
        after = smooth[peak : peak + int(AFTER_S)]
        below = np.flatnonzero(after <= back)
        end = peak + (int(below[0]) if len(below) else int(np.argmin(after)))
        if end - onset < 6 or smooth[peak] - smooth[onset] > HIGHEST_RISE_BPM:
            continue
        shape = np.maximum(smooth[onset : end + 1] - smooth[onset], 0.0)
        fade = np.linspace(1.0, 0.0, int(FADE_S) + 1)[1:]
        rises.append(Rise(np.r_[shape, shape[-1] * fade]))
        level[onset : end + 1] -= smooth[onset : end + 1] - np.linspace(
            smooth[onset], smooth[end], end + 1 - onset
        )
        done = end
    return level, rises


def _calm(level: Vector, stepping: npt.NDArray[np.bool_]) -> list[Vector]:
    """Stretches far from any step."""
    steps = np.flatnonzero(stepping)
    bounds = [0, *steps.tolist(), len(level)]
    calm = []
    for start, stop in pairwise(bounds):
        first = start + int(CALM_S) * (start > 0)
        last = stop - int(CALM_S) * (stop < len(level))
        if last - first >= SHORTEST_LEVEL_S:
            calm.append(level[first:last])
    return calm


def beat_real_heart(
    rng: np.random.Generator,
    source: HeartSource,
    real: RealNights,
    person: Person,
    levels: Sequence[Vector],
    happenings: Sequence[Happening],
    movements: Sequence[tuple[float, float]],
    *,
    span_s: float,
) -> Heart:
    """Put a night of heart together.

    Parameters
    ----------
    rng
        Source of all chance.
    source, real
        Rises, and pairs of movement and rise.
    person
        Whose resting heart rate it has.
    levels
        Of one real person, out of ``source``.
    happenings
        What it answers to, each with the height that is planned.
    movements
        Onset and duration of the movements of the background, in seconds.
    span_s
        Length of the night in seconds.
    """
    count = int(span_s) + 2
    level = _tiled(rng, levels, count)
    level += person.resting_bpm - float(np.median(level))
    effort = np.zeros(count)
    for happening in happenings:
        unseen = happening.kind is Kind.AROUSAL and not happening.visible
        if unseen and rng.random() >= UNSEEN_ANSWERED:
            continue
        for offset_s, duration_s in happening.parts or ((0.0, happening.duration_s),):
            onset_s = happening.onset_s + happening.lag_s + offset_s
            size = happening.rise_bpm * (rng.uniform(0.6, 1.3) if happening.parts else 1.0)
            _answer(rng, source, effort, onset_s, duration_s, size)
    background = np.zeros(count)
    liveliness = rng.uniform(*LIVELINESS)
    seconds = np.array([pair.seconds for pair in real.coupled])
    for onset_s, duration_s in movements:
        nearest = np.argsort(np.abs(np.log(seconds / duration_s)), kind="stable")[:ALIKE]
        size = liveliness * real.coupled[int(rng.choice(nearest))].rise_bpm
        _answer(rng, source, background, onset_s, duration_s, size)
    return Heart(
        bpm=np.clip(level + np.maximum(effort, background), 35.0, 190.0),
        effort_bpm=effort,
        respiration_hz=person.respiration_hz,
        sinus_bpm=person.variability_bpm,
    )


def _tiled(rng: np.random.Generator, levels: Sequence[Vector], count: int) -> Vector:
    """Stretches of one heart, one after the other, each beginning anywhere."""
    join = int(JOIN_S)
    tiled = np.empty(0)
    while len(tiled) < count:
        level = levels[int(rng.integers(len(levels)))]
        level = level[int(rng.integers(len(level) // 3 + 1)) :]
        if not len(tiled):
            tiled = level.copy()
            continue
        share = np.linspace(0.0, 1.0, join)
        tiled[-join:] = (1.0 - share) * tiled[-join:] + share * level[:join]
        tiled = np.r_[tiled, level[join:]]
    return tiled[:count].copy()


def _answer(
    rng: np.random.Generator,
    source: HeartSource,
    effort: Vector,
    onset_s: float,
    duration_s: float,
    size_bpm: float,
) -> None:
    """Put rises over the effort, the highest first; where two meet, the higher counts."""
    at_s = onset_s + rng.uniform(*LATENCY_S)
    size = size_bpm
    while True:
        shape = _rise_of(rng, source, size)
        first = int(at_s)
        window = effort[first : first + len(shape)]
        np.maximum(window, shape[: len(window)], out=window)
        at_s += 8.0 + float(rng.exponential(AGAIN_S))
        if duration_s < LONG_S or at_s > onset_s + duration_s:
            return
        size = size_bpm * rng.uniform(*AGAIN)


def _rise_of(rng: np.random.Generator, source: HeartSource, size_bpm: float) -> Vector:
    """Draw one of the real rises nearest in height and scale it, as far as that goes."""
    nearest = np.argsort(np.abs(source.heights_bpm - size_bpm), kind="stable")[:ALIKE]
    rise = source.rises[int(rng.choice(nearest))]
    return rise.bpm * float(min(size_bpm / rise.height_bpm, SCALING[1]))
