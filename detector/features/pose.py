"""Where the arm goes: how far it turns, how long it stays, whether it comes back; and steps."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from detector.features.body import Body, Candidate
from detector.gait import find_walking
from detector.movement import arm_angle_change_deg
from detector.runs import join_close, runs_of
from detector.short_sums import running_mean, sum_over_second

__all__ = ["POSE", "pose"]

Doubles = npt.NDArray[np.float64]

POSE = {
    "turn_at_once": "deg",
    "turn": "deg",
    "away_share": "1",
    "held_away": "s",
    "returned": "deg",
    "turning": "s",
    "hanging_share": "1",
    "walking": "s",
    "walks": "1",
    "until_walk": "s",
}
"""Unit of every feature of this file."""

REST_S = 20
"""Seconds the pose before and after is averaged over."""
GLANCE_S = 3
"""Seconds a pose within the movement is averaged over."""
AT_ONCE_S = 30
"""Seconds from the onset in which whoever reaches for a calf or sits up has done so."""
AWAY_DEG = 30.0
"""Degrees from the pose before that are another pose: turns of a sleeping arm are larger, its
sinking into the mattress smaller."""
TURNING_DEG = 15.0
"""Degrees within three seconds that are turning."""
HANGING = 0.8
"""Share of gravity along the forearm from which on it hangs or is raised."""
WALK_GAP_S = 15
"""Seconds without steps that part two walks."""
NO_WALK_S = 600.0
"""Seconds that stand for no walk at all."""


def pose(body: Body, candidate: Candidate) -> dict[str, float]:
    """Measure where the arm goes during an awakening; NaN where the poses are not known."""
    start, end = candidate.start, candidate.end
    before = _resting(body, start - REST_S, start)
    after = _resting(body, end, end + REST_S)
    poses = running_mean(body.gravity_g[start : end + GLANCE_S - 1], GLANCE_S)
    away = arm_angle_change_deg(before, poses)
    known = ~np.isnan(away)
    moving = body.moving[start : start + len(away)]
    turned = arm_angle_change_deg(poses[:-GLANCE_S], poses[GLANCE_S:])
    lengths = np.sqrt(sum_over_second(poses * poses))
    along = np.abs(poses[:, 0]) / np.maximum(lengths, 1e-6)
    return {
        "turn_at_once": _largest(away[:AT_ONCE_S]),
        "turn": _largest(away),
        "away_share": float((away[known] > AWAY_DEG).mean()) if known.any() else np.nan,
        "held_away": float(((away > AWAY_DEG) & ~moving).sum()),
        "returned": float(arm_angle_change_deg(before, after[None])[0]),
        "turning": float((turned > TURNING_DEG).sum()),
        "hanging_share": float((along[known] > HANGING).mean()) if known.any() else np.nan,
        **_walks(body, candidate),
    }


def _resting(body: Body, start: int, end: int) -> Doubles:
    """Mean direction of gravity over the recorded seconds of a stretch, NaN without one."""
    means = body.gravity_g[max(start, 0) : max(end, 0)]
    means = means[~np.isnan(means[:, 0])]
    return means.mean(axis=0) if len(means) else np.full(3, np.nan)


def _largest(angles: Doubles) -> float:
    known = angles[~np.isnan(angles)]
    return float(known.max()) if len(known) else np.nan


def _walks(body: Body, candidate: Candidate) -> dict[str, float]:
    cells = body.cells_g(candidate.start, candidate.end)
    cells = cells * np.array(body.calibration.gain) + np.array(body.calibration.offset_g)
    walking = find_walking(np.sqrt(sum_over_second(cells * cells)))
    walks = join_close(runs_of(walking), WALK_GAP_S)
    return {
        "walking": float(sum(end - start for start, end in walks)),
        "walks": float(len(walks)),
        "until_walk": float(walks[0][0]) if walks else NO_WALK_S,
    }
