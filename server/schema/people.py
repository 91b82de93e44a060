"""Answers of the API about wearers, their devices, and what they say and send."""

from __future__ import annotations

import datetime as dt
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import Field, JsonValue

from server import answers, diary, uploads, wearers
from server.kept_tables import Leg, Muscle, Said
from server.nights import local_time
from server.schema.base import UTC, Answer, Ending, Identifier, Moment, NightDate, Zone
from server.uploads import UploadState

__all__ = ["Device", "DiaryEntry", "GivenAnswer", "Upload", "Wearer"]


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
