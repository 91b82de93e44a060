from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from detector.night import Night, Sleep
from ingest.errors import InputError
from ingest.samples import FaultKind
from server import wire_examples
from server.live import FORGOTTEN_AFTER_S, LATE_FOR_S, SILENT_AFTER_S, Live
from server.rows import judgement_of, rows_of
from server.store import Store
from server.wire import LinkReport, LiveReport, dump_live, dump_night, parse_night

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

NIGHT = date(2026, 11, 21)
START_NS = 1_795_298_400 * 10**9
WHOLE, HALF = (
    {"start_ns": START_NS, "end_ns": START_NS + hours * 900 * 10**9} for hours in (30, 15)
)


def path_of(recording_id: str) -> str:
    return f"/api/v1/recordings/{recording_id}/night"


def stuck(make_night: NightMaker) -> Night:
    """A sensor that gave the same sample all night: all of it is a gap."""
    night = make_night(NIGHT, id="rec-1", episodes=0, faults=((FaultKind.GAP, "23:00", "06:30"),))
    return replace(night, recorded=(), worn=(), sleeps=(), awakenings=())


def changed(message: bytes, place: tuple[str | int, ...], value: object) -> bytes:
    whole = json.loads(message)
    part = whole
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    return json.dumps(whole).encode()


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


def test_a_night_of_which_no_second_can_be_used_is_shown_as_recorded_badly(
    client: Client, make_night: NightMaker
) -> None:
    client.put(path_of("before"), dump_night(make_night(date(2026, 11, 20), id="before")))
    night = stuck(make_night)
    assert client.put(path_of("rec-1"), dump_night(night)).json()["saved"] == "added"
    for path in ("/", f"/nights/{NIGHT}"):
        page = client.get(path)
        assert page.status_code == 200
        told = page.text.replace("\xa0", " ")
        assert "Nothing usable recorded" in told
        assert "recorded badly" in told
        assert "No data for 7 h 30 min (23:00–06:30)." in told
        assert "not worn" not in told
        assert "replayed" not in told
        assert "2 of 30 nights recorded" in told
    listed = client.get("/api/v1/nights").json()["items"]
    assert [each["night"] for each in listed] == ["2026-11-21", "2026-11-20"]
    assert client.get(f"/api/v1/nights/{NIGHT}").json()["state"] == "unknown"
    assert f"/nights/{NIGHT}" in client.get("/nights/2026-11-20").text


def test_a_night_of_one_instant_on_the_hour_can_be_drawn(
    client: Client, make_night: NightMaker
) -> None:
    night = replace(stuck(make_night), faults=(), end_ns=START_NS)
    assert client.put(path_of("rec-1"), dump_night(night)).status_code == 201
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("day", "status", "says"),
    [
        (date(2027, 11, 21), 409, "which is in the future"),
        # Unlike one from the future it is not taken later either: the collector sets it aside.
        (date(1970, 1, 1), 422, "by a clock that was not set. Put when it began"),
    ],
)
def test_a_night_that_cannot_be_of_then_is_refused(
    client: Client, make_night: NightMaker, day: date, status: int, says: str
) -> None:
    night = make_night(day, id="rec-1")
    answer = client.put(path_of("rec-1"), dump_night(night))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in answer.json()["detail"]
    assert client.get("/api/v1/nights").json()["total"] == 0


def test_a_night_under_another_id_is_refused(client: Client, make_night: NightMaker) -> None:
    answer = client.put(path_of("rec-2"), dump_night(make_night(NIGHT, id="rec-1")))
    assert answer.status_code == 422
    assert "rec-1" in answer.json()["detail"]
    assert client.get("/api/v1/nights").json()["total"] == 0


def test_no_rounding_on_the_way_makes_another_judgement(make_night: NightMaker) -> None:
    rng = Random(1)
    plain = make_night(NIGHT, id="rec-1", episodes=0)
    for _ in range(300):
        # To the nanosecond, as the first and the last sample of a recording have it.
        onset_ns = START_NS + rng.randrange(3600 * 10**9)
        lasts_ns = rng.randrange(6 * 3600 * 10**9)
        asleep_s = rng.choice([1.0, rng.random()]) * (lasts_ns / 10**9)
        night = replace(plain, sleeps=(Sleep(onset_ns, onset_ns + lasts_ns, asleep_s),))
        arrived = parse_night(dump_night(night))
        assert arrived == night
        assert judged(arrived) == judged(night)


def judged(night: Night) -> str:
    return judgement_of(night, list(rows_of(night, "me")))


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("info", "timezone"), "Mars/Olympus", "no time zone"),
        (("start_ns",), -1, "UTC nanoseconds"),
        (("episodes", 0, "probability"), 1.5, "from 0 to 1"),
        (("episodes", 0, "end_ns"), 0, "episodes have to lie within"),
        (("faults",), [{"start_ns": 5, "end_ns": 1, "kind": "gap"}], "faults have to lie within"),
        (("episodes", 0, "standing"), "certain", "likely"),
        (("end_ns",), START_NS + 4000 * 86400 * 10**9, "a recording lasts 72 h at most"),
        (("recorded",), 3 * [WHOLE], "recorded spans have to come by time"),
        (("worn",), [WHOLE, HALF], "worn spans have to come by time"),
        (("recorded",), [HALF], "worn spans have to lie within recorded ones"),
        (("awakenings",), "none", "valid"),
        (("info", "start_ns"), 2**63, "a recording starts at UTC nanoseconds since 1970"),
        (("info", "start_ns"), -1, "a recording starts at UTC nanoseconds since 1970"),
        (("sleeps", 0, "asleep_s"), -1.0, "asleep for some of it, and for no longer"),
        (("sleeps", 0, "asleep_s"), 1e308, "asleep for some of it, and for no longer"),
        (("episodes", 0, "id"), "", "the id of an episode"),
        (("episodes", 0, "id"), 65 * "x", "the id of an episode"),
        (("episodes", 0, "id"), "a/b", "the id of an episode"),
        (("episodes", 0, "id"), "..", "the id of an episode"),
        (("episodes", 0, "id"), "ö", "the id of an episode"),
    ],
)
def test_a_night_that_makes_no_sense_is_refused_with_the_place(
    client: Client, make_night: NightMaker, place: tuple[str | int, ...], value: object, said: str
) -> None:
    body = changed(dump_night(make_night(NIGHT, id="rec-1")), place, value)
    answer = client.put(path_of("rec-1"), body)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert "Value error" not in answer.text
    with pytest.raises(InputError, match=said) as caught:
        parse_night(body)
    assert "Value error" not in str(caught.value)


def test_two_episodes_of_one_id_are_refused(client: Client, make_night: NightMaker) -> None:
    night = make_night(NIGHT, id="rec-1", episodes=2)
    same = tuple(replace(each, id="one") for each in night.episodes)
    answer = client.put(path_of("rec-1"), dump_night(replace(night, episodes=same)))
    assert answer.status_code == 422
    assert "no two episodes may have the same id" in answer.json()["detail"]


def test_an_episode_that_another_recording_has_is_the_fault_of_the_night(
    client: Client, make_night: NightMaker
) -> None:
    left = make_night(NIGHT, id="left", name="left")
    right = replace(make_night(NIGHT, id="right", name="right"), episodes=left.episodes)
    assert client.put(path_of("left"), dump_night(left)).status_code == 201
    assert client.put(path_of("right"), dump_night(right)).status_code == 422
    assert client.get("/api/v1/recordings").json()["total"] == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe"])
def test_what_is_no_night_is_refused(client: Client, body: bytes) -> None:
    answer = client.put(path_of("rec-1"), body)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    with pytest.raises(InputError):
        parse_night(body)


def test_only_json_is_taken_for_a_night(client: Client, make_night: NightMaker) -> None:
    body = dump_night(make_night(NIGHT, id="rec-1"))
    answer = client.put(path_of("rec-1"), body, **{"content-type": "text/plain"})
    assert answer.status_code == 422
    assert client.get("/api/v1/nights").json()["total"] == 0


@pytest.mark.parametrize("path", [path_of("rec-1"), "/api/v1/live"])
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json"]
)
def test_a_form_on_a_page_elsewhere_can_send_nothing(
    client: Client, make_night: NightMaker, path: str, kind: str
) -> None:
    # A form can only GET and POST.
    body = dump_night(make_night(NIGHT, id="rec-1"))
    assert client.post(path, body, **{"content-type": kind}).status_code == 405
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
        {
            "device": "PineTime",
            "state": "streaming",
            "battery_percent": 81,
            "rate_hz": 9.9,
            "last_sample_s": None,
        }
    ]
    assert len(told["night"]["episodes"]) == len(night.episodes)
    assert not told["silent"]
    assert client.get("/api/v1/nights").json()["total"] == 0
    client.put(path_of("whole"), dump_night(make_night(NIGHT, id="whole")))
    assert client.get("/api/v1/live").status_code == 404


class Clocks:
    """A clock on the wall, which may be set, and one that only runs."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
        self.run_s = 1000.0

    def live(self) -> Live:
        return Live(lambda: self.wall, lambda: self.run_s)


def test_a_collector_that_falls_silent_is_told_and_later_forgotten() -> None:
    clocks = Clocks()
    live = clocks.live()
    live.tell(LiveReport(0, "UTC"))
    seen = []
    for ago_s in (0.0, SILENT_AFTER_S + 1, FORGOTTEN_AFTER_S + 1):
        clocks.run_s = 1000.0 + ago_s
        tonight = live.tonight()
        seen.append(tonight and tonight.silent)
    assert seen == [False, True, None]


def test_a_clock_that_is_set_makes_nobody_silent() -> None:
    clocks = Clocks()
    live = clocks.live()
    live.tell(LiveReport(0, "UTC"))
    heard = clocks.wall
    for by in (timedelta(days=2), timedelta(days=-4)):
        clocks.wall += by
        tonight = live.tonight()
        assert tonight is not None
        assert (tonight.heard, tonight.silent) == (heard, False)


def test_a_late_word_of_a_night_that_is_over_is_not_heard() -> None:
    clocks = Clocks()
    live = clocks.live()
    live.tell(LiveReport(1, "UTC"))
    live.over(1)
    live.tell(LiveReport(1, "UTC"))
    assert live.tonight() is None
    live.tell(LiveReport(2, "UTC"))
    assert live.tonight() is not None


def test_a_night_that_goes_on_after_all_is_heard_again() -> None:
    clocks = Clocks()
    live = clocks.live()
    live.over(1)
    clocks.run_s += LATE_FOR_S
    live.tell(LiveReport(1, "UTC"))
    tonight = live.tonight()
    assert tonight is not None
    assert (tonight.report.started_ns, tonight.silent) == (1, False)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("timezone",), "Mars/Olympus", "no time zone"),
        (("started_ns",), -1, "greater than or equal to 0"),
        (("started_ns",), 2**63, "less than or equal"),
        (("links", 0, "battery_percent"), 101, "less than or equal to 100"),
        (("links", 0, "rate_hz"), -1.0, "greater than or equal to 0"),
        (("night", "info", "timezone"), "Mars/Olympus", "no time zone"),
        (("night", "end_ns"), 0, "UTC nanoseconds"),
        (("night", "episodes", 0, "probability"), 7, "from 0 to 1"),
    ],
)
def test_a_report_that_makes_no_sense_is_refused_and_the_last_one_stands(
    client: Client, make_night: NightMaker, place: tuple[str | int, ...], value: object, said: str
) -> None:
    night = make_night(NIGHT, id="so-far")
    report = LiveReport(night.info.start_ns, "Europe/Berlin", (LinkReport("P", "idle"),), night)
    client.put("/api/v1/live", dump_live(report))
    answer = client.put("/api/v1/live", changed(dump_live(report), place, value))
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert client.get("/api/v1/live").json()["night"]["recording"] == night.info.name


UNKEPT = [
    ("id",),
    ("info", "wrist"),
    ("model", "name"),
    ("episodes", 0, "id"),
    ("episodes", 0, "evidence", "heart_rose", "unit"),
]


@pytest.mark.parametrize("place", UNKEPT, ids=str)
def test_a_night_with_a_text_that_cannot_be_kept_is_refused(
    client: Client, place: tuple[str | int, ...]
) -> None:
    message = json.dumps({**wire_examples.NIGHT, "id": "rec-1"}).encode()
    for text, what in (("\ud800", "half of a character"), ("a\0", "the character NUL")):
        answer = client.put(path_of("rec-1"), changed(message, place, text))
        assert answer.status_code == 422
        assert what in answer.json()["detail"]
    assert client.put(path_of("rec-1"), message).status_code == 201


def test_a_wearable_whose_name_has_half_of_a_character_is_not_told(client: Client) -> None:
    links = [{"device": "\ud800", "state": "streaming"}]
    report = {"started_ns": START_NS, "timezone": "UTC", "links": links}
    assert client.put("/api/v1/live", json.dumps(report).encode()).status_code == 422
    assert client.get("/api/v1/live").status_code == 404
