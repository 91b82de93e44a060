from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from ingest.errors import ServerError, StoreError
from server.client import ServerClient
from server.outbox import Outbox
from server.provisional import ProvisionalEpisode
from server.wire import LiveReport, Saved

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

URL = "http://127.0.0.1"


OURS = {"content-type": "application/problem+json"}
TAKEN = b'{"saved":"added"}'


def answering(
    status: int, body: bytes = b"{}", headers: dict[str, str] | None = None
) -> ServerClient:
    transport = httpx.MockTransport(
        lambda request: httpx.Response(status, content=body, headers=headers)
    )
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


def test_an_episode_of_the_night_that_goes_on_is_told_taken_back_and_not_missed(
    client: Client, make_night: NightMaker
) -> None:
    night = make_night()
    each = night.episodes[0]
    told = ProvisionalEpisode(
        "live", night.info.start_ns, each.onset_ns, each.end_ns, each.probability, each.standing
    )
    with ServerClient(URL, transport=client.transport()) as collector:
        collector.tell_episode(told, night.info.timezone)
        (kept,) = client.get("/api/v1/provisional-episodes").json()["items"]
        assert (kept["id"], kept["state"]) == ("live", "provisional")
        assert kept["probability"] == each.probability
        collector.withdraw_episode("live")
        collector.withdraw_episode("of nobody")
    (kept,) = client.get("/api/v1/provisional-episodes").json()["items"]
    assert kept["state"] == "withdrawn"


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
            return httpx.Response(422, json={"detail": "too old"}, headers=OURS)
        return httpx.Response(201, json={"saved": "added"})

    delivery = outbox.deliver(ServerClient(URL, transport=httpx.MockTransport(judge)))
    assert (len(delivery.sent), delivery.left) == (1, 0)
    assert delivery.problem is not None
    assert "too old" in delivery.problem
    assert delivery.refused == 1
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


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        pytest.param(400, b"Invalid host header", None, id="a name that is not set yet"),
        pytest.param(200, b"<html>Log in", {"content-type": "text/html"}, id="a page to log in"),
        pytest.param(413, b"<html>nginx", {"content-type": "text/html"}, id="a limit of a proxy"),
        pytest.param(422, b"{}", {"content-type": "application/json"}, id="another service"),
        pytest.param(409, b'{"detail":"in the future"}', OURS, id="the server's clock is behind"),
        pytest.param(404, b'{"detail":"Not Found"}', OURS, id="an older server"),
        pytest.param(302, b"", {"location": "/login"}, id="a way to log in"),
    ],
)
def test_a_mistake_that_is_put_right_later_costs_no_night(
    make_night: NightMaker,
    tmp_path: Path,
    status: int,
    body: bytes,
    headers: dict[str, str] | None,
) -> None:
    outbox = Outbox(tmp_path)
    outbox.put(make_night())
    delivery = outbox.deliver(answering(status, body, headers))
    assert (delivery.sent, delivery.left, delivery.refused) == ((), 1, 0)
    assert delivery.problem is not None
    later = outbox.deliver(answering(201, TAKEN))
    assert (len(later.sent), later.left, later.problem) == (1, 0, None)


def test_a_server_that_does_not_know_its_name_is_told_with_what_to_do(
    make_night: NightMaker,
) -> None:
    with pytest.raises(ServerError, match=r"127\.0\.0\.1.*CRAMPWATCH_NAMES") as caught:
        answering(400, b"Invalid host header").send_night(make_night())
    assert not caught.value.final


def test_a_night_that_is_not_taken_now_holds_up_no_other(
    make_night: NightMaker, tmp_path: Path
) -> None:
    outbox = Outbox(tmp_path)
    for day, name in ((20, "early"), (21, "good")):
        outbox.put(make_night(date(2026, 11, day), id=name))

    def judge(request: httpx.Request) -> httpx.Response:
        if "early" in str(request.url):
            return httpx.Response(409, json={"detail": "in the future"}, headers=OURS)
        return httpx.Response(201, content=TAKEN)

    delivery = outbox.deliver(ServerClient(URL, transport=httpx.MockTransport(judge)))
    assert (len(delivery.sent), delivery.left, delivery.refused) == (1, 1, 0)


def test_a_server_that_is_away_is_asked_once(make_night: NightMaker, tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    for day in (19, 20, 21):
        outbox.put(make_night(date(2026, 11, day), id=f"rec-{day}"))
    asked = []

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        raise httpx.ConnectError("nobody there", request=request)

    assert outbox.deliver(ServerClient(URL, transport=httpx.MockTransport(refuse))).left == 3
    assert len(asked) == 1


def test_refused_nights_are_told_once_every_evening(make_night: NightMaker, tmp_path: Path) -> None:
    first = Outbox(tmp_path)
    first.put(make_night())
    first.deliver(answering(422, b'{"detail":"no time zone"}', OURS))
    assert first.deliver(away()).problem is None
    for _ in range(2):
        evening = Outbox(tmp_path)
        delivery = evening.deliver(away())
        assert (delivery.left, delivery.refused) == (0, 1)
        assert delivery.problem == (
            f"1 night that the server refused: kept in {tmp_path} as .refused. Its "
            "recording is safe; to offer it again, give it the ending .json."
        )
        assert evening.deliver(away()).problem is None


def test_two_deliveries_at_once_disturb_each_other_in_nothing(
    make_night: NightMaker, tmp_path: Path
) -> None:
    outbox = Outbox(tmp_path)
    for day in (20, 21):
        outbox.put(make_night(date(2026, 11, day), id=f"rec-{day}"))
    other = Outbox(tmp_path)

    def deliver_between(request: httpx.Request) -> httpx.Response:
        other.deliver(answering(201, TAKEN))
        return httpx.Response(201, content=TAKEN)

    delivery = outbox.deliver(ServerClient(URL, transport=httpx.MockTransport(deliver_between)))
    assert (len(delivery.sent), delivery.left, delivery.problem) == (1, 0, None)


def test_two_deliveries_at_once_may_both_be_refused(make_night: NightMaker, tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.put(make_night())
    refusal = b'{"detail":"no time zone"}'

    def refuse_between(request: httpx.Request) -> httpx.Response:
        Outbox(tmp_path).deliver(answering(422, refusal, OURS))
        return httpx.Response(422, content=refusal, headers=OURS)

    delivery = outbox.deliver(ServerClient(URL, transport=httpx.MockTransport(refuse_between)))
    assert (delivery.left, delivery.refused) == (0, 1)


def test_a_night_that_cannot_be_read_is_told_and_kept(
    make_night: NightMaker, tmp_path: Path
) -> None:
    outbox = Outbox(tmp_path)
    path = outbox.put(make_night())
    path.unlink()
    path.mkdir()
    delivery = outbox.deliver(answering(201, TAKEN))
    assert (delivery.sent, delivery.left) == ((), 1)
    assert delivery.problem is not None
    assert str(path) in delivery.problem


@pytest.mark.parametrize("token", ["pässword of 16 letters", "two\nlines of sixteen", " padded "])
def test_a_token_that_no_header_can_carry_is_told_and_not_shown(token: str) -> None:
    with pytest.raises(ServerError, match="CRAMPWATCH_TOKEN") as caught:
        ServerClient(URL, token)
    assert token not in str(caught.value)


@pytest.mark.parametrize("url", ["http://me:hunter2@pi.local:8321", "ftp://hunter2@pi", "hunter2@"])
def test_a_password_in_the_address_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(ServerError, match="CRAMPWATCH_TOKEN") as caught:
        ServerClient(url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["pi.local:8321", "ftp://pi.local", "http:///nights", ""])
def test_what_is_no_address_is_told(url: str, make_night: NightMaker) -> None:
    with pytest.raises(ServerError, match="address"):
        ServerClient(url).send_night(make_night())


def test_a_half_written_file_is_no_night(make_night: NightMaker, tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    path = outbox.put(make_night())
    path.write_bytes(path.read_bytes()[:100])
    delivery = outbox.deliver(answering(201, TAKEN))
    assert delivery.sent == ()
    assert delivery.problem is not None
    assert path.name in delivery.problem


def test_a_folder_that_cannot_be_written_is_told(make_night: NightMaker, tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file")
    with pytest.raises(StoreError, match="crampwatch replay"):
        Outbox(tmp_path / "outbox").put(make_night())


def test_an_answer_that_cannot_be_read_is_said_and_the_night_is_kept(
    make_night: NightMaker, tmp_path: Path
) -> None:
    outbox = Outbox(tmp_path / "outbox")
    outbox.put(make_night())
    with answering(200, b"no gzip at all", {"content-encoding": "gzip"}) as other:
        delivery = outbox.deliver(other)
    assert delivery.left == 1
    assert delivery.problem is not None
    assert "cannot be read, so it is not crampwatch" in delivery.problem
