"""What the device can and cannot know, as a report says it."""

from __future__ import annotations

from server import words
from server.alerts.rules import RULES
from server.language import N_, _

__all__ = ["limits"]

LIMITS = (
    words.WHAT_THE_WRIST_SEES,
    N_(
        "An awakening is called cramp-like by the movement of the wrist and the heart rate; "
        "neither the muscle nor the pain is measured. Leg, muscle, pain and how long it hurt are "
        "the wearer's word."
    ),
    N_(
        "Only sleep on a wrist is searched. What was not recorded is unknown; it is not 'none "
        "found'."
    ),
    N_(
        "How well cramps are found is known from simulated nights alone: no public recording of a "
        "night cramp at the wrist exists. In simulated nights of a kind that it was not trained "
        "on, the model cramps 5 found 29 %%, 45 %% and 64 %% of the cramps that show at the wrist, "
        "at 0.1, 0.3 and 1 false alarms a night."
    ),
    N_(
        "A probability is stated for somebody with 4.4 cramps a week; for somebody with fewer it "
        "is too high."
    ),
    N_(
        "There is no agreed number from which cramps are frequent. A night counts as valid from "
        "%(hours)s h searched."
    ),
)
"""What the device can and cannot know; the figures are those of the model card."""


def limits() -> tuple[str, ...]:
    """Write what the device can and cannot know."""
    return tuple(_(each, hours=f"{RULES.valid_from_s / 3600:.0f}") for each in LIMITS)
