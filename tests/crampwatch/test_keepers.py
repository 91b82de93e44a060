from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import httpx
import pytest

from crampwatch.keepers import Elsewhere, Here
from detector.classifier import load_model
from detector.night import ModelVersion
from detector.personal import fit_personal
from detector.provisional import Change, Fate
from ingest.collector.machine import State
from server.client import ServerClient
from server.outbox import Outbox
from server.settings import database_url, load_settings
from server.store import Store
from server.wire import PROBLEM_JSON, LinkReport, LiveReport
from simulator.wearable import run
from tests.server.conftest import NightMaker

REPORT = LiveReport(0, "UTC", (LinkReport("InfiniTime", State.STREAMING),))

Answer = Callable[[httpx.Request, float], httpx.Response]


def said_in(hours: float, outbox: Outbox, answer: Answer) -> list[tuple[int, str]]:
    """Report once a minute, and give what was said, with the minute."""
    said: list[tuple[int, str]] = []

    async def night() -> None:
        loop = asyncio.get_running_loop()
        began_s = loop.time()

        def minute() -> int:
            return round((loop.time() - began_s) / 60)

        transport = httpx.MockTransport(lambda request: answer(request, loop.time() - began_s))
        with ServerClient("http://pi.local", transport=transport) as client:
            keeper = Elsewhere(
                client,
                outbox,
                lambda sentence: said.append((minute(), sentence)),
                monotonic=loop.time,
            )
            async with keeper.beside():
                while loop.time() - began_s < hours * 3600:
                    await keeper.report(REPORT)
                    await asyncio.sleep(60)

    run(night())
    return said


def test_a_problem_that_lasts_is_said_once_an_hour(make_night: NightMaker, tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox")
    outbox.put(make_night())

    def full(request: httpx.Request, _: float) -> httpx.Response:
        # It hears how the night is doing, and takes no other.
        return httpx.Response(204 if request.url.path == "/api/v1/live" else 503)

    said = said_in(2.5, outbox, full)
    assert [minute for minute, _ in said] == [0, 60, 120]
    assert {"refused (503)" in sentence for _, sentence in said} == {True}


def test_a_problem_that_changes_is_said_at_once(make_night: NightMaker, tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox")
    outbox.put(make_night())

    def away_then_locked(request: httpx.Request, at_s: float) -> httpx.Response:
        if at_s < 1000:
            raise httpx.ConnectError("away", request=request)
        return httpx.Response(401)

    (_, away), (minute, locked) = said_in(0.9, outbox, away_then_locked)
    assert "does not answer" in away
    assert "CRAMPWATCH_TOKEN" in locked
    assert minute == 17


def test_an_episode_that_the_server_did_not_take_is_told_a_minute_later(
    make_night: NightMaker, tmp_path: Path
) -> None:
    night = make_night(episodes=3)
    first, second, third = night.episodes
    heard: list[tuple[str, str]] = []

    def away_at_first(request: httpx.Request) -> httpx.Response:
        if not heard and request.method == "PUT" and len(asked) < 2:
            asked.append(request.url.path)
            raise httpx.ConnectError("away", request=request)
        heard.append((request.method, request.url.path.removeprefix("/api/v1/")))
        if request.url.path.endswith(second.id):
            problem = {"content-type": PROBLEM_JSON}
            return httpx.Response(422, headers=problem, json={"detail": "it is of another wearer"})
        return httpx.Response(204)

    asked: list[str] = []
    said: list[str] = []
    new = [Change(Fate.NEW, each.id, each) for each in (first, second)]
    gone = Change(Fate.WITHDRAWN, first.id, first)
    added = Change(Fate.ADDED, third.id, third)

    async def minutes() -> None:
        transport = httpx.MockTransport(away_at_first)
        with ServerClient("http://pi.local", transport=transport) as client:
            keeper = Elsewhere(client, Outbox(tmp_path / "outbox"), said.append)
            await keeper.tell(new, night.info)
            await keeper.report(REPORT)
            await keeper.report(REPORT)
            await keeper.tell([gone, added], night.info)
            await keeper.report(REPORT)

    run(minutes())
    path = "provisional-episodes/"
    assert heard == [
        ("PUT", "live"),
        ("PUT", path + first.id),
        ("PUT", path + second.id),
        ("DELETE", path + first.id),
        ("PUT", "live"),
    ]
    assert len(said) == 2
    assert "does not answer" in said[0]
    assert "it is of another wearer" in said[1]


def test_what_the_answers_on_the_server_teach_is_asked_for(tmp_path: Path) -> None:
    personal = fit_personal([], load_model().version)
    other = replace(personal, model=ModelVersion("cramps", "0"))
    ours = {"content-type": PROBLEM_JSON}
    answers = [
        httpx.Response(200, content=personal.to_json()),
        httpx.Response(404, headers=ours, json={"detail": "as for everybody"}),
        httpx.Response(200, content=other.to_json()),
        httpx.Response(200, content=b"{}"),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(404),
        httpx.Response(503),
    ]
    asked: list[str] = []

    def next_answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url.path}")
        return answers[len(asked) - 1]

    said: list[str] = []
    with ServerClient("http://pi.local", transport=httpx.MockTransport(next_answer)) as client:
        keeper = Elsewhere(client, Outbox(tmp_path / "outbox"), said.append)
        assert [keeper.adjustment() for _ in answers] == [personal, *[None] * 6]
    assert set(asked) == {"GET /api/v1/adjustment"}
    another, foreign, deep, missing, busy = said
    assert "was fitted for the model cramps 0" in another
    assert "is not crampwatch, or another version of it" in foreign
    assert deep == foreign
    assert "refused (404)" in missing
    assert "refused (503)" in busy
    assert all(each.endswith("judged without what was answered.") for each in said)


def test_a_store_that_cannot_be_read_costs_the_adjustment_alone(tmp_path: Path) -> None:
    said: list[str] = []
    settings = load_settings(data_dir=tmp_path / "data")
    assert Here(settings, said.append).adjustment() is None
    assert said == []
    settings.data_dir.mkdir()
    letter = settings.data_dir / "letter"
    letter.write_text("a letter to my sister")
    of_a_letter = load_settings(database_url=database_url(letter), data_dir=settings.data_dir)
    assert Here(of_a_letter, said.append).adjustment() is None
    assert said[-1].endswith("The night is judged without what was answered.")


@pytest.mark.filterwarnings("default")
def test_a_mistake_in_the_learning_costs_no_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defect(*_: object) -> None:
        raise ValueError("a defect")

    monkeypatch.setattr("server.learning.learnt", defect)
    said: list[str] = []
    settings = load_settings(data_dir=tmp_path / "data")
    Store.open(settings.database_url, home=settings.data_dir).close()
    assert Here(settings, said.append).adjustment() is None
    assert said == ["a defect The night is judged without what was answered."]


def test_what_comes_of_an_episode_while_it_is_told_is_told_as_well(
    make_night: NightMaker, tmp_path: Path
) -> None:
    night = make_night()
    (episode,) = night.episodes
    heard: list[str] = []
    begun, go_on = Event(), Event()

    def slow(request: httpx.Request) -> httpx.Response:
        heard.append(request.method)
        if request.method == "PUT":
            begun.set()
            assert go_on.wait(20)
        return httpx.Response(204)

    async def minute() -> None:
        with ServerClient("http://pi.local", transport=httpx.MockTransport(slow)) as client:
            keeper = Elsewhere(client, Outbox(tmp_path / "outbox"), lambda _: None)
            new = Change(Fate.NEW, episode.id, episode)
            telling = asyncio.ensure_future(keeper.tell([new], night.info))
            assert await asyncio.to_thread(begun.wait, 20)
            await keeper.tell([Change(Fate.WITHDRAWN, episode.id, episode)], night.info)
            go_on.set()
            await telling

    run(minute())
    assert heard == ["PUT", "DELETE"]
