"""What is asked of a part of a night that is drawn, and what the API answers."""

from __future__ import annotations

from typing import Annotated, Literal, Self, get_args

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from ingest.samples import NS_PER_S
from server import schema
from server.context import WearerAsked
from server.curves import Curve, Curves
from server.decoded import NotShown
from server.picture_words import NOT_SHOWN
from server.stored import StoredRecording

__all__ = ["MIN_RANGE_MS", "NS_PER_MS", "Chosen", "Drawn", "DrawnLine", "DrawnRecording", "Range"]

NS_PER_MS = NS_PER_S // 1000

MAX_MS = 2**53
"""Largest time in milliseconds that a script can count with."""
MIN_RANGE_MS = 100
"""Shortest range in milliseconds: five samples at 50 Hz."""
MAX_POINTS = 4000
"""Points of a line at the most: two for each column of a screen, and as many beside it."""
MAX_ID_CHARS = 64
"""Longest id of a recording in characters, as whoever sends a night may choose it."""

Chosen = Annotated[
    str | None,
    Query(description="Id of a recording that is drawn in any case", max_length=MAX_ID_CHARS),
]
LineName = Literal["enmo_g", "x_g", "y_g", "z_g", "z_angle_deg", "heart_bpm"]
LINE_NAMES: tuple[LineName, ...] = get_args(LineName)


class Range(BaseModel):
    """Which part of a night is drawn, and how finely. What does not exist is refused."""

    model_config = ConfigDict(extra="forbid")

    start: int = Field(ge=-MAX_MS, le=MAX_MS, description="UTC milliseconds since 1970")
    end: int = Field(ge=-MAX_MS, le=MAX_MS, description="UTC milliseconds since 1970")
    points: int = Field(default=2000, ge=2, le=MAX_POINTS, description="Points of a line at most")
    recording: Chosen = None
    wearer: WearerAsked = None


class DrawnLine(schema.Answer):
    """A line: milliseconds from the start of the range, and values, null where it is broken."""

    ms: list[float]
    values: list[float | None]

    @classmethod
    def of(cls, curve: Curve, start_ns: int) -> Self:
        """Write a curve for JSON, which has no NaN."""
        since_ms = (curve.times_ns - start_ns) / NS_PER_MS
        return cls(
            ms=since_ms.tolist(),
            values=[None if value != value else value for value in curve.values.tolist()],
        )


class DrawnRecording(schema.Answer):
    """What of a recording lies in a range; without lines where its samples are not to be had.

    ENMO, x, y and z are in g: every sample where `whole`, and else the smallest and the largest of
    each moment. The z-angle is in degrees, heart rate in beats a minute.
    """

    id: schema.Identifier
    name: str
    problem: NotShown | None = None
    detail: str | None = None
    samples: int = 0
    whole: bool = False
    lines: dict[LineName, DrawnLine] = Field(default_factory=dict)

    @classmethod
    def of(cls, recording: StoredRecording, drawn: Curves | NotShown, start_ns: int) -> Self:
        """Write what is to be drawn, or why there is nothing."""
        if isinstance(drawn, NotShown):
            return cls(id=recording.id, name=recording.name, problem=drawn, detail=NOT_SHOWN[drawn])
        return cls(
            id=recording.id,
            name=recording.name,
            samples=drawn.samples,
            whole=drawn.whole,
            lines={name: DrawnLine.of(getattr(drawn, name), start_ns) for name in LINE_NAMES},
        )


class Drawn(schema.Answer):
    """The lines of a part of a night, by recording."""

    start: int
    end: int
    recordings: list[DrawnRecording]
