from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ingest.errors import InputError
from ingest.samples import FaultKind
from server.live import FORGOTTEN_AFTER, SILENT_AFTER, Live
from server.store import Store
from server.wire import LinkReport, LiveReport, dump_live, dump_night, parse_night

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

NIGHT = date(2026, 11, 21)


def path_of(recording_id: str) -> str:
    return f"/api/v1/recordings/{recording_id}/night"


def test_a_night_comes_through_the_wire_unchanged(make_night: NightMaker) -> None:
    night = make_night(NIGHT, episodes=2, possible=1, faults=((FaultKind.GAP, "02:00", "02:30"),))
    assert parse_night(dump_night(night)) == night


def test_a_night_sent_twice_is_stored_once(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    night = make_night(NIGHT, id="rec-1")
    answers = [client.put(path_of("rec-1"), dump_night(night)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert [answer.json()["saved"] for answer in answers] == ["added", "unchanged"]
    assert client.get("/api/v1/nights").json()["total"] == 1
    assert client.get(f"/api/v1/nights/{NIGHT}").json()["episodes"]


def test_a_night_of_the_same_hours_as_another_is_said_so(
    client: Client, make_night: NightMaker
) -> None:
    for recording_id, overlaps in (("left", []), ("right", ["left"])):
        night = make_night(NIGHT, id=recording_id, name=recording_id)
        answer = client.put(path_of(recording_id), dump_night(night))
        assert answer.json() == {"saved": "added", "overlaps": overlaps}


def test_a_night_worn_but_never_recorded_is_no_night(
    client: Client, make_night: NightMaker
) -> None:
    night = replace(make_night(NIGHT, id="rec-1"), recorded=())
    assert client.put(path_of("rec-1"), dump_night(night)).status_code == 201
    assert client.get("/").status_code == 404
    assert client.get(f"/nights/{NIGHT}").status_code == 404


def test_a_night_from_the_future_is_refused(client: Client, make_night: NightMaker) -> None:
    night = make_night(date(2027, 11, 21), id="rec-1")
    answer = client.put(path_of("rec-1"), dump_night(night))
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert "which is in the future" in answer.json()["detail"]
    assert client.get("/api/v1/nights").json()["total"] == 0


def test_a_night_under_another_id_is_refused(client: Client, make_night: NightMaker) -> None:
    answer = client.put(path_of("rec-2"), dump_night(make_night(NIGHT, id="rec-1")))
    assert answer.status_code == 422
    assert "rec-1" in answer.json()["detail"]
    assert client.get("/api/v1/nights").json()["total"] == 0


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("info", "timezone"), "Mars/Olympus", "no time zone"),
        (("start_ns",), -1, "UTC nanoseconds"),
        (("episodes", 0, "probability"), 1.5, "from 0 to 1"),
        (("episodes", 0, "end_ns"), 0, "episodes have to lie within"),
        (("faults",), [{"start_ns": 5, "end_ns": 1, "kind": "gap"}], "faults have to lie within"),
        (("episodes", 0, "standing"), "certain", "likely"),
        (("awakenings",), "none", "valid"),
    ],
)
def test_a_night_that_makes_no_sense_is_refused_with_the_place(
    client: Client, make_night: NightMaker, place: tuple[str | int, ...], value: object, said: str
) -> None:
    message = json.loads(dump_night(make_night(NIGHT, id="rec-1")))
    part = message
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    body = json.dumps(message).encode()
    answer = client.put(path_of("rec-1"), body)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert "Value error" not in answer.text
    with pytest.raises(InputError, match=said) as caught:
        parse_night(body)
    assert "Value error" not in str(caught.value)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe"])
def test_what_is_no_night_is_refused(client: Client, body: bytes) -> None:
    answer = client.put(path_of("rec-1"), body)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    with pytest.raises(InputError):
        parse_night(body)


def test_a_page_elsewhere_cannot_send_a_night_by_a_plain_form(
    client: Client, make_night: NightMaker
) -> None:
    body = dump_night(make_night(NIGHT, id="rec-1"))
    answer = client.put(path_of("rec-1"), body, **{"content-type": "text/plain"})
    assert answer.status_code == 422
    assert client.get("/api/v1/nights").json()["total"] == 0


def test_the_night_that_goes_on_is_told_and_ends_with_the_finished_one(
    client: Client, make_night: NightMaker
) -> None:
    night = make_night(NIGHT, id="so-far", episodes=1)
    report = LiveReport(
        night.info.start_ns, "Europe/Berlin", (LinkReport("PineTime", "streaming", 81, 9.9),), night
    )
    assert client.get("/api/v1/live").status_code == 404
    assert client.put("/api/v1/live", dump_live(report)).status_code == 204
    told = client.get("/api/v1/live").json()
    assert told["links"] == [
        {"device": "PineTime", "state": "streaming", "battery_percent": 81, "rate_hz": 9.9}
    ]
    assert len(told["night"]["episodes"]) == len(night.episodes)
    assert not told["silent"]
    assert client.get("/api/v1/nights").json()["total"] == 0
    client.put(path_of("whole"), dump_night(make_night(NIGHT, id="whole")))
    assert client.get("/api/v1/live").status_code == 404


def test_a_collector_that_falls_silent_is_told_and_later_forgotten() -> None:
    now = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    live = Live(lambda: now)
    live.tell(LiveReport(0, "UTC"))
    seen = []
    for ago in (timedelta(0), SILENT_AFTER + timedelta(seconds=1), FORGOTTEN_AFTER * 1.01):
        now = datetime(2026, 11, 22, 2, 0, tzinfo=UTC) + ago
        tonight = live.tonight()
        seen.append(tonight and tonight.silent)
    assert seen == [False, True, None]
