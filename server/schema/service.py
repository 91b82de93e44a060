"""Answers of the API about the server itself: its health, its problems, its events."""

from __future__ import annotations

from pydantic import Field

from server.schema.base import Answer

__all__ = ["Check", "Happened", "Health", "Problem", "ProblemKind", "Readiness"]


class Health(Answer):
    """That the process answers."""

    status: str = Field(examples=["ok"])


class Check(Answer):
    """Of one thing that the server needs: whether it is well, or else what is wrong."""

    ok: bool
    problem: str


class Readiness(Answer):
    """Whether the server can do its work."""

    ready: bool
    checks: dict[str, Check] = Field(description="By what is needed")


class Problem(Answer):
    """What went wrong, as RFC 9457 problem details."""

    type: str = Field(
        default="about:blank",
        description="Where what it means can be read; `about:blank` says no more than the status",
        examples=["/api/v1/problems/unknown-wearer"],
    )
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["No episode has the id 5f2c81d09b7ae364."])
    instance: str = Field(examples=["/api/v1/episodes/5f2c81d09b7ae364"])
    errors: list[dict[str, str]] | None = Field(
        default=None,
        description="What is wrong with each parameter",
        examples=[[{"parameter": "limit", "detail": "Input should be a valid integer"}]],
    )


class ProblemKind(Answer):
    """A kind of problem, and what it means for whoever asked."""

    type: str = Field(examples=["/api/v1/problems/unknown-wearer"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    meaning: str = Field(examples=["No wearer has the id that `wearer` gives."])


class Happened(Answer):
    """What an event says: where to read what is new."""

    href: str | None = Field(
        description="Null where that is everything", examples=["/api/v1/nights/2026-11-21"]
    )
