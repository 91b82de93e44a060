"""Turns away whoever asks for this machine by a name that is not its own."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.problem_kinds import ProblemKind, refusal

__all__ = ["KnownHosts"]

_KNOWN = "crampwatch.known_host"


class KnownHosts:
    """Answers a problem where Starlette's own middleware would answer plain text."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self.app = app
        self._check = TrustedHostMiddleware(_note, list(hosts), www_redirect=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await self._check(scope, receive, _say_nothing)
        if scope["type"] not in ("http", "websocket") or scope.pop(_KNOWN, False):
            await self.app(scope, receive, send)
            return
        name = Headers(scope=scope).get("host", "")
        answer = refusal(
            ProblemKind.UNKNOWN_HOST,
            f"This server does not go by the name {name}. Add it to CRAMPWATCH_NAMES there.",
            scope["path"],
        )
        await answer(scope, receive, send)


async def _note(scope: Scope, receive: Receive, send: Send) -> None:
    scope[_KNOWN] = True


async def _say_nothing(message: Message) -> None:
    """Leave the answer to whoever asked."""
