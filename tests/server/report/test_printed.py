from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from server.language import negotiated, speaking
from server.report.facts import Report
from server.report_files import report_html
from tests.server.report.test_files import pages_of, year_of_everything


@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize(
    ("language", "title", "column", "heading", "end"),
    [
        (
            "en",
            "Cramp-like awakenings",
            "Told to be none",
            "Times of the night",
            "Device: PineTime.",
        ),
        (
            "de",
            "Krampfähnliches Aufwachen",
            "Als keiner angegeben",
            "Zeiten in der Nacht",
            "Gerät: PineTime.",
        ),
    ],
)
def test_a_browser_prints_two_pages_of_a_fortnight_and_of_a_year(
    browser: Browser,
    fortnight: Callable[[], Report],
    paper: str,
    language: str,
    title: str,
    column: str,
    heading: str,
    end: str,
) -> None:
    report = fortnight()
    page = browser.new_page()
    for each in (report, year_of_everything(report)):
        with speaking(negotiated(language)):
            page.set_content(report_html(each))
        first, second = pages_of(page.pdf(format=paper, prefer_css_page_size=False))
        assert first.startswith(title)
        assert column in " ".join(first.split())
        assert second.startswith(heading)
        assert second.endswith(end)
    page.close()
