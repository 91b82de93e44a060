from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from server.report.facts import Report
from server.report_files import report_html
from tests.server.report.test_files import pages_of, year_of_everything


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_a_browser_prints_two_pages_of_a_fortnight_and_of_a_year(
    browser: Browser, fortnight: Callable[[], Report], paper: str
) -> None:
    report = fortnight()
    page = browser.new_page()
    for each in (report, year_of_everything(report)):
        page.set_content(report_html(each))
        first, second = pages_of(page.pdf(format=paper, prefer_css_page_size=False))
        assert first.startswith("Cramp-like awakenings")
        assert "Told to be none" in first
        assert second.startswith("Times of the night")
        assert second.endswith("Device: PineTime.")
    page.close()
