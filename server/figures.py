"""A night in figures, and what may be said of it by them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

__all__ = ["HALF_A_NIGHT_S", "LEAST_SEARCHED_S", "NightFigures", "NightState", "is_simulated"]

HALF_A_NIGHT_S = 4 * 3600.0
"""Seconds searched below which 'none found' is not said of a night: half of the eight hours from
falling asleep to waking, so that more of the night was searched than not."""

LEAST_SEARCHED_S = 60.0
"""Seconds searched below which nothing at all is said: an awakening lasts about as long."""

SIMULATOR = "crampwatch simulator"
"""What the source of every recording that crampwatch simulates begins with."""


class NightState(StrEnum):
    """What the strip shows of a night. What was found is never hidden by what is missing."""

    NOT_RECORDED = "not_recorded"
    UNKNOWN = "unknown"
    """Recorded, but nothing of it searched: not usable, not worn, or no sleep was found."""
    PARTLY = "partly"
    """Nothing found, but too little searched to say so of the night."""
    NONE_FOUND = "none_found"
    FOUND = "found"


@dataclass(frozen=True, slots=True)
class NightFigures:
    """A night in figures.

    Parameters
    ----------
    searched_s
        Seconds in which awakenings were looked for: those of the sleeps, on a wrist.
    tried
        Whether some recording is of the night, be it without a second that can be used.
    """

    night: date
    recorded_s: float
    worn_s: float
    searched_s: float
    likely: int
    possible: int
    tried: bool = False

    @property
    def state(self) -> NightState:
        """How the strip shows it."""
        if not self.recorded_s and not self.tried:
            return NightState.NOT_RECORDED
        if self.likely or self.possible:
            return NightState.FOUND
        # Nothing is searched that was not worn, nothing worn that was not recorded.
        if self.searched_s < LEAST_SEARCHED_S:
            return NightState.UNKNOWN
        if self.searched_s < HALF_A_NIGHT_S:
            return NightState.PARTLY
        return NightState.NONE_FOUND


def is_simulated(source: str) -> bool:
    """Tell by the source of a recording whether crampwatch's own simulator made it."""
    return source.startswith(SIMULATOR)
