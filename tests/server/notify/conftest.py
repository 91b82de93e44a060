from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from ingest.errors import ServerError
from ingest.samples import NS_PER_S
from server.notice_log import StoredNotice
from server.store import Store


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: datetime = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def ns(self) -> int:
        return int(self.now.timestamp()) * NS_PER_S

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(frozen=True)
class Asked:
    """A request, as a server saw it."""

    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.body)
        return found


@dataclass
class Elsewhere:
    """A server of somebody else's: what it was asked, and how it answers."""

    url: str
    status: int = 200
    location: str = ""
    asked: list[Asked] = field(default_factory=list)


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            server.asked.append(Asked(self.path, headers, body))
            self.send_response(server.status)
            if server.location:
                self.send_header("location", server.location)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        server = Elsewhere(f"http://127.0.0.1:{listening.server_address[1]}")
        thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        listening.shutdown()
        thread.join()


@dataclass
class Postbox:
    """A way of sending that keeps what it is given, and fails as it is told."""

    names: tuple[str, ...] = ("post",)
    taken: list[StoredNotice] = field(default_factory=list)
    problem: ServerError | None = None

    def channels(self, session: object, wearer: str) -> dict[str, str]:
        return {name: f"The {name}" for name in self.names}

    def takes(self, channel: str) -> bool:
        return channel in self.names

    def send(self, notice: StoredNotice) -> None:
        if self.problem is not None:
            raise self.problem
        self.taken.append(notice)

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.taken]


OUTSIDE = {"ntfy.sh": "159.203.148.75", "push.example.org": "93.184.215.14"}
"""Machines of the internet, whose names are looked up nowhere."""


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the names of machines lead to, instead of what the network says."""
    known = dict(OUTSIDE)

    def addresses_of(machine: str) -> list[str]:
        return [known.get(machine, machine)]

    monkeypatch.setattr("server.notify.reach.addresses_of", addresses_of)
    return known


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def dated(url: str, home: Path, clock: Clock) -> Iterator[Store]:
    """A store whose clock is set by hand."""
    with Store.open(url, home=home, say=pytest.fail, now=clock) as store:
        store.add_wearer("Anna", "Europe/Berlin")
        yield store


def notice(
    key: str = "alert:1", *, channel: str = "post", text: str = "Good morning"
) -> StoredNotice:
    return StoredNotice(
        id=1,
        wearer="anna",
        channel=channel,
        key=key,
        text=text,
        tries=0,
        next_try_ns=0,
        give_up_ns=1,
        sent_ns=None,
        problem="",
    )
