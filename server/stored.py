"""Plain records of what a store holds, with their times in the zone of the recording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from detector.night import Cue, ModelVersion, Sleep, Standing
from ingest.samples import NS_PER_S, FaultKind
from server.nights import local_time

__all__ = [
    "Page",
    "StoredAwakening",
    "StoredEpisode",
    "StoredFault",
    "StoredMark",
    "StoredModel",
    "StoredRecording",
    "StoredSleep",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A stretch of a list, and how long the whole list is."""

    items: tuple[T, ...]
    total: int
    more: bool = False
    """Whether the list goes on after this stretch."""


class _InZone:
    """The zone of a recording, in which its local times are told."""

    __slots__ = ()

    timezone: str

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the recording."""
        return ZoneInfo(self.timezone)


class _InTime(_InZone):
    """Local times of what begins and ends, in the zone of its recording."""

    __slots__ = ()

    start_ns: int
    end_ns: int

    @property
    def start(self) -> datetime:
        """Local time of the start."""
        return local_time(self.start_ns, self.zone)

    @property
    def end(self) -> datetime:
        """Local time of the end."""
        return local_time(self.end_ns, self.zone)


@dataclass(frozen=True, slots=True)
class StoredSpan(_InTime):
    """What has a place in time within a recording."""

    recording_id: str
    night: date
    timezone: str
    start_ns: int
    end_ns: int

    @property
    def duration_s(self) -> float:
        """Seconds between the two."""
        return (self.end_ns - self.start_ns) / NS_PER_S


@dataclass(frozen=True, slots=True)
class StoredAwakening(StoredSpan):
    """An awakening, cramp-like or not."""

    probability: float
    got_up: bool
    others: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class StoredFault(StoredSpan):
    """A fault in the data."""

    kind: FaultKind


@dataclass(frozen=True, slots=True)
class StoredEpisode(StoredSpan):
    """A cramp-like awakening that the wearer hears of."""

    id: str
    probability: float
    standing: Standing
    heart_rate_rise_bpm: float | None
    got_up: bool
    evidence: Mapping[str, Cue]
    others: Mapping[str, float]
    model: ModelVersion

    @property
    def onset(self) -> datetime:
        """Local time of the onset."""
        return self.start


@dataclass(frozen=True, slots=True)
class StoredMark(_InZone):
    """What the wearer marked."""

    recording_id: str
    night: date
    timezone: str
    time_ns: int
    label: str

    @property
    def time(self) -> datetime:
        """Local time of the mark."""
        return local_time(self.time_ns, self.zone)


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model, and how many recordings stand by its judgement."""

    name: str
    version: str
    recordings: int


@dataclass(frozen=True, slots=True)
class StoredSleep(Sleep):
    """A sleep, as a recording tells it."""

    recording_id: str
    timezone: str

    @property
    def onset(self) -> datetime:
        """Local time of first falling asleep."""
        return local_time(self.onset_ns, ZoneInfo(self.timezone))

    @property
    def wake(self) -> datetime:
        """Local time of the final waking."""
        return local_time(self.wake_ns, ZoneInfo(self.timezone))


@dataclass(frozen=True, slots=True)
class StoredRecording(_InTime):
    """A recording, with the figures of the whole of it."""

    id: str
    name: str
    timezone: str
    device: str
    wrist: str | None
    source: str
    night: date
    start_ns: int
    end_ns: int
    recorded_s: float
    worn_s: float
    sleeps: tuple[StoredSleep, ...]
    model: ModelVersion
    personal: str | None

    @property
    def sleep(self) -> StoredSleep | None:
        """The main sleep, that with the most seconds asleep."""
        return max(self.sleeps, key=lambda sleep: sleep.asleep_s, default=None)
