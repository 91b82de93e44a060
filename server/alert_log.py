"""Alerts as they are kept: raised once for a wearer, a layer and a night, and what came of each.

What state an alert is in follows from its events, which are never changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.kept_tables import AlertEventRow, AlertRow, AlertStep
from server.queries import EVERY_NIGHT, Nights

__all__ = ["RAISED_BY", "AlertEvent", "StoredAlert", "alerts", "note_step", "raise_alert"]

RAISED_BY = "crampwatch"
"""Who raises an alert."""


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """A step in the life of an alert: when, in UTC nanoseconds, and by whom."""

    step: AlertStep
    at_ns: int
    who: str


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
    same = select(AlertRow).where(
        AlertRow.wearer_id == wearer, AlertRow.layer == layer, AlertRow.night == night
    )
    row = session.scalar(same)
    if row is None:
        row = AlertRow(wearer_id=wearer, layer=layer, night=night, numbers=dict(numbers))
        session.add(row)
        session.flush()
        _add(session, row, AlertStep.RAISED, at_ns, RAISED_BY)
    return _alert(session, row)


def note_step(
    session: Session, wearer: str, alert_id: int, step: AlertStep, *, at_ns: int, who: str
) -> StoredAlert | None:
    """Note a step in the life of an alert; the same by the same person again changes nothing.

    Returns
    -------
    StoredAlert or None
        None where the wearer has no alert of that id.
    """
    row = session.get(AlertRow, alert_id)
    if row is None or row.wearer_id != wearer:
        return None
    same = select(AlertEventRow).where(
        AlertEventRow.alert_id == alert_id, AlertEventRow.step == step, AlertEventRow.who == who
    )
    if step is not AlertStep.RAISED and session.scalar(same) is None:
        _add(session, row, step, at_ns, who)
    return _alert(session, row)


def alerts(session: Session, wearer: str, within: Nights = EVERY_NIGHT) -> tuple[StoredAlert, ...]:
    """List the alerts raised for a range of nights, newest first."""
    first, last = within
    found = select(AlertRow).where(AlertRow.wearer_id == wearer)
    if first is not None:
        found = found.where(AlertRow.night >= first)
    if last is not None:
        found = found.where(AlertRow.night <= last)
    rows = session.scalars(found.order_by(AlertRow.night.desc(), AlertRow.id.desc())).all()
    return tuple(_alert(session, row) for row in rows)


def _add(session: Session, alert: AlertRow, step: AlertStep, at_ns: int, who: str) -> None:
    session.add(
        AlertEventRow(alert_id=alert.id, wearer_id=alert.wearer_id, step=step, at_ns=at_ns, who=who)
    )
    session.flush()


def _alert(session: Session, row: AlertRow) -> StoredAlert:
    found = select(AlertEventRow).where(AlertEventRow.alert_id == row.id)
    events = session.scalars(found.order_by(AlertEventRow.at_ns, AlertEventRow.id))
    return StoredAlert(
        row.id,
        row.layer,
        row.night,
        row.numbers,
        tuple(AlertEvent(each.step, each.at_ns, each.who) for each in events),
    )
