"""What keeps a page about somebody's nights to itself: headers, and whom it changes nothing for."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.problem_kinds import ProblemKind, refusal
from server.static_files import LOOKS

__all__ = [
    "HEADERS",
    "LOOPBACK_NAMES",
    "READING",
    "SameOrigin",
    "SecurityHeaders",
    "names_its_page",
]

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1", "[::1]")
"""Names under which this machine may be asked. A page from elsewhere that points a name of its
own at 127.0.0.1 (DNS rebinding) is turned away."""

HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'self' {LOOKS}; img-src 'self'; "
        "script-src 'self'; connect-src 'self'; manifest-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""On every answer: nothing from elsewhere, no script but our files, no frame, no copy left behind
but the one our service worker keeps. To our own pages alone a browser says where it comes from,
which `SameOrigin` asks."""

_RAW = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]

READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

NO_OTHER_PAGE = frozenset({"same-origin", "none"})
"""What a browser says of a request that no page of another address made."""


class SecurityHeaders:
    """Sets `HEADERS` on every answer, those to errors included; what one sets itself stays."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                # As a whole: to look through the headers for each of them takes a twentieth of
                # the time of a short request.
                given = {name for name, _ in message["headers"]}
                added = [each for each in _RAW if each[0] not in given]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self.app(scope, receive, send_with_headers)


class SameOrigin:
    """Refuses what would change something where a page of another address asks for it.

    A browser sends along the login of whoever looks at that page. It says which page asks, by a
    header that no page can set: all of them `Origin` with whatever is posted, and the newer ones
    `Sec-Fetch-Site`. So a form needs no token of its own. What is no browser says nothing, and has
    to show a token: with a login alone, `server.login` takes silence for no.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] in READING or _is_ours(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        answer = refusal(
            ProblemKind.FOREIGN_PAGE,
            "A page of another address asked for this. Open the page of crampwatch.",
            scope["path"],
        )
        await answer(scope, receive, send)


def names_its_page(headers: Headers) -> bool:
    """Tell whether a request says which page asks; if it does, `SameOrigin` has looked at it."""
    return "origin" in headers or "sec-fetch-site" in headers


def _is_ours(headers: Headers) -> bool:
    # Over plain HTTP beyond this machine a browser gives the origin alone.
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site in NO_OTHER_PAGE
    return origin is None or urlsplit(origin).netloc == headers.get("host")
