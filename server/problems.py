"""Answers for what goes wrong: problem details (RFC 9457) in the API, a plain page elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from ingest.errors import InputError, StoreError, WearerError
from server import pages
from server.schema import Problem
from server.security import HEADERS
from server.wire import PROBLEM_JSON, plainly

__all__ = ["PROBLEM_RESPONSES", "answer", "install", "is_api"]

NO_PAGE = "There is no such page."

_SCHEMA = {"content": {PROBLEM_JSON: {"schema": Problem.model_json_schema()}}}

PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    401: {"description": "No token was shown, or one that is of no use.", **_SCHEMA},
    403: {
        "description": "It is not for whoever asks; or a page of another address asked for a "
        "change.",
        **_SCHEMA,
    },
    404: {"description": "There is none, or no such wearer.", **_SCHEMA},
    409: {
        "description": "Not now: by the clock of the server it is in the future, or there are "
        "several wearers and none is named.",
        **_SCHEMA,
    },
    422: {"description": "A parameter cannot be used.", **_SCHEMA},
    503: {"description": "The store cannot be read.", **_SCHEMA},
}
"""What every route of the API may answer besides what was asked for."""


def install(app: FastAPI) -> None:
    """Make an app answer every error in our words and never with a traceback."""

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        detail = error.detail
        if error.status_code == HTTPStatus.NOT_FOUND and not is_api(request):
            detail = NO_PAGE
        return answer(request, error.status_code, detail, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        if not is_api(request):
            return answer(request, 404, NO_PAGE)
        errors = [
            {"parameter": ".".join(map(str, each["loc"][1:])), "detail": plainly(each)}
            for each in error.errors()
        ]
        detail = "; ".join(": ".join(filter(None, each.values())) for each in errors)
        return answer(request, 422, f"{detail}.", errors=errors)

    @app.exception_handler(InputError)
    def unusable(request: Request, error: InputError) -> Response:
        return answer(request, 422, str(error))

    @app.exception_handler(WearerError)
    def unclear(request: Request, error: WearerError) -> Response:
        return answer(request, 404 if error.nobody else 409, str(error))

    @app.exception_handler(StoreError)
    def unreadable(request: Request, error: StoreError) -> Response:
        return answer(request, 503, str(error))

    @app.exception_handler(Exception)
    def defect(request: Request, error: Exception) -> Response:
        # This answer is made outside of the middleware that sets the headers on all others.
        detail = "Crampwatch made a mistake; its log says more."
        return answer(request, 500, detail, headers=HEADERS)


def is_api(request: Request) -> bool:
    """Tell whether a program asks, and not a browser."""
    return request.url.path.startswith(("/api/", "/healthz", "/readyz", "/metrics"))


def answer(
    request: Request,
    status: int,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer in words: problem details in the API, a page elsewhere."""
    title = HTTPStatus(status).phrase
    if not is_api(request):
        return pages.error(title, detail, status, headers)
    problem = Problem(
        title=title, status=status, detail=detail, instance=request.url.path, errors=errors
    )
    return Response(
        problem.model_dump_json(exclude_none=True), status, headers, media_type=PROBLEM_JSON
    )
