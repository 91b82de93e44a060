"""Changes on a condition: only what is still as it was read (RFC 9110, sections 8.8 and 13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Response
from pydantic import BaseModel

from server.etags import tag_of, tags_in
from server.problem_kinds import ProblemError, ProblemKind

__all__ = ["Condition", "ConditionInUse", "tagged"]


@dataclass(frozen=True, slots=True)
class Condition:
    """What has to hold of a thing for a change to be made.

    Parameters
    ----------
    if_match, if_none_match
        As the headers of these names have them; None where they were not sent.
    """

    if_match: str | None = None
    if_none_match: str | None = None

    def require(self, current: BaseModel | None) -> None:
        """Let a change go on.

        Parameters
        ----------
        current
            The thing, as it is answered to who reads it; None where there is none.

        Raises
        ------
        ProblemError
            It is another than expected.
        """
        tag = None if current is None else tag_of(current.model_dump_json().encode())
        if self.if_match is not None and not _is_among(tag, self.if_match):
            raise ProblemError(
                ProblemKind.CHANGED, "It is not there, or not as expected. Read it, then decide."
            )
        if self.if_none_match is not None and _is_among(tag, self.if_none_match):
            raise ProblemError(ProblemKind.CHANGED, "There is one already. Read it, then decide.")


def _is_among(tag: str | None, header: str) -> bool:
    return tag is not None and (header.strip() == "*" or tag in tags_in(header))


def _condition(
    if_match: Annotated[
        str | None,
        Header(
            description="Change it only where its tag is still one of these; `*` for any",
        ),
    ] = None,
    if_none_match: Annotated[
        str | None,
        Header(description="`*`: make it only where there is none yet"),
    ] = None,
) -> Condition:
    return Condition(if_match, if_none_match)


ConditionInUse = Annotated[Condition, Depends(_condition)]


def tagged(response: Response, answer: BaseModel) -> None:
    """Give an answer the tag by which a later change may ask whether it is still so."""
    response.headers["etag"] = tag_of(answer.model_dump_json().encode())
