from __future__ import annotations

import base64

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from server.app import create_app
from server.body_limit import MAX_BODY_BYTES
from server.settings import load_settings

TOKEN = "a token of enough letters"


def ask(path: str, put: bytes | None = None, **headers: str) -> httpx.Response:
    app = create_app(load_settings(token=TOKEN, names="pi.local"))

    async def answer() -> httpx.Response:
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://pi.local") as one:
                method = "GET" if put is None else "PUT"
                return await one.request(method, path, headers=headers, content=put)

    with start_blocking_portal() as portal:
        return portal.call(answer)


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("CRAMPWATCH_DATA_DIR", str(tmp_path_factory.mktemp("data")))


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"anybody:{password}".encode()).decode()


@pytest.mark.parametrize("path", ["/", "/api/v1/nights", "/nights/2026-11-21"])
@pytest.mark.parametrize(
    "shown",
    [None, "Bearer wrong", "Bearer ", basic("wrong"), "Basic !!!", "Basic YQ==", f"Digest {TOKEN}"],
)
def test_without_the_token_nothing_is_told(path: str, shown: str | None) -> None:
    answer = ask(path, authorization=shown or "")
    assert answer.status_code == 401
    assert "basic" in answer.headers["www-authenticate"].lower()
    assert TOKEN not in answer.text
    assert answer.headers["content-security-policy"]


@pytest.mark.parametrize("shown", [f"Bearer {TOKEN}", f"bearer {TOKEN}", basic(TOKEN)])
def test_with_the_token_everything_is(shown: str) -> None:
    assert ask("/api/v1/nights", authorization=shown).status_code == 200
    assert ask("/", authorization=shown).status_code == 200


def test_whether_the_server_is_up_needs_no_token() -> None:
    assert ask("/healthz").status_code == 200


def test_a_name_that_is_not_ours_is_turned_away() -> None:
    answer = ask("/", authorization=f"Bearer {TOKEN}", host="elsewhere.example")
    assert answer.status_code == 400
    assert answer.json()["type"] == "/api/v1/problems/unknown-host"
    assert "the name elsewhere.example" in answer.json()["detail"]


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_large_is_refused(declared: bool) -> None:
    content = b" " * (MAX_BODY_BYTES + 1)
    headers = {"content-type": "application/json", "authorization": f"Bearer {TOKEN}"}
    if not declared:
        headers["content-length"] = "1"
    answer = ask("/api/v1/live", put=content, **headers)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/api/v1/problems/too-large"
