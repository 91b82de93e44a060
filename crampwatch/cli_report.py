"""The command for what is taken to a doctor: report."""

from __future__ import annotations

import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Optional

import typer

from crampwatch.options import Until, Wearer

__all__ = ["Format", "register"]


class Format(StrEnum):
    """What a report is written as."""

    PDF = "pdf"
    HTML = "html"
    FHIR = "fhir"
    CSV = "csv"


def register(app: typer.Typer) -> None:
    """Add the command to the door."""
    app.command(
        epilog="Examples:\n\n  crampwatch report --out report.pdf\n\n"
        "  crampwatch report --out year.pdf --from 2025-11-22 --until 2026-11-21\n\n"
        "  crampwatch report --out bundle.json --format fhir\n\n"
        "With --format csv there are three files: nights.csv has the nights, nights-awakenings.csv "
        "the awakenings, nights-together.csv what goes with what."
    )(report)


def report(
    out: Annotated[
        Path, typer.Option(readable=False, metavar="FILE", help="File to write the report into.")
    ],
    since: Annotated[
        Optional[datetime.datetime],  # noqa: UP045  typer reads the annotation at run time
        typer.Option(
            "--from",
            formats=["%Y-%m-%d"],
            help="First night; twelve weeks of nights without it.",
            show_default=False,
        ),
    ] = None,
    until: Until = None,
    written_as: Annotated[
        Format, typer.Option("--format", help="What it is written as.")
    ] = Format.PDF,
    wearer: Wearer = None,
) -> None:
    """Write a report of some weeks to take to a doctor."""
    from crampwatch.report import write_report

    write_report(out, since and since.date(), until and until.date(), written_as, wearer)
