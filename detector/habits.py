"""The scale that one person's habits are told on: features by spreads, and times of the night."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["HABITS", "HOURS", "HOUR_FEATURE", "Habit", "at_hours", "place", "scaled"]

FARTHEST = 3.0
"""Spreads from the centre beyond which more says nothing new."""
HOURS = (0.75, 2.25, 3.75, 5.25, 6.75)
"""Hours since falling asleep that the times of the night are told by: what lies between two belongs
to both, in proportion."""
HOURS_APART = 1.5
"""Hours from one of them to the next."""


@dataclass(frozen=True, slots=True)
class Habit:
    """A feature that habits show in, and the scale that it is told on.

    Parameters
    ----------
    centre, spread
        Usual value and standard deviation among awakenings worth asking about, in simulation;
        where `logarithmic`, those of ln(1 + value).
    """

    centre: float
    spread: float
    logarithmic: bool = False

    def scaled(self, value: float) -> float:
        """Return spreads from the centre; 0, which changes nothing, where it is not known."""
        if math.isnan(value):
            return 0.0
        told = math.log1p(max(value, 0.0)) if self.logarithmic else value
        return min(max((told - self.centre) / self.spread, -FARTHEST), FARTHEST)


HABITS: Mapping[str, Habit] = {
    "length": Habit(5.05, 0.6, logarithmic=True),
    "moving": Habit(4.6, 0.55, logarithmic=True),
    "moving_share": Habit(0.67, 0.16),
    "longest_burst": Habit(3.5, 0.5, logarithmic=True),
    "longest_pause": Habit(2.8, 0.85, logarithmic=True),
    "first_minute": Habit(0.68, 0.21),
    "onset_strength": Habit(0.74, 0.26),
    "faint_share": Habit(0.25, 0.16),
    "decline": Habit(0.38, 0.84),
    "turn_at_once": Habit(100.0, 45.0),
    "turn": Habit(137.0, 35.0),
    "turning": Habit(3.3, 0.7, logarithmic=True),
    "held_away": Habit(3.6, 1.2, logarithmic=True),
    "returned": Habit(80.0, 45.0),
    "hanging_share": Habit(0.26, 0.27),
    "walking": Habit(0.8, 1.3, logarithmic=True),
    "heart_rate_rise": Habit(17.0, 9.0),
    "rise_latency": Habit(2.7, 1.0, logarithmic=True),
    "rise_held": Habit(4.4, 0.9, logarithmic=True),
    "still_before": Habit(5.7, 0.7, logarithmic=True),
}
"""What one person does alike again and again, apart from the hour of the night."""

HOUR_FEATURE = "since_onset"
"""What the hours are read from: s since falling asleep."""


def scaled(features: Mapping[str, float]) -> tuple[float, ...]:
    """Tell an awakening by `HABITS`, in spreads; 0 where it is not known."""
    return tuple(habit.scaled(features.get(name, math.nan)) for name, habit in HABITS.items())


def _hour(features: Mapping[str, float]) -> float:
    """Give the hour since falling asleep, within the hours that are told."""
    seconds = features.get(HOUR_FEATURE, math.nan)
    return min(max(seconds / 3600.0, HOURS[0]), HOURS[-1])


def at_hours(features: Mapping[str, float]) -> tuple[float, ...]:
    """Share an instant out among the hours; it is of none where it is not known."""
    hour = _hour(features)
    if math.isnan(hour):
        return (0.0,) * len(HOURS)
    return tuple(max(0.0, 1.0 - abs(hour - each) / HOURS_APART) for each in HOURS)


def place(features: Mapping[str, float]) -> tuple[float, ...]:
    """Say where an awakening lies among others, to tell which are alike."""
    hour = _hour(features)
    middle = HOURS[len(HOURS) // 2]
    return (*scaled(features), 0.0 if math.isnan(hour) else (hour - middle) / HOURS_APART)
