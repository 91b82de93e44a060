from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from server.app import create_app
from server.audit import audited
from server.kept_tables import Role
from server.report.facts import Report
from server.report_files import ReportFile
from server.settings import Settings
from server.shares import standing
from server.store import Store
from server.tokens import issue_token
from tests.server.conftest import client_of

if TYPE_CHECKING:
    from tests.server.conftest import Client


def test_the_page_shows_the_report_and_leads_to_its_files(
    fortnight: Callable[[], Report], client: Client
) -> None:
    fortnight()
    page = client.get("/report?from=2026-11-08&until=2026-11-21")
    assert page.status_code == 200
    assert "6 of 14 nights recorded" in page.text.replace("\N{NO-BREAK SPACE}", " ")
    files = re.findall(r'href="(/report/[^"]+)" download', page.text)
    assert len(files) == 5
    for each in files:
        file = client.get(each.replace("&amp;", "&"))
        assert file.status_code == 200, each
        called = re.fullmatch(
            r'attachment; filename="([\w.-]+)"', file.headers["content-disposition"]
        )
        assert called
        assert called[1].startswith("crampwatch-2026-11-08-2026-11-21-")
    pdf = client.get(files[0].replace("&amp;", "&"))
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")


def test_nights_that_cannot_be_are_refused_in_words(client: Client) -> None:
    page = client.get("/report?from=2026-11-21&until=2026-11-01")
    assert page.status_code == 422
    assert "2026-11-21 is after 2026-11-01" in page.text
    assert "Nights of Sun 30 Aug 2026 to Sat 21 Nov 2026, 84 nights." in page.text
    assert client.get("/report?from=yesterday").status_code == 422
    assert client.get("/report/nights.csv?from=yesterday").status_code == 422
    assert client.get("/report/store.db").status_code == 404


def test_what_programs_read_is_the_same_in_every_language(
    fortnight: Callable[[], Report], client: Client
) -> None:
    fortnight()
    for name in ReportFile:
        path = f"/report/{name}?from=2026-11-08&until=2026-11-21"
        english, german = (
            client.get(path, **{"accept-language": each}).content for each in ("en", "de")
        )
        assert (english == german) is (name is not ReportFile.PDF), name


def test_a_link_is_made_for_the_nights_shown_and_shown_once(
    fortnight: Callable[[], Report], client: Client, store: Store
) -> None:
    fortnight()
    query = "?from=2026-11-10&until=2026-11-21"
    made = client.post(f"/report{query}", b"days=7&for=Dr+Wei%C3%9F+%3Cb%3E")
    assert made.status_code == 200
    (address,) = re.findall(r'readonly autofocus value="([^"]+)"', made.text)
    assert re.fullmatch(r"http://127\.0\.0\.1/shared/cw_[\w-]{43}", address)
    assert "nobody else can open this address as it stands" in made.text
    path = address.removeprefix("http://127.0.0.1")
    shared = " ".join(client.get(path).text.replace("\N{NO-BREAK SPACE}", " ").split())
    assert "Nights of Tue 10 Nov 2026 to Sat 21 Nov 2026, 12 nights." in shared
    page = client.get(f"/report{query}").text
    assert "cw_" not in page
    listed = " ".join(page.split())
    assert "For Dr Weiß &lt;b&gt;: Tue 10 Nov 2026 to Sat 21 Nov 2026. Made on" in listed
    assert "Made on Sun 22 Nov 2026, ends on Sun 29 Nov 2026." in listed
    (end,) = re.findall(r'action="(/report/links/[^"]+)"', page)
    ended = client.post(end.replace("&amp;", "&"), b"")
    assert (ended.status_code, ended.headers["location"]) == (303, f"/report{query}#links")
    assert client.get(path).status_code == 404
    assert "Dr Wei" not in client.get("/report").text
    assert client.post(end.replace("&amp;", "&"), b"").status_code == 404
    with store.reading() as session:
        noted = [(each.who, each.action, each.wearer) for each in audited(session)]
    assert noted == [("owner", "share nights", "me"), ("owner", "revoke a token", "me")]


def test_the_same_form_again_makes_no_second_link(
    fortnight: Callable[[], Report], client: Client, store: Store
) -> None:
    fortnight()
    path = "/report?from=2026-11-10&until=2026-11-21"
    keys = [re.findall(r'name="key" value="([^"]+)"', client.get(path).text)[0] for _ in range(2)]

    def send(key: str, name: str = "Ada") -> tuple[bool, bool]:
        page = client.post(path, f"days=7&for={name}&key={key}".encode()).text
        return "/shared/cw_" in page, "This link is made already" in page

    def listed() -> list[str]:
        with store.reading() as session:
            return [each.name for each in standing(session, "me", now_ns=store.now_ns())]

    assert send(keys[0]) == (True, False)
    assert send(keys[0]) == (False, True)
    assert listed() == ["Ada"]
    # The page before, filled in anew, asks for another link; so does a page that was loaded anew.
    assert send(keys[0], "Ben") == (True, False)
    assert send(keys[1]) == (True, False)
    assert sorted(listed()) == ["Ada", "Ada", "Ben"]
    (end, *_) = re.findall(r'action="(/report/links/[^"]+)"', client.get(path).text)
    client.post(end.replace("&amp;", "&"), b"")
    assert send(keys[0]) == (False, True)


def test_a_link_under_a_name_of_the_network_needs_no_other(
    fortnight: Callable[[], Report], settings: Settings, store: Store
) -> None:
    fortnight()
    app = create_app(settings.model_copy(update={"names": ("pi.local",)}))
    _, token = store.write(
        lambda s: issue_token(s, "mine", Role.OWNER, wearer=None, now_ns=store.now_ns())
    )
    with client_of(app, "http://pi.local", "192.168.1.20") as client:
        asking = {"authorization": f"Bearer {token}"}
        made = client.ask("POST", "/report", b"days=14", **asking)
    assert 'value="http://pi.local/shared/cw_' in made.text
    assert "nobody else can open" not in made.text


def test_a_carer_takes_the_files_and_makes_no_link(
    fortnight: Callable[[], Report], settings: Settings, store: Store
) -> None:
    fortnight()
    _, token = store.write(
        lambda s: issue_token(s, "hers", Role.CARER, wearer="me", now_ns=store.now_ns())
    )
    with client_of(create_app(settings)) as client:
        asking = {"authorization": f"Bearer {token}"}
        page = client.ask("GET", "/report", **asking).text
        assert client.ask("POST", "/report", b"days=14", **asking).status_code == 403
    assert "CSV of the nights" in page
    assert "Make a link" not in page


@pytest.mark.parametrize(
    ("query", "form", "why"),
    [
        ("", b"days=15", "Choose after how many days the link ends."),
        ("", b"", "Choose after how many days the link ends."),
        ("", b"days=7&for=" + b"x" * 61, "in at most 60 letters"),
        ("?from=2026-11-21&until=2026-11-01", b"days=7", "2026-11-21 is after 2026-11-01"),
    ],
)
def test_a_link_that_cannot_be_is_refused_in_words(
    fortnight: Callable[[], Report], client: Client, query: str, form: bytes, why: str
) -> None:
    fortnight()
    page = client.post(f"/report{query}", form)
    assert page.status_code == 422
    assert why in page.text
    assert "Links that still work" not in client.get("/report").text


def test_before_the_first_night_there_is_nothing_to_share(client: Client) -> None:
    assert "Make a link" not in client.get("/report").text
    assert client.post("/report", b"days=7").status_code == 404
