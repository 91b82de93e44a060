from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from ingest.samples import NS_PER_S
from server import audit
from server.store import Store
from tests.server.conftest import instant

if TYPE_CHECKING:
    from tests.server.conftest import Client

DONE = (
    ("owner", "add a person", "ben", "anna", datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)),
    ("ben", "log in", "a browser", "anna", datetime(2026, 11, 21, tzinfo=UTC)),
    ("owner", "log in", "a browser", None, datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC)),
    ("cleo", "log in", "a browser", "dora", datetime(2026, 11, 22, tzinfo=UTC)),
)


@pytest.fixture
def noted(store: Store) -> None:
    for name in ("Anna", "Dora"):
        store.add_wearer(name, "Europe/Berlin")
    for who, action, what, wearer, when in DONE:
        store.write(
            lambda session, who=who, action=action, what=what, wearer=wearer, when=when: audit.note(  # type: ignore[misc]
                session, who, action, what, at_ns=instant(when), wearer=wearer
            )
        )


def asked(client: Client, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/audit{query}")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [4, 3, 2, 1]),
        ("?who=owner", [3, 1]),
        ("?action=log in", [4, 3, 2]),
        ("?wearer=anna", [2, 1]),
        ("?wearer=nobody", []),
        ("?from=2026-11-21&until=2026-11-21", [3, 2]),
        ("?until=2026-11-20", [1]),
        ("?from=2026-11-22&who=owner", []),
    ],
)
@pytest.mark.usefixtures("noted")
def test_the_log_is_what_is_asked_for_the_newest_first(
    client: Client, query: str, found: list[int]
) -> None:
    assert [each["id"] for each in asked(client, query)] == found


@pytest.mark.usefixtures("noted")
def test_an_entry_says_who_what_when_and_nothing_else(client: Client) -> None:
    assert asked(client, "?who=ben") == [
        {
            "id": 2,
            "at": "2026-11-21T00:00:00Z",
            "who": "ben",
            "action": "log in",
            "what": "a browser",
            "wearer": "anna",
        }
    ]


@pytest.mark.usefixtures("noted")
def test_the_log_is_given_in_stretches(client: Client) -> None:
    first = client.get("/api/v1/audit?limit=3&action=log in").json()
    assert (first["total"], first["next"]) == (3, None)
    address, met = "/api/v1/audit?limit=3", []
    while address:
        answer = client.get(address).json()
        met += [each["id"] for each in answer["items"]]
        address = answer["next"]
    assert met == [4, 3, 2, 1]


def test_days_in_no_order_are_refused(client: Client) -> None:
    answer = client.get("/api/v1/audit?from=2026-11-22&until=2026-11-21")
    assert answer.status_code == 422
    assert "'from' has to be before 'until'" in answer.text


def test_days_beyond_what_can_be_stored_are_the_last_that_can() -> None:
    beyond = audit.Sought.days(datetime.min.date(), datetime.max.date())
    assert (beyond.since_ns, beyond.before_ns) == (
        instant(datetime(1678, 1, 1, tzinfo=UTC)),
        instant(datetime(2262, 1, 1, tzinfo=UTC)),
    )
    assert beyond.before_ns is not None
    assert abs(beyond.before_ns) < 2**63
    assert beyond.before_ns % NS_PER_S == 0
