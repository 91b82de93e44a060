"""What a notice can be about: its key, its title, how long it is worth sending, and when."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ingest.samples import NS_PER_S
from server.language import N_, _

__all__ = ["AT_ANY_HOUR", "GIVEN_UP_AFTER_NS", "TITLES", "Kind", "Notice", "kind_of", "title"]

HOUR_NS = 3600 * NS_PER_S


class Kind(StrEnum):
    """What a notice is about."""

    MORNING = "morning"
    ALERT = "alert"
    FAULT = "fault"
    MENDED = "mended"
    """A fault that was told is over."""
    TRIAL = "trial"
    TEST = "test"


TITLES = {
    Kind.MORNING: N_("Last night"),
    Kind.ALERT: N_("An alert to read"),
    Kind.FAULT: N_("The recording needs you"),
    Kind.MENDED: N_("The recording goes on"),
    Kind.TRIAL: N_("Your trial"),
    Kind.TEST: N_("A test"),
}
"""What stands above the text. It shows on a locked screen, so it says nothing of anybody."""

GIVEN_UP_AFTER_NS = {
    # By then the next night is nearer than the last.
    Kind.MORNING: 12 * HOUR_NS,
    # It is about weeks; a phone that is off over a weekend still gets it.
    Kind.ALERT: 72 * HOUR_NS,
    # Later it would wake somebody for what has long passed.
    Kind.FAULT: HOUR_NS,
    # Until then somebody may mean to see after it in the morning.
    Kind.MENDED: 12 * HOUR_NS,
    # It is about the night to come.
    Kind.TRIAL: 12 * HOUR_NS,
    # Whoever sent it still looks at the page.
    Kind.TEST: HOUR_NS // 6,
}
"""Nanoseconds after which a notice that could not be sent is given up."""

AT_ANY_HOUR = frozenset({Kind.FAULT, Kind.MENDED, Kind.TEST})
"""What is sent in the quiet hours and while a night is recorded: the owner chose it by the setting
for faults, or just now. That a fault is over is only said at such an hour to who is up for it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to be told.

    Parameters
    ----------
    about
        Which of its kind: a night, the id of an alert, a fault with its beginning.
    """

    kind: Kind
    about: str
    text: str

    @property
    def key(self) -> str:
        """By which it is told once on a channel."""
        return f"{self.kind}:{self.about}"


def title(kind: Kind) -> str:
    """Write what stands above a notice."""
    return _(TITLES[kind])


def kind_of(key: str) -> Kind:
    """Give the kind that the key of a notice is of."""
    return Kind(key.partition(":")[0])
