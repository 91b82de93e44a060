"""What lies around an awakening: stillness before and after, other movements, the night."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import itemgetter

import numpy as np

from detector.features.body import Body, Candidate

__all__ = ["AROUND", "around"]

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


def around(body: Body, candidate: Candidate) -> dict[str, float]:
    """Measure what lies around an awakening; NaN where the recording does not tell."""
    start, end = candidate.start, candidate.end
    before = slice(max(start - STILLNESS_CAP_S, 0), start)
    after = slice(end, end + STILLNESS_CAP_S)
    near_off = slice(max(start - OFF_WRIST_NEAR_S, 0), end + OFF_WRIST_NEAR_S)
    return {
        "still_before": _still_before(body, start),
        "moved_before": _share_moved(body, before),
        "still_after": _still_after(body, end),
        "moved_after": _share_moved(body, after) if _settled_known(body, end) else np.nan,
        "since_onset": float(start - candidate.asleep_at),
        "neighbours": float(_movements(body, start - NEIGHBOUR_S, start))
        + _movements(body, end, end + NEIGHBOUR_S),
        "movements_before": float(_movements(body, start - HALF_HOUR_S, start)),
        "movements_after": float(_movements(body, end, end + HALF_HOUR_S)),
        "off_wrist_near": float(body.off_wrist[near_off].any()),
    }


def _still_before(body: Body, start: int) -> float:
    first = max(start - STILLNESS_CAP_S, 0)
    broken = np.flatnonzero(body.moving[first:start] | ~body.recorded[first:start])
    return float(start - first - (int(broken[-1]) + 1 if len(broken) else 0))


def _still_after(body: Body, end: int) -> float:
    """Stillness that follows; NaN where the data end before anything is settled."""
    moving = np.flatnonzero(body.moving[end : end + STILLNESS_CAP_S])
    recorded = body.recorded[end : end + STILLNESS_CAP_S]
    unknown = np.flatnonzero(~recorded)
    known = int(unknown[0]) if len(unknown) else len(recorded)
    still = int(moving[0]) if len(moving) else STILLNESS_CAP_S
    if known >= still:
        return float(still)
    return float(known) if known >= SETTLED_S else np.nan


def _settled_known(body: Body, end: int) -> bool:
    return int(body.recorded[end : end + STILLNESS_CAP_S].sum()) >= SETTLED_S


def _share_moved(body: Body, rows: slice) -> float:
    recorded = int(body.recorded[rows].sum())
    return float(body.moving[rows].sum()) / recorded if recorded else np.nan


def _movements(body: Body, start: int, end: int) -> int:
    """Movements asleep that lie wholly within a stretch."""
    first = bisect_left(body.movements, start, key=itemgetter(0))
    last = bisect_right(body.movements, end, key=itemgetter(1))
    return max(last - first, 0)
