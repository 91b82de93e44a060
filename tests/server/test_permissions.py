"""Every route of the server, asked by everybody: what each may, and what nobody else may."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server import alert_log, answers, people, queries
from server.app import create_app
from server.kept_tables import AlertRow, NoticeRow, PersonRow, Role
from server.logins import begin_login
from server.permissions import ANYBODY, OWNER_ALONE, PERMISSIONS, Routes, who_may
from server.settings import database_url, load_settings
from server.store import Store
from server.tables import WearerRow
from server.throttle import Throttle
from server.tokens import issue_token
from tests.server.conftest import NOW, client_of
from tests.server.test_backup import fill

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

NIGHT = date(2026, 11, 21)

Headers: TypeAlias = dict[str, str]
Asking: TypeAlias = "tuple[Client, dict[str, Headers], dict[str, str]]"

APP = create_app(load_settings())
ROUTES = sorted(Routes(APP.routes))

NUMBERS = {
    "first": "2026-11-15",
    "last": "2026-11-21",
    "recorded": 7,
    "confirmed": 4,
    "open": 0,
    "found_nights": 4,
    "usual": None,
}
"""What an alert gives."""

ANSWERS = {
    # What each answers to whoever may ask, for Anna, where an empty body or form is sent.
    "POST /login": 401,
    "POST /logout": 303,
    "POST /language": 404,
    "GET /shared/{secret}": 404,
    "GET /static/bokeh/{installed}/{name}": 404,
    "GET /api/v1/nights/{night}/curves": 422,
    "GET /shared/{secret}/{file}": 404,
    "POST /alerts/{alert_id}/acknowledge": 303,
    "POST /account/log-out-everywhere": 303,
    "PUT /api/v1/recordings/{recording_id}/night": 422,
    "PUT /api/v1/live": 422,
    "PUT /api/v1/provisional-episodes/{episode_id}": 422,
    "DELETE /api/v1/provisional-episodes/{episode_id}": 204,
    "GET /api/v1/live": 404,
    "GET /api/v1/adjustment": 404,
    "PUT /api/v1/uploads/{upload_id}": 422,
    "DELETE /api/v1/uploads/{upload_id}": 204,
    "PUT /api/v1/diary/{entry_id}": 422,
    "DELETE /api/v1/diary/{entry_id}": 204,
    "PUT /api/v1/wearers/{wearer_id}": 422,
    "PUT /api/v1/episodes/{episode_id}/answer": 422,
    "PUT /api/v1/missed-cramps": 422,
    "DELETE /api/v1/answers/{answer_id}": 204,
    # The same answer, by its episode: it was taken back just before.
    "DELETE /api/v1/episodes/{episode_id}/answer": 404,
    "POST /episodes/{episode_id}/answer": 422,
    "POST /nights/{night}/missed": 422,
    "POST /nights/{night}/trips/{onset_ns}": 404,
    "POST /answers/{answer_id}": 422,
    "POST /diary/days/{day}": 303,
    "POST /diary/standing/{fact_id}": 422,
    "POST /trial/{trial_id}": 422,
    "POST /trial/{trial_id}/stop": 303,
    "PUT /api/v1/trials/{trial_id}": 422,
    "POST /report": 422,
    "POST /report/links/{share_id}/end": 404,
    "POST /settings/language": 303,
    "POST /settings/season": 303,
    "POST /settings/learning": 303,
    "POST /settings/test": 404,
    "POST /settings/channels": 422,
    "POST /settings/channels/{channel_id}": 404,
    "POST /settings/channels/{channel_id}/forget": 404,
    "POST /api/v1/notices/test": 422,
    "PUT /api/v1/push-subscriptions": 422,
    "DELETE /api/v1/push-subscriptions/{subscription_id}": 404,
}
"""Every other answers 200."""


def test_every_route_stands_in_the_table() -> None:
    missing = [route for route in ROUTES if route not in PERMISSIONS]
    assert not missing, f"say in server/permissions.py who may ask for {', '.join(missing)}"


def test_the_table_has_no_route_that_is_not_there() -> None:
    assert [route for route in PERMISSIONS if route not in ROUTES] == []


def test_a_route_that_nobody_thought_of_is_the_owners_alone() -> None:
    assert who_may("GET /api/v1/new") == OWNER_ALONE
    assert None not in who_may(None)


def test_what_anybody_may_ask_for_is_only_this() -> None:
    assert {route for route, allowed in PERMISSIONS.items() if allowed == ANYBODY} == {
        "GET /healthz",
        "GET /readyz",
        "GET /static",
        "GET /static/bokeh/{installed}/{name}",
        "GET /login",
        "POST /login",
        "POST /logout",
        "POST /language",
        "GET /shared/{secret}",
        "GET /api/v1/problems/{name}",
        "GET /shared/{secret}/{file}",
    }


def test_a_route_is_found_as_the_router_finds_it() -> None:
    routes = Routes(APP.routes)
    for context in iter_route_contexts(APP.routes):
        for method in context.methods or {"GET"}:
            path = re.sub(r"\{\w+\}", "2026-11-21", str(context.path))
            found = routes.find(method, path + ("/style.css" if context.methods is None else ""))
            assert found == f"{'GET' if method == 'HEAD' else method} {context.path}"
    assert routes.find("GET", "/no/such/page") is None
    assert routes.find("PATCH", "/") is None
    assert routes.find("GET", "/login/") is None


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Store]]:
    """One server for all of these tests: what they ask for is mostly refused."""
    home = tmp_path_factory.mktemp("served")
    settings = load_settings(data_dir=home, database_url=database_url(home / "s.db"))
    store = Store.open(settings.database_url, now=lambda: NOW)
    store.write(lambda session: people.set_owner(session, "nobody's", now_ns=1))
    app = create_app(settings.model_copy(update={"names": ("pi.local",)}), store=store)
    with client_of(app, "http://pi.local", "192.168.1.20") as client:
        # By its clock an hour goes by between two logins.
        throttle = Throttle(itertools.count(step=3600).__next__)
        app.state.context = replace(app.state.context, throttle=throttle)
        # Whoever listens is told until the server stops.
        app.state.context.live.events.close()
        yield client, store


@pytest.fixture
def asking(served: tuple[Client, Store], make_night: NightMaker) -> Asking:
    """Anna's and Ben's nights, everybody who may ask for Anna's, and what is Anna's by its name."""
    client, store = served
    now_ns = store.now_ns()

    def clear(session: Session) -> None:
        session.execute(delete(WearerRow))
        session.execute(delete(PersonRow))

    def work(session: Session) -> dict[str, Headers]:
        for alert in session.scalars(select(AlertRow)):
            alert.numbers = NUMBERS
        session.execute(delete(NoticeRow))
        people.set_owner(session, "nobody's", now_ns=now_ns)
        by: dict[str, Headers] = {"nobody": {}}
        for role, person in (("owner", "owner"), ("carer", "annas-secret")):
            found = people.find_person(session, person)
            assert found is not None
            _, secret = begin_login(session, found[0], now_ns=now_ns)
            by[role] = {"cookie": f"crampwatch={secret}", "origin": "http://pi.local"}
        for token in Role:
            _, text = issue_token(session, token.value, token, wearer="anna", now_ns=now_ns)
            by[f"{token.value} token"] = {"authorization": f"Bearer {text}"}
        return by

    store.write(clear)
    for wearer in ("anna", "ben"):
        fill(store, make_night, wearer)
    by = store.write(work)
    with store.reading() as session:
        (episode,) = queries.episodes(session, "anna")
        (answer,) = answers.answers(session, "anna", (None, None))
        (alert,) = alert_log.alerts(session, "anna")
    names = {
        "night": str(NIGHT),
        "recording_id": "annas-secret-rec",
        "episode_id": episode.id,
        "answer_id": str(answer.id),
        "onset_ns": "1",
        "alert_id": str(alert.id),
        "day": str(NIGHT),
        "fact_id": "annas-secret-fact",
        "secret": "none",
        "share_id": "none",
        "subscription_id": "99",
        "channel_id": "99",
        "installed": "0.1",
        "entry_id": "annas-secret-d",
        "trial_id": "annas-secret-t",
        "upload_id": "annas-secret-u",
        "wearer_id": "anna",
        "name": "invalid",
        "file": "nights.csv",
    }
    return client, by, names


def ask(client: Client, route: str, names: dict[str, str], who: Headers, wearer: str) -> int:
    method, _, template = route.partition(" ")
    path = template.format(**names)
    if route == "GET /static":
        path = "/static/style.css"
    if route.startswith("DELETE /api/v1/provisional"):
        path = template.format(episode_id=f"{wearer}s-secret-p")
    return client.ask(method, f"{path}?wearer={wearer}", **who).status_code


ROLES = {
    "nobody": None,
    "owner": Role.OWNER,
    "carer": Role.CARER,
    "carer token": Role.CARER,
    "owner token": Role.OWNER,
    "collector token": Role.COLLECTOR,
    "doctor token": Role.DOCTOR,
}


def what_it_ends(route: str) -> tuple[bool, bool]:
    """What takes something away comes after the rest, and what ends a login at last."""
    return "log-out" in route or "logout" in route, route.startswith("DELETE")


@pytest.mark.parametrize("who", ROLES)
def test_everybody_gets_from_every_route_what_the_table_says(asking: Asking, who: str) -> None:
    client, by, names = asking
    for route in sorted(ROUTES, key=what_it_ends):
        if ROLES[who] in PERMISSIONS[route]:
            expected = ANSWERS.get(route, 200)
        else:
            expected = 401 if who == "nobody" else 403
        if who == "owner" and "everywhere" in route:
            continue
        assert ask(client, route, names, by[who], "anna") == expected, route


@pytest.mark.parametrize("who", ["carer", "carer token", "collector token", "doctor token"])
def test_the_right_role_gets_nothing_of_another_wearer(asking: Asking, who: str) -> None:
    client, by, names = asking
    for route in ROUTES:
        if None not in PERMISSIONS[route]:
            for other in ("ben", "carl"):
                assert ask(client, route, names, by[who], other) == 403, route


@pytest.mark.parametrize("asked", ["wearer=ben&wearer=anna", "wearer=anna&wearer=ben", "wearer=b"])
def test_naming_a_wearer_twice_is_no_way_round(asking: Asking, asked: str) -> None:
    client, by, _ = asking
    assert client.ask("GET", f"/api/v1/nights?{asked}", **by["carer"]).status_code == 403


def test_whoever_is_of_a_wearer_need_not_name_one_and_hears_of_no_other(
    asking: Asking, served: tuple[Client, Store]
) -> None:
    (client, by, names), (_, store) = asking, served
    readable = [route for route in ROUTES if route.startswith("GET ") and route in PERMISSIONS]
    asked = [route for route in readable if Role.CARER in PERMISSIONS[route]]
    assert len(asked) > 15
    with store.reading() as session:
        (bens,) = queries.episodes(session, "ben")
    bens_names = names | {
        "recording_id": "bens-secret-rec",
        "episode_id": bens.id,
        "entry_id": "bens-secret-d",
        "trial_id": "bens-secret-t",
        "upload_id": "bens-secret-u",
        "wearer_id": "ben",
    }
    named = {"recording_id", "episode_id", "entry_id", "trial_id", "upload_id", "wearer_id"}
    for route in asked:
        template = route.removeprefix("GET ")
        if template == "/static":
            continue
        mine = client.ask("GET", template.format(**names), **by["carer"])
        assert mine.status_code == ANSWERS.get(route, 200), route
        assert "ben" not in re.findall(r"[a-z]+", mine.text), route
        assert "bens-secret" not in mine.text, route
        if named & set(re.findall(r"\w+", template)):
            theirs = client.ask("GET", template.format(**bens_names), **by["carer"])
            assert theirs.status_code == (403 if "wearer_id" in template else 404), route
    assert [
        w["id"] for w in client.ask("GET", "/api/v1/wearers", **by["carer"]).json()["items"]
    ] == ["anna"]


def test_a_collector_keeps_nights_of_its_own_wearer_whoever_is_named(
    asking: Asking, make_night: NightMaker, served: tuple[Client, Store]
) -> None:
    from server.wire import dump_night

    (client, by, _), (_, store) = asking, served
    night = make_night(date(2026, 11, 20), id="new")
    path, who = "/api/v1/recordings/new/night", by["collector token"]
    assert client.ask("PUT", f"{path}?wearer=ben", dump_night(night), **who).status_code == 403
    answer = client.ask("PUT", path, dump_night(night), content_type="application/json", **who)
    assert answer.status_code == 201
    with store.reading() as session:
        assert queries.recording(session, "anna", "new") is not None


def test_a_recording_is_sent_for_its_own_wearer_and_takes_no_id_of_another(asking: Asking) -> None:
    client, by, _ = asking
    path, who = "/api/v1/uploads/bens-secret-u?name=a.zip", by["collector token"]
    assert client.ask("PUT", f"{path}&wearer=ben", b"x", **who).status_code == 403
    taken = client.ask("PUT", path, b"x", **who)
    assert (taken.status_code, taken.json()["type"]) == (422, "/api/v1/problems/unusable")
    assert client.ask("DELETE", "/api/v1/uploads/bens-secret-u", **who).status_code == 404
    sent = client.ask("GET", "/api/v1/uploads", **who).json()["items"]
    assert [each["id"] for each in sent] == ["annas-secret-u"]


def test_a_token_of_one_wearer_changes_no_other_and_adds_none(asking: Asking) -> None:
    client, by, _ = asking
    message, kind = b'{"name": "Anna B.", "timezone": "Europe/Berlin"}', "application/json"
    for name, status in (("anna", 200), ("ben", 403), ("carl", 403)):
        path = f"/api/v1/wearers/{name}"
        answer = client.ask("PUT", path, message, content_type=kind, **by["owner token"])
        assert answer.status_code == status
    assert answer.json()["type"] == "/api/v1/problems/other-wearer"


def test_who_listens_hears_of_the_own_wearer_alone(
    asking: Asking, served: tuple[Client, Store]
) -> None:
    client, by, names = asking
    (hello,) = re.findall("id: (.+)", client.ask("GET", "/api/v1/events", **by["carer"]).text)
    for wearer, day in (("ben", 19), ("anna", 20)):
        path = f"/api/v1/diary/{wearer}-new?wearer={wearer}"
        entry = f'{{"day": "2026-11-{day}", "kind": "drink", "payload": {{}}}}'.encode()
        sent = client.ask("PUT", path, entry, content_type="application/json", **by["owner"])
        assert sent.status_code == 201
    seen = f"/alerts/{names['alert_id']}/acknowledge?wearer=anna"
    assert client.ask("POST", seen, **by["carer"]).status_code == 303
    heard = client.ask("GET", "/api/v1/events", last_event_id=hello, **by["carer"]).text
    assert re.findall('"href":"(.+)"', heard) == ["/api/v1/diary/anna-new", "/api/v1/alerts"]


def test_who_acknowledged_an_alert_is_kept(
    asking: Asking,
) -> None:
    client, by, names = asking
    for who in ("carer", "carer token", "owner token"):
        client.ask("POST", f"/api/v1/alerts/{names['alert_id']}/acknowledge", **by[who])
    (alert,) = client.ask("GET", "/api/v1/alerts", **by["carer"]).json()["items"]
    acknowledged = [each["who"] for each in alert["events"] if each["step"] == "acknowledged"]
    assert acknowledged[0] == "annas-secret"
    assert re.fullmatch(r"token [0-9a-f]{12}", acknowledged[1])
    assert acknowledged[2] == "wearer"


@pytest.mark.parametrize("method", ["PATCH", "TRACE", "OPTIONS", "HEAD"])
@pytest.mark.parametrize("path", ["/", "/api/v1/nights", "/no/such/page"])
def test_no_other_method_tells_a_stranger_anything(asking: Asking, method: str, path: str) -> None:
    client, by, _ = asking
    assert client.ask(method, path).status_code == 401
    assert client.ask(method, path, **by["carer"]).status_code in (404, 405)
