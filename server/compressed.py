"""Sends pages and files compressed: on a slow connection most of the wait is for their length."""

from __future__ import annotations

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

__all__ = ["Compressed"]

API = "/api/"


class Compressed(GZipMiddleware):
    """Compresses all but the API, whose entity tags are of what is sent."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"].startswith(API):
            await self.app(scope, receive, send)
            return
        await super().__call__(scope, receive, send)
