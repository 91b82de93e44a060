from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from ingest.errors import ServerError, StoreError
from server.client import ServerClient
from server.outbox import Outbox
from server.store import Saved
from server.wire import LiveReport

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

URL = "http://127.0.0.1"


def answering(status: int, body: bytes = b"{}") -> ServerClient:
    transport = httpx.MockTransport(lambda request: httpx.Response(status, content=body))
    return ServerClient(URL, transport=transport)


def away() -> ServerClient:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there", request=request)

    return ServerClient(URL, transport=httpx.MockTransport(refuse))


def test_nights_are_kept_while_the_server_is_away_and_sent_once_when_it_is_back(
    client: Client, make_night: NightMaker, tmp_path: Path
) -> None:
    outbox = Outbox(tmp_path / "outbox")
    nights = [make_night(date(2026, 11, day), id=f"rec-{day}") for day in (20, 21)]
    for night in reversed(nights):
        outbox.put(night)
    gone = Outbox(tmp_path / "outbox").deliver(away())
    assert (gone.sent, gone.left) == ((), 2)
    assert gone.problem is not None
    assert "does not answer" in gone.problem
    with ServerClient(URL, transport=client.transport()) as back:
        delivery = outbox.deliver(back)
        assert delivery.sent == tuple(night.info.name for night in nights)
        assert (delivery.left, delivery.problem) == (0, None)
        assert outbox.deliver(back).sent == ()
        assert back.send_night(nights[0]) is Saved.UNCHANGED
    assert client.get("/api/v1/nights").json()["total"] == 2


def test_the_night_that_goes_on_is_told(client: Client) -> None:
    with ServerClient(URL, transport=client.transport()) as collector:
        collector.tell(LiveReport(1, "UTC"))
    assert client.get("/api/v1/live").json()["night"] is None


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_server_in_trouble_is_asked_again_later(
    make_night: NightMaker, tmp_path: Path, status: int
) -> None:
    outbox = Outbox(tmp_path)
    outbox.put(make_night())
    delivery = outbox.deliver(answering(status))
    assert (delivery.sent, delivery.left) == ((), 1)


def test_a_night_that_is_never_taken_does_not_hold_up_the_others(
    make_night: NightMaker, tmp_path: Path
) -> None:
    outbox = Outbox(tmp_path)
    outbox.put(make_night(date(2026, 11, 20), id="old"))
    outbox.put(make_night(date(2026, 11, 21), id="new"))

    def judge(request: httpx.Request) -> httpx.Response:
        if "old" in str(request.url):
            return httpx.Response(422, json={"detail": "too old"})
        return httpx.Response(201, json={"saved": "added"})

    delivery = outbox.deliver(ServerClient(URL, transport=httpx.MockTransport(judge)))
    assert (len(delivery.sent), delivery.left) == (1, 0)
    assert delivery.problem is not None
    assert "too old" in delivery.problem
    assert [path.suffix for path in tmp_path.iterdir()] == [".refused"]


def test_a_wrong_token_is_told_with_what_to_do(make_night: NightMaker) -> None:
    with pytest.raises(ServerError, match="CRAMPWATCH_TOKEN"):
        answering(401).send_night(make_night())


def test_a_wrong_token_loses_no_night(make_night: NightMaker, tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.put(make_night())
    outbox.deliver(answering(401))
    assert len(outbox.waiting()) == 1


def test_something_else_that_answers_is_not_taken_for_the_server(make_night: NightMaker) -> None:
    with pytest.raises(ServerError, match="not crampwatch"):
        answering(200, b"<html>").send_night(make_night())


@pytest.mark.parametrize("url", ["pi.local:8321", "ftp://pi.local", "http:///nights", ""])
def test_what_is_no_address_is_told(url: str, make_night: NightMaker) -> None:
    with pytest.raises(ServerError, match="address"):
        ServerClient(url).send_night(make_night())


def test_a_half_written_file_is_no_night(make_night: NightMaker, tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    path = outbox.put(make_night())
    path.write_bytes(path.read_bytes()[:100])
    delivery = outbox.deliver(answering(201, b'{"saved":"added"}'))
    assert delivery.sent == ()
    assert delivery.problem is not None
    assert path.name in delivery.problem


def test_a_folder_that_cannot_be_written_is_told(make_night: NightMaker, tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file")
    with pytest.raises(StoreError, match="crampwatch replay"):
        Outbox(tmp_path / "outbox").put(make_night())
