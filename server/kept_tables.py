"""The tables of what people say and do, apart from what a detector says: that never touches them.

Answers refer to time within the wearer's nights, not to the rows of a judgement, so that they
outlive every other judgement of the same night.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from server.tables import Base, Nanoseconds, RowId, WearerId, word

__all__ = [
    "METADATA",
    "AlertEventRow",
    "AlertRow",
    "AlertStep",
    "AnswerRow",
    "AuditRow",
    "ChannelRow",
    "DiaryRow",
    "Leg",
    "Muscle",
    "NightBegunRow",
    "NightGoingOnRow",
    "NoticeRow",
    "PersonRow",
    "Role",
    "Said",
    "SessionRow",
    "TokenRow",
    "TrialRow",
    "UploadRow",
]


class Said(StrEnum):
    """What the wearer says to 'was this a cramp?'."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    TAKEN_BACK = "taken_back"
    """Nothing any more: the row stays to be later than what is sent late."""


class Leg(StrEnum):
    """Where it was."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


class Muscle(StrEnum):
    """Which muscle it was in."""

    CALF = "calf"
    FOOT = "foot"
    THIGH = "thigh"
    OTHER = "other"


class AlertStep(StrEnum):
    """What happens to an alert."""

    RAISED = "raised"
    SEEN = "seen"
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"


class Role(StrEnum):
    """What somebody who is known to the server may do; `server.permissions` has it by route."""

    OWNER = "owner"
    CARER = "carer"
    """Reads, and acknowledges alerts."""
    COLLECTOR = "collector"
    """Writes the nights of its own wearer."""
    DOCTOR = "doctor"
    """Reads a report that was shared and expires."""


class AnswerRow(Base):
    """What the wearer says of an awakening, or of a cramp that was not found."""

    __tablename__ = "answers"
    __table_args__ = (Unique("wearer_id", "onset_ns"), Index(None, "wearer_id", "night"))

    id: Mapped[RowId]
    wearer_id: Mapped[WearerId]
    night: Mapped[date]
    onset_ns: Mapped[Nanoseconds]
    end_ns: Mapped[Nanoseconds]
    asked: Mapped[bool]
    said: Mapped[Said] = mapped_column(word(Said))
    leg: Mapped[Leg | None] = mapped_column(word(Leg))
    muscle: Mapped[Muscle | None] = mapped_column(word(Muscle))
    pain: Mapped[int | None]
    helped: Mapped[str]
    hurt_min: Mapped[float | None]
    given_ns: Mapped[Nanoseconds]
    given_by: Mapped[str]


class DiaryRow(Base):
    """An entry of the diary; what is in it depends on its kind."""

    __tablename__ = "diary"
    __table_args__ = (Index(None, "wearer_id", "day"),)

    id: Mapped[str] = mapped_column(String, primary_key=True)
    wearer_id: Mapped[WearerId]
    day: Mapped[date]
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    given_ns: Mapped[Nanoseconds]
    given_by: Mapped[str]


class TrialRow(Base):
    """A trial of a habit, on and off in blocks whose order the seed draws."""

    __tablename__ = "trials"
    __table_args__ = (Index(None, "wearer_id", "first_night"),)

    id: Mapped[str] = mapped_column(String, primary_key=True)
    wearer_id: Mapped[WearerId]
    habit: Mapped[str]
    first_night: Mapped[date]
    pairs: Mapped[int]
    seed: Mapped[int]
    stopped: Mapped[date | None]
    planned_ns: Mapped[Nanoseconds]
    planned_by: Mapped[str]


class AlertRow(Base):
    """An alert, raised once for a night by a layer, with the numbers it gives."""

    __tablename__ = "alerts"
    __table_args__ = (Unique("wearer_id", "layer", "night"), Unique("id", "wearer_id"))

    id: Mapped[RowId]
    wearer_id: Mapped[WearerId]
    layer: Mapped[str]
    night: Mapped[date]
    numbers: Mapped[dict[str, Any]] = mapped_column(JSON)


class AlertEventRow(Base):
    """A step in the life of an alert."""

    __tablename__ = "alert_events"
    __table_args__ = (
        ForeignKeyConstraint(
            ["alert_id", "wearer_id"], ["alerts.id", "alerts.wearer_id"], ondelete="CASCADE"
        ),
        Unique("alert_id", "step", "who"),
    )

    id: Mapped[RowId]
    alert_id: Mapped[int]
    wearer_id: Mapped[str]
    step: Mapped[AlertStep] = mapped_column(word(AlertStep))
    at_ns: Mapped[Nanoseconds]
    who: Mapped[str]
    night: Mapped[date]


class NightGoingOnRow(Base):
    """A night of which its collector says that it goes on, and when it said so last."""

    __tablename__ = "nights_going_on"

    wearer_id: Mapped[str] = mapped_column(
        ForeignKey("wearers.id", ondelete="CASCADE"), primary_key=True
    )
    started_ns: Mapped[Nanoseconds]
    timezone: Mapped[str]
    heard_ns: Mapped[Nanoseconds]


class NightBegunRow(Base):
    """When a night began of which its collector told while it went on."""

    __tablename__ = "nights_begun"

    wearer_id: Mapped[str] = mapped_column(
        ForeignKey("wearers.id", ondelete="CASCADE"), primary_key=True
    )
    night: Mapped[date] = mapped_column(primary_key=True)
    started_ns: Mapped[Nanoseconds]
    timezone: Mapped[str]


class NoticeRow(Base):
    """A notice to somebody: to be sent, sent, or given up."""

    __tablename__ = "notices"
    __table_args__ = (Unique("wearer_id", "channel", "key"), Index(None, "next_try_ns"))

    id: Mapped[RowId]
    wearer_id: Mapped[WearerId]
    channel: Mapped[str]
    key: Mapped[str]
    text: Mapped[str]
    tries: Mapped[int]
    next_try_ns: Mapped[int | None] = mapped_column(BigInteger)
    give_up_ns: Mapped[Nanoseconds]
    sent_ns: Mapped[int | None] = mapped_column(BigInteger)
    problem: Mapped[str]


class ChannelRow(Base):
    """A channel that somebody added: an address, or a browser with the keys of its notices.

    Who is not there is the owner.
    """

    __tablename__ = "channels"
    __table_args__ = (
        Index(None, "wearer_id"),
        Index(None, "person_id"),
        # Otherwise what was kept for a channel that was removed would be for the next one.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[RowId]
    wearer_id: Mapped[WearerId]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    shown: Mapped[str]
    url: Mapped[str]
    p256dh: Mapped[str | None]
    auth: Mapped[str | None]
    wanted: Mapped[list[str]] = mapped_column(JSON)
    agreed: Mapped[list[str]] = mapped_column(JSON)
    added_ns: Mapped[Nanoseconds]


class TokenRow(Base):
    """A token, of which only the digest is kept."""

    __tablename__ = "tokens"
    __table_args__ = (Unique("digest"), Index(None, "wearer_id"))

    id: Mapped[str] = mapped_column(String, primary_key=True)
    wearer_id: Mapped[str | None] = mapped_column(ForeignKey("wearers.id", ondelete="CASCADE"))
    name: Mapped[str]
    digest: Mapped[str]
    role: Mapped[Role] = mapped_column(word(Role))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_ns: Mapped[Nanoseconds]
    expires_ns: Mapped[int | None] = mapped_column(BigInteger)
    revoked_ns: Mapped[int | None] = mapped_column(BigInteger)


class PersonRow(Base):
    """Somebody who logs in; whose nights, or None for everybody's."""

    __tablename__ = "people"
    __table_args__ = (Index(None, "wearer_id"),)

    id: Mapped[str] = mapped_column(String, primary_key=True)
    wearer_id: Mapped[str | None] = mapped_column(ForeignKey("wearers.id", ondelete="CASCADE"))
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(word(Role))
    password: Mapped[str]
    created_ns: Mapped[Nanoseconds]


class SessionRow(Base):
    """A browser that is logged in; of what it shows, only the digest is kept."""

    __tablename__ = "sessions"
    __table_args__ = (Unique("digest"), Index(None, "wearer_id"), Index(None, "person_id"))

    id: Mapped[str] = mapped_column(String, primary_key=True)
    wearer_id: Mapped[str | None] = mapped_column(ForeignKey("wearers.id", ondelete="CASCADE"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    digest: Mapped[str]
    created_ns: Mapped[Nanoseconds]
    used_ns: Mapped[Nanoseconds]


class AuditRow(Base):
    """Who did what to what, and when; never what it said."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "wearer_id", "at_ns"),)

    id: Mapped[RowId]
    wearer_id: Mapped[str | None] = mapped_column(ForeignKey("wearers.id", ondelete="CASCADE"))
    at_ns: Mapped[Nanoseconds]
    who: Mapped[str]
    action: Mapped[str]
    what: Mapped[str]


class UploadRow(Base):
    """A recording that was sent to be judged here, and what came of it."""

    __tablename__ = "uploads"
    __table_args__ = (Index(None, "wearer_id", "received_ns"),)

    id: Mapped[str] = mapped_column(String, primary_key=True)
    wearer_id: Mapped[WearerId]
    name: Mapped[str]
    timezone: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    state: Mapped[str] = mapped_column(String(32))
    problem: Mapped[str]
    remarks: Mapped[list[str]] = mapped_column(JSON)
    recording_id: Mapped[str | None]
    received_ns: Mapped[Nanoseconds]
    finished_ns: Mapped[int | None] = mapped_column(BigInteger)


METADATA = Base.metadata
"""Every table of the store: those of `server.tables` and these."""
