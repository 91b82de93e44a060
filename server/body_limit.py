"""Refuses a body that is too large before it fills the memory or the disk."""

from __future__ import annotations

from functools import partial

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.problem_kinds import ProblemKind, refusal

__all__ = ["MAX_BODY_BYTES", "MAX_UPLOAD_BYTES", "BodyLimit"]

MAX_BODY_BYTES = 8 * 1024 * 1024
"""Largest body taken, in bytes: a judged night of three days is below one MiB."""

MAX_UPLOAD_BYTES = 1024**3
"""Largest recording taken, in bytes: three days at 100 Hz are below half of it, packed."""

UPLOADS = "/api/v1/uploads/"
"""Where recordings are sent."""


class BodyLimit:
    """Refuses a body that is too large; a recording, which goes to the disk, may be larger."""

    def __init__(
        self,
        app: ASGIApp,
        max_bytes: int = MAX_BODY_BYTES,
        max_upload_bytes: int = MAX_UPLOAD_BYTES,
    ) -> None:
        self.app = app
        self._max_bytes = max_bytes
        self._max_upload_bytes = max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        max_bytes = self._max_upload_bytes if path.startswith(UPLOADS) else self._max_bytes
        too_large = partial(
            refusal, ProblemKind.TOO_LARGE, f"At most {max_bytes} bytes are taken at once.", path
        )
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdigit() and int(declared) > max_bytes:
            await too_large()(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > max_bytes:
                # To the application this is a client that went away in the middle.
                return {"type": "http.disconnect"}
            return message

        started = False

        async def unless_too_large(message: Message) -> None:
            nonlocal started
            if seen <= max_bytes or started:
                started = True
                await send(message)
            elif message["type"] == "http.response.start":
                # What the application says of the client that went away is for nobody.
                await too_large()(scope, receive, send)

        await self.app(scope, counted, unless_too_large)
