"""Alerts as they are kept: raised once for a wearer, a layer and a night, and what came of each.

What state an alert is in follows from its events, which are never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server import queries
from server.alerts import life
from server.alerts.watch import Layer
from server.kept_tables import AlertEventRow, AlertRow, AlertStep
from server.nights import local_time
from server.queries import EVERY_NIGHT, Nights

__all__ = [
    "RAISED_BY",
    "AlertEvent",
    "StoredAlert",
    "alert",
    "alerts",
    "layer_name",
    "lives",
    "note_step",
    "raise_alert",
]

RAISED_BY = "crampwatch"
"""Who raises an alert, and clears one that is over."""

UTC = ZoneInfo("UTC")

STEPS = list(AlertStep)
"""The steps, in the order of the states they lead to."""


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """A step in the life of an alert: when, in UTC nanoseconds, by whom, and the newest night."""

    step: AlertStep
    at_ns: int
    who: str
    night: date


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """An alert.

    Parameters
    ----------
    layer
        Which of the layers raised it.
    night
        The night it was raised for, the newest then.
    numbers
        What it gives: JSON values by name.
    events
        By time; the first is that it was raised.
    """

    id: int
    layer: str
    night: date
    numbers: Mapping[str, Any]
    events: tuple[AlertEvent, ...]

    @property
    def state(self) -> AlertStep:
        """How far it has come; it never goes back."""
        return max((each.step for each in self.events), key=STEPS.index)

    @property
    def stands(self) -> bool:
        """Whether it is not over."""
        return self.state is not AlertStep.CLEARED


def layer_name(layer: Layer) -> str:
    """Name a layer as it is kept."""
    return layer.name.lower()


def raise_alert(
    session: Session,
    wearer: str,
    layer: str,
    night: date,
    numbers: Mapping[str, Any],
    *,
    at_ns: int,
) -> StoredAlert:
    """Raise an alert; one that was raised before stays as it was, whatever was judged anew."""
    same = select(AlertRow.id).where(
        AlertRow.wearer_id == wearer, AlertRow.layer == layer, AlertRow.night == night
    )
    id_ = session.scalar(same)
    if id_ is None:
        row = AlertRow(wearer_id=wearer, layer=layer, night=night, numbers=dict(numbers))
        session.add(row)
        session.flush()
        id_ = row.id
        _add(session, wearer, id_, AlertEvent(AlertStep.RAISED, at_ns, RAISED_BY, night))
    return _one(session, wearer, id_)


def note_step(
    session: Session,
    wearer: str,
    alert_id: int,
    step: AlertStep,
    *,
    at_ns: int,
    who: str,
    night: date | None = None,
) -> StoredAlert | None:
    """Note a step in the life of an alert; the same by the same person again changes nothing.

    No step is kept at a time before the one it came after, whatever the clock says.

    Parameters
    ----------
    night
        The newest night, as far as whoever takes the step knows; None looks it up.

    Returns
    -------
    StoredAlert or None
        None where the wearer has no alert of that id.
    """
    found = alert(session, wearer, alert_id)
    if found is None or step is AlertStep.RAISED:
        return found
    if any((each.step, each.who) == (step, who) for each in found.events):
        return found
    night = night or queries.newest_night(session, wearer) or found.night
    at_ns = max(at_ns, found.events[-1].at_ns)
    _add(session, wearer, alert_id, AlertEvent(step, at_ns, who, night))
    return _one(session, wearer, alert_id)


def alerts(session: Session, wearer: str, within: Nights = EVERY_NIGHT) -> tuple[StoredAlert, ...]:
    """List the alerts raised for a range of nights, newest first."""
    first, last = within
    found = _with_events(wearer)
    if first is not None:
        found = found.where(AlertRow.night >= first)
    if last is not None:
        found = found.where(AlertRow.night <= last)
    return _alerts(session, found)


def alert(session: Session, wearer: str, alert_id: int) -> StoredAlert | None:
    """Give one alert; None where the wearer has none of that id."""
    found = _alerts(session, _with_events(wearer).where(AlertRow.id == alert_id))
    return found[0] if found else None


def lives(wearer: str, kept: Iterable[StoredAlert]) -> Mapping[life.AlertId, life.Alert]:
    """Give alerts as what judges the nights knows them."""
    return life.alerts(
        life.AlertEvent(
            life.AlertId(wearer, Layer[each.layer.upper()], each.night),
            life.EventKind(event.step),
            local_time(event.at_ns, UTC),
            life.BY_ITSELF if event.who == RAISED_BY else event.who,
            event.night,
        )
        for each in kept
        for event in each.events
    )


def _add(session: Session, wearer: str, alert_id: int, event: AlertEvent) -> None:
    session.add(
        AlertEventRow(
            alert_id=alert_id,
            wearer_id=wearer,
            step=event.step,
            at_ns=event.at_ns,
            who=event.who,
            night=event.night,
        )
    )
    session.flush()


def _one(session: Session, wearer: str, alert_id: int) -> StoredAlert:
    (found,) = _alerts(session, _with_events(wearer).where(AlertRow.id == alert_id))
    return found


def _with_events(wearer: str) -> Select[AlertRow, AlertEventRow]:
    return (
        select(AlertRow, AlertEventRow)
        .join(AlertEventRow, AlertEventRow.alert_id == AlertRow.id)
        .where(AlertRow.wearer_id == wearer)
        .order_by(AlertRow.night.desc(), AlertRow.id.desc(), AlertEventRow.at_ns, AlertEventRow.id)
    )


def _alerts(session: Session, found: Select[AlertRow, AlertEventRow]) -> tuple[StoredAlert, ...]:
    rows = session.execute(found)
    return tuple(
        StoredAlert(
            row.id,
            row.layer,
            row.night,
            row.numbers,
            tuple(AlertEvent(each.step, each.at_ns, each.who, each.night) for _, each in events),
        )
        for row, events in groupby(rows, key=lambda pair: pair[0])
    )
