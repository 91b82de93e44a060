"""The page of a report for whoever has the link to it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Response
from fastapi.responses import HTMLResponse

from server import pages, shares
from server.context import StoreInUse
from server.language import _
from server.nights import local_time
from server.report.facts import Report, read_report
from server.report.sheets import sheets
from server.report_files import FILES, file_of
from server.shares import PATH, Share
from server.wearer_day import today, zone_now

__all__ = ["router"]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Secret = Annotated[str, Path(max_length=100)]


@router.get("/shared/{secret}")
def show_shared(store: StoreInUse, secret: Secret) -> Response:
    """Show the report of a share, to whoever has the address."""
    share, report = _read(store, secret)
    with store.reading() as session:
        zone = zone_now(session, share.wearer)
    files = [(f"{PATH}{secret}/{name}", _(kind.shown)) for name, kind in FILES.items()]
    return pages.page(
        "shared.html",
        report=report,
        sheets=sheets(report),
        until=local_time(share.expires_ns, zone).date(),
        files=files,
    )


@router.get("/shared/{secret}/{file}")
def take_shared(store: StoreInUse, secret: Secret, file: str) -> Response:
    """Give the report of a share as a file."""
    return file_of(_read(store, secret)[1], file)


def _read(store: StoreInUse, secret: str) -> tuple[Share, Report]:
    now_ns = store.now_ns()
    with store.reading() as session:
        share = shares.find(session, secret, now_ns=now_ns)
        if share is None:
            raise HTTPException(404)
        day = today(session, share.wearer, now_ns)
        report = read_report(store, session, share.wearer, share.first, share.last, day, alone=True)
    return share, report
