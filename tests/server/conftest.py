from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from argon2 import profiles
from fastapi import FastAPI

from detector.night import (
    Awakening,
    Cue,
    Episode,
    ModelVersion,
    Night,
    Sleep,
    Span,
    Standing,
)
from ingest.samples import NS_PER_S, Fault, FaultKind, RecordingInfo
from server import passwords, postgresql
from server.app import create_app
from server.settings import Settings, load_settings
from server.spans import without
from server.store import Store
from tests.server.postgres import binaries, running_server

MODEL = ModelVersion("transparent", "1")
NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


class NightMaker(Protocol):
    def __call__(
        self,
        night: date = ...,
        *,
        id: str = ...,  # noqa: A002
        timezone: str = ...,
        episodes: int = ...,
        possible: int = ...,
        hours: float = ...,
        worn_hours: float | None = ...,
        faults: tuple[tuple[FaultKind, str, str], ...] = ...,
        model: ModelVersion = ...,
        name: str | None = ...,
    ) -> Night: ...


def instant(when: datetime) -> int:
    return int(when.timestamp()) * NS_PER_S


def at(night: date, clock: str, timezone: str = "Europe/Berlin") -> int:
    """Give local time of a night: an hour before noon is of the next day."""
    hour, minute = map(int, clock.split(":"))
    day = night if hour >= 12 else night + timedelta(days=1)
    return instant(datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(timezone)))


def episode(
    night: date,
    clock: str,
    *,
    id: str,  # noqa: A002
    standing: Standing = Standing.LIKELY,
    timezone: str = "Europe/Berlin",
    seconds: int = 125,
    probability: float | None = None,
    heart_rate_rise_bpm: float | None = 14.2,
    got_up: bool = False,
) -> Episode:
    onset_ns = at(night, clock, timezone)
    likely = standing is Standing.LIKELY
    return Episode(
        id=id,
        onset_ns=onset_ns,
        end_ns=onset_ns + seconds * NS_PER_S,
        probability=(0.78 if likely else 0.41) if probability is None else probability,
        standing=standing,
        heart_rate_rise_bpm=heart_rate_rise_bpm,
        got_up=got_up,
        evidence={
            "out_of_rest": Cue(312.0, "s", 0.8),
            "heart_rose": Cue(heart_rate_rise_bpm, "bpm", 1.5 if heart_rate_rise_bpm else 0.0),
            "sat_up": Cue(64.0, "deg", 0.7),
            "long_walk": Cue(31.0, "s", -0.3),
            "off_wrist": Cue(0.0, "1", 0.0),
        },
        others={"large_movement": 0.15, "bathroom": 0.07},
    )


@pytest.fixture
def make_night() -> NightMaker:
    """Nights from 23:00 on, asleep a quarter of an hour later, with what is asked for in them."""

    def make(
        night: date = date(2026, 11, 21),
        *,
        id: str = "rec-1",  # noqa: A002
        timezone: str = "Europe/Berlin",
        episodes: int = 1,
        possible: int = 0,
        hours: float = 7.5,
        worn_hours: float | None = None,
        faults: tuple[tuple[FaultKind, str, str], ...] = (),
        model: ModelVersion = MODEL,
        name: str | None = None,
    ) -> Night:
        start_ns = at(night, "23:00", timezone)
        end_ns = start_ns + int(hours * 3600) * NS_PER_S
        worn_s = int((hours if worn_hours is None else worn_hours) * 3600)
        worn_end_ns = start_ns + worn_s * NS_PER_S
        found = [
            episode(night, f"0{1 + number}:13", id=f"{id}-{model.version}-likely-{number}",
                    timezone=timezone, got_up=number == 1)
            for number in range(episodes)
        ] + [
            episode(night, f"0{1 + number}:47", id=f"{id}-{model.version}-possible-{number}",
                    timezone=timezone, standing=Standing.POSSIBLE, seconds=40,
                    heart_rate_rise_bpm=None)
            for number in range(possible)
        ]  # fmt: skip
        found.sort(key=lambda each: each.onset_ns)
        quiet = Awakening(at(night, "00:30", timezone), at(night, "00:31", timezone), 0.05)
        slept = worn_s > 3600
        told = [
            Fault(at(night, start, timezone), at(night, end, timezone), kind)
            for kind, start, end in faults
        ]
        gaps = [Span(f.start_ns, f.end_ns) for f in told if f.kind is FaultKind.GAP]
        return Night(
            id=id,
            info=RecordingInfo(name or f"{night}_left", start_ns, timezone, "PineTime", "left"),
            start_ns=start_ns,
            end_ns=end_ns,
            recorded=without([Span(start_ns, end_ns)], gaps),
            worn=without([Span(start_ns, worn_end_ns)] if worn_end_ns > start_ns else [], gaps),
            sleeps=(Sleep(start_ns + 900 * NS_PER_S, worn_end_ns - 600 * NS_PER_S, 0.9 * worn_s),)
            if slept
            else (),
            awakenings=tuple(
                sorted(
                    [quiet] + [Awakening(e.onset_ns, e.end_ns, e.probability) for e in found],
                    key=lambda each: each.start_ns,
                )
            ),
            episodes=tuple(found),
            faults=tuple(sorted(told)),
            model=model,
        )

    return make


DATABASES = ("sqlite", "postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Try on both kinds of database what a module says that both have to hold."""
    marks = metafunc.definition.iter_markers("parametrize")
    chosen = any("database" in each.args for each in marks)
    on_both = getattr(metafunc.module, "ON_BOTH", False) and not chosen
    if "database" in metafunc.fixturenames and on_both:
        metafunc.parametrize("database", DATABASES, indirect=True)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A server with a database that is a new store, to be copied."""
    if binaries() is None:
        pytest.skip("no PostgreSQL here, so no store is tried on it: install Debian's postgresql")
    with running_server() as url:
        with postgresql.connect(url.format("postgres")).connect() as connection:
            by_hand = connection.execution_options(isolation_level="AUTOCOMMIT")
            by_hand.exec_driver_sql("CREATE DATABASE new_store")
        connection.engine.dispose()
        Store.open(url.format("new_store")).close()
        yield url


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The URL of a new store on a real server."""
    engine = postgresql.connect(postgresql_server.format("postgres"))
    name = f"store_{next(_NUMBERS)}"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE new_store")
        yield postgresql_server.format(name)
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


_NUMBERS = itertools.count()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    return getattr(request, "param", "sqlite")


@pytest.fixture
def url(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if database == "postgresql":
        return str(request.getfixturevalue("postgresql_url"))
    return f"sqlite:///{tmp_path / 'data' / 'crampwatch.db'}"


@pytest.fixture(autouse=True)
def clock_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.store._utc_now", lambda: NOW)


@pytest.fixture
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare a test the tenth of a second that each password is meant to take."""
    monkeypatch.setattr(passwords, "PROFILE", profiles.CHEAPEST)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "data"


class StoreOpener(Protocol):
    def __call__(
        self, *, say: Callable[[str], None] = ..., now: Callable[[], datetime] | None = ...
    ) -> Store: ...


@pytest.fixture
def open_store(url: str, home: Path) -> StoreOpener:
    def never(sentence: str) -> None:
        pytest.fail(sentence)

    def opener(
        *, say: Callable[[str], None] = never, now: Callable[[], datetime] | None = None
    ) -> Store:
        return Store.open(url, home=home, say=say, now=now)

    return opener


@pytest.fixture
def store(open_store: StoreOpener) -> Iterator[Store]:
    with open_store() as opened:
        yield opened


@pytest.fixture
def settings(url: str, tmp_path: Path) -> Settings:
    return load_settings(database_url=url, data_dir=tmp_path / "data", port=0)


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings)


class Client:
    """Asks an application without a network; its synchronous endpoints run in real threads."""

    def __init__(self, portal: BlockingPortal, client: httpx.AsyncClient):
        self._portal = portal
        self._client = client

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._portal.call(lambda: self._client.get(path, headers=headers))

    def put(self, path: str, body: bytes, **headers: str) -> httpx.Response:
        sent = {"content-type": "application/json"} | headers
        return self._portal.call(lambda: self._client.put(path, content=body, headers=sent))

    def post(self, path: str, body: bytes, **headers: str) -> httpx.Response:
        return self._portal.call(lambda: self._client.post(path, content=body, headers=headers))

    def delete(self, path: str, **headers: str) -> httpx.Response:
        return self._portal.call(lambda: self._client.delete(path, headers=headers))

    def ask(self, method: str, path: str, body: bytes = b"", /, **headers: str) -> httpx.Response:
        """Ask, with headers in whose names an underscore stands for a hyphen; keeps no cookie."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        request = self._client.build_request(method, path, content=body, headers=sent)
        answer = self._portal.call(lambda: self._client.send(request))
        self._client.cookies.clear()
        return answer

    def transport(self) -> httpx.BaseTransport:
        """Give what connects a synchronous client to the same application."""
        return _Through(self)

    def send(self, request: httpx.Request) -> httpx.Response:
        again = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.read()
        )
        return self._portal.call(lambda: self._client.send(again))


class _Through(httpx.BaseTransport):
    def __init__(self, client: Client) -> None:
        self._client = client

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._client.send(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


@contextmanager
def client_of(
    app: FastAPI, base_url: str = "http://127.0.0.1", address: str = "127.0.0.1"
) -> Iterator[Client]:
    """Give a client of an app that runs meanwhile, asking it by a name and from an address."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(app.router.lifespan_context(app)),
    ):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 9))
        asking = httpx.AsyncClient(transport=transport, base_url=base_url)
        with portal.wrap_async_context_manager(asking):
            yield Client(portal, asking)


@pytest.fixture
def client(app: FastAPI) -> Iterator[Client]:
    with client_of(app) as client:
        yield client


@pytest.fixture
def month(store: Store, make_night: NightMaker) -> Callable[[], None]:
    """Fill the store with a month that has a night of every kind."""

    def fill() -> None:
        until = date(2026, 11, 21)
        kinds: dict[int, dict[str, float]] = {
            2: {"episodes": 0},
            3: {"episodes": 0},
            4: {"episodes": 1, "possible": 1},
            6: {"episodes": 0, "hours": 2.5},
            7: {"episodes": 0, "possible": 1},
            8: {"episodes": 0},
            9: {"episodes": 0},
            11: {"episodes": 0, "worn_hours": 3},
            12: {"episodes": 3},
            16: {"episodes": 0},
            17: {"episodes": 0},
            25: {"episodes": 1},
        }
        for ago, kind in kinds.items():
            night = until - timedelta(days=ago)
            store.save(make_night(night, id=f"rec-{ago}", **kind))  # type: ignore[arg-type]
        newest = make_night(
            until,
            id="rec-0",
            episodes=2,
            possible=1,
            hours=7 + 2 / 3,
            worn_hours=7.5,
            faults=(
                (FaultKind.OFF_WRIST, "06:30", "06:40"),
                (FaultKind.NO_HEART_RATE, "04:00", "05:10"),
            ),
        )
        store.save(newest)

    return fill
