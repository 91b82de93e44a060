"""The tables of the store. Times are UTC nanoseconds; a night is the date on which it began."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, TypedDict

from sqlalchemy import (
    JSON,
    BigInteger,
    Enum,
    ForeignKey,
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
    "EpisodeRow",
    "FaultRow",
    "ModelRow",
    "RecordingRow",
    "SleepRow",
]


class CoverageKind(StrEnum):
    """What a span of coverage says."""

    RECORDED = "recorded"
    WORN = "worn"
    SEARCHED = "searched"
    """Worn within a sleep: awakenings were looked for here and nowhere else."""


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


def _word(kind: type[StrEnum]) -> Enum:
    """Keep an enumeration as its plain word, so that a new member needs no migration."""
    return Enum(kind, native_enum=False, length=32, values_callable=lambda e: [m.value for m in e])


RowId = Annotated[int, mapped_column(Integer, primary_key=True)]
Nanoseconds = Annotated[int, mapped_column(BigInteger)]
RecordingId = Annotated[str, mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))]


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

    id: Mapped[str] = mapped_column(String, primary_key=True)
    name: Mapped[str]
    timezone: Mapped[str]
    device: Mapped[str]
    wrist: Mapped[str | None]
    source: Mapped[str]
    start_ns: Mapped[Nanoseconds]
    end_ns: Mapped[Nanoseconds]
    night: Mapped[date] = mapped_column(index=True)
    recorded_s: Mapped[float]
    worn_s: Mapped[float]
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), index=True)
    judgement: Mapped[str]

    model: Mapped[ModelRow] = relationship(lazy="joined", innerjoin=True)
    sleeps: Mapped[list[SleepRow]] = relationship(
        viewonly=True, lazy="raise", order_by="SleepRow.onset_ns"
    )


class SleepRow(Base):
    """A sleep, of the night in which it began."""

    __tablename__ = "sleeps"
    __table_args__ = (Index(None, "night", "onset_ns"), Index(None, "recording_id"))

    id: Mapped[RowId]
    recording_id: Mapped[RecordingId]
    night: Mapped[date]
    onset_ns: Mapped[Nanoseconds]
    wake_ns: Mapped[Nanoseconds]
    asleep_s: Mapped[float]

    recording: Mapped[RecordingRow] = relationship(lazy="joined", innerjoin=True, viewonly=True)


class CoverageRow(Base):
    """A span that was recorded, worn or searched, within one night."""

    __tablename__ = "coverage"
    __table_args__ = (Index(None, "night", "kind"), Index(None, "recording_id"))

    id: Mapped[RowId]
    recording_id: Mapped[RecordingId]
    night: Mapped[date]
    kind: Mapped[CoverageKind] = mapped_column(_word(CoverageKind))
    start_ns: Mapped[Nanoseconds]
    end_ns: Mapped[Nanoseconds]


class EpisodeRow(Base):
    """A cramp-like awakening that the wearer hears of."""

    __tablename__ = "episodes"
    __table_args__ = (Index(None, "night", "onset_ns"), Index(None, "recording_id"))

    id: Mapped[str] = mapped_column(String, primary_key=True)
    recording_id: Mapped[RecordingId]
    night: Mapped[date]
    onset_ns: Mapped[Nanoseconds]
    end_ns: Mapped[Nanoseconds]
    probability: Mapped[float]
    standing: Mapped[Standing] = mapped_column(_word(Standing))
    heart_rate_rise_bpm: Mapped[float | None]
    got_up: Mapped[bool]
    evidence: Mapped[dict[str, CueJSON]] = mapped_column(JSON)

    recording: Mapped[RecordingRow] = relationship(lazy="joined", innerjoin=True)


class AwakeningRow(Base):
    """A stretch of movement that interrupts sleep, cramp-like or not."""

    __tablename__ = "awakenings"
    __table_args__ = (Index(None, "night", "start_ns"), Index(None, "recording_id"))

    id: Mapped[RowId]
    recording_id: Mapped[RecordingId]
    night: Mapped[date]
    start_ns: Mapped[Nanoseconds]
    end_ns: Mapped[Nanoseconds]
    probability: Mapped[float]

    recording: Mapped[RecordingRow] = relationship(lazy="joined", innerjoin=True)


class MarkRow(Base):
    """What the wearer marked, kept apart from what the detector said."""

    __tablename__ = "marks"
    __table_args__ = (Index(None, "night", "time_ns"), Index(None, "recording_id"))

    id: Mapped[RowId]
    recording_id: Mapped[RecordingId]
    night: Mapped[date]
    time_ns: Mapped[Nanoseconds]
    label: Mapped[str]

    recording: Mapped[RecordingRow] = relationship(lazy="joined", innerjoin=True)


class FaultRow(Base):
    """Something wrong with the data, within one night."""

    __tablename__ = "faults"
    __table_args__ = (Index(None, "night", "start_ns"), Index(None, "recording_id"))

    id: Mapped[RowId]
    recording_id: Mapped[RecordingId]
    night: Mapped[date]
    kind: Mapped[FaultKind] = mapped_column(_word(FaultKind))
    start_ns: Mapped[Nanoseconds]
    end_ns: Mapped[Nanoseconds]

    recording: Mapped[RecordingRow] = relationship(lazy="joined", innerjoin=True)
