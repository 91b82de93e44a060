from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from detector.night import Standing
from ingest.errors import InputError, StoreError, WearerError
from server import telling
from server.provisional import ProvisionalEpisode, provisional_episodes
from server.store import Store
from server.tables import ProvisionalEpisodeRow
from server.telling import _keep_told, _Sent
from tests.server.conftest import at

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

NIGHT = date(2026, 11, 21)
STARTED_NS = at(NIGHT, "23:00")


def told(**changes: Any) -> bytes:
    message = {
        "started_ns": STARTED_NS,
        "timezone": "Europe/Berlin",
        "onset_ns": at(NIGHT, "01:13"),
        "end_ns": at(NIGHT, "01:15"),
        "probability": 0.6,
        "standing": "possible",
    }
    return json.dumps(message | changes).encode()


def answer(**values: Any) -> bytes:
    return json.dumps(values).encode()


PROVISIONAL = "/api/v1/provisional-episodes"


def test_an_episode_told_at_night_is_kept_once_and_settled_in_the_morning(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    answers = [client.put(f"{PROVISIONAL}/live-1", told()) for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 200]
    assert [each.json() for each in answers] == [
        {"id": "live-1", "new": True},
        {"id": "live-1", "new": False},
    ]
    client.put(
        f"{PROVISIONAL}/live-2", told(onset_ns=at(NIGHT, "05:00"), end_ns=at(NIGHT, "05:01"))
    )
    assert client.get("/api/v1/episodes").json()["total"] == 0
    night = make_night(episodes=1)
    store.save(night)
    listed = client.get(PROVISIONAL).json()["items"]
    assert [(each["id"], each["state"], each["became"]) for each in listed] == [
        ("live-2", "withdrawn", None),
        ("live-1", "confirmed", night.episodes[0].id),
    ]
    assert listed[1]["onset"] == "2026-11-22T01:13:00+01:00"
    assert client.get(f"{PROVISIONAL}?from=2026-11-22").json()["total"] == 0


def test_an_episode_is_taken_back_while_the_night_goes_on(client: Client) -> None:
    client.put(f"{PROVISIONAL}/live-1", told())
    assert client.delete(f"{PROVISIONAL}/live-1").status_code == 204
    assert client.get(PROVISIONAL).json()["items"][0]["state"] == "withdrawn"
    assert client.delete(f"{PROVISIONAL}/nobody").status_code == 404


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("live-1", told()),
        ("live-1?wearer=anna", told()),
        ("live-1?wearer=carl", told()),
        (f"live-1?wearer={'x' * 400}", told()),
        ("x" * 65, told()),
        ("live/1", told()),
        ("live%201?wearer=me", told()),
        ("live-1", told(end_ns=at(NIGHT, "01:12"))),
        ("live-1", told(probability="much")),
        ("live-1", told(moon="full")),
        ("live-1", b"{"),
        ("live-1", b""),
        ("live-1", b"\xff"),
    ],
)
def test_the_short_way_answers_as_the_way_of_every_other_route(
    store: Store, client: Client, place: str, message: bytes
) -> None:
    store.add_wearer("Anna", "Europe/Berlin")
    short = client.put(f"{PROVISIONAL}/{place}", message)
    store.write(lambda session: session.execute(delete(ProvisionalEpisodeRow)))
    # So written, the type is JSON as well, but not as a collector writes it.
    other = client.put(
        f"{PROVISIONAL}/{place}", message, **{"content-type": "application/json; charset=utf-8"}
    )
    assert (short.status_code, short.json()) == (other.status_code, other.json())
    assert short.headers == other.headers


def test_what_the_store_refuses_is_tried_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []

    def refuse(session: Session, sent: Sequence[object]) -> list[tuple[bool, str]]:
        tried.extend(sent)
        raise StoreError("The disk is full.")

    monkeypatch.setattr(telling, "_keep_told", refuse)
    answer = client.put(f"{PROVISIONAL}/live-1", told())
    assert (answer.status_code, answer.json()["detail"]) == (503, "The disk is full.")
    assert len(tried) == 1


def test_a_message_that_is_not_called_json_is_refused(client: Client) -> None:
    refused = client.put(f"{PROVISIONAL}/live-1", told(), **{"content-type": "text/plain"})
    assert refused.status_code == 422


def test_episodes_that_share_a_transaction_are_kept_as_if_each_came_alone(
    store: Store, client: Client
) -> None:
    store.add_wearer("Anna", "Europe/Berlin")
    store.add_wearer("Ben", "Europe/Berlin")

    def sent(asked: str | None, name: str, probability: float, told_ns: int) -> _Sent:
        onset_ns = at(NIGHT, "01:13")
        episode = ProvisionalEpisode(
            name, STARTED_NS, onset_ns, onset_ns, probability, Standing.LIKELY
        )
        return _Sent(asked, "Europe/Berlin", episode, told_ns)

    pieces = [sent("anna", "a", 0.1, 1), sent("ben", "b", 0.2, 2), sent("anna", "a", 0.3, 3)]
    assert store.write(lambda session: _keep_told(session, pieces)) == [
        (True, "anna"),
        (True, "ben"),
        (False, "anna"),
    ]
    with store.reading() as session:
        (anna,) = provisional_episodes(session, "anna")
        (ben,) = provisional_episodes(session, "ben")
    assert (anna.probability, anna.told_ns) == (0.3, 1)
    assert (ben.probability, ben.told_ns) == (0.2, 2)
    with pytest.raises(InputError, match="its id is taken"):
        store.write(lambda session: _keep_told(session, [sent("anna", "b", 0.4, 4)]))
    with pytest.raises(WearerError, match="Several wearers"):
        store.write(lambda session: _keep_told(session, [sent(None, "c", 0.4, 4)]))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"timezone": "Mars/Olympus"}, "no time zone"),
        ({"probability": 1.5}, "less than or equal to 1"),
        ({"standing": "certain"}, "likely"),
        ({"onset_ns": -1}, "greater than or equal to 0"),
        ({"end_ns": 2**63}, "less than or equal"),
        ({"end_ns": 5}, "ends after its onset"),
    ],
)
def test_an_episode_that_makes_no_sense_is_refused(
    client: Client, changes: dict[str, Any], said: str
) -> None:
    refused = client.put(f"{PROVISIONAL}/live-1", told(**changes))
    assert refused.status_code == 422
    assert said in refused.json()["detail"]
    assert client.get(PROVISIONAL).json()["total"] == 0


def test_the_wearer_answers_changes_the_answer_and_takes_it_back(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    night = make_night(episodes=1)
    store.save(night)
    path = f"/api/v1/episodes/{night.episodes[0].id}/answer"
    assert client.put(path, answer(said="unsure")).json()["said"] == "unsure"
    given = client.put(
        path, answer(said="yes", leg="left", muscle="calf", pain=7, helped="rubbing", hurt_min=4)
    ).json()
    assert client.get("/api/v1/answers").json()["items"] == [given]
    assert {key: given[key] for key in ("said", "leg", "muscle", "pain", "helped", "hurt_min")} == {
        "said": "yes", "leg": "left", "muscle": "calf", "pain": 7, "helped": "rubbing",
        "hurt_min": 4.0,
    }  # fmt: skip
    assert (given["asked"], given["night"], given["given"]) == (
        True,
        "2026-11-21",
        "2026-11-22T08:00:00+01:00",
    )
    assert client.delete(f"/api/v1/answers/{given['id']}").status_code == 204
    assert client.delete(f"/api/v1/answers/{given['id']}").status_code == 404
    assert client.get("/api/v1/answers").json()["total"] == 0


def test_a_cramp_that_was_not_found_is_added_once(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    store.save(make_night(episodes=1))
    body = answer(time_ns=at(NIGHT, "04:40"), pain=3)
    for _ in range(2):
        given = client.put("/api/v1/missed-cramps", body).json()
    assert (given["said"], given["asked"], given["pain"]) == ("yes", False, 3)
    assert given["onset"] == given["end"] == "2026-11-22T04:40:00+01:00"
    assert client.get("/api/v1/answers?from=2026-11-21&until=2026-11-21").json()["total"] == 1
    later = answer(time_ns=at(date(2026, 11, 23), "04:40"))
    refused = client.put("/api/v1/missed-cramps", later)
    assert refused.status_code == 422
    assert "in the future" in refused.json()["detail"]


def test_nobody_can_have_missed_a_cramp_where_nobody_is(client: Client) -> None:
    refused = client.put("/api/v1/missed-cramps", answer(time_ns=at(NIGHT, "04:40")))
    assert refused.status_code == 404
    assert "No wearer is here yet" in refused.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        answer(),
        answer(said="perhaps"),
        answer(said="yes", pain=11),
        answer(said="yes", hurt_min=-1),
        answer(said="yes", helped="x" * 201),
        answer(said="yes", leg="third"),
        b"[]",
    ],
)
def test_an_answer_that_is_none_is_refused(
    store: Store, client: Client, make_night: NightMaker, body: bytes
) -> None:
    night = make_night(episodes=1)
    store.save(night)
    path = f"/api/v1/episodes/{night.episodes[0].id}/answer"
    assert client.put(path, body).status_code == 422
    assert client.get("/api/v1/answers").json()["total"] == 0


def test_nobody_answers_for_another_wearer(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    store.add_wearer("Anna", "Europe/Berlin")
    store.add_wearer("Ben", "Europe/Berlin")
    night = make_night(episodes=1)
    store.save(night, "anna")
    path = f"/api/v1/episodes/{night.episodes[0].id}/answer"
    assert client.put(path, answer(said="yes")).status_code == 409
    assert client.put(f"{path}?wearer=ben", answer(said="yes")).status_code == 404
    given = client.put(f"{path}?wearer=anna", answer(said="yes")).json()
    assert client.get("/api/v1/answers?wearer=ben").json()["total"] == 0
    assert client.delete(f"/api/v1/answers/{given['id']}?wearer=ben").status_code == 404
    client.put(f"{PROVISIONAL}/live-1?wearer=anna", told())
    assert client.get(f"{PROVISIONAL}?wearer=ben").json()["total"] == 0
    assert client.delete(f"{PROVISIONAL}/live-1?wearer=ben").status_code == 404
    assert client.put(f"{PROVISIONAL}/live-1?wearer=ben", told()).status_code == 422
