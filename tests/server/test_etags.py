from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.store import Store

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

PATHS = ("/api/v1/nights", "/api/v1/nights/2026-11-21", "/api/v1/episodes", "/api/v1/recordings")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("asked", ["{}", "W/{}", '"other", {}', "*"])
def test_who_has_the_answer_already_is_spared_it(
    store: Store, client: Client, make_night: NightMaker, path: str, asked: str
) -> None:
    store.save(make_night())
    first = client.get(path)
    tag = first.headers["etag"]
    again = client.get(path, **{"if-none-match": asked.format(tag)})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert "content-type" not in again.headers
    assert again.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", PATHS)
def test_another_answer_has_another_tag(
    store: Store, client: Client, make_night: NightMaker, path: str
) -> None:
    store.save(make_night(episodes=1))
    first = client.get(path)
    store.save(make_night(episodes=2, hours=8))
    again = client.get(path, **{"if-none-match": first.headers["etag"]})
    assert again.status_code == 200
    assert again.json() != first.json()
    assert again.headers["etag"] != first.headers["etag"]
    assert int(again.headers["content-length"]) == len(again.content)


def test_what_is_no_answer_of_the_api_has_no_tag(client: Client) -> None:
    assert "etag" not in client.get("/api/v1/nights/2026-11-21").headers
    assert "etag" not in client.get("/").headers
    refused = client.get("/api/v1/nights/2026-11-21", **{"if-none-match": "*"})
    assert refused.status_code == 404
    assert refused.json()["status"] == 404


def test_every_answer_that_may_be_spared_is_described_so(client: Client) -> None:
    described = client.get("/api/v1/openapi.json").json()["paths"]
    read = [
        operations["get"]
        for path, operations in described.items()
        if path.startswith("/api/") and "get" in operations and path != "/api/v1/events"
    ]
    assert len(read) > 20
    for operation in read:
        assert "304" in operation["responses"]
        assert operation["responses"]["200"]["headers"]["ETag"]["schema"] == {"type": "string"}
        asked = [each for each in operation["parameters"] if each["in"] == "header"]
        assert [each["name"] for each in asked] == ["If-None-Match"]
    assert "304" not in described["/api/v1/events"]["get"]["responses"]
