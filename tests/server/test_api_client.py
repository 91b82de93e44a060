from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fastapi import FastAPI

from ingest.errors import ServerError
from server.api_client import ApiClient
from server.app import create_app
from server.settings import Settings

if TYPE_CHECKING:
    from tests.server.conftest import Client

URL = "http://127.0.0.1"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings, judge=(sys.executable, "-I", "-S", "-c", ""))


def test_lists_are_followed_to_their_end(client: Client, month: Callable[[], None]) -> None:
    month()
    with ApiClient(URL, transport=client.transport()) as reader:
        nights = list(reader.nights(date(2026, 11, 10), date(2026, 11, 20)))
        episodes = list(reader.episodes())
        weeks = reader.trends().weeks
    assert [each.night.day for each in nights] == [19, 18, 17, 15, 14, 13, 12, 10]
    assert [each.likely for each in nights] == [0, 0, 1, 0, 0, 0, 0, 0]
    assert len(episodes) == sum(each.likely + each.possible for each in weeks) > 5


def test_one_list_is_asked_for_in_stretches() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        onward = "/api/v1/nights?cursor=more" if len(asked) == 1 else None
        page = {"items": [], "total": 0, "limit": 30, "next": onward}
        return httpx.Response(200, json=page)

    with ApiClient(URL, transport=httpx.MockTransport(answer)) as reader:
        assert list(reader.nights()) == []
    assert asked == [f"{URL}/api/v1/nights", f"{URL}/api/v1/nights?cursor=more"]


def test_what_the_documentation_shows_counts_as_the_page_does(
    client: Client, month: Callable[[], None]
) -> None:
    month()
    code = (ROOT / "docs" / "api.md").read_text(encoding="utf-8").split("```python\n")[1]
    found: dict[str, Any] = {}
    exec(code.split("```")[0], found)
    with ApiClient(URL, transport=client.transport()) as reader:
        assert found["likely_since"](reader, date(2026, 11, 10)) == (3, 7)


def test_a_recording_is_sent_once_by_its_digest(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "night.zip"
    file.write_bytes(b"x" * (2**20 + 1))
    with ApiClient(URL, transport=client.transport()) as sender:
        sent = sender.send_recording(file, timezone="Europe/Berlin")
        assert (sent.id, sent.bytes, sent.name) == (sent.sha256, 2**20 + 1, "night.zip")
        assert sender.recording_sent(sent.id).sha256 == sent.sha256
        with pytest.raises(ServerError, match="No recording was sent with the id another"):
            sender.recording_sent("another")


def test_what_is_not_crampwatch_is_said_to_be_not() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, html="<p>log in</p>")

    with (
        ApiClient(URL, transport=httpx.MockTransport(answer)) as reader,
        pytest.raises(ServerError, match="is not crampwatch"),
    ):
        reader.trends()
