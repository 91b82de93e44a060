"""Curves of a range of a recording, as few points as can be seen; no more is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from tsdownsample import MinMaxDownsampler

from ingest.samples import NS_PER_S
from server.decoded import BLOCK_SAMPLES, Decoded

__all__ = ["Curve", "Curves", "curves"]

Times = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]

ANGLE_GAP_NS = 11 * NS_PER_S
"""Nanoseconds without an angle that break its line: two of its 5 s are missing."""
HEART_GAP_NS = 301 * NS_PER_S
"""Nanoseconds without heart rate that break its line: the slowest wearable that reads it all night
does so every five minutes."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Points of a line: UTC nanoseconds, and values that are NaN where the line is broken."""

    times_ns: Times
    values: Doubles

    def __len__(self) -> int:
        return len(self.times_ns)


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """What of a recording lies in a range.

    Parameters
    ----------
    samples
        Samples of acceleration in the range, and one more to either side where there is one.
    whole
        Whether each of them is there; else the smallest and the largest of each moment.
    enmo_g, x_g, y_g, z_g, z_angle_deg, heart_bpm
        The lines.
    """

    samples: int
    whole: bool
    enmo_g: Curve
    x_g: Curve
    y_g: Curve
    z_g: Curve
    z_angle_deg: Curve
    heart_bpm: Curve


def curves(decoded: Decoded, start_ns: int, end_ns: int, points: int) -> Curves:
    """Read the curves of a range.

    Where it holds more samples than points, each line is thinned by tsdownsample to the smallest
    and the largest value of as many equal parts: no jerk is lost, however far one looks.

    Parameters
    ----------
    points
        Points of each line at most, breaks left out.
    """
    first, last = decoded.rows(start_ns, end_ns)
    samples = last - first
    whole = samples <= points
    # What is narrower than two points could not be seen.
    seen_ns = 2 * (end_ns - start_ns) // points
    gaps_ns = decoded.gaps_ns()
    wide = (gaps_ns[:, 1] - gaps_ns[:, 0] > seen_ns) | whole
    lines: list[list[Curve]] = [[], [], [], []]
    pieces = 1 if whole else min(-(-samples // BLOCK_SAMPLES), points // 2)
    for block in decoded.blocks(first, last, pieces):
        for line, values in zip(lines, (block.enmo_g, *block.xyz_g.T), strict=True):
            line.append(_thinned(block.times_ns, values, points // pieces))
    enmo, x, y, z = (_broken(_joined(line), gaps_ns[wide]) for line in lines)
    times_ns, angle_deg, heart_bpm = decoded.slow_curves()
    angle, heart = (
        _slow(times_ns, values, start_ns, end_ns, points, longest_ns)
        for values, longest_ns in ((angle_deg, ANGLE_GAP_NS), (heart_bpm, HEART_GAP_NS))
    )
    return Curves(samples, whole, enmo, x, y, z, angle, heart)


def _slow(
    times_ns: Times, values: Doubles, start_ns: int, end_ns: int, points: int, longest_ns: int
) -> Curve:
    """Take what is known of a range, broken where nothing is for too long."""
    known = ~np.isnan(values)
    times_ns, values = times_ns[known], values[known]
    first, last = np.searchsorted(times_ns, (start_ns, end_ns)).tolist()
    rows = slice(max(first - 1, 0), last + 1)
    times_ns, values = times_ns[rows], values[rows]
    late = np.flatnonzero(np.diff(times_ns) > longest_ns)
    gaps_ns = np.column_stack([times_ns[late], times_ns[late + 1]])
    return _broken(_thinned(times_ns, values, points), gaps_ns)


def _thinned(times_ns: Times, values: npt.NDArray[Any], points: int) -> Curve:
    if len(values) > points:
        downsampler = MinMaxDownsampler()  # type: ignore[no-untyped-call]
        kept = downsampler.downsample(np.ascontiguousarray(values), n_out=points - points % 2)
        # Where all are alike, the smallest is the largest too.
        kept = np.unique(kept)
        times_ns, values = times_ns[kept], values[kept]
    return Curve(times_ns, values.astype(np.float64))


def _joined(line: Sequence[Curve]) -> Curve:
    if not line:
        return Curve(np.empty(0, np.int64), np.empty(0))
    return Curve(
        np.concatenate([each.times_ns for each in line]),
        np.concatenate([each.values for each in line]),
    )


def _broken(curve: Curve, gaps_ns: Times) -> Curve:
    """Put a break into each gap that lies between two points."""
    places = np.searchsorted(curve.times_ns, gaps_ns[:, 0], side="right")
    inside = (places > 0) & (places < len(curve))
    places, starts_ns = places[inside], gaps_ns[inside, 0]
    return Curve(
        np.insert(curve.times_ns, places, starts_ns + 1), np.insert(curve.values, places, np.nan)
    )
