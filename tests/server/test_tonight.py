from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from detector.provisional import Change, Fate
from ingest.samples import FaultKind
from server import words
from server.live import SILENT_AFTER_S, Live, Tonight
from server.wire import FaultReport, LinkReport, LiveReport, dump_live, dump_night
from tests.server.conftest import client_of

if TYPE_CHECKING:
    from fastapi import FastAPI

    from server.settings import Settings
    from tests.server.conftest import Client, NightMaker

NIGHT = date(2026, 11, 22)
BERLIN = ZoneInfo("Europe/Berlin")
STARTED_NS = int(datetime(2026, 11, 22, 22, 41, tzinfo=BERLIN).timestamp()) * 10**9
REFRESH = '<meta http-equiv="refresh" content="60">'
LINKS = (
    LinkReport("PineTime", "streaming", 81, 9.9),
    LinkReport("Polar H10", "backing_off", None, None),
)


def plain(page: str) -> str:
    return " ".join(page.replace("\xa0", " ").split())


def tonight(report: LiveReport, *, silent: bool = False, heard: datetime = datetime.min) -> Tonight:
    return Tonight(report, heard, silent)


class Clocks:
    wall = datetime(2026, 11, 23, 2, 14, tzinfo=BERLIN).astimezone(UTC)
    run_s = 0.0


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def live(clocks: Clocks) -> Live:
    return Live(lambda: clocks.wall, lambda: clocks.run_s)


@pytest.fixture
def app(settings: Settings, live: Live) -> FastAPI:
    from server.app import create_app

    return create_app(settings, live=live)


def test_nothing_is_said_of_tonight_when_no_night_goes_on(
    client: Client, month: Callable[[], None]
) -> None:
    month()
    _, _, shown = client.get("/").text.partition("</style>")
    assert shown
    assert "refresh" not in shown
    assert "onight" not in shown


def test_the_night_that_goes_on_is_told_before_the_last_one(
    client: Client, month: Callable[[], None], make_night: NightMaker
) -> None:
    month()
    night = make_night(NIGHT, id="so-far", episodes=1)
    client.put("/api/v1/live", dump_live(LiveReport(STARTED_NS, "Europe/Berlin", LINKS, night)))
    answer = client.get("/")
    told = plain(answer.text)
    parts = [
        REFRESH,
        "Tonight is being recorded since 22:41.",
        "<li>PineTime: recording, battery 81 %</li>",
        "<li>Polar H10: out of reach, being tried again</li>",
        "So far 1 awakening that may have been a cramp; the morning decides.",
        "<h1>Last night",
    ]
    places = [told.index(part) for part in parts]
    assert places == sorted(places)
    assert f"<noscript>{REFRESH}</noscript>" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_what_is_wrong_now_is_told_while_the_collector_is_heard_of(
    client: Client, live: Live, clocks: Clocks
) -> None:
    lost = FaultReport(FaultKind.LINK_LOST, "Polar <b>H10</b>", STARTED_NS + 3600 * 10**9)
    report = LiveReport(
        STARTED_NS, "Europe/Berlin", LINKS, faults=(lost,), adapter_resets=2, withdrawn=1
    )
    live.tell(report)
    told = plain(client.get("/").text)
    advice = words.FAULTS[FaultKind.LINK_LOST].advice
    assert (
        f"<p>Wearable not connected (Polar &lt;b&gt;H10&lt;/b&gt;) since 23:41. {advice}</p> "
        "<p>The Bluetooth adapter hung, and was switched off and on 2 times.</p>"
    ) in told
    taken_back = "1 awakening told earlier does not look like a cramp any more."
    assert f"<p>{taken_back}</p>" in told
    assert client.get("/api/v1/live").json()["withdrawn"] == 1
    clocks.run_s += SILENT_AFTER_S + 1
    told = plain(client.get("/").text)
    assert "not connected" not in told
    assert "adapter" not in told


def test_only_the_front_page_tells_of_tonight_and_looks_again(
    client: Client, month: Callable[[], None]
) -> None:
    month()
    client.put("/api/v1/live", dump_live(LiveReport(STARTED_NS, "Europe/Berlin", LINKS)))
    for path in ("/nights/2026-11-21", "/nights/2026-11-20", "/nowhere"):
        page = client.get(path).text
        assert "refresh" not in page
        assert "Tonight" not in page


def test_the_first_night_is_told_where_nothing_is_stored_yet(client: Client) -> None:
    client.put("/api/v1/live", dump_live(LiveReport(STARTED_NS, "Europe/Berlin", LINKS)))
    told = plain(client.get("/").text)
    assert REFRESH in told
    assert told.index("Tonight is being recorded since 22:41.") < told.index(words.EMPTY_STORE)
    assert "So far" not in told


def test_a_silent_collector_is_told_in_place_of_what_it_said_of_its_wearables(
    client: Client, live: Live, clocks: Clocks
) -> None:
    live.tell(LiveReport(STARTED_NS, "Europe/Berlin", LINKS))
    clocks.run_s += SILENT_AFTER_S + 1
    clocks.wall += timedelta(hours=5)
    told = plain(client.get("/").text)
    assert "The collector has not been heard of since 02:14; it began at 22:41." in told
    assert "is being recorded" not in told
    assert "PineTime" not in told
    assert REFRESH in told


def test_a_server_that_begins_again_says_whom_it_does_not_hear_of(
    settings: Settings, make_night: NightMaker
) -> None:
    from server.app import create_app

    night = make_night(date(2026, 11, 21), id="whole")
    told = dump_live(LiveReport(night.info.start_ns, "Europe/Berlin", LINKS))
    with client_of(create_app(settings)) as client:
        assert client.put("/api/v1/live", told).status_code == 204
    with client_of(create_app(settings)) as client:
        page = plain(client.get("/").text)
        assert "The collector has not been heard of since 08:00; it began at 23:00." in page
        assert client.get("/api/v1/live").json()["silent"] is True
        client.put("/api/v1/recordings/whole/night", dump_night(night))
    with client_of(create_app(settings)) as client:
        assert client.get("/api/v1/live").status_code == 404


def test_the_finished_night_takes_the_place_of_tonight(
    client: Client, live: Live, make_night: NightMaker
) -> None:
    night = make_night(date(2026, 11, 21), id="whole")
    live.tell(LiveReport(night.info.start_ns, "Europe/Berlin", LINKS, night))
    client.put("/api/v1/recordings/whole/night", dump_night(night))
    page = client.get("/").text
    assert "Last night" in page
    assert "refresh" not in page


def test_a_name_of_a_wearable_is_text_and_nothing_else(client: Client, live: Live) -> None:
    live.tell(LiveReport(STARTED_NS, "UTC", (LinkReport("<b>Pine</b>", "streaming"),)))
    assert "<li>&lt;b&gt;Pine&lt;/b&gt;: recording</li>" in client.get("/").text


def test_a_state_that_is_not_known_is_shown_as_it_is() -> None:
    assert words.link(LinkReport("PineTime", "rebooting", 0)) == "rebooting, battery 0 %"


def test_every_state_of_a_link_has_words_without_the_state_in_them() -> None:
    states = "scanning connecting subscribing streaming probing silent disconnecting backing_off"
    assert set(words.LINK_STATES) == {*states.split(), "leaving", "stopped", "idle"}
    assert all("_" not in told for told in words.LINK_STATES.values())


def test_awakenings_so_far_are_provisional_whatever_their_standing(make_night: NightMaker) -> None:
    night = make_night(NIGHT, episodes=2, possible=1)
    assert words.so_far(night) == (
        "So far 3 awakenings that may have been cramps; the morning decides."
    )


def test_what_is_said_in_the_night_is_what_came_and_what_went(make_night: NightMaker) -> None:
    night = make_night(NIGHT, episodes=1)
    (episode,) = night.episodes
    at = words.clock(episode.onset_ns, night.info.zone)
    said = {
        fate: words.at_night(Change(fate, episode.id, episode), night.info.zone) for fate in Fate
    }
    assert said == {
        Fate.NEW: f"At {at} an awakening that may have been a cramp; the morning decides.",
        Fate.CHANGED: None,
        Fate.WITHDRAWN: f"The awakening at {at} does not look like a cramp any more.",
        Fate.CONFIRMED: None,
        Fate.ADDED: None,
    }
    assert words.withdrawn(2) == "2 awakenings told earlier do not look like cramps any more."


def test_nothing_so_far_is_only_said_of_what_was_searched(make_night: NightMaker) -> None:
    quiet = make_night(NIGHT, episodes=0, hours=3)
    assert words.so_far(quiet) == (
        "So far nothing cramp-like in the 2 h 35 min searched; the morning decides."
    )
    assert words.so_far(replace(quiet, sleeps=())) is None
    assert words.so_far(None) is None


def test_the_hours_are_the_wearers() -> None:
    report = LiveReport(STARTED_NS, "Asia/Tokyo")
    assert words.tonight(tonight(report)) == "Tonight is being recorded since 06:41."
    heard = datetime(2026, 11, 23, 1, 14, tzinfo=UTC)
    assert "since 10:14" in words.tonight(tonight(report, silent=True, heard=heard))
