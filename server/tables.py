"""The tables of the store. Times are UTC nanoseconds; a night is the date on which it began.

Whatever is of a wearer names the wearer in its own row, so that no query needs another table to
keep two of them apart; the database itself holds that to what the recording says.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, TypedDict

from sqlalchemy import (
    JSON,
    BigInteger,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from detector.night import Standing
from ingest.samples import FaultKind

__all__ = [
    "AwakeningRow",
    "Base",
    "CoverageKind",
    "CoverageRow",
    "CueJSON",
    "DeviceRow",
    "EpisodeRow",
    "EpisodeState",
    "FaultRow",
    "Hemisphere",
    "MarkRow",
    "ModelRow",
    "Nanoseconds",
    "ProvisionalEpisodeRow",
    "RecordingPlaceRow",
    "RecordingRow",
    "RowId",
    "SleepRow",
    "WearerId",
    "WearerRow",
    "word",
]


class CoverageKind(StrEnum):
    """What a span of coverage says."""

    RECORDED = "recorded"
    WORN = "worn"
    SEARCHED = "searched"
    """Worn within a sleep: awakenings were looked for here, and in the minutes beside it."""


class EpisodeState(StrEnum):
    """What became of an episode that was told while the night went on."""

    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"
    """The finished night has it."""
    WITHDRAWN = "withdrawn"
    """The finished night, or the night a little later, has it no longer."""


class Hemisphere(StrEnum):
    """On which half of the earth a wearer lives, whose usual goes with the season."""

    NORTH = "north"
    SOUTH = "south"


class CueJSON(TypedDict):
    """A `detector.night.Cue` as it is kept."""

    value: float | None
    unit: str
    contribution: float


class Base(DeclarativeBase):
    """Base of every table."""

    # Constraints need names, or a later migration cannot find them again.
    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )


def word(kind: type[StrEnum]) -> Enum:
    """Keep an enumeration as its plain word, so that a new member needs no migration."""
    return Enum(kind, native_enum=False, length=32, values_callable=lambda e: [m.value for m in e])


RowId = Annotated[int, mapped_column(Integer, primary_key=True)]
Nanoseconds = Annotated[int, mapped_column(BigInteger)]
WearerId = Annotated[str, mapped_column(ForeignKey("wearers.id", ondelete="CASCADE"))]


def _of_recording(*by_night: str) -> tuple[ForeignKeyConstraint, Index, Index]:
    """Tie rows to a recording of the same wearer, and index them by the wearer's nights."""
    return (
        ForeignKeyConstraint(
            ["recording_id", "wearer_id"],
            ["recordings.id", "recordings.wearer_id"],
            ondelete="CASCADE",
        ),
        Index(None, "wearer_id", "night", *by_night),
        Index(None, "recording_id"),
    )


class WearerRow(Base):
    """A person whose nights are kept.

    The id is what addresses and settings say; the name is what is shown. The language is that of
    notices, where one was chosen. The season is that of the usual, where it is to go with one.
    Whether nights are judged with the wearer's own answers is a choice.
    """

    __tablename__ = "wearers"

    id: Mapped[str] = mapped_column(String, primary_key=True)
    name: Mapped[str]
    timezone: Mapped[str]
    language: Mapped[str | None]
    season: Mapped[Hemisphere | None] = mapped_column(word(Hemisphere))
    learns: Mapped[bool] = mapped_column(default=False)


class DeviceRow(Base):
    """A wearable that recorded for a wearer; kind and address are empty where nobody told them."""

    __tablename__ = "devices"
    __table_args__ = (UniqueConstraint("wearer_id", "name", "address"),)

    id: Mapped[RowId]
    wearer_id: Mapped[WearerId]
    name: Mapped[str]
    kind: Mapped[str]
    address: Mapped[str]
    first_seen_ns: Mapped[Nanoseconds]
    last_seen_ns: Mapped[Nanoseconds]


class ModelRow(Base):
    """A model that judged at least one recording."""

    __tablename__ = "models"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[RowId]
    name: Mapped[str] = mapped_column(String)
    version: Mapped[str] = mapped_column(String)


class RecordingRow(Base):
    """A recording and the figures of the whole of it."""

    __tablename__ = "recordings"
    __table_args__ = (UniqueConstraint("id", "wearer_id"), Index(None, "wearer_id", "night"))

    id: Mapped[str] = mapped_column(String, primary_key=True)
    wearer_id: Mapped[WearerId]
    name: Mapped[str]
    timezone: Mapped[str]
    device: Mapped[str]
    wrist: Mapped[str | None]
    source: Mapped[str]
    start_ns: Mapped[Nanoseconds]
    end_ns: Mapped[Nanoseconds]
    night: Mapped[date]
    recorded_s: Mapped[float]
    worn_s: Mapped[float]
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), index=True)
    personal: Mapped[str | None]
    judgement: Mapped[str]

    model: Mapped[ModelRow] = relationship(lazy="joined", innerjoin=True)
    sleeps: Mapped[list[SleepRow]] = relationship(
        viewonly=True, lazy="raise", order_by="SleepRow.onset_ns"
    )


class RecordingPlaceRow(Base):
    """Where the samples of a recording lie on the machine that stored it; the API never says it.

    A path is bytes: not every one of them is text.
    """

    __tablename__ = "recording_places"
    __table_args__ = (
        ForeignKeyConstraint(
            ["recording_id", "wearer_id"],
            ["recordings.id", "recordings.wearer_id"],
            ondelete="CASCADE",
        ),
        Index(None, "wearer_id"),
    )

    recording_id: Mapped[str] = mapped_column(String, primary_key=True)
    wearer_id: Mapped[str]
    path: Mapped[bytes]


class SleepRow(Base):
    """A sleep, of the night in which it began."""

    __tablename__ = "sleeps"
    __table_args__ = _of_recording("onset_ns")

    id: Mapped[RowId]
    recording_id: Mapped[str]
    wearer_id: Mapped[str]
    night: Mapped[date]
    onset_ns: Mapped[Nanoseconds]
    wake_ns: Mapped[Nanoseconds]
    asleep_s: Mapped[float]

    recording: Mapped[RecordingRow] = relationship(lazy="raise", viewonly=True)


class CoverageRow(Base):
    """A span that was recorded, worn or searched, within one night."""

    __tablename__ = "coverage"
    __table_args__ = _of_recording("kind")

    id: Mapped[RowId]
    recording_id: Mapped[str]
    wearer_id: Mapped[str]
    night: Mapped[date]
    kind: Mapped[CoverageKind] = mapped_column(word(CoverageKind))
    start_ns: Mapped[Nanoseconds]
    end_ns: Mapped[Nanoseconds]


class EpisodeRow(Base):
    """A cramp-like awakening that the wearer hears of."""

    __tablename__ = "episodes"
    __table_args__ = _of_recording("onset_ns")

    id: Mapped[str] = mapped_column(String, primary_key=True)
    recording_id: Mapped[str]
    wearer_id: Mapped[str]
    night: Mapped[date]
    onset_ns: Mapped[Nanoseconds]
    end_ns: Mapped[Nanoseconds]
    probability: Mapped[float]
    standing: Mapped[Standing] = mapped_column(word(Standing))
    heart_rate_rise_bpm: Mapped[float | None]
    got_up: Mapped[bool]
    evidence: Mapped[dict[str, CueJSON]] = mapped_column(JSON)
    others: Mapped[dict[str, float]] = mapped_column(JSON)

    recording: Mapped[RecordingRow] = relationship(lazy="raise")


class ProvisionalEpisodeRow(Base):
    """An episode as it was told while the night went on, and what became of it.

    It is apart from the episodes of finished nights, so that no count can mix the two.
    """

    __tablename__ = "provisional_episodes"
    __table_args__ = (Index(None, "wearer_id", "started_ns"), Index(None, "wearer_id", "night"))

    id: Mapped[str] = mapped_column(String, primary_key=True)
    wearer_id: Mapped[WearerId]
    started_ns: Mapped[Nanoseconds]
    night: Mapped[date]
    onset_ns: Mapped[Nanoseconds]
    end_ns: Mapped[Nanoseconds]
    probability: Mapped[float]
    standing: Mapped[Standing] = mapped_column(word(Standing))
    state: Mapped[EpisodeState] = mapped_column(word(EpisodeState))
    settled: Mapped[bool]
    became: Mapped[str | None]
    told_ns: Mapped[Nanoseconds]


class AwakeningRow(Base):
    """A stretch of movement that interrupts sleep, cramp-like or not.

    What was measured is read only to learn from it: it is ten times as much as the rest.
    """

    __tablename__ = "awakenings"
    __table_args__ = _of_recording("start_ns")

    id: Mapped[RowId]
    recording_id: Mapped[str]
    wearer_id: Mapped[str]
    night: Mapped[date]
    start_ns: Mapped[Nanoseconds]
    end_ns: Mapped[Nanoseconds]
    probability: Mapped[float]
    got_up: Mapped[bool]
    others: Mapped[dict[str, float]] = mapped_column(JSON)
    features: Mapped[dict[str, float | None]] = mapped_column(JSON, deferred=True)

    recording: Mapped[RecordingRow] = relationship(lazy="raise")


class MarkRow(Base):
    """What the wearer marked, kept apart from what the detector said."""

    __tablename__ = "marks"
    __table_args__ = _of_recording("time_ns")

    id: Mapped[RowId]
    recording_id: Mapped[str]
    wearer_id: Mapped[str]
    night: Mapped[date]
    time_ns: Mapped[Nanoseconds]
    label: Mapped[str]

    recording: Mapped[RecordingRow] = relationship(lazy="raise")


class FaultRow(Base):
    """Something wrong with the data, within one night."""

    __tablename__ = "faults"
    __table_args__ = _of_recording("start_ns")

    id: Mapped[RowId]
    recording_id: Mapped[str]
    wearer_id: Mapped[str]
    night: Mapped[date]
    kind: Mapped[FaultKind] = mapped_column(word(FaultKind))
    start_ns: Mapped[Nanoseconds]
    end_ns: Mapped[Nanoseconds]

    recording: Mapped[RecordingRow] = relationship(lazy="raise")
