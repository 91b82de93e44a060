"""Spares who asks for the same again the answer: entity tags on what the API answers."""

from __future__ import annotations

import hashlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["API", "ETags", "tag_of", "tags_in"]

API = "/api/"
JSON = "application/json"

TAG_BYTES = 16
"""Bytes of the digest in a tag: two different answers do not meet within 128 bits."""


class ETags:
    """Gives each answer of the API a tag, and 304 in its place to who has it already.

    The tag is a digest of the answer, so that it holds over a restart and says nothing of how the
    store came to what it holds. The answer is made nevertheless: what is spared is the way.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(API):
            await self.app(scope, receive, send)
            return
        known = _tags(Headers(scope=scope).get("if-none-match", ""))
        start: Message | None = None
        body = b""

        async def tagged(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_whole_json(message):
                start = message
                return
            if start is None or message["type"] != "http.response.body":
                await send(message)
                return
            body += message.get("body", b"")
            if not message.get("more_body", False):
                await _answer(send, start, body, known)

        await self.app(scope, receive, tagged)


def _is_whole_json(start: Message) -> bool:
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return bool(start["status"] == 200 and kind.startswith(JSON))


def tag_of(body: bytes) -> str:
    """Give the tag of an answer."""
    return f'"{hashlib.sha256(body).hexdigest()[: 2 * TAG_BYTES]}"'


def tags_in(header: str) -> frozenset[str]:
    """Take the tags out of a header; weak ones keep their ``W/``."""
    return frozenset(each.strip() for each in header.split(","))


async def _answer(send: Send, start: Message, body: bytes, known: frozenset[str]) -> None:
    headers = MutableHeaders(raw=start["headers"])
    tag = headers.setdefault("etag", tag_of(body))
    if tag in known or "*" in known:
        for name in ("content-length", "content-type"):
            del headers[name]
        start, body = {**start, "status": 304}, b""
    await send({**start, "headers": headers.raw})
    await send({"type": "http.response.body", "body": body})


def _tags(if_none_match: str) -> frozenset[str]:
    return frozenset(each.removeprefix("W/") for each in tags_in(if_none_match))
