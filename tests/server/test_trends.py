from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.night import Span
from ingest.samples import NS_PER_S
from server import alert_log
from server.alert_log import lives
from server.alerts.judge import judge
from server.asked_nights import asked_nights
from server.night_sums import _by_the_clock, _seconds_by_hour
from server.store import Store
from server.trends import MAX_WEEKS

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

NIGHT = date(2026, 11, 21)


def asked(client: Client, query: str = "") -> dict[str, Any]:
    answer = client.get(f"/api/v1/trends{query}")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_weeks_count_what_the_nights_themselves_tell(
    store: Store, client: Client, month: Callable[[], None]
) -> None:
    month()
    nights = client.get("/api/v1/nights?limit=366").json()["items"]
    weeks = asked(client, "?from=2026-10-26")["weeks"]
    assert [each["first"] for each in weeks] == [
        "2026-10-26",
        "2026-11-02",
        "2026-11-09",
        "2026-11-16",
    ]
    for week in weeks:
        within = [each for each in nights if week["first"] <= each["night"] <= week["last"]]
        assert week["likely"] == sum(each["likely"] for each in within)
        assert week["possible"] == sum(each["possible"] for each in within)
        assert week["searched_s"] == sum(each["searched_s"] for each in within)
        assert week["valid"] == sum(each["searched_s"] >= 4 * 3600 for each in within)
    newest = weeks[-1]
    assert (newest["recorded"], newest["valid"], newest["open"]) == (4, 4, 5)
    assert newest["cramps"] == pytest.approx(3 * 0.78 + 2 * 0.41)
    assert newest["cramp_nights"] == pytest.approx(1 - 0.22**2 * 0.59 + 1 - 0.22 * 0.59)


def test_an_answer_takes_the_place_of_the_probability(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    night = make_night(NIGHT, episodes=2)
    store.save(night)
    for episode, said in zip(night.episodes, (b"yes", b"no"), strict=True):
        path = f"/api/v1/episodes/{episode.id}/answer"
        assert client.put(path, b'{"said": "' + said + b'"}').status_code == 200
    found = asked(client)
    week = found["weeks"][-1]
    assert (week["cramps"], week["confirmed"], week["open"], week["likely"]) == (1.0, 1, 0, 2)
    hours = {each["hour"]: each for each in found["hours"]}
    assert (hours[1]["cramps"], hours[2]["cramps"]) == (1.0, 0.0)
    assert (hours[1]["likely"], hours[2]["likely"]) == (1, 1)


def test_a_night_of_which_too_little_was_searched_is_no_night_without_cramps(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    store.save(make_night(NIGHT, hours=2.5))
    week = asked(client)["weeks"][-1]
    assert (week["recorded"], week["valid"], week["cramps"], week["open"]) == (1, 0, 0.0, 0)
    assert week["likely"] == 1


def test_what_two_recordings_saw_is_counted_once(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    store.save(make_night(NIGHT, id="left", name="left"))
    once = asked(client)
    store.save(make_night(NIGHT, id="right", name="right"))
    assert asked(client) == once


def test_the_hours_hold_every_second_that_was_searched(
    store: Store, client: Client, month: Callable[[], None]
) -> None:
    month()
    found = asked(client)
    hours = found["hours"]
    assert [each["hour"] for each in hours] == [*range(12, 24), *range(12)]
    searched = sum(each["searched_s"] for each in found["weeks"])
    assert sum(each["searched_s"] for each in hours) == pytest.approx(searched)
    by_hour = {each["hour"]: each for each in hours}
    # Asleep from a quarter past eleven on, in every night that has a sleep at all.
    assert by_hour[23]["searched_s"] == 13 * 45 * 60
    assert by_hour[12]["searched_s"] == 0
    assert sum(each["likely"] for each in hours) == sum(e["likely"] for e in found["weeks"])


def test_the_hour_that_comes_twice_has_twice_the_seconds(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    store.save(make_night(date(2026, 10, 24), hours=9))
    by_hour = {each["hour"]: each["searched_s"] for each in asked(client)["hours"]}
    assert (by_hour[1], by_hour[2], by_hour[3]) == (3600, 7200, 3600)


def test_weeks_in_which_nothing_was_recorded_are_there_and_say_so(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    store.save(make_night(NIGHT - timedelta(days=21), id="before"))
    store.save(make_night(NIGHT, id="now"))
    weeks = asked(client)["weeks"]
    assert len(weeks) == 52
    assert [each["recorded"] for each in weeks[-5:]] == [0, 1, 0, 0, 1]
    assert all(
        date.fromisoformat(b["first"]) - date.fromisoformat(a["first"]) == timedelta(days=7)
        for a, b in pairwise(weeks)
    )
    assert len(asked(client, "?from=1678-01-01")["weeks"]) == MAX_WEEKS
    assert [each["recorded"] for each in asked(client, "?until=2026-11-05")["weeks"]][-2:] == [1, 0]
    assert asked(client, "?from=2027-01-01")["weeks"] == []


def test_nothing_recorded_has_no_weeks(client: Client) -> None:
    found = asked(client)
    assert found["weeks"] == []
    assert sum(each["searched_s"] for each in found["hours"]) == 0
    assert client.get("/api/v1/trends/usual").json() == {"night": None, "usual": None}


def test_the_usual_is_the_one_of_the_alerts(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    for ago in range(40):
        night = NIGHT - timedelta(days=ago)
        store.save(make_night(night, id=f"rec-{ago}", episodes=int(ago % 5 == 0)))
    with store.reading() as session:
        kept = lives("me", alert_log.alerts(session, "me"))
        judgement = judge(asked_nights(session, "me"), kept, "me")
    assert judgement is not None
    usual = judgement.usual
    assert usual is not None
    assert client.get("/api/v1/trends/usual").json() == {
        "night": "2026-11-21",
        "usual": {"mean": usual.mean, "least": usual.least, "most": usual.most},
    }
    assert 0 < usual.least + usual.mean < usual.most


ZONES = ("Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "UTC")
instants = st.integers(
    int(datetime(2000, 1, 1, tzinfo=UTC).timestamp()),
    int(datetime(2040, 1, 1, tzinfo=UTC).timestamp()),
)


@given(instants, st.integers(0, 72 * 3600), st.sampled_from(ZONES))
def test_no_second_is_lost_or_counted_twice_by_the_clock(
    start_s: int, length_s: int, zone: str
) -> None:
    span = Span(start_s * NS_PER_S, (start_s + length_s) * NS_PER_S)
    by_hour = _seconds_by_hour(list(_by_the_clock(span, ZoneInfo(zone))))
    assert by_hour.sum() == length_s
    assert (by_hour >= 0).all()
