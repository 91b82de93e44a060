"""What the newest night gives cause for: the door to the alerts for the rest of the server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from server.alerts.life import (
    BY_ITSELF,
    Alert,
    AlertEvent,
    AlertId,
    EventKind,
    may_raise,
)
from server.alerts.nightly import WearerNight, counts
from server.alerts.past import SPACING_NIGHTS, Past
from server.alerts.rules import RULES, Rules
from server.alerts.season import Season
from server.alerts.watch import Layer, Watch

__all__ = ["SHOWN_NIGHTS", "Judgement", "UsualWeek", "events_of", "go_on", "judge"]

SHOWN_NIGHTS = 56
"""Nights that an alert shows: eight weeks, as many as stay apart on the width of a phone."""

USUAL_SPAN = (0.95, 0.05)
"""Chances of reaching the least and the most cramps of a usual week: nine weeks in ten lie
between."""


@dataclass(frozen=True, slots=True)
class UsualWeek:
    """What is usual in a week: on average, and between which numbers nine weeks in ten lie."""

    mean: float
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the nights of a wearer come to, as of the newest.

    Parameters
    ----------
    night
        The newest.
    layer
        What there is cause to raise an alert of, alerts so far heeded; None where there is none.
    over
        Standing alerts that are to be cleared.
    usual
        None in the learning time.
    rising_since
        First night of the rise that *creeping* adds up; None where nothing adds up.
    """

    night: date
    layer: Layer | None
    over: tuple[AlertId, ...]
    usual: UsualWeek | None
    rising_since: date | None


def judge(
    nights: Iterable[WearerNight],
    kept: Mapping[AlertId, Alert],
    wearer: str,
    *,
    season: Season | None = None,
    rules: Rules = RULES,
) -> Judgement | None:
    """Judge the newest night of a wearer, given all nights and all alerts so far.

    Parameters
    ----------
    nights
        Of this wearer, in any order. Those of which nothing is known may be left out.
    kept
        Every alert that was ever raised; those of other wearers are not looked at.

    Returns
    -------
    None where there is no night.

    Raises
    ------
    InputError
        Where a night is there twice.
    """
    judged = go_on(None, nights, kept, wearer, season=season, rules=rules)
    return None if judged is None else judged[0]


def go_on(
    past: Past | None,
    nights: Iterable[WearerNight],
    kept: Mapping[AlertId, Alert],
    wearer: str,
    *,
    season: Season | None = None,
    rules: Rules = RULES,
) -> tuple[Judgement, Past] | None:
    """Judge as `judge`, to the bit, from where an earlier judgement of the wearer holds.

    Returns
    -------
    The judgement, and what the next one may go on from; None where there is no night.
    """
    dates, counted = counts(nights, season=season, rules=rules)
    if not dates:
        return None
    own = [alert for alert in kept.values() if alert.id.wearer == wearer]
    watch = Watch(counted, rules)
    whose = np.ones(1, bool)
    newest = dates[-1]
    begin, states = 0, {}
    if past is not None and (begin := past.same_before(dates, counted, own, rules)):
        watch.go_on(past.watch, past.states[begin], begin)
        states = {night: state for night, state in past.states.items() if night < begin}
    for number, night in enumerate(dates[begin:], start=begin):
        if number % SPACING_NIGHTS == 0:
            states[number] = watch.state()
        if night < newest:
            watch.take_in(number)
        else:
            signals = watch.look(number)
            since = int(watch.rising_since[0])
        for alert in own:
            if alert.id.night < night == alert.cleared_in:
                if _became_usual(alert, rules):
                    watch.begin_anew(whose)
                watch.cleared(alert.id.layer, whose)
        for alert in own:
            if alert.id.night == night:
                watch.raised(alert.id.layer, whose, number)
                # The wearer may clear it on the same morning.
                if alert.cleared_in == night:
                    watch.cleared(alert.id.layer, whose)
    layer = int(signals.raise_[0])
    raisable = layer and may_raise(
        AlertId(wearer, Layer(layer), newest), newest, kept, rules.rest_nights
    )
    ended = {
        Layer.PERSISTENT: bool(signals.ends_frequent[0]),
        Layer.SUDDEN: bool(signals.ends_more[0] | signals.becomes_usual[0]),
    }
    ended[Layer.CREEPING] = ended[Layer.SUDDEN]
    usual = watch.usual_week(len(dates) - 1, USUAL_SPAN)
    judgement = Judgement(
        night=newest,
        layer=Layer(layer) if raisable else None,
        over=tuple(alert.id for alert in own if alert.stands and ended[alert.id.layer]),
        usual=None if usual is None else UsualWeek(*usual),
        rising_since=dates[since] if since < len(dates) else None,
    )
    return judgement, Past(dates[0], counted, own, rules, watch, states)


def events_of(judgement: Judgement, wearer: str, at: datetime) -> tuple[AlertEvent, ...]:
    """Give the events to keep: what is raised, and what is over."""
    over = [
        AlertEvent(each, EventKind.CLEARED, at, BY_ITSELF, judgement.night)
        for each in judgement.over
    ]
    if judgement.layer is None:
        return tuple(over)
    raised = AlertId(wearer, judgement.layer, judgement.night)
    return (*over, AlertEvent(raised, EventKind.RAISED, at, BY_ITSELF, judgement.night))


def _became_usual(alert: Alert, rules: Rules) -> bool:
    """Tell whether an alert cleared because it had stood so long that this is the usual now."""
    if alert.id.layer is Layer.PERSISTENT or alert.cleared_in is None:
        return False
    return (alert.cleared_in - alert.id.night).days >= rules.frozen_nights
