from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx

from crampwatch.keepers import Elsewhere
from ingest.collector.machine import State
from server.client import ServerClient
from server.outbox import Outbox
from server.wire import LinkReport, LiveReport
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
