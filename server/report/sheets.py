"""The two pages of a report."""

from __future__ import annotations

from server.report.facts import Report
from server.report.first_page import first_page
from server.report.parts import Sheet
from server.report.second_page import second_page

__all__ = ["sheets"]


def sheets(report: Report) -> tuple[Sheet, Sheet]:
    """Write both pages of a report."""
    return first_page(report), second_page(report)
