"""Puts the application together and serves it, on loopback unless another address is set."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import date
from importlib.metadata import version
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware import Middleware

from ingest.errors import SettingsError
from server import (
    alert_routes,
    api,
    diary_routes,
    event_routes,
    nights,
    pages,
    problems,
    receive,
    telling,
    trend_routes,
    upload_routes,
    wearer_routes,
)
from server.body_limit import BodyLimit
from server.context import Context
from server.etags import ETags
from server.judging import JUDGE, Judging
from server.known_hosts import KnownHosts
from server.live import Live
from server.login import Login
from server.openapi import describe
from server.security import LOOPBACK_NAMES, SameOrigin, SecurityHeaders
from server.settings import Settings
from server.store import Store

__all__ = ["Server", "create_app", "serve", "serving"]

PATIENCE_S = 5
"""Seconds that an answer under way is waited for when the server stops."""

STATIC = Path(__file__).parent / "static"


def create_app(
    settings: Settings,
    *,
    today: Callable[[], date] = nights.today,
    store: Store | None = None,
    live: Live | None = None,
    judge: Sequence[str] = JUDGE,
) -> FastAPI:
    """Make the application; it opens the store when it starts and closes it when it stops.

    Parameters
    ----------
    today
        The date of the day that the wearer is in.
    store
        One that is open already, to be closed by the application.
    live
        What a collector in the same process tells of the night that goes on.
    judge
        The command that judges a recording that was sent.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with store or Store.open(
            settings.database_url, home=settings.data_dir, alone=True
        ) as opened:
            told = live or Live()
            uploaded = settings.data_dir / "uploads"
            judging = Judging(opened, told, uploaded, timezone=settings.timezone, judge=judge)
            app.state.context = Context(opened, today, told, judging, settings.wearer)
            with judging:
                yield

    app = FastAPI(
        title="crampwatch",
        summary="Cramp-like awakenings in the nights recorded here.",
        version=version("crampwatch"),
        openapi_url="/api/v1/openapi.json",
        # FastAPI's pages for the documentation load their scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(KnownHosts, hosts=[*LOOPBACK_NAMES, settings.host, *settings.names]),
            Middleware(SameOrigin),
            Middleware(BodyLimit),
            Middleware(ETags),
            *_login(settings),
        ],
    )
    problems.install(app)
    describe(app)
    app.include_router(api.router)
    app.include_router(wearer_routes.router)
    app.include_router(receive.router)
    app.include_router(telling.router)
    app.include_router(alert_routes.router)
    app.include_router(diary_routes.router)
    app.include_router(event_routes.router)
    app.include_router(trend_routes.router)
    app.include_router(upload_routes.router)
    app.include_router(problems.router)
    app.include_router(api.health)
    app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


def _login(settings: Settings) -> list[Middleware]:
    if settings.token is None:
        return []
    return [Middleware(Login, token=settings.token.get_secret_value())]


def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve until Ctrl-C.

    Parameters
    ----------
    announce
        Told in a sentence where the page is, as soon as it answers; of a damaged database put
        aside; and of a fault of the linked SQLite.

    Raises
    ------
    SettingsError
        The address cannot be had.
    StoreError
        The store cannot be opened.
    """
    with _listen(settings.host, settings.port) as listener:
        store = Store.open(settings.database_url, home=settings.data_dir, say=announce, alone=True)
        live = Live()
        config = _config(create_app(settings, store=store, live=live))
        where = f"The morning page is at {_address(settings, listener)} until you press Ctrl-C."
        try:
            server = Server(config, lambda: _announce(announce, where, store), live.events.close)
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            return


@asynccontextmanager
async def serving(
    settings: Settings, *, live: Live, announce: Callable[[str], None]
) -> AsyncIterator[Store]:
    """Serve beside something else in the same loop, which also takes the signals.

    Parameters
    ----------
    live
        What the page shows of the night that goes on.
    announce
        As in `serve`.

    Yields
    ------
    Store
        What is served, open as long.

    Raises
    ------
    SettingsError, StoreError
        As in `serve`.
    """
    with _listen(settings.host, settings.port) as listener:
        store = Store.open(settings.database_url, home=settings.data_dir, say=announce, alone=True)
        where = f"The page is at {_address(settings, listener)} all night."
        config = _config(create_app(settings, store=store, live=live))
        server = _Beside(config, lambda: _announce(announce, where, store), live.events.close)
        running = asyncio.ensure_future(server.serve(sockets=[listener]))
        try:
            yield store
        finally:
            server.should_exit = True
            await running


def _announce(announce: Callable[[str], None], where: str, store: Store) -> None:
    announce(where)
    if store.warning is not None:
        announce(store.warning)


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=PATIENCE_S,
    )


def _address(settings: Settings, listener: socket.socket) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{listener.getsockname()[1]}/"


class Server(uvicorn.Server):
    """Tells when it answers, which uvicorn itself only logs, and when it stops to.

    Parameters
    ----------
    stopping
        Called before the answers under way are waited for: some go on until they are told.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        started: Callable[[], None],
        stopping: Callable[[], None] = lambda: None,
    ):
        super().__init__(config)
        self._when_started = started
        self._when_stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer, then tell."""
        await super().startup(sockets)
        self._when_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell, then stop to answer."""
        self._when_stopping()
        await super().shutdown(sockets)


class _Beside(Server):
    """Leaves the signals to whoever it serves beside."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            problem = "is in use, perhaps by another crampwatch"
        elif error.errno == errno.EACCES:
            problem = "may be opened by root only"
        else:
            problem = f"cannot be opened ({error.strerror})"
        raise SettingsError(
            f"Port {port} of {host} {problem}. "
            "Set CRAMPWATCH_PORT to another one, or to 0 for any that is free."
        ) from error
