from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import inspect
from sqlalchemy.orm import Session

from ingest.errors import InputError, SettingsError, WearerError
from server import queries, summary, wearers
from server.app import create_app
from server.client import ServerClient
from server.live import Live
from server.nights import ONE_DAY
from server.settings import Settings
from server.store import Store
from server.tables import Base
from server.wearer_id import id_of_name, is_wearer_id
from server.wearers import Device, Wearer
from server.wire import LiveReport, Saved, dump_night

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

from tests.server.conftest import client_of

ON_BOTH = True

NIGHT = date(2026, 11, 21)


@pytest.fixture
def two(store: Store, make_night: NightMaker) -> Store:
    """Anna and Ben slept the same night, one cramp-like awakening each."""
    for name in ("Anna", "Ben"):
        store.add_wearer(name, "Europe/Berlin")
        night = make_night(NIGHT, id=f"rec-{name}", name=f"{name}'s night")
        store.save(night, name.lower())
    return store


def test_the_first_night_makes_the_first_wearer(store: Store, make_night: NightMaker) -> None:
    store.save(make_night(timezone="Europe/Lisbon"))
    with store.reading() as session:
        assert wearers.everybody(session) == (Wearer("me", "Me", "Europe/Lisbon"),)


def test_what_two_wearers_slept_is_never_told_as_one(two: Store) -> None:
    for wearer, name in (("anna", "Anna"), ("ben", "Ben")):
        morning = summary.morning(two, wearer, NIGHT)
        assert morning is not None
        assert [each.name for each in morning.recordings] == [f"{name}'s night"]
        assert [each.recording_id for each in morning.episodes] == [f"rec-{name}"]
        assert morning.figures.likely == 1
        assert morning.figures.recorded_s == 7.5 * 3600


def test_a_night_of_one_wearer_is_unknown_to_the_other(two: Store) -> None:
    with two.reading() as session:
        (episode,) = queries.episodes(session, "ben")
        assert queries.recording(session, "anna", "rec-Ben") is None
        assert queries.episode(session, "anna", episode.id) is None
        assert queries.recordings_called(session, "anna", "rec-Ben") == ()
    two.remove("anna", ["rec-Ben"])
    with two.reading() as session:
        assert queries.recording(session, "ben", "rec-Ben") is not None


def test_two_wearers_of_the_same_hours_do_not_overlap(two: Store, make_night: NightMaker) -> None:
    other = make_night(NIGHT, id="rec-left", name="left")
    assert two.save(other, "anna").overlaps == ("Anna's night",)


def test_recordings_of_one_name_do_not_replace_those_of_another_wearer(
    store: Store, make_night: NightMaker
) -> None:
    store.add_wearer("Anna", "Europe/Berlin")
    store.add_wearer("Ben", "Europe/Berlin")
    assert store.save(make_night(id="a", name="left"), "anna").saved is Saved.ADDED
    assert store.save(make_night(id="b", name="left"), "ben").saved is Saved.ADDED


def test_the_same_samples_are_not_of_two_wearers(two: Store, make_night: NightMaker) -> None:
    with pytest.raises(InputError, match=r"is stored as a night of another wearer\. .*remove"):
        two.save(make_night(NIGHT, id="rec-Ben"), "anna")


def test_nothing_is_guessed_where_there_are_several(two: Store, make_night: NightMaker) -> None:
    with pytest.raises(WearerError) as caught:
        two.save(make_night(id="whose?"))
    assert str(caught.value) == (
        "Several wearers' nights are kept here: anna (Anna), ben (Ben). Say whose with "
        "CRAMPWATCH_WEARER."
    )
    assert not caught.value.nobody


def test_a_wearer_that_is_not_there_is_told(two: Store, make_night: NightMaker) -> None:
    with pytest.raises(WearerError, match=r"No wearer has the id 'carl'\. Here are anna") as caught:
        two.save(make_night(id="whose?"), "carl")
    assert caught.value.nobody


def test_the_database_itself_holds_findings_to_the_wearer_of_their_recording(two: Store) -> None:
    with two.reading() as session:
        inspector = inspect(session.connection())
        tables = ("coverage", "sleeps", "episodes", "awakenings", "marks", "faults")
        keys = [key for table in tables for key in inspector.get_foreign_keys(table)]
    assert len(keys) == len(tables)
    for key in keys:
        assert key["constrained_columns"] == ["recording_id", "wearer_id"]
        assert key["referred_columns"] == ["id", "wearer_id"]


def test_the_judgement_does_not_depend_on_whose_night_it_is(make_night: NightMaker) -> None:
    from server.rows import judgement_of, rows_of

    night = make_night(episodes=2)
    one, other = (judgement_of(night, list(rows_of(night, who))) for who in ("anna", "ben"))
    assert one == other


def test_devices_are_remembered_by_wearer_from_the_first_night_to_the_last(
    store: Store, make_night: NightMaker
) -> None:
    first = make_night(date(2026, 11, 19), id="a")
    last = make_night(date(2026, 11, 21), id="b")
    for night in (last, first):
        store.save(night)
    store.save(replace(make_night(id="c"), info=replace(first.info, device="", name="c")))
    with store.reading() as session:
        found = wearers.devices(session, "me")
        assert wearers.devices(session, "anna") == ()
    assert found == (Device("PineTime", "", "", first.start_ns, last.end_ns),)


def test_a_device_known_by_name_is_completed_and_another_of_its_name_kept_apart(
    store: Store, make_night: NightMaker
) -> None:
    store.save(make_night())

    def see(session: Session) -> None:
        for address, start_ns in (("A0", 5), ("A0", 7), ("B1", 9)):
            wearers.saw_device(
                session, "me", "PineTime",
                start_ns=start_ns, end_ns=start_ns + 1, kind="infinitime", address=address,
            )  # fmt: skip

    store.write(see)
    with store.reading() as session:
        found = {each.address: each for each in wearers.devices(session, "me")}
    assert set(found) == {"A0", "B1"}
    assert (found["A0"].kind, found["A0"].first_seen_ns) == ("infinitime", 5)
    assert (found["B1"].first_seen_ns, found["B1"].last_seen_ns) == (9, 10)


@pytest.mark.parametrize(
    ("name", "wearer"),
    [
        ("Anna", "anna"),
        (" Anna  B. ", "anna-b"),
        ("Zoë Ångström", "zoe-angstrom"),
        ("x" * 40, "x" * 32),
    ],
)
def test_an_id_is_made_of_the_name(store: Store, name: str, wearer: str) -> None:
    added = store.add_wearer(name, "Europe/Berlin")
    assert (added.id, added.name) == (wearer, " ".join(name.split()))
    assert is_wearer_id(id_of_name(name))


@pytest.mark.parametrize(
    ("name", "wearer", "zone", "said"),
    [
        ("", None, "Europe/Berlin", "has 1 to 200 characters"),
        ("A" * 201, "anna", "Europe/Berlin", "has 1 to 200 characters"),
        ("安娜", None, "Europe/Berlin", "makes no id for a wearer"),
        ("Anna", "Anna", "Europe/Berlin", "lower-case letters, digits and hyphens"),
        ("Anna", "a/b", "Europe/Berlin", "--id anna"),
        ("Anna", None, "Mars/Olympus", "is no time zone"),
    ],
)
def test_who_cannot_be_a_wearer_is_told(
    store: Store, name: str, wearer: str | None, zone: str, said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        store.add_wearer(name, zone, id=wearer)


def test_no_two_wearers_have_one_id(store: Store) -> None:
    store.add_wearer("Anna", "Europe/Berlin")
    with pytest.raises(SettingsError, match="There is a wearer 'anna' already"):
        store.add_wearer("anna", "Europe/Berlin")


# Over the web


def test_the_api_answers_for_the_wearer_that_is_asked_for(two: Store, client: Client) -> None:
    assert [each["id"] for each in client.get("/api/v1/wearers").json()["items"]] == ["anna", "ben"]
    for path in ("nights", "recordings", "episodes", "faults", "models", "devices"):
        assert client.get(f"/api/v1/{path}").status_code == 409
        assert client.get(f"/api/v1/{path}?wearer=carl").status_code == 404
        assert client.get(f"/api/v1/{path}?wearer=anna").status_code == 200
    for wearer, name in (("anna", "Anna"), ("ben", "Ben")):
        (found,) = client.get(f"/api/v1/recordings?wearer={wearer}").json()["items"]
        assert found["name"] == f"{name}'s night"
        assert client.get(f"/api/v1/nights/{NIGHT}?wearer={wearer}").json()["likely"] == 1
    assert client.get("/api/v1/recordings/rec-Ben?wearer=anna").status_code == 404
    assert client.get("/api/v1/recordings/rec-Ben?wearer=ben").status_code == 200


def test_every_route_with_something_of_a_wearer_takes_one(client: Client) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    without = {
        path
        for path, methods in paths.items()
        for operation in methods.values()
        if "wearer" not in {each["name"] for each in operation.get("parameters", ())}
    }
    assert without == {
        "/healthz",
        "/readyz",
        "/api/v1/problems/{name}",
        "/api/v1/wearers/{wearer_id}",
    }


def test_the_next_page_of_a_list_is_of_the_same_wearer(
    two: Store, client: Client, make_night: NightMaker
) -> None:
    two.save(make_night(date(2026, 11, 20), id="before"), "ben")
    answer = client.get("/api/v1/nights?wearer=ben&limit=1").json()
    assert "wearer=ben" in answer["next"]
    assert client.get(answer["next"]).json()["items"][0]["night"] == "2026-11-20"


def test_the_page_stays_with_the_wearer_that_was_asked_for(
    two: Store, client: Client, make_night: NightMaker
) -> None:
    two.save(make_night(date(2026, 11, 20), id="before"), "ben")
    page = client.get("/?wearer=ben")
    assert page.status_code == 200
    assert 'href="/nights/2026-11-20?wearer=ben"' in page.text
    assert client.get("/nights/2026-11-20?wearer=ben").status_code == 200
    assert client.get("/nights/2026-11-20?wearer=anna").status_code == 404


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    "path",
    [
        "/",
        f"/nights/{NIGHT}",
        f"/nights/{NIGHT}/picture",
        "/nights/2026-11-01",
        "/calendar",
        "/together",
        "/trial",
        "/diary",
        "/diary/standing",
        "/guide",
        "/pairing",
        "/report",
        "/settings",
    ],
)
def test_a_page_that_was_asked_for_by_the_id_shows_the_name(client: Client, path: str) -> None:
    page = client.get(f"{path}?wearer=ben")
    assert '<b>Ben</b> · <a href="/">Somebody else</a>' in page.text
    assert 'href="/calendar?wearer=ben"' in page.text


@pytest.mark.usefixtures("two")
def test_a_page_for_anybody_names_nobody(client: Client) -> None:
    assert "Somebody else" not in client.get("/guide").text
    assert "Somebody else" not in client.get("/guide?wearer=carl").text


@pytest.mark.usefixtures("two")
def test_a_page_asks_whose_nights_are_meant(client: Client) -> None:
    unclear = client.get(f"/nights/{NIGHT}/picture?table=minutes")
    assert unclear.status_code == 409
    for wearer, name in (("anna", "Anna"), ("ben", "Ben")):
        address = f"/nights/{NIGHT}/picture?table=minutes&amp;wearer={wearer}"
        assert f'<a href="{address}">{name}</a>' in unclear.text
    assert "Wessen Nächte?" in client.get("/", **{"accept-language": "de"}).text
    assert client.post(f"/nights/{NIGHT}/missed", b"time=04:40").status_code == 409


def test_a_collector_says_whose_night_it_is(
    two: Store, client: Client, make_night: NightMaker
) -> None:
    night = make_night(date(2026, 11, 20), id="new")
    path = "/api/v1/recordings/new/night"
    assert client.put(path, dump_night(night)).status_code == 409
    assert client.put(f"{path}?wearer=carl", dump_night(night)).status_code == 404
    with ServerClient("http://127.0.0.1", wearer="ben", transport=client.transport()) as collector:
        assert collector.send_night(night) is Saved.ADDED
        collector.tell(LiveReport(1, "UTC"))
    assert client.get("/api/v1/live?wearer=ben").status_code == 200
    assert client.get("/api/v1/live?wearer=anna").status_code == 404
    assert client.get("/api/v1/nights?wearer=ben").json()["total"] == 2
    assert client.get("/api/v1/nights?wearer=anna").json()["total"] == 1


def test_a_collector_that_knows_of_no_wearers_still_delivers(
    client: Client, make_night: NightMaker
) -> None:
    answer = client.put("/api/v1/recordings/new/night", dump_night(make_night(id="new")))
    assert answer.status_code == 201
    assert client.get("/api/v1/nights?wearer=me").json()["total"] == 1


def test_a_server_can_be_set_to_a_wearer(two: Store, settings: Settings) -> None:
    app: FastAPI = create_app(settings.model_copy(update={"wearer": "ben"}))
    with client_of(app) as client:
        (found,) = client.get("/api/v1/recordings").json()["items"]
        assert found["id"] == "rec-Ben"
        assert client.get("/").status_code == 200
        assert "anna" in client.get("/?wearer=anna").text


def test_a_refusal_for_want_of_a_wearer_can_be_put_right_and_is_tried_again() -> None:
    from ingest.errors import ServerError

    def refuse(_: httpx.Request) -> httpx.Response:
        headers = {"content-type": "application/problem+json"}
        return httpx.Response(409, json={"detail": "Several wearers"}, headers=headers)

    with (
        ServerClient("http://127.0.0.1", transport=httpx.MockTransport(refuse)) as collector,
        pytest.raises(ServerError) as caught,
    ):
        collector.tell(LiveReport(1, "UTC"))
    assert not caught.value.final


def test_a_night_that_is_over_ends_no_other_wearers_night() -> None:
    live = Live()
    live.tell(LiveReport(1, "UTC"), "anna")
    live.tell(LiveReport(2, "UTC"), "ben")
    live.over(1, "anna")
    assert live.tonight("anna") is None
    tonight = live.tonight("ben")
    assert tonight is not None
    assert tonight.report.started_ns == 2


def test_every_table_of_findings_names_its_wearer() -> None:
    of_nobody = {
        table.name for table in Base.metadata.sorted_tables if "wearer_id" not in table.columns
    }
    assert of_nobody == {"models", "wearers"}


def test_no_route_tells_a_wearer_anything_of_another(
    two: Store, client: Client, app: FastAPI, make_night: NightMaker
) -> None:
    two.add_wearer("Carl", "Europe/Berlin")
    with two.reading() as session:
        (episode,) = queries.episodes(session, "ben")
    diary = '{"day": "2026-11-21", "kind": "drink", "payload": {"what": "Ben\'s night cap"}}'
    assert client.put("/api/v1/diary/cap?wearer=ben", diary.encode()).status_code == 201
    word = f"/api/v1/episodes/{episode.id}/answer?wearer=ben"
    assert client.put(word, b'{"said": "yes", "helped": "Ben\'s night cap"}').status_code == 200
    for ago in range(1, 15):
        night = make_night(NIGHT - ago * ONE_DAY, id=f"rec-Ben-{ago}", name=f"Ben's night {ago}")
        two.save(night, "ben")
    trial = b'{"habit": "calf_stretches", "first": "2026-11-23", "pairs": 2}'
    assert client.put("/api/v1/trials/bens?wearer=ben", trial).status_code == 201
    names = {
        "night": NIGHT,
        "trial_id": "bens",
        "recording_id": "rec-Ben",
        "episode_id": episode.id,
        "answer_id": 1,
        "entry_id": "cap",
        "upload_id": "sent",
        "name": "invalid",
        "wearer_id": "carl",
    }
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    asked = [path.format(**names) for path, methods in paths.items() if "get" in methods]
    # Who listens is told until the server stops.
    app.state.context.live.events.close()
    asked += ["/", f"/nights/{NIGHT}", f"/nights/{NIGHT}/picture", "/calendar", "/diary", "/report"]
    asked += ["/together", "/trial"]
    asked += [f"/report/{file}" for file in ("report.pdf", "report.html", "report.json")]
    assert len(asked) > 12
    for path in asked:
        stretch = "&start=0&end=60000" if path.endswith("/curves") else ""
        answer = client.get(f"{path}?wearer=carl{stretch}")
        assert answer.status_code in (200, 404), path
        if path != "/api/v1/wearers":
            assert "Ben's night" not in answer.text, path
            # A refusal repeats the id that was asked for, and nothing else.
            assert answer.status_code == 404 or "rec-Ben" not in answer.text, path
