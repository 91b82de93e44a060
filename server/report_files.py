"""The files that a report can be taken along as."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from fastapi import HTTPException, Response

from server import pages
from server.language import N_, locale, negotiated, speaking
from server.report.facts import Report
from server.report.fhir import report_fhir
from server.report.sheets import sheets
from server.report.tables_csv import awakenings_csv, nights_csv, together_csv

__all__ = ["FILES", "ReportFile", "file_of", "report_html"]


class ReportFile(StrEnum):
    """What a report can be taken along as."""

    PDF = "report.pdf"
    FHIR = "report.fhir.json"
    NIGHTS = "nights.csv"
    AWAKENINGS = "awakenings.csv"
    TOGETHER = "together.csv"


def _pdf(report: Report) -> bytes:
    # Its library is loaded by whoever prints, and by nobody else.
    from server.report.pdf import report_pdf

    return report_pdf(report)


@dataclass(frozen=True, slots=True)
class _Kind:
    media_type: str
    made: Callable[[Report], bytes]
    shown: str
    is_to_read: bool = False


FILES = {
    ReportFile.PDF: _Kind("application/pdf", _pdf, N_("PDF, two pages to print"), is_to_read=True),
    ReportFile.FHIR: _Kind(
        "application/fhir+json",
        lambda report: report_fhir(report).encode(),
        N_("FHIR R4, for records"),
    ),
    ReportFile.NIGHTS: _Kind(
        "text/csv; charset=utf-8",
        lambda report: nights_csv(report).encode(),
        N_("CSV of the nights"),
    ),
    ReportFile.AWAKENINGS: _Kind(
        "text/csv; charset=utf-8",
        lambda report: awakenings_csv(report).encode(),
        N_("CSV of the awakenings"),
    ),
    ReportFile.TOGETHER: _Kind(
        "text/csv; charset=utf-8",
        lambda report: together_csv(report).encode(),
        N_("CSV of what goes with what"),
    ),
}


def file_of(report: Report, name: str) -> Response:
    """Make the answer that gives a report as a file; 404 of a name that is none."""
    try:
        kind = FILES[ReportFile(name)]
    except ValueError as error:
        raise HTTPException(404) from error
    called = f"crampwatch-{report.first}-{report.last}-{name}"
    # What programs read is the same for everybody.
    with speaking(locale() if kind.is_to_read else negotiated("")):
        made = kind.made(report)
    return Response(
        made,
        media_type=kind.media_type,
        headers={"Content-Disposition": f'attachment; filename="{called}"'},
    )


def report_html(report: Report) -> str:
    """Write a report as one file that loads nothing."""
    made = pages.page("report_file.html", report=report, sheets=sheets(report))
    return bytes(made.body).decode()
