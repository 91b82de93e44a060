from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from server.report.facts import Report
from server.report_routes import ReportFile

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
