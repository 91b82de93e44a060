"""Where the arm goes: how far it turns, how long it stays, whether it comes back; and steps."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from detector.cells import CELL_HZ
from detector.features.body import Body
from detector.features.line import Features, line_of, share_of
from detector.gait import find_walking
from detector.movement import arm_angle_change_deg
from detector.runs import Run, join_close, runs_of
from detector.short_sums import running_mean, sum_over_second

__all__ = ["POSE", "pose"]

Doubles = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

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


def pose(body: Body, start: Places, end: Places) -> Features:
    """Measure where the arm goes during awakenings; NaN where the poses are not known."""
    before = _resting(body, start - REST_S, start)
    after = _resting(body, end, end + REST_S)
    poses = running_mean(body.gravity_g, GLANCE_S)
    line = line_of(start, np.minimum(end, len(poses)))
    posed = poses[line.seconds]
    away = arm_angle_change_deg(before[line.which], posed)
    known = ~np.isnan(away)
    later = line.seconds + GLANCE_S
    turned = arm_angle_change_deg(posed, poses[np.minimum(later, len(poses) - 1)])
    inside = later < np.minimum(end, len(poses))[line.which]
    lengths = np.sqrt(sum_over_second(posed * posed))
    along = np.abs(posed[:, 0]) / np.maximum(lengths, 1e-6)
    at_once = line.seconds < start[line.which] + AT_ONCE_S
    return {
        "turn_at_once": line.largest(np.where(at_once, away, np.nan)),
        "turn": line.largest(away),
        "away_share": share_of(line.count(away > AWAY_DEG), line.count(known)),
        "held_away": line.count((away > AWAY_DEG) & ~body.moving[line.seconds]),
        "returned": arm_angle_change_deg(before, after),
        "turning": line.count((turned > TURNING_DEG) & inside),
        "hanging_share": share_of(line.count((along > HANGING) & known), line.count(known)),
        **_walks(body, start, end),
    }


def _resting(body: Body, start: Places, end: Places) -> Doubles:
    """Mean direction of gravity over the recorded seconds of each range, NaN without one."""
    found = np.full((len(start), 3), np.nan)
    for row, first, last in zip(found, start.tolist(), end.tolist(), strict=True):
        means = body.gravity_g[max(first, 0) : max(last, 0)]
        means = means[~np.isnan(means[:, 0])]
        if len(means):
            row[:] = means.mean(axis=0)
    return found


def _walks(body: Body, start: Places, end: Places) -> Features:
    found = _found_walks(body, start, end)
    return {
        "walking": np.array([sum(end - start for start, end in walks) for walks in found]),
        "walks": np.array([len(walks) for walks in found]),
        "until_walk": np.array([walks[0][0] if walks else NO_WALK_S for walks in found]),
    }


def _found_walks(body: Body, start: Places, end: Places) -> list[list[Run]]:
    """Find the walks of each awakening, in seconds from its start."""
    if not len(start):
        return []
    # All at once, with a second of nothing after each that no walk goes over.
    nothing = np.full((CELL_HZ, 3), np.nan)
    ranges = zip(start.tolist(), end.tolist(), strict=True)
    cells = np.concatenate([part for each in ranges for part in (body.cells_g(*each), nothing)])
    cells = cells * np.array(body.calibration.gain) + np.array(body.calibration.offset_g)
    walking = find_walking(np.sqrt(sum_over_second(cells * cells)))
    parts = np.split(walking, np.cumsum(end - start + 1)[:-1])
    return [join_close(runs_of(part), WALK_GAP_S) for part in parts]
