"""Answers of the API about what the wearer's own answers teach."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from detector.personal import Personal
from server.schema.base import Answer
from server.schema.nights import Model

__all__ = ["Adjustment"]


class Adjustment(Answer):
    """What the nights of a wearer are judged with besides the model, as `train --mine` has it."""

    version: str = Field(
        description="Digest of the rest; a night that was judged with it gives it as `personal`",
        examples=["9c1f0e5b7a32"],
    )
    model: Model = Field(description="Which it adjusts, and no other")
    asked: int = Field(ge=0, description="Answers that it rests on", examples=[34])
    cramps: int = Field(ge=0, description="How many of them were cramps", examples=[9])
    shift: float = Field(description="Log-odds added to every awakening", examples=[-0.31])
    weights: dict[str, float] = Field(
        description="Log-odds for one spread of each feature", examples=[{"length": 0.12}]
    )
    hours: list[float] = Field(
        description="Log-odds at five times of the night", examples=[[0.0, -0.4, -0.1, 0.0, 0.2]]
    )
    rejected: list[list[float]] = Field(
        description="Where kinds lie that were rejected again and again", examples=[[]]
    )

    @classmethod
    def of(cls, personal: Personal) -> Self:
        """Tell of an adjustment."""
        return cls(
            version=personal.version,
            model=Model.model_validate(personal.model),
            asked=personal.asked,
            cramps=personal.cramps,
            shift=personal.shift,
            weights=dict(personal.weights),
            hours=list(personal.hours),
            rejected=[list(each) for each in personal.rejected],
        )
