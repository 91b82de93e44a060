"""What is known of a cramp seen from the wrist before any data: signs, ramps and their reasons.

The signs bind the boosted trees. The ramps are a score without any trees, which a trained model is
compared with; their sizes were fitted by logistic regression on simulated nights of one family and
five real nights, then rounded. Beside trees of one family a third of it helped; those of three
families and more do better without.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["INCREASING", "SIGNATURE", "Ramp"]

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ramp:
    """Something known of the event beforehand: a straight ramp from 0 to 1, times a weight.

    Parameters
    ----------
    feature
        What it rests on. Where that was not measured the ramp adds nothing.
    none_at, full_at
        Values at which the ramp is 0 and 1; a falling ramp has them the other way round.
    weight
        Log-odds added at the top of the ramp.
    """

    feature: str
    none_at: float
    full_at: float
    weight: float

    def added(self, values: Doubles) -> Doubles:
        """Log-odds that each value of the feature adds."""
        height = np.clip((values - self.none_at) / (self.full_at - self.none_at), 0.0, 1.0)
        return np.where(np.isnan(values), 0.0, self.weight * height)


SIGNATURE = {
    "out of rest": (
        Ramp("still_before", 30, 240, 0.7),
        "A cramp wakes a sleeper who lay still; restless minutes have other reasons.",
    ),
    "just lain down": (
        Ramp("since_onset", 1200, 300, -4.0),
        "In the first minutes of rest, and before, people settle: in real evenings twice as often "
        "as in simulated ones.",
    ),
    "long enough": (
        Ramp("moving", 10, 80, 5.7),
        "Stretching, rubbing and standing fill tens of seconds and more; turning over a few.",
    ),
    "too long": (
        Ramp("moving", 240, 600, -1.4),
        "Cramps last up to ten minutes; longer movement is getting up or lying awake.",
    ),
    "kept moving": (
        Ramp("moving_share", 0.3, 0.8, 4.3),
        "Pain keeps a person moving; waking for another reason is movement with long pauses.",
    ),
    "sudden": (
        Ramp("onset_strength", 0.2, 0.7, 0.5),
        "A cramp starts at its full strength.",
    ),
    "sat up": (
        Ramp("turn_at_once", 20, 70, 0.7),
        "Reaching for the calf or sitting up turns the arm within seconds.",
    ),
    "heart rose": (
        Ramp("heart_rate_rise", 5, 20, 2.5),
        "Pain and standing up raise the heart rate by 10 to 30 bpm.",
    ),
    "heart calm": (
        Ramp("heart_rate_rise", 5, 0, -1.1),
        "A movement that leaves the heart calm is rarely painful.",
    ),
    "long walk": (
        Ramp("walking", 20, 60, -3.2),
        "More than 30 steps go somewhere: the bathroom, mostly.",
    ),
    "walk back": (
        Ramp("walks", 1, 2, -0.5),
        "Who walks twice went somewhere and came back.",
    ),
    "settled": (
        Ramp("still_after", 30, 240, 0.9),
        "When the cramp lets go, the sleeper settles.",
    ),
    "restless": (
        Ramp("neighbours", 1, 5, -0.7),
        "Movement before and after makes a restless time or a series of limb movements.",
    ),
    "taken off": (
        Ramp("off_wrist_near", 0, 1, -1.5),
        "Taking the wearable off and putting it on is movement of its own.",
    ),
}
"""Each ramp with its reason; weights are log-odds."""

INCREASING = {
    "heart_rate_rise": 1,
    "rise_within_minute": 1,
    "rise_held": 1,
    "moving_share": 1,
    "longest_pause": -1,
    "faint_share": -1,
    "turn_at_once": 1,
    "walking": -1,
    "walks": -1,
    "still_before": 1,
    "moved_before": -1,
    "still_after": 1,
    "moved_after": -1,
    "neighbours": -1,
    "off_wrist_near": -1,
}
"""Features that by all that is known speak for a cramp the more of them there is (1), or against it
(-1). Trees may only go that way: what one generator says otherwise is its own habit."""
