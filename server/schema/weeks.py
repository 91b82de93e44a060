"""Answers of the API about many nights: trends, what goes with what, alerts."""

from __future__ import annotations

import datetime as dt
import math
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import Field

from server import alert_words, association_words
from server.alert_log import StoredAlert
from server.alerting import numbers_of
from server.associations import table
from server.associations.exposure import Subject
from server.associations.judged import Verdict
from server.associations.ratio import RateRatio as FoundRatio
from server.kept_tables import AlertStep
from server.nights import local_time
from server.schema.base import Answer, Moment, NightDate, Seconds

__all__ = [
    "Alert",
    "AlertEvent",
    "Association",
    "Associations",
    "Hour",
    "RateRatio",
    "Side",
    "Trends",
    "UsualNow",
    "UsualWeek",
    "Week",
]


class UsualWeek(Answer):
    """What is usual for the wearer in a week; nine weeks in ten lie between the two numbers."""

    mean: float = Field(description="Cramps a week", examples=[1.2])
    least: int = Field(examples=[0])
    most: int = Field(examples=[3])


class UsualNow(Answer):
    """What is usual for the wearer, as of the newest night."""

    night: dt.date | None = Field(description="The newest night", examples=["2026-11-21"])
    usual: UsualWeek | None = Field(description="Null in the learning time of three weeks")


class Week(Answer):
    """Seven nights from a Monday on."""

    first: NightDate = Field(description="The night of its Monday", examples=["2026-11-16"])
    last: NightDate = Field(description="The night of its Sunday", examples=["2026-11-22"])
    recorded: int = Field(description="Nights in which anything was searched", examples=[6])
    valid: int = Field(description="Nights searched for four hours at least", examples=[5])
    searched_s: Seconds
    cramps: float = Field(
        description="Expected cramps of the valid nights: probabilities, and answers where given",
        examples=[2.6],
    )
    cramp_nights: float = Field(
        description="Expected nights with any, of the valid ones", examples=[1.9]
    )
    confirmed: int = Field(
        description="Cramps of the valid nights by the wearer's word", examples=[2]
    )
    open: int = Field(
        description="Awakenings and marks of the valid nights without an answer", examples=[1]
    )
    likely: int = Field(description="Of all nights, as their pages tell them", examples=[3])
    possible: int = Field(description="Of all nights, as their pages tell them", examples=[1])


class Hour(Answer):
    """An hour by the clock of the wearer, over all nights."""

    hour: int = Field(ge=0, le=23, description="From this full hour on", examples=[2])
    searched_s: Seconds
    cramps: float = Field(description="Expected cramps, of all nights", examples=[0.8])
    likely: int = Field(examples=[1])
    possible: int = Field(examples=[0])


class Trends(Answer):
    """The weeks, oldest first, and the 24 hours from noon on."""

    weeks: list[Week]
    hours: list[Hour]


class Side(Answer):
    """Counted nights of one side of a comparison."""

    valid: int = Field(description="Nights searched for four hours at least", examples=[41])
    cramp_nights: float = Field(
        description="Expected nights with any cramp: answers, and probabilities without them",
        examples=[9.4],
    )


class RateRatio(Answer):
    """The rate of cramp nights on the one side over that on the other, with a 90 % interval."""

    ratio: float = Field(description="Median", examples=[0.56])
    least: float = Field(examples=[0.31])
    most: float | None = Field(
        description="Null where the other side has no cramp night", examples=[0.97]
    )

    @classmethod
    def of(cls, found: FoundRatio) -> Self:
        """Give a ratio as JSON can have it, which knows no infinity."""
        most = found.most if math.isfinite(found.most) else None
        return cls(ratio=found.ratio, least=found.least, most=most)


class Association(Answer):
    """Nights with something beside nights without it; it says how often, and never why."""

    subject: Subject
    about: str = Field(
        description="The habit or the factor; a medicine by its name or class; empty for dialysis",
        examples=["calf_stretches"],
    )
    name: str = Field(examples=["Calf stretches"])
    with_it: Side
    without: Side
    rate_ratio: RateRatio | None = Field(description="Null where nothing can be compared")
    verdict: Verdict = Field(
        description="`too_early` until the nights say more; docs/together.md has the rule",
        examples=["fewer"],
    )
    finding: str = Field(examples=["Fewer cramp nights on nights with it."])

    @classmethod
    def of(cls, found: table.Association) -> Self:
        """Give one as it is told."""
        told = found.judgement
        return cls(
            subject=found.subject,
            about=found.about,
            name=association_words.name(found),
            with_it=Side.model_validate(told.with_it),
            without=Side.model_validate(told.without),
            rate_ratio=None if told.ratio is None else RateRatio.of(told.ratio),
            verdict=told.verdict,
            finding=association_words.finding(found),
        )


class Associations(Answer):
    """All that the diary tells of, compared over a year of nights."""

    first: NightDate = Field(examples=["2025-11-22"])
    last: NightDate
    valid: int = Field(description="Counted nights of the year", examples=[301])
    judged: int = Field(
        description="Things with nights enough; the more there are, the more it takes to tell",
        examples=[4],
    )
    items: list[Association]

    @classmethod
    def of(cls, whole: table.Associations) -> Self:
        """Give all of them as they are told."""
        return cls(
            first=whole.first,
            last=whole.last,
            valid=whole.valid,
            judged=whole.judged,
            items=[Association.of(each) for each in whole.found],
        )


class AlertEvent(Answer):
    """A step in the life of an alert."""

    step: AlertStep
    at: Moment
    who: str = Field(description="`crampwatch` where it was the program", examples=["wearer"])
    night: NightDate = Field(description="The newest night then", examples=["2026-11-21"])


class Alert(Answer):
    """Cramps come often, or more often than is usual for the wearer; as it was when raised."""

    id: int = Field(examples=[7])
    layer: str = Field(
        description="`sudden`, `creeping` or `persistent`: docs/alerts.md says what they look at",
        examples=["sudden"],
    )
    night: NightDate
    state: AlertStep
    title: str = Field(examples=["More than your usual this week"])
    sentences: list[str] = Field(
        examples=[["In 7 recorded nights from 15 Nov to 21 Nov you told of 5 cramps, in 4 nights."]]
    )
    first: NightDate = Field(description="First night it looks at", examples=["2026-11-15"])
    last: NightDate = Field(description="Last night it looks at", examples=["2026-11-21"])
    recorded: int = Field(description="Nights of these that count", examples=[7])
    confirmed: int = Field(description="Cramps by the wearer's word", examples=[5])
    open: int = Field(description="Awakenings and marks without an answer", examples=[1])
    found_nights: int = Field(description="Nights with any of these", examples=[4])
    usual: UsualWeek | None = Field(description="Null where it is not known yet")
    events: list[AlertEvent]

    @classmethod
    def of(cls, alert: StoredAlert, zone: ZoneInfo) -> Self:
        """Give an alert its words, and its events local times."""
        told = numbers_of(alert)
        return cls(
            id=alert.id,
            layer=alert.layer,
            night=alert.night,
            state=alert.state,
            title=alert_words.title(told.layer),
            sentences=list(alert_words.sentences(told)),
            first=told.first,
            last=told.last,
            recorded=told.recorded,
            confirmed=told.confirmed,
            open=told.open,
            found_nights=told.found_nights,
            usual=None if told.usual is None else UsualWeek.model_validate(told.usual),
            events=[
                AlertEvent(
                    step=each.step,
                    at=local_time(each.at_ns, zone),
                    who=each.who,
                    night=each.night,
                )
                for each in alert.events
            ],
        )
