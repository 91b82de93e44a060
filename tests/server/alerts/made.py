"""Nights made for the tests of the alerts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np

from detector.night import Standing
from server.alerts.judge import Judgement, events_of, judge
from server.alerts.life import Alert, AlertEvent, AlertId, alerts
from server.alerts.nightly import Answer, AskedEpisode, WearerNight
from server.alerts.season import Season

FIRST = date(2026, 1, 1)
FULL_S = 7.5 * 3600
WEARER = "me"


def asked(
    *answers: Answer | None, probability: float = 0.3, standing: Standing = Standing.POSSIBLE
) -> tuple[AskedEpisode, ...]:
    return tuple(AskedEpisode(probability, standing, answer) for answer in answers)


def nights_of(
    cramps: Iterable[int | None], first: date = FIRST, searched_s: float = FULL_S
) -> list[WearerNight]:
    """One night for each number of confirmed cramps; None is a night that is not recorded."""
    return [
        WearerNight(first + timedelta(days=place), searched_s, asked(*[Answer.YES] * number))
        for place, number in enumerate(cramps)
        if number is not None
    ]


def drawn(weekly: float, nights: int, seed: int) -> list[int]:
    return [int(each) for each in np.random.default_rng(seed).poisson(weekly / 7, nights)]


def morning(night: date) -> datetime:
    return datetime(night.year, night.month, night.day, 7, tzinfo=UTC) + timedelta(days=1)


def lived(
    nights: Sequence[WearerNight],
    events: Iterable[AlertEvent] = (),
    *,
    since: int = 1,
    every: int = 1,
    season: Season | None = None,
) -> tuple[list[AlertEvent], Mapping[AlertId, Alert], list[Judgement]]:
    """Judge after every night from a number on, as the server does, and keep what comes of it."""
    kept, judged = list(events), []
    for end in range(since, len(nights) + 1, every):
        judgement = judge(nights[:end], alerts(kept), WEARER, season=season)
        assert judgement is not None
        kept += events_of(judgement, WEARER, morning(judgement.night))
        judged.append(judgement)
    return kept, alerts(kept), judged
