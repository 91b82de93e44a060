"""`crampwatch status`, with the server that it asks behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
import pytest

from crampwatch.status import show_status
from ingest.errors import ServerError, SettingsError
from ingest.samples import NS_PER_S, FaultKind
from server.app import create_app
from server.client import ServerClient
from server.live import SILENT_AFTER_S, Live
from server.settings import load_settings
from server.wire import FaultReport, LinkReport, LiveReport
from tests.crampwatch.conftest import Command
from tests.server.conftest import client_of

NOW = datetime(2026, 11, 22, 2, 12, tzinfo=UTC)


def ns(hour: int, minute: int, day: int = 22) -> int:
    return round(datetime(2026, 11, day, hour, minute, tzinfo=UTC).timestamp()) * NS_PER_S


POLAR = LinkReport("Polar Sense", "streaming", 81, 51.98, 0.8)
STRAP = LinkReport("HRM Strap", "backing_off", None, None, 1260.0)
LOST = FaultReport(FaultKind.LINK_LOST, "HRM Strap", ns(1, 51))


def report(*links: LinkReport, faults: tuple[FaultReport, ...] = (), resets: int = 0) -> LiveReport:
    return LiveReport(ns(21, 41, 21), "Europe/Berlin", links, None, faults, resets)


class Clock:
    seconds = 0.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def live(clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    """What the server knows that the command asks, of whatever address."""
    live = Live(now=lambda: NOW, monotonic=lambda: clock.seconds)
    app = create_app(load_settings(data_dir=tmp_path / "server"), live=live)
    with client_of(app) as client:
        asked = partial(ServerClient, transport=client.transport())
        monkeypatch.setattr("crampwatch.status.ServerClient", asked)
        yield live


def test_a_night_that_is_recorded(crampwatch: Command, live: Live) -> None:
    live.tell(report(POLAR))
    outcome = crampwatch("status")
    assert outcome.status == 0
    assert outcome.out.splitlines() == [
        "Tonight is being recorded since 22:41.",
        "At 03:12:",
        "Polar Sense: recording, battery 81 %, 52.0 samples a second, the last sample 1 s old.",
    ]


def test_what_is_wrong_with_it_is_told(crampwatch: Command, live: Live) -> None:
    live.tell(report(POLAR, STRAP, faults=(LOST,), resets=2))
    outcome = crampwatch("status")
    assert outcome.status == 0
    _, _, polar, strap, fault, resets = outcome.out.splitlines()
    assert polar.startswith("Polar Sense: recording")
    assert strap == "HRM Strap: out of reach, being tried again, the last sample 21 min old."
    assert fault.startswith("Wearable not connected (HRM Strap) since 02:51. ")
    assert resets == "The Bluetooth adapter hung, and was switched off and on 2 times."


def test_a_night_that_nothing_comes_for_is_not_recorded(crampwatch: Command, live: Live) -> None:
    live.tell(report(STRAP))
    outcome = crampwatch("status")
    assert outcome.status == 1
    assert outcome.out.splitlines()[-1] == (
        "So nothing comes in at the moment; it is tried again all night."
    )


def test_a_collector_that_has_gone_silent(crampwatch: Command, live: Live, clock: Clock) -> None:
    live.tell(report(POLAR))
    clock.seconds = SILENT_AFTER_S + 1
    outcome = crampwatch("status")
    assert outcome.status == 1
    assert outcome.out.startswith("The collector has not been heard of since 03:12;")
    assert len(outcome.out.splitlines()) == 1


def test_no_night(crampwatch: Command, live: Live) -> None:
    outcome = crampwatch("status", "http://127.0.0.1:8321")
    assert (outcome.status, outcome.err) == (1, "")
    assert outcome.out == "Nothing is being recorded for http://127.0.0.1:8321.\n"
    assert crampwatch("status", "--json").out == '{"recording": false}\n'


def test_as_json(crampwatch: Command, live: Live) -> None:
    live.tell(report(POLAR, faults=(LOST,), resets=1))
    outcome = crampwatch("status", "--json")
    assert outcome.status == 0
    told = json.loads(outcome.out)
    assert told["recording"] is True
    assert told["links"][0]["last_sample_s"] == 0.8
    assert told["faults"] == [
        {"kind": "link_lost", "source": "HRM Strap", "start": "2026-11-22T02:51:00+01:00"}
    ]
    assert (told["adapter_resets"], told["night"]) == (1, None)


def answering(monkeypatch: pytest.MonkeyPatch, answer: httpx.Response | None) -> None:
    def send(request: httpx.Request) -> httpx.Response:
        if answer is None:
            raise httpx.ConnectError("nobody", request=request)
        return answer

    asked = partial(ServerClient, transport=httpx.MockTransport(send))
    monkeypatch.setattr("crampwatch.status.ServerClient", asked)


def test_nobody_at_home_records_nothing_and_nobody_elsewhere_is_an_error(
    crampwatch: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, None)
    here = crampwatch("status")
    assert here.status == 1
    assert "no crampwatch answers at http://127.0.0.1:8321" in here.out
    elsewhere = crampwatch("status", "http://pi.local")
    assert elsewhere.status == 2
    assert "The server http://pi.local does not answer" in elsewhere.err
    assert "See whether it runs, and whether the address is right." in elsewhere.err


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(200, text="<html>"), "is not crampwatch, or another version"),
        (httpx.Response(404, text="no such page"), r"refused \(404\)"),
        (httpx.Response(401), "CRAMPWATCH_TOKEN"),
    ],
)
def test_what_is_no_crampwatch_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: httpx.Response, said: str
) -> None:
    answering(monkeypatch, answer)
    with pytest.raises(ServerError, match=said):
        show_status(load_settings(data_dir=tmp_path), None, as_json=False)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:9000"),
        ("::1", "http://[::1]:9000"),
        ("192.168.1.20", "http://192.168.1.20:9000"),
        ("localhost", "http://localhost:9000"),
    ],
)
def test_here_is_where_the_page_is_served(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    host: str,
    url: str,
) -> None:
    answering(monkeypatch, None)
    settings = load_settings(data_dir=tmp_path, host=host, port=9000)
    assert not show_status(settings, None, as_json=False)
    assert f"answers at {url}." in capsys.readouterr().out


def test_a_port_that_nobody_knows(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="CRAMPWATCH_PORT is 0"):
        show_status(load_settings(data_dir=tmp_path, port=0), None, as_json=False)
