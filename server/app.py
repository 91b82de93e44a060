"""Puts the application together and serves it, on loopback unless another address is set."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from importlib.metadata import version

import uvicorn
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware import Middleware

from ingest.errors import SettingsError
from server import (
    alert_routes,
    answer_routes,
    api,
    association_routes,
    audit_routes,
    bokeh_script,
    calendar_pages,
    diary_pages,
    diary_routes,
    event_routes,
    going_on,
    guide_routes,
    health_routes,
    language,
    login_pages,
    logs,
    notice_routes,
    pages,
    pairing_page,
    people,
    picture_routes,
    problems,
    receive,
    report_routes,
    settings_page,
    shared_page,
    spoken,
    static_files,
    telling,
    together_pages,
    trend_routes,
    trial_pages,
    trial_routes,
    upload_routes,
    wearer_routes,
)
from server.body_limit import BodyLimit
from server.compressed import Compressed
from server.context import Context
from server.elsewhere import Elsewhere
from server.etags import ETags
from server.judging import JUDGE, Judging
from server.known_hosts import KnownHosts
from server.live import Live
from server.login import Login
from server.logs import LogFormat
from server.metrics import Measured, Metrics
from server.notify.notifier import Notifier
from server.notify.ways import MakeWays, ways
from server.openapi import describe
from server.places import Samples
from server.security import LOOPBACK_NAMES, SameOrigin, SecurityHeaders
from server.settings import Settings
from server.short_way import ShortWay
from server.spoken import Spoken
from server.store import Store

__all__ = ["Server", "create_app", "serve", "serving"]

_LOG = logging.getLogger(__name__)

EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""What stands for every address of this machine, and the one by which it reaches itself."""

PATIENCE_S = 5
"""Seconds that an answer under way is waited for when the server stops."""


def create_app(
    settings: Settings,
    *,
    store: Store | None = None,
    live: Live | None = None,
    make_ways: MakeWays | None = None,
    judge: Sequence[str] = JUDGE,
) -> FastAPI:
    """Make the application; it opens the store when it starts and closes it when it stops.

    Parameters
    ----------
    store
        One that is open already, to be closed by the application.
    live
        What a collector in the same process tells of the night that goes on.
    make_ways
        How people are told; None for what the settings say.
    judge
        The command that judges a recording that was sent.

    Raises
    ------
    SettingsError
        A way to tell people is set that cannot be used.
    """
    metrics = Metrics()
    made = make_ways or ways(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        language.load()
        with store or Store.open(
            settings.database_url, home=settings.data_dir, alone=True
        ) as opened:
            opened.on_commit = metrics.committed
            told = live or Live()
            going_on.expect(opened, told)
            uploaded = settings.data_dir / "uploads"
            judging = Judging(opened, told, uploaded, timezone=settings.timezone, judge=judge)
            notifier = Notifier(opened, told, settings, made(opened, told))
            app.state.context = Context(
                opened,
                told,
                judging,
                settings.data_dir,
                notifier,
                settings.wearer,
                local_login=_needs_local_login(settings, opened),
            )
            app.state.samples = Samples.within(settings)
            app.state.samples.keep_only_stored(opened)
            with judging, Elsewhere(opened, told.events):
                notifier.start()
                try:
                    yield
                finally:
                    await asyncio.to_thread(notifier.stop)
        _LOG.info("Stopped: what was taken is stored, and the store is closed.")

    app = FastAPI(
        title="crampwatch",
        summary="Cramp-like awakenings in the nights recorded here.",
        version=version("crampwatch"),
        openapi_url="/api/v1/openapi.json",
        # FastAPI's pages for the documentation load their scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        # Nobody is told of each request but whoever reads /metrics; to ask for that takes time.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        lifespan=lifespan,
        middleware=[
            Middleware(Measured, metrics=metrics),
            Middleware(SecurityHeaders),
            Middleware(KnownHosts, hosts=[*LOOPBACK_NAMES, settings.host, *settings.names]),
            Middleware(SameOrigin),
            Middleware(BodyLimit),
            Middleware(Compressed),
            Middleware(ETags),
            Middleware(Spoken),
            Middleware(Login),
            Middleware(ShortWay),
        ],
    )
    app.state.metrics = metrics
    problems.install(app)
    describe(app)
    # First, because it begins with what comes most often: routes are tried in their order.
    app.include_router(telling.router)
    app.include_router(api.router)
    app.include_router(wearer_routes.router)
    app.include_router(receive.router)
    app.include_router(alert_routes.router)
    app.include_router(diary_routes.router)
    app.include_router(event_routes.router)
    app.include_router(trend_routes.router)
    app.include_router(association_routes.router)
    app.include_router(trial_routes.router)
    app.include_router(upload_routes.router)
    app.include_router(notice_routes.router)
    app.include_router(audit_routes.router)
    app.include_router(problems.router)
    app.include_router(health_routes.router)
    app.include_router(pages.router)
    app.include_router(answer_routes.router)
    app.include_router(diary_pages.router)
    app.include_router(calendar_pages.router)
    app.include_router(together_pages.router)
    app.include_router(trial_pages.router)
    app.include_router(settings_page.router)
    app.include_router(report_routes.router)
    app.include_router(guide_routes.router)
    app.include_router(pairing_page.router)
    app.include_router(login_pages.router)
    app.include_router(spoken.router)
    app.include_router(shared_page.router)
    app.include_router(picture_routes.router)
    app.include_router(picture_routes.api)
    app.include_router(bokeh_script.router)
    app.mount("/static", StaticFiles(directory=static_files.FOLDER), name="static")
    return app


def _needs_local_login(settings: Settings, store: Store) -> bool:
    """Tell whether whoever sits at this machine has to log in as well.

    Behind a proxy everybody seems to sit here.
    """
    if settings.proxy is not None:
        return True
    with store.reading() as session:
        return settings.local_login and people.has_owner(session)


def _require_lock(settings: Settings) -> None:
    """Refuse to be reached by others before a password is set.

    Raises
    ------
    SettingsError
        With advice.
    """
    if settings.is_here_alone:
        return
    store = Store.open_existing(settings.database_url, home=settings.data_dir)
    if store is not None:
        with store, store.reading() as session:
            if people.has_owner(session):
                return
    why = "CRAMPWATCH_PROXY" if settings.proxy else f"the address {settings.host}"
    raise SettingsError(
        f"With {why}, others can reach this server, and no password is set. Set one with "
        "`crampwatch password`, or leave CRAMPWATCH_HOST at 127.0.0.1 and CRAMPWATCH_PROXY unset."
    )


def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve until Ctrl-C.

    Parameters
    ----------
    announce
        Told in a sentence where the page is, as soon as it answers; of a damaged database put
        aside; and of a fault of the linked SQLite. Where the log is JSON, it is told in its place.

    Raises
    ------
    SettingsError
        The address cannot be had, or is one that others can reach before a password is set.
    StoreError
        The store cannot be opened.
    """
    logs.begin(settings.log_format)
    if settings.log_format is LogFormat.JSON:
        announce = _LOG.info
    _require_lock(settings)
    with _listen(settings.host, settings.port) as listener:
        make_ways = ways(settings)
        store = Store.open(settings.database_url, home=settings.data_dir, say=announce, alone=True)
        live = Live()
        app = create_app(settings, store=store, live=live, make_ways=make_ways)
        config = _config(settings, app)
        where = f"The morning page is at {_addresses(settings, listener)} until you press Ctrl-C."
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
    _require_lock(settings)
    with _listen(settings.host, settings.port) as listener:
        make_ways = ways(settings)
        store = Store.open(settings.database_url, home=settings.data_dir, say=announce, alone=True)
        where = f"The page is at {_addresses(settings, listener)} all night."
        app = create_app(settings, store=store, live=live, make_ways=make_ways)
        config = _config(settings, app)
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


def _config(settings: Settings, app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        # Nobody else is believed who says that somebody asks through him.
        proxy_headers=settings.proxy is not None,
        forwarded_allow_ips=settings.proxy or "",
        timeout_graceful_shutdown=PATIENCE_S,
    )


def _addresses(settings: Settings, listener: socket.socket) -> str:
    """Write where the page can be opened; every address of a machine together is none itself."""
    port = listener.getsockname()[1]
    if settings.host not in EVERY_ADDRESS:
        return _address(settings.host, port)
    names = [each for each in settings.names if "*" not in each]
    for_others = " and ".join(_address(each, port) for each in names)
    return (
        f"{_address(EVERY_ADDRESS[settings.host], port)} on this machine, and for others "
        f"{for_others or 'by a name of it that is in CRAMPWATCH_NAMES,'}"
    )


def _address(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


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
        # The program itself is no rubbish. To look through all of it held everybody up for a
        # twentieth of a second, once in a thousand requests.
        gc.freeze()
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
