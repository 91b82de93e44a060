"""Who may ask: anybody on this machine, or whoever shows the token where one is set."""

from __future__ import annotations

import base64
import binascii
from secrets import compare_digest

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.security import refusal

__all__ = ["MAX_BODY_BYTES", "BodyLimit", "Login"]

MAX_BODY_BYTES = 8 * 1024 * 1024
"""Largest body taken, in bytes: a judged night of three days is below one MiB."""

OPEN_PATHS = ("/healthz", "/readyz", "/static/")
"""Asked without a token: whether the server is up and can work, and what every page looks like."""


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
        detail = "Show the token of this server: CRAMPWATCH_TOKEN."
        asked = {"WWW-Authenticate": 'Basic realm="crampwatch", charset="UTF-8"'}
        await refusal(401, "Unauthorized", detail, asked)(scope, receive, send)

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


class BodyLimit:
    """Refuses a body that is too large before it fills the memory."""

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_BODY_BYTES) -> None:
        self.app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._max_bytes:
                # To the application this is a client that went away in the middle.
                return {"type": "http.disconnect"}
            return message

        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdigit() and int(declared) > self._max_bytes:
            detail = f"At most {self._max_bytes} bytes are taken at once."
            await refusal(413, "Content Too Large", detail)(scope, receive, send)
            return
        await self.app(scope, counted, send)
