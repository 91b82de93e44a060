from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from crampwatch.access import share_nights
from server import shares
from server.settings import Settings
from server.store import Store
from server.wearer_day import today, zone_now

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

EVENING = datetime(2026, 11, 22, 20, tzinfo=UTC)
"""In Auckland 09:00 of the day after, in Honolulu 10:00 and in Berlin 21:00 of the same day."""

ZONES = [
    ("Pacific/Auckland", date(2026, 11, 23)),
    ("Europe/Berlin", date(2026, 11, 22)),
    ("Pacific/Honolulu", date(2026, 11, 22)),
]


@pytest.fixture(autouse=True)
def clock_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.store._utc_now", lambda: EVENING)


@pytest.mark.parametrize(("timezone", "day"), ZONES)
def test_every_page_is_of_the_day_where_the_wearer_is(
    store: Store, client: Client, make_night: NightMaker, timezone: str, day: date
) -> None:
    last_night = day - timedelta(days=1)
    store.save(make_night(last_night, timezone=timezone))
    assert "Last night (" in client.get("/").text
    assert f'action="/diary/days/{day}"' in client.get("/diary").text
    assert f'name="until" value="{last_night}"' in client.get("/report").text
    assert client.get("/metrics").text.count("crampwatch_days_since_newest_night 1.0") == 1


@pytest.mark.parametrize(("timezone", "day"), ZONES)
def test_what_is_still_to_come_is_so_where_the_wearer_is(
    store: Store, client: Client, make_night: NightMaker, timezone: str, day: date
) -> None:
    store.save(make_night(day - timedelta(days=1), timezone=timezone))
    for later, status in ((1, 201), (2, 409)):
        entry = {"day": f"{day + timedelta(days=later)}", "kind": "habits", "payload": {}}
        answer = client.put(f"/api/v1/diary/{later}", json.dumps(entry).encode())
        assert answer.status_code == status, answer.text


@pytest.mark.parametrize(("timezone", "day"), ZONES)
def test_a_link_reaches_to_last_night_of_the_wearer(
    store: Store,
    make_night: NightMaker,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    timezone: str,
    day: date,
) -> None:
    store.save(make_night(timezone=timezone))
    monkeypatch.setattr("crampwatch.access.load_settings", lambda: settings)
    share_nights(None, None, None, days=14, name="Ada")
    with store.reading() as session:
        (share,) = shares.standing(session, "me", now_ns=store.now_ns())
    assert share.last == day - timedelta(days=1)


def test_it_is_the_zone_of_the_newest_night_or_at_home(
    store: Store, make_night: NightMaker
) -> None:
    store.add_wearer("Ann", "America/New_York", id="ann")
    store.add_wearer("Me", "Europe/Berlin", id="me")
    store.save(make_night(date(2026, 11, 20), timezone="Europe/Berlin"), "me")
    store.save(make_night(id="rec-2", timezone="Pacific/Auckland"), "me")
    with store.reading() as session:
        zones = [zone_now(session, each).key for each in ("ann", "me", "nobody")]
        assert zones == ["America/New_York", "Pacific/Auckland", "UTC"]
        assert today(session, "me", store.now_ns()) == date(2026, 11, 23)
        assert today(session, "ann", store.now_ns()) == date(2026, 11, 22)
