"""The kinds of problems that the API tells of (RFC 9457), each with an address of its own.

A problem of no kind has the type ``about:blank``, and says no more than its HTTP status.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.responses import Response

from server.wire import PROBLEM_JSON

__all__ = ["PROBLEMS", "ProblemError", "ProblemKind", "refusal"]

PROBLEMS = "/api/v1/problems/"
"""Where what a kind means can be read."""


class ProblemKind(Enum):
    """A kind of problem: its name, the HTTP status, and what it means for whoever asked."""

    UNKNOWN_HOST = "unknown-host", 400, "The server was asked by a name that it does not go by."
    LOGIN_NEEDED = "login-needed", 401, "Nothing was shown that says who asks, or nothing of use."
    FOREIGN_PAGE = "foreign-page", 403, "A page of another address asked for a change."
    NOT_ALLOWED = "not-allowed", 403, "The login or the token of whoever asks is not for this."
    OTHER_WEARER = "other-wearer", 403, "It is for the nights of another wearer alone."
    UNKNOWN_WEARER = "unknown-wearer", 404, "No wearer has the id that `wearer` gives."
    WEARER_NOT_NAMED = (
        "wearer-not-named",
        409,
        "Several wearers' nights are kept, and `wearer` does not say whose are meant.",
    )
    NOT_YET = (
        "not-yet",
        409,
        "By the clock of the server it is in the future; later it may be taken.",
    )
    STATE = "not-in-this-state", 409, "What is asked for does not go with what came before."
    CHANGED = (
        "changed-meanwhile",
        412,
        "It is not what `If-Match` or `If-None-Match` expects. Read it again, then decide.",
    )
    TOO_LARGE = "too-large", 413, "The body is larger than what is taken at once."
    INVALID = "invalid", 422, "A parameter or a field cannot be used; `errors` names each."
    UNUSABLE = "unusable", 422, "It can be read, but not kept; `detail` says what to do."
    BUSY = "busy", 429, "Too much waits to be done already. Ask again later."
    DEFECT = "defect", 500, "The server made a mistake; its log says more."
    UNREADABLE = "store-unavailable", 503, "The store cannot be read or written now."
    DISK_FULL = "disk-full", 507, "There is no room on the disk of the server."

    def __init__(self, label: str, status: int, meaning: str) -> None:
        self.label = label
        self.status = HTTPStatus(status)
        self.meaning = meaning

    @property
    def type(self) -> str:
        """The address of the kind, as a problem gives it."""
        return PROBLEMS + self.label


class ProblemError(HTTPException):
    """Refuses a request with a problem of a kind."""

    def __init__(
        self, kind: ProblemKind, detail: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(kind.status, detail, headers)
        self.kind = kind


def refusal(
    kind: ProblemKind, detail: str, instance: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Refuse a request before it reaches a route."""
    problem = {
        "type": kind.type,
        "title": kind.status.phrase,
        "status": kind.status.value,
        "detail": detail,
        "instance": instance,
    }
    return Response(json.dumps(problem), kind.status.value, headers, PROBLEM_JSON)
