"""The alerts that stand, with their words and plots, for a page to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from server import alert_words
from server.alert_plot import AlertPlot, alert_plot
from server.alerting import numbers_of, standing
from server.kept_tables import AlertStep
from server.known_nights import known_nights
from server.store import Store

__all__ = ["ShownAlert", "shown_alerts"]


@dataclass(frozen=True, slots=True)
class ShownAlert:
    """An alert.

    Parameters
    ----------
    sentences
        With the numbers as they were when it was raised.
    plot
        Of the nights up to then, with what was answered since.
    acknowledged
        Whether somebody said to have seen it.
    """

    id: int
    night: date
    title: str
    sentences: tuple[str, ...]
    plot: AlertPlot
    acknowledged: bool


def shown_alerts(store: Store, session: Session, wearer: str) -> tuple[ShownAlert, ...]:
    """Give the alerts of a wearer that are not over, newest first."""
    alerts = standing(session, wearer)
    if not alerts:
        return ()
    nights = known_nights(store, session, wearer).nights
    shown = []
    for each in alerts:
        told = numbers_of(each)
        shown.append(
            ShownAlert(
                id=each.id,
                night=each.night,
                title=alert_words.title(told.layer),
                sentences=alert_words.sentences(told),
                plot=alert_plot(nights, each.night, told.usual),
                acknowledged=each.state is AlertStep.ACKNOWLEDGED,
            )
        )
    return tuple(shown)
