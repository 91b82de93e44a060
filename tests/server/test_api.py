from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import jsonschema_rs
import pytest
from fastapi import FastAPI
from fastapi.openapi.models import OpenAPI

from ingest.samples import FaultKind
from server.problems import NO_ADDRESS
from server.store import Store

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

from tests.server.conftest import client_of

NIGHT = date(2026, 11, 21)


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["status"] == status
    return told


def test_nights_newest_first_in_figures(
    store: Store, client: Client, month: Callable[[], None]
) -> None:
    month()
    answer = client.get("/api/v1/nights").json()
    assert answer["total"] == 13
    assert answer["next"] is None
    assert answer["items"][0] == {
        "night": "2026-11-21",
        "state": "found",
        "recorded_s": 27600.0,
        "worn_s": 27000.0,
        "searched_s": 25500.0,
        "likely": 2,
        "possible": 1,
    }
    nights = [each["night"] for each in answer["items"]]
    assert nights == sorted(nights, reverse=True)


def test_nights_within_a_range_both_ends_included(
    store: Store, client: Client, month: Callable[[], None]
) -> None:
    month()
    answer = client.get("/api/v1/nights?from=2026-11-12&until=2026-11-14").json()
    assert [(each["night"], each["state"]) for each in answer["items"]] == [
        ("2026-11-14", "found"),
        ("2026-11-13", "none_found"),
        ("2026-11-12", "none_found"),
    ]
    assert client.get("/api/v1/nights?until=2020-01-01").json()["items"] == []


def test_following_next_gives_every_item_once(
    store: Store, client: Client, month: Callable[[], None]
) -> None:
    month()
    seen: list[str] = []
    path: str | None = "/api/v1/nights?limit=5&until=2026-11-20"
    pages = 0
    while path:
        answer = client.get(path).json()
        assert answer["total"] == 12
        seen += [each["night"] for each in answer["items"]]
        path = answer["next"]
        pages += 1
    assert pages == 3
    assert len(seen) == len(set(seen)) == 12
    assert max(seen) == "2026-11-19"


def test_one_night_with_all_that_was_found(
    store: Store, client: Client, month: Callable[[], None]
) -> None:
    month()
    night = client.get("/api/v1/nights/2026-11-21").json()
    assert night["timezone"] == "Europe/Berlin"
    assert night["sleeps"] == [
        {
            "onset": "2026-11-21T23:15:00+01:00",
            "wake": "2026-11-22T06:20:00+01:00",
            "asleep_s": 24300.0,
        }
    ]
    assert night["searched"] == [
        {"start": "2026-11-21T23:15:00+01:00", "end": "2026-11-22T06:20:00+01:00"}
    ]
    assert [(e["standing"], e["onset"]) for e in night["episodes"]] == [
        ("likely", "2026-11-22T01:13:00+01:00"),
        ("possible", "2026-11-22T01:47:00+01:00"),
        ("likely", "2026-11-22T02:13:00+01:00"),
    ]
    assert [(f["kind"], f["start"], f["end"]) for f in night["faults"]] == [
        ("no_heart_rate", "2026-11-22T04:00:00+01:00", "2026-11-22T05:10:00+01:00"),
        ("off_wrist", "2026-11-22T06:30:00+01:00", "2026-11-22T06:40:00+01:00"),
    ]
    assert night["worn"] == [
        {"start": "2026-11-21T23:00:00+01:00", "end": "2026-11-22T06:30:00+01:00"}
    ]
    assert len(night["awakenings"]) == 4
    assert night["recordings"][0]["model"] == {"name": "transparent", "version": "1"}


def test_times_carry_the_offset_of_either_side_of_a_clock_change(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    store.save(make_night(date(2026, 10, 24), hours=9))
    recording = client.get("/api/v1/recordings/rec-1").json()
    assert (recording["start"], recording["end"]) == (
        "2026-10-24T23:00:00+02:00",
        "2026-10-25T07:00:00+01:00",
    )


def test_an_episode_with_its_evidence(store: Store, client: Client, make_night: NightMaker) -> None:
    store.save(make_night())
    (episode,) = client.get("/api/v1/episodes").json()["items"]
    assert episode == {
        "id": "rec-1-1-likely-0",
        "recording_id": "rec-1",
        "night": "2026-11-21",
        "onset": "2026-11-22T01:13:00+01:00",
        "end": "2026-11-22T01:15:05+01:00",
        "duration_s": 125.0,
        "probability": 0.78,
        "standing": "likely",
        "heart_rate_rise_bpm": 14.2,
        "got_up": False,
        "evidence": {
            "out_of_rest": {"value": 312.0, "unit": "s", "contribution": 0.8},
            "heart_rose": {"value": 14.2, "unit": "bpm", "contribution": 1.5},
            "sat_up": {"value": 64.0, "unit": "deg", "contribution": 0.7},
            "long_walk": {"value": 31.0, "unit": "s", "contribution": -0.3},
            "off_wrist": {"value": 0.0, "unit": "1", "contribution": 0.0},
        },
        "others": {"large_movement": 0.15, "bathroom": 0.07},
        "model": {"name": "transparent", "version": "1"},
    }
    assert client.get(f"/api/v1/episodes/{episode['id']}").json() == episode


def test_episodes_by_standing_and_night(
    store: Store, client: Client, month: Callable[[], None]
) -> None:
    month()
    possible = client.get("/api/v1/episodes?standing=possible").json()
    assert [each["night"] for each in possible["items"]] == [
        "2026-11-21",
        "2026-11-17",
        "2026-11-14",
    ]
    likely = client.get("/api/v1/episodes?standing=likely&from=2026-11-01&until=2026-11-20").json()
    assert likely["total"] == 4


def test_recordings_and_the_whole_of_one(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    faults = ((FaultKind.GAP, "03:00", "03:20"),)
    store.save(make_night(NIGHT - timedelta(days=1), id="older"))
    store.save(make_night(NIGHT, id="newer", episodes=2, faults=faults))
    listed = client.get("/api/v1/recordings").json()
    assert [each["id"] for each in listed["items"]] == ["newer", "older"]
    whole = client.get("/api/v1/recordings/newer").json()
    assert {name: whole[name] for name in listed["items"][0]} == listed["items"][0]
    assert [each["onset"][11:16] for each in whole["episodes"]] == ["01:13", "02:13"]
    assert [each["start"][11:16] for each in whole["awakenings"]] == ["00:30", "01:13", "02:13"]
    assert [each["kind"] for each in whole["faults"]] == ["gap"]
    assert client.get("/api/v1/recordings?until=2026-11-20").json()["total"] == 1


def test_faults_and_models(store: Store, client: Client, month: Callable[[], None]) -> None:
    month()
    faults = client.get("/api/v1/faults?from=2026-11-21").json()
    assert [each["kind"] for each in faults["items"]] == ["off_wrist", "no_heart_rate"]
    assert client.get("/api/v1/models").json()["items"] == [
        {"name": "transparent", "version": "1", "recordings": 13}
    ]


def test_an_empty_store_answers_with_empty_lists(client: Client) -> None:
    for name in ("nights", "recordings", "episodes", "faults", "models"):
        answer = client.get(f"/api/v1/{name}").json()
        assert answer == {"items": [], "total": 0, "limit": 30, "next": None}


def test_health(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("/api/v1/nights/2026-11-21", "The night of 2026-11-21 is not recorded here."),
        ("/api/v1/recordings/nobody", "No recording has the id nobody."),
        ("/api/v1/episodes/nobody", "No episode has the id nobody."),
        ("/api/v1/nothing", NO_ADDRESS[404]),
        ("/api/v2/nights", NO_ADDRESS[404]),
    ],
)
def test_what_is_not_there_is_a_problem(client: Client, path: str, detail: str) -> None:
    told = problem(client.get(path), 404)
    assert told == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": detail,
        "instance": path,
    }


@pytest.mark.parametrize(
    ("path", "parameter", "word"),
    [
        ("/api/v1/nights?limit=0", "limit", "greater than or equal to 1"),
        ("/api/v1/nights?limit=1000", "limit", "366"),
        ("/api/v1/nights?timezone=Europe/Nowhere", "timezone", "is no time zone"),
        ("/api/v1/nights?from=yesterday", "from", "date"),
        ("/api/v1/nights?until=2026-02-30", "until", "date"),
        ("/api/v1/nights?form=2026-11-01", "form", "not permitted"),
        ("/api/v1/nights?from=2026-11-02&until=2026-11-01", "", "before 'until'"),
        ("/api/v1/episodes?standing=certain", "standing", "'likely' or 'possible'"),
        ("/api/v1/nights/tomorrow", "night", "date"),
        ("/api/v1/nights/0001-01-01", "night", "greater than or equal to 1678-01-01"),
        ("/api/v1/nights/9999-12-31", "night", "less than or equal to 2261-12-31"),
        ("/api/v1/nights?from=0001-01-01", "from", "1678-01-01"),
        ("/api/v1/nights?until=9999-12-31", "until", "2261-12-31"),
        ("/api/v1/nights?offset=30", "offset", "not permitted"),
        (f"/api/v1/nights?cursor={'x' * 2000}", "cursor", "at most 1000"),
        (f"/api/v1/faults?limit={10**30}", "limit", "366"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(
    client: Client, path: str, parameter: str, word: str
) -> None:
    told = problem(client.get(path), 422)
    (error,) = told["errors"]
    assert error["parameter"] == parameter
    assert word in error["detail"]
    assert word in told["detail"]
    assert "Value error" not in str(told)


def test_what_is_said_of_a_parameter_ends_with_one_full_stop(client: Client) -> None:
    told = problem(client.get("/api/v1/nights?timezone=Mars/Base"), 422)
    assert told["detail"].endswith("such as Europe/Berlin.")


def test_what_is_no_json_or_no_object_is_told_in_our_words(client: Client) -> None:
    path = "/api/v1/wearers/anna"
    told = problem(client.put(path, b"anna"), 422)
    assert told["detail"] == "What was sent is no JSON: Expecting value."
    assert told["errors"][0]["parameter"] == ""
    told = problem(client.put(path, b"[]"), 422)
    assert told["detail"] == "It has to be a JSON object, with Content-Type: application/json."


def test_what_cannot_be_done_at_an_address_is_said(client: Client) -> None:
    assert problem(client.put("/api/v1/nights", b"{}"), 405)["detail"] == NO_ADDRESS[405]


@pytest.mark.parametrize("night", ["1678-01-01", "2261-12-31"])
def test_the_first_and_the_last_night_there_can_be_are_not_recorded(
    client: Client, night: str
) -> None:
    problem(client.get(f"/api/v1/nights/{night}"), 404)
    assert client.get(f"/nights/{night}").status_code == 404
    assert client.get(f"/api/v1/nights?from={night}&until={night}").json()["items"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/nights/{}",
        "/api/v1/nights/{}",
        "/api/v1/recordings/{}",
        "/api/v1/episodes/{}",
        "/api/v1/nights?from={}",
        "/api/v1/recordings?until={}",
        "/api/v1/episodes?standing={}",
        "/api/v1/faults?cursor={}",
        "/api/v1/models?limit={}",
    ],
)
def test_no_request_makes_the_server_stumble(client: Client, path: str) -> None:
    for value in ("", "%00", "%ff", "%ed%a0%80", "9" * 5000, "-1", "1e400", "null"):
        assert client.get(path.format(value)).status_code in (200, 307, 404, 422), value


def test_two_wearables_at_once_are_told_as_the_page_tells_them(
    store: Store, client: Client, make_night: NightMaker
) -> None:
    faults = ((FaultKind.GAP, "03:00", "03:20"),)
    store.save(make_night(id="left", name="left", episodes=2, possible=1, faults=faults))
    store.save(make_night(id="right", name="right", episodes=1))
    listed = client.get("/api/v1/episodes").json()
    night = client.get("/api/v1/nights/2026-11-21").json()
    assert listed["total"] == night["likely"] + night["possible"] == 3
    assert [each["id"] for each in listed["items"]] == [
        each["id"] for each in reversed(night["episodes"])
    ]
    assert client.get("/api/v1/episodes?standing=possible").json()["total"] == 1
    first = client.get("/api/v1/episodes?limit=2").json()
    assert client.get(first["next"]).json()["items"] == listed["items"][2:]
    assert len(night["awakenings"]) == 4
    # The other wearable recorded through the gap of the one.
    assert night["faults"] == []
    assert client.get("/api/v1/faults").json()["total"] == 1


def test_a_store_that_cannot_be_read_is_a_problem_and_no_traceback(
    store: Store, app: FastAPI, make_night: NightMaker
) -> None:
    store.save(make_night())
    store.close()
    with client_of(app) as client:
        # What was read before the damage would be answered from memory.
        app.state.context.store._database.engine.dispose()
        client.get("/healthz")
        store.path.write_bytes(b"\xa5" * 8192)
        store.path.with_name("crampwatch.db-wal").unlink(missing_ok=True)
        answers = [client.get("/api/v1/models") for _ in range(2)]
    assert problem(answers[-1], 503)["title"] == "Service Unavailable"
    assert "Traceback" not in answers[-1].text


def test_the_description_is_valid_openapi_and_every_reference_in_it_leads_somewhere(
    client: Client,
) -> None:
    answer = client.get("/api/v1/openapi.json")
    OpenAPI.model_validate(answer.json())
    document = answer.json()
    assert document["openapi"].startswith("3.1")

    def references(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if "$ref" in part else []
            return own + [each for value in part.values() for each in references(value)]
        if isinstance(part, list):
            return [each for value in part for each in references(value)]
        return []

    names = {each.removeprefix("#/components/schemas/") for each in references(document)}
    assert names <= document["components"]["schemas"].keys()
    assert "HTTPValidationError" not in names


def test_every_route_is_described_typed_and_versioned(client: Client) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert set(paths) == {
        "/healthz",
        "/readyz",
        "/api/v1/nights",
        "/api/v1/nights/{night}",
        "/api/v1/nights/{night}/curves",
        "/api/v1/recordings",
        "/api/v1/recordings/{recording_id}",
        "/api/v1/episodes",
        "/api/v1/episodes/{episode_id}",
        "/api/v1/faults",
        "/api/v1/models",
        "/api/v1/notices",
        "/api/v1/notices/test",
        "/api/v1/push-subscriptions",
        "/api/v1/push-subscriptions/{subscription_id}",
        "/api/v1/wearers",
        "/api/v1/devices",
        "/api/v1/live",
        "/api/v1/adjustment",
        "/api/v1/recordings/{recording_id}/night",
        "/api/v1/provisional-episodes",
        "/api/v1/provisional-episodes/{episode_id}",
        "/api/v1/episodes/{episode_id}/answer",
        "/api/v1/missed-cramps",
        "/api/v1/answers",
        "/api/v1/answers/{answer_id}",
        "/api/v1/alerts",
        "/api/v1/audit",
        "/api/v1/alerts/{alert_id}/seen",
        "/api/v1/alerts/{alert_id}/acknowledge",
        "/api/v1/diary",
        "/api/v1/events",
        "/api/v1/trends",
        "/api/v1/trends/usual",
        "/api/v1/associations",
        "/api/v1/trial-power",
        "/api/v1/trials",
        "/api/v1/trials/{trial_id}",
        "/api/v1/trials/{trial_id}/stop",
        "/api/v1/uploads",
        "/api/v1/uploads/{upload_id}",
        "/api/v1/diary/{entry_id}",
        "/api/v1/problems/{name}",
        "/api/v1/wearers/{wearer_id}",
    }
    written = {
        ("put", "/api/v1/live"): "204",
        ("put", "/api/v1/recordings/{recording_id}/night"): "200",
        ("put", "/api/v1/provisional-episodes/{episode_id}"): "200",
        ("delete", "/api/v1/provisional-episodes/{episode_id}"): "204",
        ("put", "/api/v1/episodes/{episode_id}/answer"): "200",
        ("put", "/api/v1/missed-cramps"): "200",
        ("delete", "/api/v1/answers/{answer_id}"): "204",
        ("delete", "/api/v1/episodes/{episode_id}/answer"): "204",
        ("put", "/api/v1/diary/{entry_id}"): "200",
        ("delete", "/api/v1/diary/{entry_id}"): "204",
        ("put", "/api/v1/trials/{trial_id}"): "200",
        ("post", "/api/v1/trials/{trial_id}/stop"): "200",
        ("put", "/api/v1/wearers/{wearer_id}"): "200",
        ("put", "/api/v1/uploads/{upload_id}"): "202",
        ("delete", "/api/v1/uploads/{upload_id}"): "204",
        ("post", "/api/v1/alerts/{alert_id}/seen"): "200",
        ("post", "/api/v1/alerts/{alert_id}/acknowledge"): "200",
        ("post", "/api/v1/notices/test"): "202",
        ("put", "/api/v1/push-subscriptions"): "200",
        ("delete", "/api/v1/push-subscriptions/{subscription_id}"): "204",
    }
    without_json = ("/api/v1/events", "/api/v1/notices/test")
    for path, methods in paths.items():
        for method, operation in methods.items():
            assert method == "get" or (method, path) in written
            assert operation["summary"]
            status = "200" if method == "get" else written[method, path]
            if status != "204" and path not in without_json:
                answer = operation["responses"][status]["content"]["application/json"]["schema"]
                assert "$ref" in answer
            if path.startswith("/api"):
                refusal = operation["responses"]["422"]["content"]
                assert list(refusal) == ["application/problem+json"]


def test_every_body_has_an_example_that_fits(client: Client) -> None:
    document = client.get("/api/v1/openapi.json").json()
    shown = 0
    for path, operations in document["paths"].items():
        for operation in operations.values():
            bodies = [operation["requestBody"]] if "requestBody" in operation else []
            for body in [*bodies, *operation["responses"].values()]:
                for kind, content in body.get("content", {}).items():
                    if kind not in ("application/json", "application/problem+json"):
                        continue
                    whole = content["schema"] | {"components": document["components"]}
                    jsonschema_rs.validate(whole, content["example"])
                    shown += path.startswith("/api")
    assert shown > 400


def test_examples_in_the_schema_fit_their_fields(client: Client) -> None:
    from server import schema

    found = schema.Span.model_json_schema()["properties"]["start"]["examples"]
    schema.Span.model_validate({"start": found[0], "end": found[0]})
    example = {
        name: field.examples[0]
        for name, field in schema.Problem.model_fields.items()
        if field.examples
    }
    assert schema.Problem.model_validate(example).status == 404


def test_documentation_pages_that_load_scripts_from_elsewhere_are_off(client: Client) -> None:
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404
