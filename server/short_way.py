"""The short way of an episode that is told at night: by far the most of what a server is sent.

FastAPI finds out for every request anew which function it is for, what that wants and where it
comes from, which takes longer than to write the episode.
"""

from __future__ import annotations

from fastapi import HTTPException, Request, Response
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import Headers, QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest.errors import CrampwatchError
from server import problems, telling
from server.context import (
    IdInPath,
    WearerAsked,
    asked_wearer,
    live_in_use,
    store_in_use,
)

__all__ = ["ShortWay"]

JSON = "application/json"

BEFORE_ID = f"{telling.PROVISIONAL}/"

_ID: TypeAdapter[str] = TypeAdapter(IdInPath)
_ASKED: TypeAdapter[str | None] = TypeAdapter(WearerAsked)
_MESSAGE = TypeAdapter(telling.ProvisionalMessage)


class ShortWay:
    """Takes an episode that is as it should be as `server.telling.tell_episode` does.

    The rest goes the way of every other request: what is refused before it comes to the store, and
    how, is said in one place.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if (
            scope["type"] != "http"
            or scope["method"] != "PUT"
            or not scope["path"].startswith(BEFORE_ID)
        ):
            await self.app(scope, receive, send)
            return
        first = await receive()
        answer = await _kept(scope, first)
        if answer is not None:
            # As a router does, so that it is counted as a request of this route.
            scope["route"] = telling.TELL_EPISODE
            await answer(scope, receive, send)
            return
        read = [first]

        async def from_the_first() -> Message:
            return read.pop() if read else await receive()

        await self.app(scope, from_the_first, send)


async def _kept(scope: Scope, first: Message) -> Response | None:
    """Keep the episode of a request; None where anything is not as it should be."""
    episode_id = scope["path"].removeprefix(BEFORE_ID)
    kind = Headers(scope=scope).get("content-type")
    if "/" in episode_id or kind != JSON or first.get("more_body", False):
        return None
    request, response = Request(scope), Response(media_type=JSON)
    try:
        kept = await telling.tell_episode(
            await store_in_use(request),
            await live_in_use(request),
            await asked_wearer(request, _asked(scope)),
            _ID.validate_python(episode_id),
            _MESSAGE.validate_json(first.get("body", b"")),
            response,
        )
    except (HTTPException, ValidationError):
        return None
    except CrampwatchError as error:
        # The store has looked at it: to go the other way would ask it again.
        return problems.of_store(request, error)
    return Response(kept.model_dump_json(), response.status_code, media_type=JSON)


def _asked(scope: Scope) -> str | None:
    # Most name nobody, and to read what is not there takes as long.
    if not scope["query_string"]:
        return None
    return _ASKED.validate_python(QueryParams(scope["query_string"]).get("wearer"))
