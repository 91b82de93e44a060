from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from server.problem_kinds import ProblemKind
from server.store import Store

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

ON_BOTH = True

ENTRY = {"day": "2026-11-21", "kind": "drink", "payload": {"what": "water", "ml": 300}}
ANSWER = {"said": "yes", "pain": 7}
WEARER = {"name": "Anna", "timezone": "Europe/Berlin"}


@pytest.fixture
def kept(store: Store, make_night: NightMaker) -> str:
    night = make_night(episodes=1)
    store.save(night)
    return night.episodes[0].id


def body(message: dict[str, Any], **other: Any) -> bytes:
    return json.dumps(message | other).encode()


@pytest.fixture(params=["diary", "answer", "wearer"])
def thing(request: pytest.FixtureRequest, kept: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """An address, what is put there, and what may take its place."""
    things: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
        "diary": ("/api/v1/diary/cap", ENTRY, {"kind": "sport"}),
        "answer": (f"/api/v1/episodes/{kept}/answer", ANSWER, {"said": "no"}),
        "wearer": ("/api/v1/wearers/anna", WEARER, {"name": "Anna B."}),
    }
    return things[request.param]


def test_what_was_put_is_read_with_the_tag_by_which_it_is_changed(
    client: Client, thing: tuple[str, dict[str, Any], dict[str, Any]]
) -> None:
    path, message, other = thing
    me = "" if "wearers" in path else "?wearer=me"
    assert client.get(path + me).status_code == 404
    put = client.put(path + me, body(message))
    assert put.status_code == (200 if "answer" in path else 201)
    read = client.get(path + me)
    assert read.json() == put.json()
    tag = read.headers["etag"]
    assert put.headers["etag"] == tag
    assert client.get(path + me, **{"if-none-match": tag}).status_code == 304
    changed = client.put(path + me, body(message, **other), **{"if-match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag
    late = client.put(path + me, body(message), **{"if-match": tag})
    assert late.status_code == 412
    assert late.json()["type"] == "/api/v1/problems/changed-meanwhile"
    assert client.get(path + me).json() == changed.json()


def test_a_condition_that_nothing_be_there_makes_it_once(
    client: Client, thing: tuple[str, dict[str, Any], dict[str, Any]]
) -> None:
    path, message, other = thing
    me = "" if "wearers" in path else "?wearer=me"
    assert client.put(path + me, body(message), **{"if-match": "*"}).status_code == 412
    first = client.put(path + me, body(message), **{"if-none-match": "*"})
    assert first.is_success
    again = client.put(path + me, body(message, **other), **{"if-none-match": "*"})
    assert again.status_code == 412
    assert client.get(path + me).json() == first.json()
    assert client.put(path + me, body(message), **{"if-match": "*"}).status_code == 200
    # A weak tag says that two answers mean the same, not that they are the same.
    weak = "W/" + first.headers["etag"]
    assert client.put(path + me, body(message), **{"if-match": weak}).status_code == 412


def test_the_same_entry_twice_is_one_and_changes_nothing(client: Client, kept: str) -> None:
    first = client.put("/api/v1/diary/cap", body(ENTRY))
    again = client.put("/api/v1/diary/cap", body(ENTRY))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert client.get("/api/v1/diary").json()["total"] == 1
    assert first.json()["payload"] == {"what": "water", "ml": 300}


def test_the_diary_by_day_and_kind(client: Client, kept: str) -> None:
    for id_, day, kind in (("a", 19, "drink"), ("b", 21, "drink"), ("c", 20, "sport")):
        entry = body(ENTRY, day=f"2026-11-{day}", kind=kind)
        assert client.put(f"/api/v1/diary/{id_}", entry).status_code == 201

    def ids(query: str) -> list[str]:
        return [each["id"] for each in client.get(f"/api/v1/diary?{query}").json()["items"]]

    assert ids("") == ["b", "c", "a"]
    assert ids("from=2026-11-20") == ["b", "c"]
    assert ids("until=2026-11-20&kind=sport") == ["c"]


def test_what_was_put_can_be_taken_back(client: Client, kept: str) -> None:
    for path, message in (
        ("/api/v1/diary/cap", ENTRY),
        (f"/api/v1/episodes/{kept}/answer", ANSWER),
    ):
        client.put(path, body(message))
        assert client.delete(path).status_code == 204
        assert client.get(path).status_code == 404
        assert client.delete(path).status_code == 404


def test_an_answer_that_was_taken_back_stays_so_for_what_was_said_before(
    store: Store, client: Client, kept: str
) -> None:
    path = f"/api/v1/episodes/{kept}/answer"
    given = client.put(path, body(ANSWER))
    assert client.delete(path, **{"if-match": '"another"'}).status_code == 412
    assert client.delete(path, **{"if-match": given.headers["etag"]}).status_code == 204
    late = client.put(path, body(ANSWER, given_ns=store.now_ns() - 1))
    assert (late.status_code, late.json()["said"], late.json()["pain"]) == (200, "taken_back", None)
    assert client.get(path).status_code == 404
    assert client.get("/api/v1/answers").json()["items"] == []
    assert client.put(path, body(ANSWER)).json() == given.json()


UNKEPT = [
    b'{"x": NaN}',
    b'{"x": "\\ud800"}',
    b'{"x": "' + b"y" * 20_001 + b'"}',
    b"[1]",
    b"{" * 10_000,
    b"\xff",
]


def test_a_payload_that_cannot_be_kept_is_refused(client: Client, kept: str) -> None:
    for payload in UNKEPT:
        message = b'{"day": "2026-11-21", "kind": "drink", "payload": ' + payload + b"}"
        answer = client.put("/api/v1/diary/cap", message)
        assert answer.status_code in (400, 422)
        assert answer.headers["content-type"] == "application/problem+json"
    assert client.get("/api/v1/diary").json()["items"] == []


@pytest.mark.usefixtures("kept")
def test_the_diary_is_not_written_of_days_to_come(client: Client) -> None:
    for day, status in (("2026-11-23", 201), ("2026-11-24", 409)):
        assert client.put(f"/api/v1/diary/{day}", body(ENTRY, day=day)).status_code == status


def test_nobody_keeps_a_diary_in_an_empty_store(client: Client) -> None:
    answer = client.put("/api/v1/diary/cap", body(ENTRY))
    assert answer.status_code == 404
    assert answer.json()["type"] == "/api/v1/problems/unknown-wearer"


def test_no_wearer_without_a_name_an_id_and_a_zone(client: Client) -> None:
    for id_, message in (
        ("Anna", WEARER),
        ("anna", WEARER | {"name": "  "}),
        ("anna", WEARER | {"timezone": "Europe/Nowhere"}),
        ("anna", WEARER | {"name": "a\0b"}),
    ):
        assert client.put(f"/api/v1/wearers/{id_}", body(message)).status_code == 422


def test_the_kinds_of_problems_can_be_read(client: Client) -> None:
    for kind in ProblemKind:
        read = client.get(kind.type).json()
        assert (read["type"], read["status"]) == (kind.type, kind.status.value)
        assert read["meaning"].endswith(".")
    assert client.get("/api/v1/problems/none").status_code == 404


def test_what_cannot_be_asked_is_a_problem_too(client: Client) -> None:
    for answer, status in (
        (client.post("/api/v1/nights", b"{}"), 405),
        (client.delete("/api/v1/alerts"), 405),
        (client.post("/api/v1/x", b"{}"), 404),
    ):
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "about:blank"
