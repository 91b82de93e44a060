"""The life of an alert: raised, seen, acknowledged, cleared, with who and when.

The state is made from the events that are kept, and from nothing else. An alert is one wearer, one
layer and one night, and is raised only for the newest night there is, so that no replay and no new
judgement of old nights can raise it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from ingest.errors import InputError
from server.alerts.watch import Layer

__all__ = [
    "BY_ITSELF",
    "Alert",
    "AlertEvent",
    "AlertId",
    "EventKind",
    "alerts",
    "may_raise",
    "with_event",
]

BY_ITSELF = ""
"""Who raised an alert, and who cleared one that was over: the program."""


class EventKind(StrEnum):
    """What can happen to an alert; the last that did is its state, which never goes back."""

    RAISED = "raised"
    SEEN = "seen"
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"


STEPS = list(EventKind)
"""The kinds of event, in the order in which they come."""


@dataclass(frozen=True, slots=True, order=True)
class AlertId:
    """Which alert it is; there is only one of a layer for a night of a wearer, ever."""

    wearer: str
    layer: Layer
    night: date


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """Something that happened to an alert.

    Parameters
    ----------
    at
        When, with its offset from UTC.
    who
        Who saw, acknowledged or cleared it; empty where it was the program.
    night
        The newest night at that time. The usual is frozen from the night an alert was raised for to
        the night it was cleared in.
    """

    alert: AlertId
    kind: EventKind
    at: datetime
    who: str
    night: date

    def __post_init__(self) -> None:
        """Refuse a time that nobody can order."""
        if self.at.tzinfo is None:
            raise InputError(
                f"The time {self.at} of an alert has no offset from UTC. Give one, as in "
                "2026-11-22T07:00:00+01:00."
            )


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as its events leave it; `events` are those that changed it, by time."""

    id: AlertId
    events: tuple[AlertEvent, ...]

    @property
    def state(self) -> EventKind:
        """What happened to it last."""
        return self.events[-1].kind

    @property
    def stands(self) -> bool:
        """Whether it is not cleared yet."""
        return self.state is not EventKind.CLEARED

    @property
    def cleared_in(self) -> date | None:
        """The newest night when it was cleared; None while it stands."""
        return None if self.stands else self.events[-1].night


def alerts(events: Iterable[AlertEvent]) -> Mapping[AlertId, Alert]:
    """Make the alerts from all events that are kept, in whatever order they come.

    What came twice counts once, at its first time. What came before the alert was raised, or after
    it was cleared, changes nothing.
    """
    found: dict[AlertId, Alert] = {}
    for event in sorted(events, key=lambda e: (e.at, STEPS.index(e.kind), e.who, e.night)):
        before = found.get(event.alert)
        after = with_event(before, event)
        if after is not None:
            found[event.alert] = after
    return found


def with_event(alert: Alert | None, event: AlertEvent) -> Alert | None:
    """Give what an event makes of an alert; the same alert where it changes nothing."""
    if alert is None:
        if event.kind is not EventKind.RAISED:
            return None
        return Alert(event.alert, (event,))
    if STEPS.index(event.kind) <= STEPS.index(alert.state):
        return alert
    return replace(alert, events=(*alert.events, event))


def may_raise(
    id: AlertId,  # noqa: A002
    newest: date,
    kept: Mapping[AlertId, Alert],
    rest_nights: int,
) -> bool:
    """Tell whether an alert may be raised now.

    Only for the newest night; never where an alert of this or a later night is kept, whatever
    became of it, nor within the rest nights of any.
    """
    if id.night != newest:
        return False
    nights = [each.night for each in kept if each.wearer == id.wearer]
    return all((id.night - night).days >= rest_nights for night in nights)
