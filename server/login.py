"""Lets in who may ask, before anything of a request is read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ingest.errors import StoreError
from server import pages, problems
from server.callers import (
    CALLER,
    LOCAL_OWNER,
    Caller,
    is_local,
    of_login,
    of_token,
    shown_cookie,
    shown_token,
)
from server.context import Context
from server.language import N_
from server.logins import used_login
from server.permissions import Routes, who_may
from server.problem_kinds import ProblemKind
from server.security import READING, names_its_page
from server.store import Store

__all__ = ["OF_ANOTHER", "Login"]

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="crampwatch"'}
"""What a program can show. A browser logs in on a page."""

OF_ANOTHER = N_("Your login is for the nights of another wearer.")


class Login:
    """Finds out who asks, and turns away whoever `server.permissions` does not name.

    Nobody but the owner gets to the nights of more than one wearer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._routes: Routes | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            raise RuntimeError(f"no one has said who may open a {scope['type']}")
        # What is open to all is told whatever fails: that the process is alive, above all.
        is_open = None in who_may(f"{scope['method']} {scope['path']}")
        if not is_open and _is_owner_here(scope):
            scope[CALLER] = LOCAL_OWNER
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        if self._routes is None:
            self._routes = Routes(request.app.routes)
        route = self._routes.find(request.method, scope["path"])
        refused = await self._refusal(request, route)
        await (refused or self.app)(scope, receive, send)

    async def _refusal(self, request: Request, route: str | None) -> Response | None:
        """Find out who asks; gives why the request is refused, None where it is not."""
        if not _is_of_our_page(request):
            detail = N_("Send this from the page of crampwatch.")
            return problems.answer(request, ProblemKind.FOREIGN_PAGE, detail)
        if None in who_may(route):
            return None
        try:
            caller = await _caller(request)
        except StoreError as error:
            return problems.answer(request, ProblemKind.UNREADABLE, str(error))
        if caller is None:
            return _unknown(request)
        request.scope[CALLER] = caller
        if caller.role not in who_may(route) or (caller.only and route not in caller.only):
            detail = N_("Your login or token is not for this.")
            return problems.answer(request, ProblemKind.NOT_ALLOWED, detail)
        asked = {each for each in request.query_params.getlist("wearer") if each}
        if caller.wearer is not None and asked - {caller.wearer}:
            return problems.answer(request, ProblemKind.OTHER_WEARER, OF_ANOTHER)
        return None


def _is_owner_here(scope: Scope) -> bool:
    """Tell whether whoever asks needs to show nothing, and shows nothing."""
    context: Context = scope["app"].state.context
    headers = Headers(scope=scope)
    return (
        not context.local_login
        and shown_token(headers) is None
        and shown_cookie(scope) is None
        and is_local(scope)
    )


async def _caller(request: Request) -> Caller | None:
    context: Context = request.app.state.context
    token, cookie = shown_token(request.headers), shown_cookie(request.scope)
    if token is not None:
        # Whoever shows a token that is none is nobody, on this machine as well.
        return await _asked(context.store, partial(of_token, text=token))
    if cookie is not None:
        caller = await _asked(context.store, partial(of_login, secret=cookie))
        if caller is not None:
            _note_use(context.store, caller)
            return caller
    if not context.local_login and is_local(request.scope):
        return LOCAL_OWNER
    return None


def _is_of_our_page(request: Request) -> bool:
    # A cookie is sent along by the browser, whoever makes it ask; see `server.security`.
    return (
        request.method in READING
        or shown_cookie(request.scope) is None
        or names_its_page(request.headers)
    )


def _unknown(request: Request) -> Response:
    if problems.is_api(request):
        detail = "Show a token of this server: `crampwatch tokens add` makes one."
        return problems.answer(request, ProblemKind.LOGIN_NEEDED, detail, headers=CHALLENGE)
    onward = "/"
    if request.method in READING:
        query = request.scope["query_string"].decode("ascii", "replace")
        onward = request.scope["path"] + (f"?{query}" if query else "")
    return pages.login(onward, status=401, headers=CHALLENGE)


async def _asked(store: Store, find: Callable[..., Caller | None]) -> Caller | None:
    def look() -> Caller | None:
        with store.reading() as session:
            return find(session, now_ns=store.now_ns())

    return await to_thread.run_sync(look)


def _note_use(store: Store, caller: Caller) -> None:
    now_ns = store.now_ns()
    if caller.login is not None and caller.login.is_to_be_noted(now_ns):
        # Nobody waits for it, and nothing is lost where it fails.
        store.submit(partial(used_login, login_id=caller.login.id, now_ns=now_ns))
