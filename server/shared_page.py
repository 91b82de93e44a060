"""The page of a report for whoever has the link to it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Response
from fastapi.responses import HTMLResponse

from server import pages, shares, wearers
from server.context import StoreInUse, Today
from server.language import _
from server.nights import local_time
from server.report.facts import Report, read_report
from server.report.sheets import sheets
from server.report_files import FILES, file_of
from server.shares import PATH, Share

__all__ = ["router"]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Secret = Annotated[str, Path(max_length=100)]


@router.get("/shared/{secret}")
def show_shared(store: StoreInUse, today: Today, secret: Secret) -> Response:
    """Show the report of a share, to whoever has the address."""
    share, report = _read(store, today, secret)
    with store.reading() as session:
        zone = wearers.home(session, share.wearer)
    files = [(f"{PATH}{secret}/{name}", _(kind.shown)) for name, kind in FILES.items()]
    return pages.page(
        "shared.html",
        report=report,
        sheets=sheets(report),
        until=local_time(share.expires_ns, zone).date(),
        files=files,
    )


@router.get("/shared/{secret}/{file}")
def take_shared(store: StoreInUse, today: Today, secret: Secret, file: str) -> Response:
    """Give the report of a share as a file."""
    return file_of(_read(store, today, secret)[1], file)


def _read(store: StoreInUse, today: Today, secret: str) -> tuple[Share, Report]:
    with store.reading() as session:
        share = shares.find(session, secret, now_ns=store.now_ns())
        if share is None:
            raise HTTPException(404)
        report = read_report(
            store, session, share.wearer, share.first, share.last, today, alone=True
        )
    return share, report
