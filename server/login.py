"""Who may ask: anybody on this machine, or whoever shows the token where one is set."""

from __future__ import annotations

import base64
import binascii
from secrets import compare_digest

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from server.problem_kinds import ProblemKind, refusal

__all__ = ["Login"]

OPEN_PATHS = ("/healthz", "/static/")
"""Asked without a token: whether the server is up, and what every page looks like."""


class Login:
    """Turns away whoever does not show the token.

    A collector shows it as a bearer token; a browser asks for it once, as the password of any
    name.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith(OPEN_PATHS) or self._may(scope):
            await self.app(scope, receive, send)
            return
        answer = refusal(
            ProblemKind.LOGIN_NEEDED,
            "Show the token of this server: CRAMPWATCH_TOKEN.",
            scope["path"],
            {"WWW-Authenticate": 'Basic realm="crampwatch", charset="UTF-8"'},
        )
        await answer(scope, receive, send)

    def _may(self, scope: Scope) -> bool:
        kind, _, shown = Headers(scope=scope).get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return compare_digest(shown.strip().encode(), self._token)
        if kind.lower() == "basic":
            try:
                _, _, password = base64.b64decode(shown, validate=True).partition(b":")
            except (binascii.Error, ValueError):
                return False
            return compare_digest(password, self._token)
        return False
