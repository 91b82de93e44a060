"""Answers of the API about recorded nights, and what a detector found in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import Field

from detector import night as judged
from detector.night import Standing
from ingest import samples
from ingest.samples import FaultKind
from server import summary
from server.figures import NightState
from server.nights import local_time
from server.schema.base import (
    Answer,
    Ending,
    Identifier,
    Moment,
    NightDate,
    Probability,
    Seconds,
    Waking,
    Zone,
)
from server.stored import StoredAwakening, StoredEpisode, StoredFault, StoredMark, StoredRecording
from server.wire import Saved

__all__ = [
    "Awakening",
    "Cue",
    "Episode",
    "Fault",
    "Kept",
    "Mark",
    "Missing",
    "Model",
    "ModelInUse",
    "Night",
    "NightDetail",
    "Recording",
    "RecordingDetail",
    "Sleep",
    "Span",
]


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
    got_up: bool = Field(description="Whether steps were seen")
    others: dict[str, float] = Field(
        description="Probability of each harmless kind that it may have been; empty where the "
        "model does not say, and of a night that was stored before it was kept",
        examples=[{"bathroom": 0.61, "large_movement": 0.22}],
    )


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


class Kept(Answer):
    """What keeping a night changed."""

    saved: Saved = Field(examples=["added"])
    overlaps: list[str] = Field(
        description="Other recordings of the same hours, where the night was added",
        examples=[["2026-11-21_right"]],
    )
