"""Links by which a doctor reads of some nights: each for one wearer, and until a day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from ingest.samples import NS_PER_S
from server import pages, wearers
from server.context import StoreInUse, Today
from server.kept_tables import Role
from server.language import _
from server.report.facts import Report, read_report
from server.report.sheets import sheets
from server.report_routes import FILES, file_of
from server.store import Store
from server.tokens import Token, find_token, issue_token

__all__ = ["PATH", "router", "share"]

PATH = "/shared/"
"""What the address of a shared page begins with; the secret follows."""

NIGHTS = "nights:"
"""What the scope of a share begins with: its first and its last night follow."""

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


def share(
    session: Session,
    wearer: str,
    first: date,
    last: date,
    *,
    name: str,
    now_ns: int,
    expires_ns: int,
) -> tuple[Token, str]:
    """Share a range of nights; its address on this server is given this once."""
    token, text = issue_token(
        session,
        name,
        Role.DOCTOR,
        wearer=wearer,
        now_ns=now_ns,
        expires_ns=expires_ns,
        scopes=[f"{NIGHTS}{first}..{last}"],
    )
    return token, PATH + text


Secret = Annotated[str, Path(max_length=100)]


@router.get("/shared/{secret}")
def show_shared(store: StoreInUse, today: Today, secret: Secret) -> Response:
    """Show the report of a share, to whoever has the address."""
    report, until = _report(store, today, secret)
    files = [(f"{PATH}{secret}/{name}", _(kind.shown)) for name, kind in FILES.items()]
    return pages.page("shared.html", report=report, sheets=sheets(report), until=until, files=files)


@router.get("/shared/{secret}/{file}")
def take_shared(store: StoreInUse, today: Today, secret: Secret, file: str) -> Response:
    """Give the report of a share as a file."""
    return file_of(_report(store, today, secret)[0], file)


def _report(store: Store, today: date, secret: str) -> tuple[Report, date]:
    """Read what a share is for, and give the day until which it can be read."""
    with store.reading() as session:
        token = find_token(session, secret, now_ns=store.now_ns())
        if token is None or token.role is not Role.DOCTOR:
            raise HTTPException(404)
        wearer, expires_ns, (first, last) = _shared(token)
        zone = wearers.home(session, wearer)
        report = read_report(store, session, wearer, first, last, today)
    return report, datetime.fromtimestamp(expires_ns // NS_PER_S, UTC).astimezone(zone).date()


def _shared(token: Token) -> tuple[str, int, tuple[date, date]]:
    """Give the wearer, the end and the nights of a share; a token of another make is none."""
    if token.wearer is not None and token.expires_ns is not None:
        for scope in token.scopes:
            if scope.startswith(NIGHTS):
                first, _, last = scope.removeprefix(NIGHTS).partition("..")
                return (
                    token.wearer,
                    token.expires_ns,
                    (
                        date.fromisoformat(first),
                        date.fromisoformat(last),
                    ),
                )
    raise HTTPException(404)
