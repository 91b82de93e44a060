"""Finds out in which language whoever asks for a page is told, and takes the choice of one."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from babel import Locale
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.language import LANGUAGES, locale, negotiated, speaking
from server.permissions import Routes

__all__ = ["Spoken", "language_of", "router"]

router = APIRouter(include_in_schema=False)

COOKIE = "crampwatch-language"
"""What a browser keeps of the choice: also where nobody is logged in, as on the page to log in."""

KEPT_S = 365 * 24 * 3600
"""Seconds (a year) that a browser keeps it."""

SAME_FOR_ALL = ("/api/", "/static/")
"""Where addresses begin that answer in no language, or in that of programs, which is English."""


class Spoken:
    """Sets the language of a request, and says in the answer what that hangs on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith(SAME_FOR_ALL):
            await self.app(scope, receive, send)
            return

        async def send_with_language(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["content-language"] = locale().language
                headers.add_vary_header("Accept-Language, Cookie")
            await send(message)

        with speaking(language_of(scope)):
            await self.app(scope, receive, send_with_language)


def language_of(scope: Scope) -> Locale:
    """Give the language of a request: what was chosen in this browser, else what it asks for."""
    headers = Headers(scope=scope)
    chosen = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
    return negotiated(headers.get("accept-language", ""), chosen)


@router.post("/language")
def choose(request: Request, to: Annotated[str, Query(max_length=8)]) -> Response:
    """Keep the choice of a language in the browser, and show the page again it was made on."""
    answer = RedirectResponse(_page_of(request), 303)
    if to in LANGUAGES:
        secure = request.scope["scheme"] == "https"
        answer.set_cookie(COOKIE, to, max_age=KEPT_S, secure=secure, httponly=True, samesite="lax")
    return answer


def _page_of(request: Request) -> str:
    """Give the address of the page that asks; the first one where it cannot be asked for again."""
    # The header names a page of this server: `SameOrigin` lets no other ask.
    page = urlsplit(request.headers.get("referer", ""))
    if Routes(request.app.routes).find("GET", page.path) is None:
        return "/"
    return page.path + (f"?{page.query}" if page.query else "")
