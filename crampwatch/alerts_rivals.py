"""Rules that the alerts are compared with: EARS C1 to C3, and so many a week.

EARS: Hutwagner et al. 2003, as the Centers for Disease Control and Prevention use it for days.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from server.alerts.nightly import Counts

__all__ = ["RIVALS", "bar_at", "fired"]

Floats = NDArray[np.float64]

BASELINE_NIGHTS = 7
"""Nights that EARS takes for its baseline."""
GUARD_NIGHTS = 2
"""Nights that C2 and C3 leave out between the baseline and the night."""
LEAST_SPREAD = 0.2
"""Standard deviation below which EARS takes this one: a week without cramps has none."""
REST_NIGHTS = 14
"""Nights from one alert to the next, the same for everybody."""


def _c1(counts: Counts, guard: int = 0) -> Floats:
    cramps = np.where(counts.valid, counts.cramps, 0.0)
    number = _before(counts.valid.astype(float), guard)
    mean = _before(cramps, guard) / np.maximum(number, 1)
    squares = _before(cramps**2, guard) / np.maximum(number, 1)
    spread = np.sqrt(np.maximum(squares - mean**2, 0) * number / np.maximum(number - 1, 1))
    statistic = (cramps - mean) / np.maximum(spread, LEAST_SPREAD)
    return np.where(counts.valid & (2 * number > BASELINE_NIGHTS), statistic, 0.0)


def _c2(counts: Counts) -> Floats:
    return _c1(counts, GUARD_NIGHTS)


def _c3(counts: Counts) -> Floats:
    above = np.maximum(_c2(counts) - 1, 0)
    return _last(above, 3)


def _so_many_a_week(counts: Counts) -> Floats:
    cramps = np.where(counts.valid, counts.cramps, 0.0)
    number = _last(counts.valid.astype(float), 7)
    return np.where(number >= 4, _last(cramps, 7) * 7 / np.maximum(number, 1), 0.0)


RIVALS: Mapping[str, Callable[[Counts], Floats]] = {
    "EARS C1": _c1,
    "EARS C2": _c2,
    "EARS C3": _c3,
    "so many a week": _so_many_a_week,
}
"""What each of them holds against its bar, ``[nights, people]``."""


def fired(statistic: Floats, bar: float, first: int) -> NDArray[np.bool_]:
    """Tell in which nights a rule fires from a night on, with its rest between."""
    above = statistic >= bar
    fires = np.zeros_like(above)
    last = np.full(statistic.shape[1], -REST_NIGHTS)
    for night in range(first, len(statistic)):
        fires[night] = above[night] & (night - last >= REST_NIGHTS)
        last = np.where(fires[night], night, last)
    return fires


def bar_at(statistic: Floats, first: int, a_year: float) -> float:
    """Find the lowest bar at which a rule fires at most so often a year, from a night on."""
    years = (len(statistic) - first) / 365.25 * statistic.shape[1]
    reached = np.unique(statistic[first:])
    low, high = 0, len(reached) - 1
    while low < high:
        middle = (low + high) // 2
        if fired(statistic, reached[middle], first).sum() / years <= a_year:
            high = middle
        else:
            low = middle + 1
    return float(reached[low])


def _before(nightly: Floats, guard: int) -> Floats:
    """Add up the baseline nights before each night."""
    sums = _last(nightly, BASELINE_NIGHTS)
    return np.concatenate([np.zeros((1 + guard, nightly.shape[1])), sums])[: len(nightly)]


def _last(nightly: Floats, number: int) -> Floats:
    """Add up the last nights, this one included."""
    so_far = np.concatenate([np.zeros((number, nightly.shape[1])), np.cumsum(nightly, axis=0)])
    return np.asarray(so_far[number:] - so_far[:-number])
