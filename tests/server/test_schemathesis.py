"""Asks the API whatever its own description allows, and much that it does not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.python.asgi import shutdown_lifespans
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from detector.features import FEATURE_UNITS
from server.alert_log import raise_alert
from server.answers import Answer, answer_episode
from server.app import create_app
from server.diary_kinds import Habit
from server.kept_tables import Role, Said
from server.notify.ways import Ways
from server.picture import NS_PER_MS
from server.settings import Settings
from server.store import Store
from server.tokens import issue_token
from server.trial.plan import Plan
from server.trials import Trial, keep_trial
from server.wearers import choose_learning
from server.wire_examples import NIGHT
from tests.server.notify.conftest import Postbox

if TYPE_CHECKING:
    from tests.server.conftest import NightMaker

EXAMPLES = 3
"""Requests of each operation, as described and otherwise: some seconds altogether."""

AS_DESCRIBED: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

JUDGE = 'print(\'{"problem": "this is no recording"}\')'

KNOWN = {
    "night": "2026-11-21",
    "recording_id": NIGHT["id"],
    "episode_id": NIGHT["episodes"][0]["id"],
    "answer_id": 2,
    "alert_id": 1,
    "entry_id": "cap",
    "trial_id": "tried",
    "wearer_id": "me",
    "upload_id": "sent",
    "name": "invalid",
    "subscription_id": 1,
}
"""What is there to be asked for once the examples are sent."""

CHANNEL = "ntfys-3f9a"
QUERIES = {
    "POST /api/v1/notices/test": {"channel": CHANNEL},
    "GET /api/v1/nights/{night}/curves": {
        "start": NIGHT["start_ns"] // NS_PER_MS,
        "end": NIGHT["end_ns"] // NS_PER_MS,
    },
}
"""What has to be said besides, where it has."""


NUMBERS = {
    "first": "2026-11-15",
    "last": "2026-11-21",
    "recorded": 7,
    "confirmed": 5,
    "open": 1,
    "found_nights": 4,
    "usual": {"mean": 1.2, "least": 0, "most": 3},
}

ORDER = ("PUT", "POST", "GET", "DELETE")
"""What is put first, a night before what is said of it, can be read afterwards, and is deleted
last."""

Operation: TypeAlias = APIOperation[Any, Any, Any, Any]


class Sent(Postbox):
    """A channel that sends nothing, and lets browsers be told."""

    public_key = "BCVxsr7N"

    def __init__(self) -> None:
        super().__init__((CHANNEL,))


@pytest.fixture
def operations(
    settings: Settings, store: Store, make_night: NightMaker
) -> Iterator[list[Operation]]:
    night = make_night(date(2026, 11, 20), id="learnt-from")
    features = dict.fromkeys(FEATURE_UNITS, 0.0)
    woken = (replace(each, features=features) for each in night.awakenings)
    store.save(replace(night, awakenings=tuple(woken)))
    no, first = Answer(Said.NO), night.episodes[0].id
    store.write(lambda s: answer_episode(s, "me", first, no, given_ns=1, given_by="me"))
    store.save(make_night(episodes=2, possible=1))
    store.write(lambda s: raise_alert(s, "me", "sudden", date(2026, 11, 21), NUMBERS, at_ns=1))
    # What the description shows is this one again, on whichever day it is sent.
    plan = Plan(Habit.CALF_STRETCHES, date(2026, 11, 23), 3, 6)
    store.write(lambda s: keep_trial(s, "me", Trial("tried", plan, 1, "wearer")))
    store.write(lambda s: choose_learning(s, "me", True))
    _, text = store.write(lambda s: issue_token(s, "asks", Role.OWNER, wearer=None, now_ns=1))
    # With a wearer of its own: some requests add others, and not to say whose is then refused.
    chosen = settings.model_copy(update={"names": ("testserver",), "wearer": "me"})
    app = create_app(
        chosen,
        make_ways=lambda store, live: Ways([Sent()]),
        judge=(sys.executable, "-I", "-S", "-c", JUDGE),
    )
    shown = {"Authorization": f"Bearer {text}"}
    config = SchemathesisConfig.from_dict({"headers": shown})
    schema = schemathesis.openapi.from_asgi(
        "/api/v1/openapi.json", app, config=config, headers=shown
    )
    # Whoever listens is told until the server stops.
    app.state.context.live.events.close()
    found = [each.ok() for each in schema.get_all_operations() if isinstance(each, Ok)]
    yield sorted(
        found, key=lambda each: (ORDER.index(each.method.upper()), "/recordings/" not in each.path)
    )
    shutdown_lifespans()


def statuses(operation: Operation, mode: GenerationMode, **known: Any) -> set[int]:
    met: set[int] = set()

    @hypothesis.settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=EXAMPLES,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(mode, **known))
    def ask(case: schemathesis.Case[Any]) -> None:
        answer = case.call()
        met.add(int(answer.status_code))
        case.validate_response(answer, checks=AS_DESCRIBED)

    ask()
    return met


def example_of(operation: Operation) -> set[int]:
    """Send what the description shows."""
    met: set[int] = set()
    for body in operation.body:
        for example in body.definition.get("example"), *body.definition.get("examples", ()):
            if example is not None:
                case = operation.Case(
                    path_parameters={name: KNOWN[name] for name in names_of(operation)},
                    headers=operation.schema.config.headers_for(operation=operation),
                    body=example,
                    media_type=body.media_type,
                )
                answer = case.call()
                met.add(int(answer.status_code))
                case.validate_response(answer, checks=AS_DESCRIBED)
    return met


def names_of(operation: Operation) -> list[str]:
    return [each.name for each in operation.path_parameters]


def test_every_answer_is_as_it_is_described(operations: list[Operation]) -> None:
    met: dict[str, set[int]] = {}
    for operation in operations:
        path = {name: KNOWN[name] for name in names_of(operation)}
        query = QUERIES.get(operation.label, {})
        asks_more = any(operation.query) or any(operation.body)
        met[operation.label] = (
            example_of(operation)
            | statuses(operation, GenerationMode.POSITIVE)
            | statuses(operation, GenerationMode.POSITIVE, path_parameters=path, query=query)
            | (statuses(operation, GenerationMode.NEGATIVE) if asks_more else set())
        )
    assert len(met) >= 40
    never = {label for label, found in met.items() if not found & {200, 201, 202, 204}}
    assert never == set()
