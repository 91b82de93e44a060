"""What an awakening is judged by: what the body does, measured on each candidate.

Cues of detail (spectrum, exact rhythm) are left out on purpose. They tell one generator of
simulated nights from another sooner than a cramp from a visit to the bathroom.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detector.calibration import Calibration
from detector.gait import find_walking
from detector.heart import heart_rate_rise
from detector.movement import arm_angle_change_deg
from detector.runs import Run, join_close, runs_of
from detector.seconds import Seconds

__all__ = ["CUE_UNITS", "Evidence", "measure_cues"]

Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

CUE_UNITS = {
    "still_before": "s",
    "since_onset": "s",
    "moving": "s",
    "moving_share": "1",
    "onset_strength": "1",
    "turn": "deg",
    "jerk": "g/s",
    "walking": "s",
    "walks": "1",
    "heart_rate_rise": "bpm",
    "still_after": "s",
    "neighbours": "1",
    "off_wrist_near": "1",
}
"""Unit of every cue."""

STILLNESS_CAP_S = 600
"""Seconds of stillness beyond which more says nothing new."""
POSE_S = 20
"""Seconds the pose before and after is averaged over."""
FIRST_S = 15
"""Seconds that count as the beginning: a cramp starts at its full strength."""
WALK_GAP_S = 15
"""Seconds without steps that part two walks."""
NEIGHBOUR_S = 300
"""Seconds to either side in which other movement makes a restless time or a series of limb
movements, which come 10 to 90 s apart."""
NEIGHBOUR_JOIN_S = 5
"""Seconds within one such movement."""
SETTLED_S = 120
"""Seconds of stillness after which the wearer counts as settled."""
OFF_WRIST_NEAR_S = 180
"""Seconds from taking the wearable off or putting it on: that is movement of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Everything a candidate is measured on, all of it starting with the same second.

    Parameters
    ----------
    seconds
        Calibrated.
    moving, off_wrist : bool, shape (n,)
        Seconds that hold movement; recorded seconds in which nobody wore the wearable.
    heart_bins : float64, shape (ceil(n / 5),)
        Heart rate in bpm.
    cells_g
        Gives the cells between two seconds, uncalibrated: float64, shape (k * 25, 3), NaN in
        minutes without movement.
    calibration
        To be applied to it.
    """

    seconds: Seconds
    moving: Flags
    off_wrist: Flags
    heart_bins: Doubles
    cells_g: Callable[[int, int], Doubles]
    calibration: Calibration


def measure_cues(evidence: Evidence, awakening: Run, sleep_onset_s: int) -> dict[str, float | None]:
    """Measure every cue of one awakening.

    Parameters
    ----------
    evidence
        The night.
    awakening
        Seconds since its first second, half-open.
    sleep_onset_s
        First second of the sleep that it interrupts.

    Returns
    -------
    dict
        A value for each name of `CUE_UNITS`; None where the data do not tell.
    """
    start, end = awakening
    moving = evidence.moving[start:end]
    walks = _walks(evidence, awakening)
    return {
        "still_before": float(_stillness_before(evidence, start)),
        "since_onset": float(start - sleep_onset_s),
        "moving": float(np.count_nonzero(moving)),
        "moving_share": float(np.count_nonzero(moving) / (end - start)),
        "onset_strength": _onset_strength(evidence, awakening),
        "turn": _turn(evidence, awakening),
        "jerk": _strong_jerk(evidence, awakening),
        "walking": float(sum(end - start for start, end in walks)),
        "walks": float(len(walks)),
        "heart_rate_rise": heart_rate_rise(evidence.heart_bins, start, end),
        "still_after": _stillness_after(evidence, end),
        "neighbours": float(_neighbours(evidence, awakening)),
        "off_wrist_near": float(
            evidence.off_wrist[max(start - OFF_WRIST_NEAR_S, 0) : end + OFF_WRIST_NEAR_S].any()
        ),
    }


def _stillness_before(evidence: Evidence, start: int) -> int:
    first = max(start - STILLNESS_CAP_S, 0)
    broken = evidence.moving[first:start] | ~evidence.seconds.recorded[first:start]
    at = np.flatnonzero(broken)
    return start - first if not len(at) else start - first - int(at[-1]) - 1


def _stillness_after(evidence: Evidence, end: int) -> float | None:
    """Stillness that follows; None where the data end before anything is settled."""
    after = slice(end, end + STILLNESS_CAP_S)
    at = np.flatnonzero(evidence.moving[after])
    known = evidence.seconds.recorded[after]
    unknown = np.flatnonzero(~known)
    still = min(int(at[0]) if len(at) else STILLNESS_CAP_S, len(known))
    if len(unknown) and unknown[0] < still:
        return None if unknown[0] < SETTLED_S else float(unknown[0])
    return None if still == len(known) < SETTLED_S else float(still)


def _onset_strength(evidence: Evidence, awakening: Run) -> float:
    deviation = np.nan_to_num(evidence.seconds.deviation_g[awakening[0] : awakening[1]])
    return float(deviation[:FIRST_S].max() / deviation.max())


def _pose(evidence: Evidence, start: int, end: int) -> Doubles | None:
    """Mean direction of gravity over the recorded seconds of a stretch."""
    means = evidence.seconds.mean_g[max(start, 0) : end]
    means = means[~np.isnan(means[:, 0])]
    return means.mean(axis=0) if len(means) else None


def _turn(evidence: Evidence, awakening: Run) -> float | None:
    start, end = awakening
    before = _pose(evidence, start - POSE_S, start)
    if before is None:
        return None
    last = min(end, start + 2 * FIRST_S)
    poses = np.lib.stride_tricks.sliding_window_view(
        evidence.seconds.mean_g[start : last + 2], 3, axis=0
    ).mean(axis=2)
    return float(np.nan_to_num(arm_angle_change_deg(before, poses)).max(initial=0.0))


def _strong_jerk(evidence: Evidence, awakening: Run) -> float:
    jerk = evidence.seconds.jerk_g_per_s[awakening[0] : awakening[1]]
    moving = evidence.moving[awakening[0] : awakening[1]]
    return float(np.percentile(jerk[moving], 90))


def _walks(evidence: Evidence, awakening: Run) -> list[Run]:
    cells = evidence.cells_g(*awakening)
    cells = cells * np.array(evidence.calibration.gain) + np.array(evidence.calibration.offset_g)
    walking = find_walking(np.sqrt((cells * cells).sum(axis=1)))
    return join_close(runs_of(walking), WALK_GAP_S)


def _neighbours(evidence: Evidence, awakening: Run) -> int:
    start, end = awakening
    before = runs_of(evidence.moving[max(start - NEIGHBOUR_S, 0) : start])
    after = runs_of(evidence.moving[end : end + NEIGHBOUR_S])
    return len(join_close(before, NEIGHBOUR_JOIN_S)) + len(join_close(after, NEIGHBOUR_JOIN_S))
