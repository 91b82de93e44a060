"""Answers for what goes wrong: problem details (RFC 9457) in the API, a plain page elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from ingest.errors import InputError, StoreError, WearerError
from server import pages, schema, wearers
from server.context import Context
from server.language import N_, gettext, speaking
from server.problem_kinds import ProblemError, ProblemKind
from server.schema import Problem
from server.security import HEADERS
from server.spoken import language_of
from server.wire import PROBLEM_JSON, plainly

__all__ = [
    "BUSY_RESPONSE",
    "CHANGED_RESPONSE",
    "FULL_RESPONSE",
    "NO_ADDRESS",
    "PROBLEM_RESPONSES",
    "answer",
    "install",
    "is_api",
    "of_store",
    "router",
]

NO_PAGE = N_("There is no such page.")
DEFECT = N_("Crampwatch made a mistake; its log says more.")

NO_ADDRESS = {
    404: "There is no such address; /api/v1/openapi.json has them all.",
    405: "That cannot be done there; /api/v1/openapi.json says what can.",
}
"""What a program is told instead of the phrase of a status by itself."""

PHRASES = (
    N_("Bad Request"),
    N_("Unauthorized"),
    N_("Forbidden"),
    N_("Not Found"),
    N_("Method Not Allowed"),
    N_("Conflict"),
    # Since Python 3.13 these two have other names.
    N_("Request Entity Too Large"),
    N_("Content Too Large"),
    N_("Unprocessable Entity"),
    N_("Unprocessable Content"),
    N_("Too Many Requests"),
    N_("Internal Server Error"),
    N_("Service Unavailable"),
)
"""What may stand above a page that says what went wrong."""

_SCHEMA = {"content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}}

PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    400: {"description": "The request cannot be understood.", **_SCHEMA},
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
    413: {"description": "The body is too large.", **_SCHEMA},
    422: {"description": "A parameter or a field cannot be used.", **_SCHEMA},
    500: {"description": "The server made a mistake.", **_SCHEMA},
    503: {"description": "The store cannot be read.", **_SCHEMA},
}
"""What every route of the API may answer besides what was asked for."""

BUSY_RESPONSE: dict[int | str, dict[str, Any]] = {
    429: {"description": "Too much waits already.", **_SCHEMA}
}
"""What a route may answer besides that where only so many may ask."""

FULL_RESPONSE: dict[int | str, dict[str, Any]] = {
    507: {"description": "The disk of the server is full.", **_SCHEMA}
}
"""What a route may answer besides that where a file is sent."""

CHANGED_RESPONSE: dict[int | str, dict[str, Any]] = {
    412: {"description": "It is not what `If-Match` or `If-None-Match` expects.", **_SCHEMA}
}
"""What a route may answer besides that where a condition can be set."""


router = APIRouter(prefix="/api/v1/problems", tags=["problems"], responses=PROBLEM_RESPONSES)


@router.get("/{name}", summary="What a kind of problem means")
def get_kind(name: str) -> schema.ProblemKind:
    """Say what the `type` of a problem leads to."""
    for kind in ProblemKind:
        if kind.label == name:
            return schema.ProblemKind(
                type=kind.type,
                title=kind.status.phrase,
                status=kind.status.value,
                meaning=kind.meaning,
            )
    raise HTTPException(404, f"No problem is called {name}.")


def install(app: FastAPI) -> None:
    """Make an app answer every error in our words and never with a traceback."""

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        detail = error.detail
        if not is_api(request):
            detail = NO_PAGE if error.status_code == HTTPStatus.NOT_FOUND else detail
        elif detail == HTTPStatus(error.status_code).phrase:
            detail = NO_ADDRESS.get(error.status_code, detail)
        kind = error.kind if isinstance(error, ProblemError) else None
        return answer(request, kind or error.status_code, detail, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        if not is_api(request):
            return answer(request, 404, NO_PAGE)
        errors = [{"parameter": _place(each), "detail": plainly(each)} for each in error.errors()]
        detail = "; ".join(": ".join(filter(None, each.values())) for each in errors)
        return answer(request, ProblemKind.INVALID, f"{detail.rstrip('.')}.", errors=errors)

    app.add_exception_handler(InputError, of_store)
    app.add_exception_handler(WearerError, of_store)
    app.add_exception_handler(StoreError, of_store)

    @app.exception_handler(Exception)
    def defect(request: Request, error: Exception) -> Response:
        # This answer is made outside of the middleware that sets the headers on all others.
        # It is made outside of the one that sets the language, too.
        with speaking(language_of(request.scope)):
            return answer(request, ProblemKind.DEFECT, DEFECT, headers=HEADERS)


def of_store(request: Request, error: Exception) -> Response:
    """Answer what cannot be kept or read, or is not clear whose it is."""
    match error:
        case InputError():
            return answer(request, ProblemKind.UNUSABLE, str(error))
        case StoreError():
            return answer(request, ProblemKind.UNREADABLE, str(error))
        case WearerError(nobody=True):
            return answer(request, ProblemKind.UNKNOWN_WEARER, str(error))
        case WearerError():
            if request.method != "GET" or is_api(request):
                advice = f"{error} In an address, say it with ?wearer=."
                return answer(request, ProblemKind.WEARER_NOT_NAMED, advice)
            # Whoever may see one wearer alone is never asked whose nights are meant.
            context: Context = request.app.state.context
            with context.store.reading() as session:
                return pages.whose(wearers.everybody(session), request.url)
    raise error


def _place(error: Mapping[str, Any]) -> str:
    """Name the parameter or the field that an error of a validation is of."""
    if error["type"] == "json_invalid":
        return ""
    return ".".join(map(str, error["loc"][1:]))


def is_api(request: Request) -> bool:
    """Tell whether a program asks, and not a browser."""
    return request.url.path.startswith(("/api/", "/healthz", "/readyz", "/metrics"))


def answer(
    request: Request,
    what: ProblemKind | int,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer in words: problem details in the API, a page elsewhere."""
    status = HTTPStatus(what.status if isinstance(what, ProblemKind) else what)
    title = status.phrase
    if not is_api(request):
        return pages.error(gettext(title), gettext(detail), status, headers)
    problem = Problem(
        type=what.type if isinstance(what, ProblemKind) else "about:blank",
        title=title,
        status=status,
        detail=detail,
        instance=request.url.path,
        errors=errors,
    )
    return Response(
        problem.model_dump_json(exclude_none=True), status, headers, media_type=PROBLEM_JSON
    )
