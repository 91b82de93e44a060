from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import httpx
import pytest

from ingest.errors import ServerError
from server.app import create_app
from server.notice_log import notices
from server.notify.channels import channels
from server.notify.ways import Ways
from server.settings import Settings, load_settings
from server.store import Store
from server.wearers import season_of
from tests.server.conftest import client_of
from tests.server.notify.conftest import Postbox

if TYPE_CHECKING:
    from tests.server.conftest import Client, NightMaker

BROWSER = {
    "endpoint": "https://push.example.org/secret",
    # The example of RFC 8291.
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkN"
    "toIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    "name": "Browser (Linux)",
}


@pytest.fixture
def box() -> Postbox:
    return Postbox()


@pytest.fixture
def pushing(dated: Store, tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "data", push_contact="mailto:me@example.org")


@pytest.fixture
def asking(dated: Store, pushing: Settings) -> Iterator[Client]:
    """A client of a server that tells browsers, and has done nothing of it yet."""
    with client_of(create_app(pushing, store=dated)) as client:
        yield client


def told_by(store: Store, box: Postbox) -> Iterator[Client]:
    app = create_app(
        load_settings(),
        store=store,
        make_ways=lambda store, live: Ways([box]),
    )
    with client_of(app) as client:
        yield client


@pytest.fixture
def client(dated: Store, box: Postbox) -> Iterator[Client]:
    yield from told_by(dated, box)


def plain(answer: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def put(client: Client, **changed: str) -> httpx.Response:
    return client.put("/api/v1/push-subscriptions", json.dumps(BROWSER | changed).encode())


def until_tried(store: Store, wearer: str = "anna") -> None:
    """Wait for the thread that sends, which has been woken."""
    deadline_s = monotonic() + 60
    while monotonic() < deadline_s:
        with store.reading() as session:
            last = notices(session, wearer)[-1]
        if last.sent_ns is not None or last.problem:
            return
    pytest.fail("nothing was tried")


def test_without_a_channel_the_page_says_how_to_set_one(dated: Store) -> None:
    with client_of(create_app(load_settings(), store=dated)) as client:
        answer = client.get("/settings")
    assert "No channel is set, so nobody is told of anything." in plain(answer)
    assert "push.js" not in answer.text
    assert "/settings/test" not in answer.text


def test_the_owner_chooses_whether_alerts_allow_for_the_season(
    client: Client, dated: Store
) -> None:
    def chosen(season: str) -> str | None:
        kept = client.post("/settings/season", f"season={season}".encode())
        assert (kept.status_code, kept.headers["location"]) == (303, "/settings")
        with dated.reading() as session:
            found = season_of(session, "anna")
        assert f'value="{found or ""}" checked' in client.get("/settings").text
        return found

    assert [chosen(each) for each in ("south", "north", "west", "")] == [
        "south",
        "north",
        "north",
        None,
    ]


def test_a_test_from_the_page_is_sent_and_shown(client: Client, box: Postbox, dated: Store) -> None:
    before = client.get("/settings")
    assert "The post Last: nothing sent yet Send a test" in plain(before)
    (action,) = re.findall(r'action="(/settings/test[^"]+)"', before.text)
    answer = client.post(unescape(action), b"")
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings")
    until_tried(dated)
    assert box.texts == ["This is a test of crampwatch: notices arrive here."]
    after = plain(client.get("/settings"))
    assert "The post Last: sent on 22 Nov 2026 at 09:00" in after
    assert "A test , The post: sent on 22 Nov 2026 at 09:00" in after


def test_notices_can_be_tried_before_there_is_a_night(store: Store, box: Postbox) -> None:
    for client in told_by(store, box):
        assert client.post("/settings/test?channel=post", b"").status_code == 303
        until_tried(store, "me")
    assert len(box.taken) == 1


def test_a_channel_that_fails_is_shown_on_both_pages(
    client: Client, box: Postbox, dated: Store, make_night: NightMaker
) -> None:
    dated.save(make_night(), "anna")
    assert "could not be sent" not in plain(client.get("/"))
    box.problem = ServerError("The server there cannot be reached.")
    client.post("/settings/test?channel=post", b"")
    until_tried(dated)
    assert "The last notice could not be sent by The post. See why" in plain(client.get("/"))
    assert re.search(
        r"Last: not sent yet, tried again on 22 Nov 2026 at 09:00: "
        r"The server there cannot be reached\.",
        plain(client.get("/settings")),
    )
    assert (
        "noch nicht gesendet, nächster Versuch am 22. Nov. 2026 um 09:00: "
        "Der Server dort ist nicht erreichbar."
    ) in plain(client.get("/settings", **{"accept-language": "de"}))


@pytest.mark.parametrize("path", ["/settings/test", "/api/v1/notices/test"])
def test_a_channel_that_is_not_there_cannot_be_tried(
    client: Client, box: Postbox, path: str
) -> None:
    assert client.post(f"{path}?channel=telegraph", b"").status_code == 404
    assert box.taken == []


def test_another_page_cannot_have_a_test_sent(client: Client) -> None:
    answer = client.post("/settings/test?channel=post", b"", **{"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


def test_the_notices_are_listed_over_the_api(client: Client, dated: Store) -> None:
    assert client.post("/api/v1/notices/test?channel=post", b"").status_code == 202
    until_tried(dated)
    (notice,) = client.get("/api/v1/notices").json()["items"]
    assert notice["kind"] == "test"
    assert (notice["channel"], notice["tries"], notice["problem"]) == ("post", 1, "")
    assert (notice["sent"], notice["next_try"]) == ("2026-11-22T09:00:00+01:00", None)


def test_the_button_for_a_browser_is_a_script_of_ours_with_the_key_of_this_server(
    asking: Client,
) -> None:
    settings = asking.get("/settings")
    assert "script-src 'self';" in settings.headers["content-security-policy"]
    assert '<script src="/static/push.js?' in settings.text
    (key,) = re.findall(r'data-key="([\w-]+)"', settings.text)
    assert len(key) == 87
    script = asking.get("/static/push.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert "//" not in re.sub(r"^// .*", "", script.text, flags=re.MULTILINE)


def test_a_browser_is_kept_once_shown_and_forgotten(asking: Client, dated: Store) -> None:
    assert put(asking).json() == {"id": 1}
    assert put(asking, name="Browser (Mac)").json() == {"id": 1}
    page = asking.get("/settings")
    told = plain(page)
    assert "Browser (Mac) Told here of the morning summary, alerts and faults in the night." in told
    assert "Last: nothing sent yet Tell me of the morning summary alerts" in told
    assert "Keep this choice Send a test Remove" in told
    assert "secret" not in page.text
    answer = asking.post("/settings/channels/1/forget", b"")
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings")
    with dated.reading() as session:
        assert channels(session, "anna") == ()
    assert asking.post("/settings/channels/1/forget", b"").status_code == 404


def test_a_browser_of_one_wearer_is_not_anothers(asking: Client, dated: Store) -> None:
    put(asking)
    dated.add_wearer("Ben", "Europe/Berlin")
    assert asking.delete("/api/v1/push-subscriptions/1?wearer=ben").status_code == 404
    assert asking.post("/settings/channels/1/forget?wearer=ben", b"").status_code == 404
    assert "Browser (Linux)" not in plain(asking.get("/settings?wearer=ben"))
    assert asking.delete("/api/v1/push-subscriptions/1?wearer=anna").status_code == 204


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("endpoint", "http://192.168.1.1/admin"),
        ("endpoint", "https://"),
        ("endpoint", "https://me:pw@push.example.org/"),
        ("p256dh", "AAAA"),
        ("p256dh", "!" * 87),
        ("auth", "AAAA"),
        ("name", ""),
    ],
)
def test_what_no_browser_says_is_refused(asking: Client, field: str, value: str) -> None:
    answer = put(asking, **{field: value})
    assert answer.status_code == 422
    assert field in answer.json()["detail"]


def test_where_browsers_are_not_told_none_is_kept(client: Client) -> None:
    assert put(client).status_code == 404
