"""What lies around an awakening: stillness before and after, other movements, the night."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from detector.features.body import Body
from detector.features.line import Features, share_of

__all__ = ["AROUND", "around"]

Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

AROUND = {
    "still_before": "s",
    "moved_before": "1",
    "still_after": "s",
    "moved_after": "1",
    "since_onset": "s",
    "neighbours": "1",
    "movements_before": "1",
    "movements_after": "1",
    "off_wrist_near": "1",
}
"""Unit of every feature of this file."""

STILLNESS_CAP_S = 600
"""Seconds of stillness beyond which more says nothing new."""
SETTLED_S = 120
"""Seconds of stillness after which the wearer counts as settled."""
NEIGHBOUR_S = 300
"""Seconds to either side in which other movement makes a restless time or a series of limb
movements, which come 10 to 90 s apart."""
HALF_HOUR_S = 1800
"""Seconds to either side in which whoever is awake goes on moving."""
OFF_WRIST_NEAR_S = 180
"""Seconds from taking the wearable off or putting it on: that is movement of its own."""


def around(body: Body, start: Places, end: Places, asleep_at: Places) -> Features:
    """Measure what lies around awakenings; NaN where the recording does not tell."""
    body = _lying_on(body)
    moving, recorded, off_wrist = map(np.flatnonzero, (body.moving, body.recorded, body.off_wrist))
    before, after = (start - STILLNESS_CAP_S, start), (end, end + STILLNESS_CAP_S)
    known_after = _within(recorded, *after)
    moved_after = share_of(_within(moving, *after), known_after)
    near_off = start - OFF_WRIST_NEAR_S, end + OFF_WRIST_NEAR_S
    neighbours = _movements(body, start - NEIGHBOUR_S, start) + _movements(
        body, end, end + NEIGHBOUR_S
    )
    return {
        "still_before": _still_before(body, start),
        "moved_before": share_of(_within(moving, *before), _within(recorded, *before)),
        "still_after": _still_after(body, end),
        "moved_after": np.where(known_after >= SETTLED_S, moved_after, np.nan),
        "since_onset": start - asleep_at,
        "neighbours": neighbours,
        "movements_before": _movements(body, start - HALF_HOUR_S, start),
        "movements_after": _movements(body, end, end + HALF_HOUR_S),
        "off_wrist_near": _within(off_wrist, *near_off) > 0,
    }


def _lying_on(body: Body) -> Body:
    """Give the body with the stillness ahead after what was recorded."""
    ahead = np.ones(body.still_ahead_s, np.bool_)
    return replace(
        body,
        recorded=np.concatenate([body.recorded, ahead]),
        moving=np.concatenate([body.moving, ~ahead]),
    )


def _within(at: Places, first: Places, last: Places) -> Places:
    """Count how many of some seconds, in order, lie in each half-open range."""
    return np.searchsorted(at, last) - np.searchsorted(at, first)


def _still_before(body: Body, start: Places) -> Places:
    broken = np.flatnonzero(body.moving | ~body.recorded)
    last = np.concatenate([[-1], broken])[np.searchsorted(broken, start)]
    return np.asarray(np.minimum(start - 1 - last, STILLNESS_CAP_S))


def _still_after(body: Body, end: Places) -> Doubles:
    """Stillness that follows; NaN where the data end before anything is settled."""
    known, still = (
        np.minimum(_next(flags, end) - end, STILLNESS_CAP_S)
        for flags in (~body.recorded, body.moving)
    )
    # What moves after the end of the recording, nobody knows.
    still[_next(body.moving, end) == len(body.moving)] = STILLNESS_CAP_S
    least = np.minimum(known, still)
    return np.where((known >= still) | (known >= SETTLED_S), least, np.nan)


def _next(flags: Flags, start: Places) -> Places:
    """Return the first true second from each on; the length where there is none."""
    at = np.flatnonzero(flags)
    return np.append(at, len(flags))[np.searchsorted(at, start)]


def _movements(body: Body, start: Places, end: Places) -> Places:
    """Count the movements asleep that lie wholly within each range."""
    begins, ends = np.reshape(np.array(body.movements, np.int64), (-1, 2)).T
    first = np.searchsorted(begins, start)
    last = np.searchsorted(ends, end, side="right")
    return np.asarray(np.maximum(last - first, 0))
