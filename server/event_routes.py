"""What happens, told while it happens: server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from fastapi.sse import EventSourceResponse, ServerSentEvent

from server import schema
from server.context import LiveInUse, WearerInUse
from server.events import Event, TooManyListenersError
from server.problem_kinds import ProblemError, ProblemKind
from server.problems import BUSY_RESPONSE, PROBLEM_RESPONSES

__all__ = ["router"]

router = APIRouter(prefix="/api/v1/events", tags=["events"], responses=PROBLEM_RESPONSES)

RETRY_MS = 3000
"""Milliseconds after which a listener that lost the connection comes back."""

LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        max_length=64,
        description="Id of the last event that was heard; those after it follow",
    ),
]


async def _listening(
    live: LiveInUse, wearer: WearerInUse, last_event_id: LastEventId = None
) -> AsyncIterator[AsyncIterator[Event]]:
    try:
        with live.events.listening(wearer, last_event_id) as heard:
            yield heard
    except TooManyListenersError as error:
        raise ProblemError(
            ProblemKind.BUSY, "As many listen already as may. Close another page."
        ) from error


@router.get(
    "",
    summary="What happens to a wearer's nights, as server-sent events",
    response_class=EventSourceResponse,
    responses=BUSY_RESPONSE,
)
async def stream(
    heard: Annotated[AsyncIterator[Event], Depends(_listening)],
) -> AsyncIterator[ServerSentEvent]:
    """Tell that something happened, and where to read it; a comment comes every 15 seconds.

    The first event is `hello`, and `reset` means that events were missed: read everything anew.
    """
    async for event in heard:
        yield ServerSentEvent(
            id=event.id,
            event=event.kind.value,
            data=schema.Happened(href=event.href),
            retry=RETRY_MS,
        )
