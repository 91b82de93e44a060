"""What a wrist tells of the body's posture during an awakening: lying, sat up or upright.

The forearm of who stands or walks hangs, and that of who sits up leaves the pose it slept in at
once and stays away from it. Both can be done in bed: the name is a hint, as 'got up' is.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

__all__ = ["Posture", "posture_of"]

HANGING_SHARE = 1 / 3
"""Share of an awakening in which the forearm points up or down, from which on it was that of
somebody who stood: an arm in bed does so for as long as it turns."""
STEPS_S = 10.0
"""Seconds of steps that are somebody walking: fewer are often a hand that rubs in an even beat."""
TURN_DEG = 60.0
"""Turn of the arm within half a minute of the onset that sitting up takes at least."""
AWAY_SHARE = 0.7
"""Share of the awakening that the arm is away from its pose before: who sits up stays up till the
end."""


class Posture(StrEnum):
    """Where the body was for most of an awakening, as far as a wrist tells."""

    LYING = "lying"
    SAT_UP = "sat up"
    UPRIGHT = "upright"


def posture_of(features: Mapping[str, float | None]) -> Posture | None:
    """Name the posture of an awakening from its features.

    Parameters
    ----------
    features
        By the names of `detector.features`; None or NaN where the data did not tell.

    Returns
    -------
    Posture or None
        None where it is not known how the arm lay.
    """
    hanging, turned, away, steps_s = (
        _known(features.get(name))
        for name in ("hanging_share", "turn_at_once", "away_share", "walking")
    )
    if steps_s is not None and steps_s >= STEPS_S:
        return Posture.UPRIGHT
    if hanging is not None and hanging >= HANGING_SHARE:
        return Posture.UPRIGHT
    if turned is None or away is None or hanging is None:
        return None
    return Posture.SAT_UP if turned >= TURN_DEG and away >= AWAY_SHARE else Posture.LYING


def _known(value: float | None) -> float | None:
    return None if value is None or value != value else value
