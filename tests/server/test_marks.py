"""What the wearer marked, from the judged night to what is told of it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pytest
from rich.console import Console

from detector.night import Night
from ingest.errors import InputError
from ingest.samples import Mark
from server import queries
from server.store import Store
from server.summary import Morning, overview
from server.terminal import render_morning
from server.wire import Saved, dump_night, parse_night
from tests.server.conftest import Client, NightMaker, at

NIGHT = date(2026, 11, 21)
TAPPED = "three taps: this was a cramp"


def marked_at(night: Night, *clocks: str) -> Night:
    return replace(night, marks=tuple(Mark(at(NIGHT, clock), TAPPED) for clock in clocks))


def morning_of(store: Store) -> Morning:
    found = overview(store, "me", NIGHT).morning
    assert found is not None
    return found


def printed(store: Store, width: int) -> str:
    around = overview(store, "me", NIGHT)
    assert around.morning is not None
    out = io.StringIO()
    Console(file=out, width=width).print(render_morning(around.morning, around))
    return out.getvalue()


def test_marks_are_stored_and_told_beside_the_episodes(
    store: Store, make_night: NightMaker
) -> None:
    # Episodes at 01:13 and 02:13, two minutes long.
    store.save(marked_at(make_night(episodes=2), "01:20", "02:26", "04:00"))
    morning = morning_of(store)
    first, second = morning.episodes
    assert [mark.time.strftime("%H:%M") for mark in morning.marks] == ["01:20", "02:26", "04:00"]
    assert morning.marks_ns(first) == (at(NIGHT, "01:20"),)
    # 02:26 is more than ten minutes after 02:15:05.
    assert morning.marks_ns(second) == ()
    assert [each.standing for each in morning.episodes] == ["likely", "likely"]


def test_a_mark_that_becomes_known_takes_the_place_of_a_night_without(
    store: Store, make_night: NightMaker
) -> None:
    night = make_night()
    assert store.save(night).saved is Saved.ADDED
    assert store.save(marked_at(night, "01:20")).saved is Saved.REPLACED
    assert store.save(marked_at(night, "01:20")).saved is Saved.UNCHANGED
    assert len(morning_of(store).marks) == 1
    assert store.save(night).saved is Saved.REPLACED
    assert morning_of(store).marks == ()


def test_marks_go_with_their_recording(store: Store, make_night: NightMaker) -> None:
    store.save(marked_at(make_night(), "01:20"))
    store.remove("me", ["rec-1"])
    with store.reading() as session:
        assert queries.marks(session, "me") == ()


def test_the_terminal_says_it_at_the_episode_and_apart(
    store: Store, make_night: NightMaker
) -> None:
    store.save(marked_at(make_night(episodes=2), "01:20", "04:00"))
    wide = "\n".join(line.rstrip() for line in printed(store, 120).splitlines())
    narrow = printed(store, 40)
    assert "You marked it" in wide
    assert next(line for line in wide.splitlines() if line.startswith("01:13")).endswith("01:20")
    assert not any(line.endswith("01:20") for line in wide.splitlines() if line[:5] == "02:13")
    assert "You marked it at 01:20." in narrow
    for told in (wide, " ".join(narrow.split())):
        assert "You marked 01:20 as a cramp: the awakening at 01:13." in told
        assert (
            "You marked 04:00 as a cramp. Nothing cramp-like was noticed in the ten minutes before."
        ) in told


def test_without_marks_the_terminal_says_nothing_of_them(
    store: Store, make_night: NightMaker
) -> None:
    store.save(make_night())
    assert "marked" not in printed(store, 120)


def test_the_page_and_the_api_tell_them(
    client: Client, store: Store, make_night: NightMaker
) -> None:
    store.save(marked_at(make_night(episodes=2), "01:20"))
    page = client.get(f"/nights/{NIGHT}").text
    assert page.count("You marked it at 01:20.") == 1
    assert "You marked 01:20 as a cramp: the awakening at 01:13." in page
    told = {"recording_id": "rec-1", "night": "2026-11-21", "label": TAPPED}
    for path in (f"/api/v1/nights/{NIGHT}", "/api/v1/recordings/rec-1"):
        (mark,) = client.get(path).json()["marks"]
        assert mark == told | {"time": "2026-11-22T01:20:00+01:00"}


def test_marks_travel_to_a_server_elsewhere(make_night: NightMaker) -> None:
    night = marked_at(make_night(), "01:20")
    assert parse_night(dump_night(night)) == night


def test_a_collector_that_knows_no_marks_yet_is_understood(make_night: NightMaker) -> None:
    night = make_night()
    older = dump_night(night).replace(b',"marks":[]', b"")
    assert b"marks" not in older
    assert parse_night(older) == night


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        (Mark(-1, TAPPED), "nanoseconds since 1970"),
        (Mark(2**63, TAPPED), "nanoseconds since 1970"),
        (Mark(at(NIGHT, "01:20"), "x" * 1001), "1000 characters at most"),
    ],
)
def test_a_mark_that_cannot_be_is_refused(make_night: NightMaker, mark: Mark, words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_night(dump_night(replace(make_night(), marks=(mark,))))
