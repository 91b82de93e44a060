"""Raises and clears the alerts of a wearer, whenever a night or an answer is new.

To judge years of nights takes longer than others should wait for the one writer, so it is done
beside the write that it follows; what comes of it is written afterwards, if it still holds.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session

from ingest.errors import CrampwatchError
from server import alert_log, queries, wearers
from server.alert_log import RAISED_BY, StoredAlert, layer_name, lives
from server.alerts.judge import Judgement, UsualWeek, go_on
from server.alerts.life import AlertId, may_raise
from server.alerts.nightly import WearerNight
from server.alerts.past import Past
from server.alerts.rules import RULES
from server.alerts.season import Season
from server.alerts.shown import AlertNumbers, numbers
from server.alerts.watch import Layer
from server.by_wearer import by_wearer
from server.kept_tables import AlertStep
from server.known_nights import known_nights
from server.store import Store
from server.tables import Hemisphere

__all__ = [
    "judge_beside",
    "judge_nights",
    "judged_until",
    "numbers_of",
    "standing",
    "take_step",
    "usual_now",
]

_LOG = logging.getLogger(__name__)

_PASTS: WeakKeyDictionary[Store, dict[str, Past]] = by_wearer()
"""What judging came to last: the next judgement goes on from it as far as everything is the same.
Two threads may judge at once; each puts there what is whole."""


def judge_nights(store: Store, asked: str | None) -> StoredAlert | None:
    """Judge the nights of a wearer as of the newest, and keep what is raised and what is over.

    Parameters
    ----------
    asked
        The wearer; None for the only one.

    Returns
    -------
    StoredAlert or None
        The alert that was raised; None where none was.

    Raises
    ------
    WearerError
        There is no such wearer, or there are several and none was named.
    StoreError
        The database cannot be read or written.
    """
    with store.reading() as session:
        wearer = wearers.resolve(session, asked)
    nights, judgement = _judge(store, wearer)
    if judgement is None or (judgement.layer is None and not judgement.over):
        return None
    at_ns = store.now_ns()
    told: Mapping[str, Any] = {}
    if judgement.layer is not None:
        told = _as_json(
            numbers(
                judgement.layer, judgement.night, nights, judgement.usual, judgement.rising_since
            )
        )
    return store.write(lambda session: _keep(session, wearer, judgement, told, at_ns))


def usual_now(store: Store, wearer: str) -> tuple[date | None, UsualWeek | None]:
    """Give the newest night, and what is usual for a wearer as of it; None in the learning time."""
    _, judgement = _judge(store, wearer)
    return (None, None) if judgement is None else (judgement.night, judgement.usual)


def judge_beside(store: Store, asked: str | None) -> StoredAlert | None:
    """Judge as `judge_nights`, where nobody waits for it: what fails is logged."""
    try:
        return judge_nights(store, asked)
    except CrampwatchError as error:
        # Its text may name a wearer or a night, which no log does.
        _LOG.warning(
            "The nights could not be judged for alerts (%s). They are again with the next night "
            "or answer; /readyz says what is wrong with the store.",
            type(error).__name__,
        )
        return None


def take_step(
    store: Store, wearer: str, alert_id: int, step: AlertStep, who: str
) -> StoredAlert | None:
    """Note a step that somebody takes; None where the wearer has no such alert."""
    at_ns = store.now_ns()
    return store.write(
        lambda session: alert_log.note_step(session, wearer, alert_id, step, at_ns=at_ns, who=who)
    )


def standing(session: Session, wearer: str) -> tuple[StoredAlert, ...]:
    """List the alerts that are not over, newest first."""
    return tuple(each for each in alert_log.alerts(session, wearer) if each.stands)


def numbers_of(alert: StoredAlert) -> AlertNumbers:
    """Give the numbers of an alert, as they were when it was raised."""
    told = dict(alert.numbers)
    usual = told.pop("usual")
    first, last = (date.fromisoformat(told.pop(end)) for end in ("first", "last"))
    return AlertNumbers(
        layer=Layer[alert.layer.upper()],
        first=first,
        last=last,
        usual=None if usual is None else UsualWeek(**usual),
        **told,
    )


def judged_until(
    store: Store, session: Session, wearer: str, last: date, *, since: date = date.min
) -> tuple[Sequence[WearerNight], Judgement | None]:
    """Give the nights up to one, and what they come to; None where there is none.

    Parameters
    ----------
    since
        The first night that is looked at.
    """
    known = known_nights(store, session, wearer).nights
    nights = [each for each in known if since <= each.night <= last]
    kept = lives(wearer, alert_log.alerts(session, wearer))
    season = _season(session, wearer)
    judged = go_on(_PASTS.get(store, {}).get(wearer), nights, kept, wearer, season=season)
    return nights, None if judged is None else judged[0]


def _judge(store: Store, wearer: str) -> tuple[Sequence[WearerNight], Judgement | None]:
    """Judge all nights as of the newest; None where there is none."""
    with store.reading() as session:
        nights = known_nights(store, session, wearer).nights
        kept = lives(wearer, alert_log.alerts(session, wearer))
        season = _season(session, wearer)
    pasts = _PASTS.setdefault(store, {})
    judged = go_on(pasts.get(wearer), nights, kept, wearer, season=season)
    if judged is None:
        return nights, None
    judgement, pasts[wearer] = judged
    return nights, judgement


def _season(session: Session, wearer: str) -> Season | None:
    chosen = wearers.season_of(session, wearer)
    return None if chosen is None else Season(south=chosen is Hemisphere.SOUTH)


def _keep(
    session: Session, wearer: str, judgement: Judgement, told: Mapping[str, Any], at_ns: int
) -> StoredAlert | None:
    """Keep what a judgement gives cause for, but for what no longer holds.

    Others may have judged meanwhile, or a newer night may have come; that is judged for itself.
    """
    stored = alert_log.alerts(session, wearer)
    kept = lives(wearer, stored)
    for each in stored:
        id_ = AlertId(wearer, Layer[each.layer.upper()], each.night)
        if id_ in judgement.over and each.stands:
            alert_log.note_step(
                session,
                wearer,
                each.id,
                AlertStep.CLEARED,
                at_ns=at_ns,
                who=RAISED_BY,
                night=judgement.night,
            )
    newest = queries.newest_night(session, wearer)
    if judgement.layer is None or newest is None:
        return None
    raised = AlertId(wearer, judgement.layer, judgement.night)
    if not may_raise(raised, newest, kept, RULES.rest_nights):
        return None
    return alert_log.raise_alert(
        session, wearer, layer_name(judgement.layer), judgement.night, told, at_ns=at_ns
    )


def _as_json(told: AlertNumbers) -> dict[str, Any]:
    values = asdict(told)
    del values["layer"]
    return values | {"first": told.first.isoformat(), "last": told.last.isoformat()}
