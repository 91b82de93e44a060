from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import ExitStack
from datetime import date
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session

from server import migrate, notice_log, people, readiness
from server.app import create_app
from server.kept_tables import Role
from server.metrics import METHODS, OTHER, REQUEST_S, STORED
from server.settings import Settings
from server.store import Store
from server.tokens import issue_token
from server.wearers import everybody
from tests.server.conftest import client_of

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

ON_BOTH = True

NAMES = ["database", "migrations", "writer", "disk"]


class Room(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture(autouse=True)
def room(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    def leave(free: int) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: Room(10**12, 10**12 - free, free))

    leave(readiness.LEAST_FREE_BYTES)
    return leave


def unready(client: Client) -> dict[str, str]:
    """Ask until the problems by name; none where the server is ready."""
    answer = client.get("/readyz")
    told = answer.json()
    problems = {name: each["problem"] for name, each in told["checks"].items() if not each["ok"]}
    assert list(told["checks"]) == NAMES
    assert told["ready"] is (not problems)
    assert answer.status_code == (503 if problems else 200)
    return problems


def test_a_server_that_can_do_its_work_is_ready_and_says_so_of_each_thing(client: Client) -> None:
    assert unready(client) == {}


def test_a_disk_that_is_nearly_full_is_told(client: Client, room: Callable[[int], None]) -> None:
    room(readiness.LEAST_FREE_BYTES - 1)
    assert unready(client) == {"disk": "It is nearly full. Free some space."}


def test_a_writer_that_does_not_come_to_write_is_told_and_nothing_piles_up(
    client: Client, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "PATIENCE_S", 0.01)
    store: Store = app.state.context.store
    begun, go_on = Event(), Event()

    def held(session: Session) -> None:
        begun.set()
        go_on.wait(20)

    holding = store.submit(held)
    assert begun.wait(20)
    with ExitStack() as released:
        released.callback(go_on.set)
        for _ in range(3):
            assert list(unready(client)) == ["writer"]
    holding.result(20)
    assert store.submit(lambda session: None).result(20) is None
    assert store.waiting == 0
    monkeypatch.setattr(readiness, "PATIENCE_S", 20.0)
    assert unready(client) == {}


def test_tables_of_another_version_are_told(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "HEAD", "9999")
    assert list(unready(client)) == ["migrations"]


def test_alive_is_said_whatever_the_store_does(
    client: Client, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.state, "context", None)
    assert client.get("/healthz").json() == {"status": "ok"}


# Metrics


def figures(client: Client, **headers: str) -> dict[str, float]:
    """The value by the name and the labels, as Prometheus has them."""
    answer = client.get("/metrics", **headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    lines = [line.rpartition(" ") for line in answer.text.splitlines() if line[0] != "#"]
    return {name: float(value) for name, _, value in lines}


def test_requests_are_counted_by_route_and_never_by_what_was_asked_for(
    client: Client, store: Store, make_night: NightMaker
) -> None:
    store.save(make_night(date(2026, 11, 21)))
    client.get("/api/v1/nights/2026-11-21")
    client.get("/api/v1/nights/2026-11-20?wearer=me")
    client.get("/api/v1/episodes/rec-1-1-likely-0")
    client.get("/somewhere/else")
    found = figures(client)
    counted = 'crampwatch_http_requests_total{{method="GET",route="{}",status="{}"}}'
    assert found[counted.format("/api/v1/nights/{night}", 200)] == 1
    assert found[counted.format("/api/v1/nights/{night}", 404)] == 1
    assert found[counted.format(OTHER, 404)] == 1
    took = 'crampwatch_http_request_seconds_count{method="GET",route="/api/v1/nights/{night}"}'
    assert found[took] == 2
    labels = " ".join(found)
    assert re.findall(r"20\d\d-|rec-1|likely|wearer|PineTime|somewhere", labels) == []


def test_whoever_invents_methods_and_addresses_makes_no_new_figures(client: Client) -> None:
    for number in range(20):
        client.get(f"/nothing/{number}")
    before = set(figures(client))
    for number in range(20, 40):
        client.get(f"/nothing/{number}")
    assert set(figures(client)) - before == {
        name.format(*place)
        for name in (
            'crampwatch_http_requests_total{{method="GET",route="/metrics",status="200"}}',
            'crampwatch_http_requests_created{{method="GET",route="/metrics",status="200"}}',
            'crampwatch_http_request_seconds_count{{method="GET",route="/metrics"}}',
            'crampwatch_http_request_seconds_sum{{method="GET",route="/metrics"}}',
            'crampwatch_http_request_seconds_created{{method="GET",route="/metrics"}}',
            'crampwatch_http_request_seconds_bucket{{le="{}",method="GET",route="/metrics"}}',
        )
        for place in [(bound,) for bound in (*REQUEST_S, "+Inf")]
    }
    assert "FOO" not in METHODS


def test_what_is_in_the_store_is_told_as_a_whole(
    client: Client, app: FastAPI, store: Store, make_night: NightMaker
) -> None:
    assert figures(client)["crampwatch_recordings"] == 0
    store.save(make_night(date(2026, 11, 18), id="a"))
    store.save(make_night(date(2026, 11, 20), id="b", name="b"))
    queue = partial(
        notice_log.queue_notice, wearer="me", channel="x", text="", due_ns=1, give_up_ns=2
    )
    for number in range(4):
        store.write(partial(queue, key=f"{number}"))
    store.write(lambda session: notice_log.note_sent(session, 1, at_ns=1))
    store.write(lambda session: notice_log.note_failed(session, 2, "no", next_try_ns=None))
    found = figures(client)
    told = {name: found[f"crampwatch_{name}"] for name in STORED}
    assert told == {
        "recordings": 2,
        "days_since_newest_night": 2,
        "notices_waiting": 2,
        "notices_sent": 1,
        "notices_given_up": 1,
    }
    assert (found["crampwatch_store_readable"], found["crampwatch_writer_waiting"]) == (1, 0)


def test_commits_are_counted_with_the_work_that_shared_them(client: Client, app: FastAPI) -> None:
    store: Store = app.state.context.store
    before = figures(client)
    begun, go_on = Event(), Event()

    def held(session: Session) -> None:
        begun.set()
        go_on.wait(20)

    first = store.submit(held)
    assert begun.wait(20)
    waiting = [store.submit(everybody) for _ in range(5)]
    assert figures(client)["crampwatch_writer_waiting"] == 5
    go_on.set()
    first.result(20)
    wait(waiting, 20)
    store.write(everybody)
    after = figures(client)
    for name, more in (("count", 3), ("sum", 7)):
        full = f"crampwatch_writer_commit_works_{name}"
        assert after[full] - before[full] == more


def test_of_a_store_that_fails_the_figures_are_no_numbers(
    client: Client, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ingest.errors import StoreError

    def fails() -> Iterator[Session]:
        raise StoreError("no")

    monkeypatch.setattr(app.state.context.store, "reading", fails)
    found = figures(client)
    assert found["crampwatch_store_readable"] == 0
    assert str(found["crampwatch_recordings"]) == "nan"


def test_metrics_are_for_who_shows_a_token_and_health_for_everybody(
    store: Store, settings: Settings
) -> None:
    def work(session: Session) -> str:
        people.set_owner(session, "kept", now_ns=1)
        only = ["GET /metrics"]
        return issue_token(session, "p", Role.OWNER, wearer=None, now_ns=1, scopes=only)[1]

    shown = f"Bearer {store.write(work)}"
    with client_of(create_app(settings)) as client:
        assert client.get("/metrics").status_code == 401
        assert client.get("/readyz").status_code == 200
        assert client.get("/healthz").status_code == 200
        assert figures(client, authorization=shown)["crampwatch_recordings"] == 0
        assert client.get("/api/v1/nights", authorization=shown).status_code == 403
