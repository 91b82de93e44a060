"""Answers of the API about the night that goes on; all of it is provisional."""

from __future__ import annotations

from typing import Self
from zoneinfo import ZoneInfo

from pydantic import Field

from detector.document import night_document
from detector.night import Standing
from ingest.samples import FaultKind
from server import live, provisional
from server.nights import local_time
from server.schema.base import Answer, Ending, Identifier, Moment, NightDate, Probability, Zone
from server.tables import EpisodeState
from server.wire import LinkReport

__all__ = ["OpenFault", "ProvisionalEpisode", "Told", "Tonight"]


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
