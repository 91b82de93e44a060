"""``crampwatch report``: what is known of some weeks, in a file to take to a doctor."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import typer

from crampwatch.cli_report import Format
from crampwatch.output import complain
from ingest.errors import InputError
from server import wearers, words
from server.report.facts import Report, period, read_report
from server.settings import load_settings
from server.store import Store
from server.wearer_day import today

__all__ = ["write_report"]


def write_report(
    out: Path,
    first: date | None,
    last: date | None,
    written_as: Format,
    wearer: str | None,
) -> None:
    """Write the report of a period, and say which files there are.

    Raises
    ------
    InputError
        The nights are in no order, or the file cannot be written.
    StoreError
        The database cannot be used.
    WearerError
        It is not clear whose nights are meant.
    """
    settings = load_settings()
    # To look is no reason to make a store.
    store = Store.open_existing(settings.database_url, home=settings.data_dir, say=complain)
    if store is None:
        raise InputError(f"{words.EMPTY_STORE} {words.HOW_TO_FILL}")
    with store, store.reading() as session:
        whose = wearers.resolve(session, wearer or settings.wearer)
        day = today(session, whose, store.now_ns())
        report = read_report(store, session, whose, *period(first, last, day), day)
    files = _files(report, out, written_as)
    for path, content in files.items():
        try:
            path.write_bytes(content)
        except OSError as error:
            raise InputError(
                f"{path} cannot be written ({error.strerror}). Name a file in a folder that is "
                "there and may be written to."
            ) from error
    typer.echo("\n".join(map(str, files)))


def _files(report: Report, out: Path, written_as: Format) -> dict[Path, bytes]:
    match written_as:
        case Format.PDF:
            from server.report.pdf import report_pdf

            return {out: report_pdf(report)}
        case Format.HTML:
            from server.report_files import report_html

            return {out: report_html(report).encode()}
        case Format.FHIR:
            from server.report.fhir import report_fhir

            return {out: report_fhir(report).encode()}
        case Format.CSV:
            from server.report.tables_csv import awakenings_csv, nights_csv, together_csv

            beside = {"awakenings": awakenings_csv, "together": together_csv}
            return {out: nights_csv(report).encode()} | {
                out.with_name(f"{out.stem}-{name}{out.suffix}"): written(report).encode()
                for name, written in beside.items()
            }
