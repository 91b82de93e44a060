"""What every answer of the API is made of: its base, pages of a list, how values are written."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Generic, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "UTC",
    "Answer",
    "Ending",
    "Identifier",
    "Moment",
    "NightDate",
    "Page",
    "Probability",
    "Seconds",
    "Waking",
    "Zone",
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
