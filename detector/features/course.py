"""How a movement goes: how long, how strong, in how many bursts, and how it begins and ends."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from detector.features.body import Body
from detector.features.line import Features, line_of
from detector.runs import edges_of

__all__ = ["COURSE", "course"]

Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

COURSE = {
    "length": "s",
    "moving": "s",
    "moving_share": "1",
    "bursts": "1",
    "longest_burst": "s",
    "longest_pause": "s",
    "first_minute": "1",
    "last_half_minute": "1",
    "onset_strength": "1",
    "strong": "s",
    "faint_share": "1",
    "decline": "ln",
    "busiest_half_minute": "s",
    "busiest_minute": "s",
    "busiest_two_minutes": "s",
    "core": "s",
    "core_share": "1",
    "until_core": "s",
}
"""Unit of every feature of this file."""

LONGEST_WINDOW_S = 120
"""Seconds of the longest window in which movement is counted."""
FIRST_S = 15
"""Seconds that count as the beginning: a cramp starts at its full strength."""
FLOOR_G = 0.001
"""Added before a logarithm, in g: below the noise of any wearable."""
STRONG_G = 0.1
"""Deviation of a second, in g, that is more than fidgeting."""
DENSE_S, DENSE_MOVING_S = 31, 12
"""Seconds round one, and how many of them hold movement, where it is part of the core: what lies
around, a fidget before it and the settling after it, dilutes what is measured on the whole."""
FAINT_G = 0.05
"""Deviation of a second, in g, below which a movement is faint: fingers, a blanket."""


def course(body: Body, start: Places, end: Places) -> Features:
    """Measure how the movement of awakenings goes."""
    line = line_of(start, end)
    moving, spread_g = body.moving[line.seconds], body.spread_g[line.seconds]
    length, moved = end - start, line.count(moving)
    since, left = line.seconds - start[line.which], end[line.which] - line.seconds
    # With so much stillness before and after each that no window holds seconds of two.
    place = np.arange(len(moving)) + LONGEST_WINDOW_S * (1 + line.which)
    laid = np.zeros(len(place) + LONGEST_WINDOW_S * (1 + len(start)), np.bool_)
    laid[place] = moving
    so_far = np.concatenate([[0], np.cumsum(laid)])
    first = place[np.cumsum(length) - length]

    def busiest(window_s: int) -> Doubles:
        return line.largest(so_far[place + window_s] - so_far[place])

    return {
        "length": length,
        "moving": moved,
        "moving_share": moved / length,
        **_bursts(laid, first),
        "first_minute": line.count(moving & (since < 60)) / 60,
        "last_half_minute": line.count(moving & (left <= 30)) / np.minimum(length, 30),
        "onset_strength": line.largest(np.where(since < FIRST_S, spread_g, np.nan))
        / line.largest(spread_g),
        "strong": line.count(spread_g > STRONG_G),
        "faint_share": line.count(moving & (spread_g < FAINT_G)) / moved,
        "decline": _decline(body, start, end),
        "busiest_half_minute": busiest(30),
        "busiest_minute": busiest(60),
        "busiest_two_minutes": busiest(LONGEST_WINDOW_S),
        **_core(so_far, place, first),
    }


def _bursts(laid: Flags, first: Places) -> Features:
    """Measure the bursts of movement, and the pauses between them."""
    begins, ends = edges_of(laid)
    whose = np.searchsorted(first, begins, side="right") - 1
    longest_burst, longest_pause = np.zeros((2, len(first)))
    np.maximum.at(longest_burst, whose, ends - begins)
    pauses = np.where(whose[1:] == whose[:-1], begins[1:] - ends[:-1], 0)
    np.maximum.at(longest_pause, whose[1:], pauses)
    return {
        "bursts": np.bincount(whose, minlength=len(first)),
        "longest_burst": longest_burst,
        "longest_pause": longest_pause,
    }


def _decline(body: Body, start: Places, end: Places) -> Doubles:
    """How much weaker the last third is than the first, as a logarithm."""
    declines = []
    for first, last in zip(start.tolist(), end.tolist(), strict=True):
        third = max((last - first) // 3, 5)
        early_g = body.spread_g[first : min(first + third, last)].mean()
        late_g = body.spread_g[max(last - third, first) : last].mean()
        declines.append(math.log((float(early_g) + FLOOR_G) / (float(late_g) + FLOOR_G)))
    return np.array(declines)


def _core(so_far: Places, place: Places, first: Places) -> Features:
    """Measure the longest stretch in which movement is dense, NaN where it is nowhere."""
    dense = np.zeros(len(so_far) - 1, np.bool_)
    half_s = DENSE_S // 2
    dense[place] = so_far[place + half_s + 1] - so_far[place - half_s] >= DENSE_MOVING_S
    begins, ends = edges_of(dense)
    whose = np.searchsorted(first, begins, side="right") - 1
    length, share, until = np.zeros(len(first)), *np.full((2, len(first)), np.nan)
    # The longest, and of several as long the first, is written last.
    for run in np.lexsort((-begins, ends - begins)):
        begin, end, one = begins[run], ends[run], whose[run]
        length[one] = end - begin
        share[one] = (so_far[end] - so_far[begin]) / (end - begin)
        until[one] = begin - first[one]
    return {"core": length, "core_share": share, "until_core": until}
