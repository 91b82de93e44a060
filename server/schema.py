"""What the API answers, typed; times are ISO 8601 with the offset of the wearer's zone."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from typing import Annotated, Generic, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from detector import night as judged
from detector.document import night_document
from detector.night import Standing
from ingest import samples
from ingest.samples import FaultKind
from server import (
    alert_words,
    answers,
    association_words,
    diary,
    live,
    provisional,
    summary,
    uploads,
    wearers,
)
from server.alert_log import StoredAlert
from server.alerting import numbers_of
from server.associations import table
from server.associations.exposure import Subject
from server.associations.judged import Verdict
from server.associations.ratio import RateRatio as FoundRatio
from server.figures import NightState
from server.kept_tables import AlertStep, Leg, Muscle, Said
from server.nights import local_time
from server.stored import StoredAwakening, StoredEpisode, StoredFault, StoredMark, StoredRecording
from server.tables import EpisodeState
from server.uploads import UploadState
from server.wire import LinkReport, Saved

__all__ = [
    "Alert",
    "AlertEvent",
    "Association",
    "Associations",
    "Awakening",
    "Cue",
    "Device",
    "DiaryEntry",
    "Episode",
    "Fault",
    "GivenAnswer",
    "Happened",
    "Health",
    "Hour",
    "Kept",
    "Mark",
    "Missing",
    "Model",
    "Night",
    "NightDetail",
    "OpenFault",
    "Page",
    "Problem",
    "ProblemKind",
    "ProvisionalEpisode",
    "Recording",
    "RecordingDetail",
    "Sleep",
    "Span",
    "Told",
    "Tonight",
    "Trends",
    "Upload",
    "UsualNow",
    "UsualWeek",
    "Wearer",
    "Week",
]

T = TypeVar("T")

UTC = ZoneInfo("UTC")

Moment = Annotated[dt.datetime, Field(examples=["2026-11-22T02:13:05+01:00"])]
Ending = Annotated[dt.datetime, Field(examples=["2026-11-22T02:15:10+01:00"])]
Waking = Annotated[dt.datetime, Field(examples=["2026-11-22T06:20:00+01:00"])]
NightDate = Annotated[
    dt.date, Field(description="The date on which the night began", examples=["2026-11-21"])
]
Seconds = Annotated[float, Field(ge=0, examples=[27600.0])]
Probability = Annotated[
    float, Field(ge=0, le=1, description="Of being cramp-like", examples=[0.78])
]
Zone = Annotated[str, Field(description="IANA name", examples=["Europe/Berlin"])]
Identifier = Annotated[str, Field(examples=["5f2c81d09b7ae364"])]


class Answer(BaseModel):
    """Base of every answer."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Page(Answer, Generic[T]):
    """A stretch of a list."""

    items: list[T]
    total: int = Field(description="Length of the whole list", examples=[41])
    limit: int = Field(examples=[30])
    next: str | None = Field(
        description="Where the list goes on; null at its end",
        examples=["/api/v1/nights?cursor=WyIyMDI2LTEwLTIzIl0"],
    )


class Wearer(Answer):
    """A person whose nights are kept."""

    id: str = Field(description="What `?wearer=` takes", examples=["me"])
    name: str = Field(examples=["Me"])
    timezone: Zone


class Device(Answer):
    """A wearable that recorded for a wearer."""

    name: str = Field(examples=["PineTime"])
    kind: str = Field(description="Empty where nobody told it", examples=["infinitime"])
    address: str = Field(description="Empty where nobody told it", examples=["A0:9E:1A:00:00:01"])
    first_seen: Moment = Field(description="UTC")
    last_seen: Moment = Field(description="UTC")

    @classmethod
    def of(cls, device: wearers.Device) -> Self:
        """Give the first and the last it was seen as times."""
        return cls(
            name=device.name,
            kind=device.kind,
            address=device.address,
            first_seen=local_time(device.first_seen_ns, UTC),
            last_seen=local_time(device.last_seen_ns, UTC),
        )


class Model(Answer):
    """A model that judges."""

    name: str = Field(examples=["transparent-score"])
    version: str = Field(examples=["1"])


class ModelInUse(Model):
    """A model, and how many recordings stand by its judgement."""

    recordings: int = Field(examples=[41])


class Span(Answer):
    """A stretch of time."""

    start: Moment
    end: Ending

    @classmethod
    def of(cls, spans: Iterable[judged.Span], zone: ZoneInfo) -> list[Self]:
        """Give spans their local times."""
        return [
            cls(start=local_time(span.start_ns, zone), end=local_time(span.end_ns, zone))
            for span in spans
        ]


class Sleep(Answer):
    """Falling asleep, waking, and the seconds asleep in between."""

    onset: Moment
    wake: Waking
    asleep_s: Seconds


class Cue(Answer):
    """One thing an awakening was judged by."""

    value: float | None = Field(description="Null where it could not be measured", examples=[14.0])
    unit: str = Field(examples=["bpm"])
    contribution: float = Field(description="To the log-odds of cramp-like", examples=[1.2])


class Awakening(Answer):
    """A stretch of movement that interrupts sleep, cramp-like or not."""

    start: Moment
    end: Ending
    probability: Probability


class Missing(Answer):
    """Something that no recording of a night has."""

    kind: FaultKind
    start: Moment
    end: Ending

    @classmethod
    def of(cls, fault: samples.Fault, zone: ZoneInfo) -> Self:
        """Give a fault its local times."""
        return cls(
            kind=fault.kind,
            start=local_time(fault.start_ns, zone),
            end=local_time(fault.end_ns, zone),
        )


class Fault(Missing):
    """Something wrong with the data of one recording, within one night."""

    recording_id: Identifier
    night: NightDate


class Episode(Answer):
    """A cramp-like awakening that the wearer hears of."""

    id: Identifier
    recording_id: Identifier
    night: NightDate
    onset: Moment
    end: Ending
    duration_s: float = Field(ge=0, examples=[125.0])
    probability: Probability
    standing: Standing
    heart_rate_rise_bpm: float | None = Field(
        description="Above the level before the onset; null without heart rate", examples=[14.0]
    )
    got_up: bool = Field(description="Whether steps were seen")
    evidence: dict[str, Cue] = Field(
        examples=[{"heart_rose": {"value": 14.0, "unit": "bpm", "contribution": 1.2}}]
    )
    others: dict[str, float] = Field(
        description="Probability of each harmless kind that it may have been instead; empty where "
        "the model does not say",
        examples=[{"bathroom": 0.21, "large_movement": 0.12}],
    )
    model: Model


class ProvisionalEpisode(Answer):
    """An episode as it was told while the night went on."""

    id: Identifier
    night: NightDate
    onset: Moment
    end: Ending
    probability: Probability
    standing: Standing
    state: EpisodeState
    became: str | None = Field(
        description="The episode of the finished night that it is", examples=["5f2c81d09b7ae364"]
    )

    @classmethod
    def of(cls, episode: provisional.StoredProvisional, zone: ZoneInfo) -> Self:
        """Give an episode its local times."""
        return cls(
            id=episode.id,
            night=episode.night,
            onset=local_time(episode.onset_ns, zone),
            end=local_time(episode.end_ns, zone),
            probability=episode.probability,
            standing=episode.standing,
            state=episode.state,
            became=episode.became,
        )


class Told(Answer):
    """What telling of an episode changed."""

    id: Identifier
    new: bool = Field(description="Whether it was not known yet")


class GivenAnswer(Answer):
    """What the wearer said of an awakening."""

    id: int = Field(examples=[7])
    night: NightDate
    onset: Moment
    end: Ending = Field(description="The onset again, of a cramp that was not found")
    asked: bool = Field(description="False of a cramp that was not found")
    said: Said
    leg: Leg | None
    muscle: Muscle | None
    pain: int | None = Field(description="0 to 10", examples=[7])
    helped: str = Field(examples=["stretching"])
    hurt_min: float | None = Field(description="Minutes", examples=[4.0])
    given: Moment
    given_by: str = Field(examples=["wearer"])

    @classmethod
    def of(cls, given: answers.GivenAnswer, zone: ZoneInfo) -> Self:
        """Give an answer its local times."""
        return cls(
            id=given.id,
            night=given.night,
            onset=local_time(given.onset_ns, zone),
            end=local_time(given.end_ns, zone),
            asked=given.asked,
            said=given.said,
            leg=given.leg,
            muscle=given.muscle,
            pain=given.pain,
            helped=given.helped,
            hurt_min=given.hurt_min,
            given=local_time(given.given_ns, zone),
            given_by=given.given_by,
        )


class DiaryEntry(Answer):
    """An entry of the diary."""

    id: Identifier
    day: dt.date = Field(description="The day it is about", examples=["2026-11-21"])
    kind: str = Field(description="What it is about", examples=["drink"])
    payload: dict[str, JsonValue] = Field(
        description="What was told; the kind says how to read it",
        examples=[{"what": "water", "ml": 300}],
    )
    given: Moment
    given_by: str = Field(examples=["wearer"])

    @classmethod
    def of(cls, entry: diary.DiaryEntry, zone: ZoneInfo) -> Self:
        """Give an entry its local time."""
        return cls(
            id=entry.id,
            day=entry.day,
            kind=entry.kind,
            payload=dict(entry.payload),
            given=local_time(entry.given_ns, zone),
            given_by=entry.given_by,
        )


class Upload(Answer):
    """A recording that was sent to be judged."""

    id: Identifier
    name: str = Field(description="Of its file", examples=["2026-11-21_left.zip"])
    bytes: int = Field(ge=0, examples=[2517364])
    sha256: str = Field(description="Digest of its file", examples=["9f86d081884c7d65" * 4])
    state: UploadState = Field(examples=["done"])
    part: float = Field(ge=0, le=1, description="How much of it is judged", examples=[1.0])
    problem: str | None = Field(
        description="Why it could not be judged; else null", examples=[None]
    )
    remarks: list[str] = Field(
        description="What was odd about it",
        examples=[["2026-11-21_left: left out 1 sample with a time that was there already."]],
    )
    recording_id: str | None = Field(
        description="The recording that it is; null until it is judged",
        examples=["5f2c81d09b7ae364"],
    )
    received: Moment
    finished: Moment | None

    @classmethod
    def of(cls, upload: uploads.Upload, part: float, zone: ZoneInfo) -> Self:
        """Give one its local times."""
        done = upload.state is UploadState.DONE
        ended_ns = upload.finished_ns
        return cls(
            id=upload.id,
            name=upload.name,
            bytes=upload.bytes,
            sha256=upload.sha256,
            state=upload.state,
            part=1.0 if done else part,
            problem=upload.problem or None,
            remarks=list(upload.remarks),
            recording_id=upload.recording_id,
            received=local_time(upload.received_ns, zone),
            finished=None if ended_ns is None else local_time(ended_ns, zone),
        )


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


class Mark(Answer):
    """What the wearer marked as a cramp, kept apart from what the detector says."""

    recording_id: Identifier
    night: NightDate
    time: Moment
    label: str = Field(examples=["three taps: this was a cramp"])


class Recording(Answer):
    """A recording, with the figures of the whole of it."""

    id: Identifier
    name: str = Field(examples=["2026-11-21_left"])
    device: str = Field(examples=["PineTime"])
    wrist: str | None = Field(examples=["left"])
    source: str = Field(examples=["crampwatch collect"])
    timezone: Zone
    night: NightDate
    start: Moment
    end: Ending
    recorded_s: Seconds
    worn_s: Seconds
    sleep: Sleep | None = Field(description="The main one of the sleeps")
    sleeps: list[Sleep]
    model: Model
    personal: str | None = Field(
        description="Version of the personal adjustment that judged with the model; null for none"
    )


class RecordingDetail(Recording):
    """A recording and all that was found in it."""

    awakenings: list[Awakening]
    episodes: list[Episode]
    marks: list[Mark]
    faults: list[Fault]

    @classmethod
    def with_findings(
        cls,
        stored: StoredRecording,
        awakenings: Iterable[StoredAwakening],
        episodes: Iterable[StoredEpisode],
        marks: Iterable[StoredMark],
        faults: Iterable[StoredFault],
    ) -> Self:
        """Put a stored recording together with its findings."""
        return cls(
            **Recording.model_validate(stored).model_dump(),
            awakenings=[Awakening.model_validate(each) for each in awakenings],
            episodes=[Episode.model_validate(each) for each in episodes],
            marks=[Mark.model_validate(each) for each in marks],
            faults=[Fault.model_validate(each) for each in faults],
        )


class Night(Answer):
    """A night in figures: recordings that overlap are counted once."""

    night: NightDate
    state: NightState = Field(examples=["found"])
    recorded_s: Seconds
    worn_s: Seconds
    searched_s: Seconds = Field(
        description="Worn within a sleep: awakenings are looked for here, and just beside it"
    )
    likely: int = Field(ge=0, examples=[2])
    possible: int = Field(ge=0, examples=[1])


class NightDetail(Night):
    """A night and all that was found in it."""

    timezone: Zone
    sleeps: list[Sleep]
    recorded: list[Span]
    worn: list[Span]
    searched: list[Span]
    episodes: list[Episode]
    awakenings: list[Awakening]
    marks: list[Mark]
    faults: list[Missing]
    recordings: list[Recording]

    @classmethod
    def of(cls, morning: summary.Morning) -> Self:
        """Give a summed-up night its local times."""
        figures, zone = morning.figures, morning.zone
        return cls(
            night=figures.night,
            state=figures.state,
            recorded_s=figures.recorded_s,
            worn_s=figures.worn_s,
            searched_s=figures.searched_s,
            likely=figures.likely,
            possible=figures.possible,
            timezone=morning.timezone,
            sleeps=[Sleep.model_validate(each) for each in morning.sleeps],
            recorded=Span.of(morning.recorded, zone),
            worn=Span.of(morning.worn, zone),
            searched=Span.of(morning.searched, zone),
            episodes=[Episode.model_validate(each) for each in morning.episodes],
            awakenings=[Awakening.model_validate(each) for each in morning.awakenings],
            marks=[Mark.model_validate(each) for each in morning.marks],
            faults=[Missing.of(each, zone) for each in morning.faults],
            recordings=[Recording.model_validate(each) for each in morning.recordings],
        )


class Health(Answer):
    """That the process answers."""

    status: str = Field(examples=["ok"])


class Check(Answer):
    """Of one thing that the server needs: whether it is well, or else what is wrong."""

    ok: bool
    problem: str


class Readiness(Answer):
    """Whether the server can do its work."""

    ready: bool
    checks: dict[str, Check] = Field(description="By what is needed")


class Problem(Answer):
    """What went wrong, as RFC 9457 problem details."""

    type: str = Field(
        default="about:blank",
        description="Where what it means can be read; `about:blank` says no more than the status",
        examples=["/api/v1/problems/unknown-wearer"],
    )
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["No episode has the id 5f2c81d09b7ae364."])
    instance: str = Field(examples=["/api/v1/episodes/5f2c81d09b7ae364"])
    errors: list[dict[str, str]] | None = Field(
        default=None,
        description="What is wrong with each parameter",
        examples=[[{"parameter": "limit", "detail": "Input should be a valid integer"}]],
    )


class ProblemKind(Answer):
    """A kind of problem, and what it means for whoever asked."""

    type: str = Field(examples=["/api/v1/problems/unknown-wearer"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    meaning: str = Field(examples=["No wearer has the id that `wearer` gives."])


class Kept(Answer):
    """What keeping a night changed."""

    saved: Saved = Field(examples=["added"])
    overlaps: list[str] = Field(
        description="Other recordings of the same hours, where the night was added",
        examples=[["2026-11-21_right"]],
    )


class Happened(Answer):
    """What an event says: where to read what is new."""

    href: str | None = Field(
        description="Null where that is everything", examples=["/api/v1/nights/2026-11-21"]
    )


class OpenFault(Answer):
    """A fault that goes on."""

    kind: FaultKind
    source: str = Field(description="A wearable or a stream; empty for the whole night")
    start: Moment


class Tonight(Answer):
    """The night that goes on, as the collector told it last."""

    heard: Moment = Field(description="When it was told, UTC")
    silent: bool = Field(description="Whether more should have been heard by now")
    started: Moment = Field(description="Start of the recording")
    timezone: Zone
    links: list[LinkReport]
    faults: list[OpenFault] = Field(description="What was wrong then")
    adapter_resets: int = Field(description="How often the Bluetooth adapter was reset")
    night: dict[str, object] | None = Field(
        description="Judged so far, in the form of `crampwatch replay --json`; provisional. An "
        "episode keeps its id all night"
    )
    withdrawn: int = Field(
        default=0, description="How many episodes were told earlier and are not found any more"
    )

    @classmethod
    def of(cls, tonight: live.Tonight) -> Self:
        """Give what is known of the night that goes on."""
        report, zone = tonight.report, tonight.zone
        return cls(
            heard=tonight.heard,
            silent=tonight.silent,
            started=local_time(report.started_ns, zone),
            timezone=report.timezone,
            links=list(report.links),
            faults=[
                OpenFault(kind=each.kind, source=each.source, start=local_time(each.start_ns, zone))
                for each in report.faults
            ],
            adapter_resets=report.adapter_resets,
            night=None if report.night is None else night_document(report.night),
            withdrawn=report.withdrawn,
        )
