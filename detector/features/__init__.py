"""What an awakening is judged by: what the body does, measured on each candidate.

Detail of spectrum and rhythm, how strong a movement was and how it jerked are left out on purpose.
They tell one generator of simulated nights, or one device, from another sooner than a cramp from a
visit to the bathroom.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detector.features.around import AROUND, around
from detector.features.body import Body, Candidate, see_body
from detector.features.course import COURSE, course
from detector.features.pose import POSE, pose
from detector.features.pulse import PULSE, pulse

__all__ = ["FEATURE_GROUPS", "FEATURE_UNITS", "Body", "Candidate", "measure", "see_body"]

FEATURE_GROUPS = {
    "how the movement goes": tuple(COURSE),
    "where the arm goes": tuple(POSE),
    "what the heart does": tuple(PULSE),
    "what lies around it": tuple(AROUND),
}
"""Features by what they are of."""

FEATURE_UNITS = COURSE | POSE | PULSE | AROUND
"""Every feature and its unit, in the order of a model's columns."""


def measure(body: Body, candidates: Sequence[Candidate]) -> list[dict[str, float]]:
    """Measure every feature of each awakening; NaN where the data do not tell."""
    start, end, asleep_at = (
        np.array([(each.start, each.end, each.asleep_at) for each in candidates], np.int64)
        .reshape(-1, 3)
        .T
    )
    columns = (
        course(body, start, end)
        | pose(body, start, end)
        | pulse(body, start, end)
        | around(body, start, end, asleep_at)
    )
    rows = np.array(list(columns.values()), np.float64).T.tolist()
    return [dict(zip(columns, row, strict=True)) for row in rows]
