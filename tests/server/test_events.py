from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import FastAPI

from server.context import Context
from server.events import KEPT, MOST_LISTENERS, Event, EventKind, Events, TooManyListenersError
from server.wire import LiveReport, dump_live, dump_night

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker


async def heard_now(listener: AsyncIterator[Event]) -> list[Event]:
    """Take what is there already: a listener that has to wait is behind nothing."""
    found: list[Event] = []
    while True:
        following = asyncio.ensure_future(anext(listener))
        for _ in range(3):
            await asyncio.sleep(0)
        if not following.done():
            following.cancel()
            return found
        try:
            found.append(following.result())
        except StopAsyncIteration:
            return found


def told(events: Events, wearer: str, last_id: str | None = None) -> list[tuple[str, str | None]]:
    async def listen() -> list[Event]:
        with events.listening(wearer, last_id) as listener:
            return await heard_now(listener)

    return [(each.kind.value, each.href) for each in asyncio.run(listen())]


def test_who_begins_is_greeted_and_told_only_what_comes() -> None:
    events = Events("run")
    events.publish("me", EventKind.NIGHT, "/before")

    async def listen() -> list[Event]:
        with events.listening("me") as listener:
            first = await anext(listener)
            events.publish("me", EventKind.NIGHT, "/after")
            return [first, await anext(listener)]

    assert asyncio.run(listen()) == [
        Event("run-1", EventKind.HELLO),
        Event("run-2", EventKind.NIGHT, "/after"),
    ]


def test_who_comes_back_is_told_what_came_meanwhile() -> None:
    events = Events("run")
    for number in range(4):
        events.publish("me", EventKind.NIGHT, f"/{number}")
    assert told(events, "me", "run-2") == [("night", "/2"), ("night", "/3")]
    assert told(events, "me", "run-4") == []


@pytest.mark.parametrize("last", ["other-2", "run-99", "run-", "run--1", "nothing", "run-2x", ""])
def test_an_id_of_another_run_or_of_none_means_reading_everything_anew(last: str) -> None:
    events = Events("run")
    for number in range(4):
        events.publish("me", EventKind.NIGHT, f"/{number}")
    assert told(events, "me", last) == [("reset", None)]


def test_who_was_away_for_too_long_reads_everything_anew() -> None:
    events = Events("run")
    for number in range(KEPT + 10):
        events.publish("me", EventKind.NIGHT, f"/{number}")
    assert told(events, "me", "run-5") == [("reset", None)]
    assert len(told(events, "me", "run-10")) == KEPT


def test_who_is_too_slow_reads_everything_anew_and_goes_on() -> None:
    events = Events("run")

    async def listen() -> list[Event]:
        with events.listening("me") as listener:
            await anext(listener)
            for number in range(2 * KEPT):
                events.publish("me", EventKind.NIGHT, f"/{number}")
            missed = await anext(listener)
            events.publish("me", EventKind.LIVE, "/last")
            return [missed, *(await heard_now(listener))]

    assert [each.kind for each in asyncio.run(listen())] == [EventKind.RESET, EventKind.LIVE]


def test_nobody_hears_of_another_wearer() -> None:
    events = Events("run")
    events.publish("me", EventKind.NIGHT, "/mine")
    for number in range(KEPT + 10):
        events.publish("other", EventKind.NIGHT, f"/{number}")
    assert told(events, "me", "run-0") == [("night", "/mine")]
    assert told(events, "nobody", "run-0") == []


def test_everybody_is_let_go_at_the_end_with_what_was_left() -> None:
    events = Events("run")

    async def listen() -> list[EventKind]:
        with events.listening("me") as listener:
            waiting = asyncio.ensure_future(_all(listener))
            await asyncio.sleep(0)
            events.publish("me", EventKind.NIGHT, "/last")
            events.close()
            return [each.kind for each in await waiting]

    assert asyncio.run(listen()) == [EventKind.HELLO, EventKind.NIGHT]
    assert told(events, "me") == [("hello", None)]


def test_a_listener_comes_back_now_and_then_to_be_asked_whether_it_may() -> None:
    events = Events("run", heard_for_s=0.0)

    async def listen(last_id: str | None) -> list[Event]:
        with events.listening("me", last_id) as listener:
            return await _all(listener)

    (hello,) = asyncio.run(listen(None))
    events.publish("me", EventKind.NIGHT, "/one")
    assert asyncio.run(listen(hello.id)) == [Event("run-1", EventKind.NIGHT, "/one")]


def test_only_so_many_may_listen_and_each_makes_room_when_it_goes() -> None:
    events = Events("run")

    async def listen() -> None:
        from contextlib import ExitStack

        with ExitStack() as stack:
            for _ in range(MOST_LISTENERS):
                stack.enter_context(events.listening("me"))
            with pytest.raises(TooManyListenersError), events.listening("me"):
                pass
        with events.listening("me"):
            pass

    asyncio.run(listen())


def test_a_listener_whose_loop_is_gone_hinders_nobody() -> None:
    events = Events("run")

    async def begin() -> None:
        events.listening("me").__enter__()

    asyncio.run(begin())
    events.publish("me", EventKind.NIGHT, "/one")
    assert told(events, "me", "run-0") == [("night", "/one")]


async def _all(listener: AsyncIterator[Event]) -> list[Event]:
    return [each async for each in listener]


# Over the web


def parsed(text: str) -> list[dict[str, str]]:
    return [
        dict(line.split(": ", 1) for line in block.splitlines())
        for block in text.strip().split("\n\n")
    ]


def listened(client: Client, app: FastAPI, path: str = "", **headers: str) -> httpx.Response:
    """Listen to what is there; the end of the server is the end of the answer."""
    context: Context = app.state.context
    context.live.events.close()
    return client.get(f"/api/v1/events{path}", **headers)


def test_what_is_done_over_the_api_is_told_in_order(
    client: Client, app: FastAPI, make_night: NightMaker
) -> None:
    night = make_night()
    began = f"{app.state.context.live.events._run}-0"
    client.put("/api/v1/live", dump_live(LiveReport(night.start_ns, "Europe/Berlin")))
    client.put(f"/api/v1/recordings/{night.id}/night", dump_night(night))
    client.put(f"/api/v1/episodes/{night.episodes[0].id}/answer", b'{"said": "yes"}')
    entry = {"day": "2026-11-21", "kind": "drink", "payload": {}}
    client.put("/api/v1/diary/cap", json.dumps(entry).encode())
    answer = listened(client, app, **{"last-event-id": began})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "etag" not in answer.headers
    found = parsed(answer.text)
    assert [(each["event"], json.loads(each["data"])["href"]) for each in found] == [
        ("live", "/api/v1/live"),
        ("live", "/api/v1/live"),
        ("night", "/api/v1/nights/2026-11-21"),
        ("answer", "/api/v1/answers"),
        ("diary", "/api/v1/diary/cap"),
    ]
    for _, href in {(each["event"], json.loads(each["data"])["href"]) for each in found}:
        assert client.get(href).status_code in (200, 404)
    again = listened(client, app, **{"last-event-id": found[2]["id"]})
    assert [each["event"] for each in parsed(again.text)] == ["answer", "diary"]


def test_what_is_sent_again_as_it_was_is_not_told_again(
    client: Client, app: FastAPI, make_night: NightMaker
) -> None:
    night = make_night()
    began = f"{app.state.context.live.events._run}-0"
    entry = {"day": "2026-11-21", "kind": "drink", "payload": {}}
    missed = {"time_ns": night.start_ns + 3600 * 10**9}
    episode = f"/episodes/{night.episodes[0].id}/answer"
    for said in ("yes", "yes", "no"):
        client.put(f"/api/v1/recordings/{night.id}/night", dump_night(night))
        client.put(f"/api/v1{episode}", json.dumps({"said": said}).encode())
        client.post(episode, f"said={said}".encode())
        client.put("/api/v1/missed-cramps", json.dumps(missed | {"helped": said}).encode())
        client.post("/nights/2026-11-21/missed", b"time=04:40")
        client.put("/api/v1/diary/cap", json.dumps(entry).encode())
    found = parsed(listened(client, app, **{"last-event-id": began}).text)
    assert [each["event"] for each in found] == [
        "night",
        "answer",
        "answer",
        "answer",
        "diary",
        "answer",
        "answer",
    ]


def test_who_begins_over_the_web_is_greeted(client: Client, app: FastAPI) -> None:
    (first,) = parsed(listened(client, app).text)
    assert (first["event"], first["retry"]) == ("hello", "3000")


def test_a_listener_too_many_is_told_to_come_later(client: Client, app: FastAPI) -> None:
    events: Events = app.state.context.live.events
    events._wake = {number: lambda: None for number in range(MOST_LISTENERS)}
    answer = client.get("/api/v1/events")
    assert answer.status_code == 429
    assert answer.json()["type"] == "/api/v1/problems/busy"


def test_nobody_listens_for_a_wearer_there_is_not(client: Client) -> None:
    assert client.get("/api/v1/events?wearer=nobody").status_code == 404


def test_a_quiet_line_is_kept_alive(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comment comes while nothing happens; then the server is stopped by the listener."""
    monkeypatch.setattr("fastapi.routing._PING_INTERVAL", 0.001)
    met: list[bytes] = []

    async def ask() -> None:
        async with app.router.lifespan_context(app):
            events: Events = app.state.context.live.events
            asked = asyncio.Event()

            async def receive() -> dict[str, object]:
                if not asked.is_set():
                    asked.set()
                    return {"type": "http.request", "body": b"", "more_body": False}
                await asyncio.Event().wait()
                raise AssertionError

            async def send(message: dict[str, object]) -> None:
                body = message.get("body", b"")
                assert isinstance(body, bytes)
                met.append(body)
                if body == b": ping\n\n":
                    events.close()

            scope = {
                "type": "http",
                "scheme": "http",
                "client": ("127.0.0.1", 9),
                "method": "GET",
                "path": "/api/v1/events",
                "query_string": b"",
                "headers": [(b"host", b"127.0.0.1")],
                "app": app,
            }
            await app(scope, receive, send)  # type: ignore[arg-type]

    asyncio.run(ask())
    assert b": ping\n\n" in met
    assert b"event: hello" in b"".join(met)
