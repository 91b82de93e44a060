from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import InputError
from ingest.samples import FaultKind
from server.cursors import read_cursor, write_cursor
from server.listing import Listing, stretch
from server.provisional import ProvisionalEpisode
from server.store import Store

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

ON_BOTH = True

NIGHT = date(2026, 11, 21)


def followed(client: Client, path: str) -> list[Any]:
    found: list[Any] = []
    onward: str | None = path
    while onward:
        answer = client.get(onward).json()
        assert len(answer["items"]) <= answer["limit"]
        found += answer["items"]
        onward = answer["next"]
    return found


RECORDED = ("nights", "recordings", "episodes", "faults")


def test_every_item_is_met_once_and_in_the_order_of_the_whole_list(
    store: Store, client: Client, month: Callable[[], None]
) -> None:
    month()
    for name in RECORDED:
        whole = client.get(f"/api/v1/{name}?limit=366").json()
        assert whole["next"] is None
        assert whole["total"] == len(whole["items"]) > 1
        for limit in (1, 4):
            assert followed(client, f"/api/v1/{name}?limit={limit}") == whole["items"]


@pytest.mark.parametrize("name", RECORDED)
def test_what_comes_meanwhile_moves_nothing(
    store: Store, client: Client, make_night: NightMaker, name: str
) -> None:
    faults = ((FaultKind.OFF_WRIST, "06:00", "06:10"),)
    for ago in range(1, 5):
        store.save(make_night(NIGHT - timedelta(days=2 * ago), id=f"rec-{ago}", faults=faults))
    whole = client.get(f"/api/v1/{name}").json()["items"]
    first = client.get(f"/api/v1/{name}?limit=2").json()
    store.save(make_night(NIGHT, id="newer", faults=faults))
    rest = followed(client, first["next"])
    assert first["items"] + rest == whole
    store.save(make_night(NIGHT - timedelta(days=7), id="between", faults=faults))
    more = followed(client, first["next"])
    assert [each for each in more if each in rest] == rest
    assert len(more) == len(rest) + 1


def test_a_list_of_what_was_told_goes_on_as_well(client: Client, make_night: NightMaker) -> None:
    from server.client import ServerClient

    night = make_night(episodes=3)
    with ServerClient("http://127.0.0.1", transport=client.transport()) as collector:
        for each in night.episodes:
            collector.tell_episode(
                ProvisionalEpisode(
                    each.id, night.start_ns, each.onset_ns, each.end_ns, 0.5, each.standing
                ),
                "Europe/Berlin",
            )
        collector.send_night(night)
    for each in night.episodes:
        path = f"/api/v1/episodes/{each.id}/answer"
        assert client.put(path, b'{"said": "yes"}').status_code == 200
    for name in ("provisional-episodes", "answers", "alerts", "devices", "models", "wearers"):
        whole = client.get(f"/api/v1/{name}").json()["items"]
        assert followed(client, f"/api/v1/{name}?limit=1") == whole


def test_what_was_recorded_elsewhere_is_left_out(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    faults = ((FaultKind.OFF_WRIST, "06:00", "06:10"),)
    store.save(make_night(NIGHT - timedelta(days=2), id="home", faults=faults))
    store.save(make_night(NIGHT, id="away", timezone="America/New_York", faults=faults))
    for name in RECORDED:
        everything = client.get(f"/api/v1/{name}").json()
        away = client.get(f"/api/v1/{name}?timezone=America/New_York").json()
        assert everything["total"] == 2
        assert away["items"] == everything["items"][:1]
        assert away["total"] == 1
        assert client.get(f"/api/v1/{name}?timezone=Asia/Tokyo").json()["items"] == []


OF_NO_LIST = (
    "x",
    "!!!!",
    "%00",
    base64.urlsafe_b64encode(b"[" * 700).decode(),
    write_cursor(("yesterday",)),
    write_cursor((2**63, "rec")),
    write_cursor((1, 2, 3, 4, 5)),
    write_cursor(("\0", "\0")),
    write_cursor((1, "\ud800")),
)


def test_a_cursor_of_another_list_is_refused(client: Client) -> None:
    for name in (*RECORDED, "alerts", "models"):
        for cursor in OF_NO_LIST:
            answer = client.get(f"/api/v1/{name}?cursor={cursor}")
            assert answer.status_code == 422, (name, cursor)
            assert answer.headers["content-type"] == "application/problem+json"


def test_a_kind_of_fault_that_is_none_only_has_nothing_after_it(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    store.save(make_night(faults=((FaultKind.OFF_WRIST, "06:00", "06:10"),)))
    cursor = write_cursor((2**62, 2**62, "no such kind", "rec"))
    assert client.get(f"/api/v1/faults?cursor={cursor}").json()["items"] != []


places = st.tuples(st.integers(-(2**63), 2**63 - 1), st.text(st.characters(codec="utf-8")))


@given(places)
def test_a_place_comes_back_as_it_was(place: tuple[int, str]) -> None:
    if "\0" in place[1]:
        with pytest.raises(InputError):
            read_cursor(write_cursor(place), (int, str))
    else:
        assert read_cursor(write_cursor(place), (int, str)) == place


@given(st.sets(st.integers(0, 50)), st.integers(1, 7), st.booleans())
def test_any_list_is_cut_without_loss(numbers: set[int], limit: int, newest_first: bool) -> None:
    met: list[int] = []
    cursor: str | None = None
    while True:
        found = stretch(
            Listing(limit=limit, cursor=cursor),
            numbers,
            lambda each: (each,),
            int,
            newest_first=newest_first,
        )
        assert found.total == len(numbers)
        met += found.items
        if not found.more:
            break
        cursor = write_cursor((found.items[-1],))
    assert met == sorted(numbers, reverse=newest_first)
