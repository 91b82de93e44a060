"""The report of a period, to be read, printed, taken along, and shared by a link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from secrets import token_urlsafe
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from ingest.errors import InputError
from ingest.samples import NS_PER_S
from server import pages, shares, wearers
from server.answer_routes import FormSent
from server.callers import Caller, is_of_this_machine
from server.context import CallerInUse, IdInPath, Reader, ReaderNow
from server.language import _
from server.nights import local_time
from server.report.facts import period, read_report
from server.report.sheets import sheets
from server.report_files import FILES, file_of
from server.tokens import ID_BYTES, is_issued
from server.wearer_day import zone_now

__all__ = ["router"]

DAYS = (7, 14, 30, 90)
"""Days that a link lasts: until the appointment of next week, a fortnight, or next quarter's."""

USUAL_DAYS = 14
"""Days that are chosen where nobody says otherwise, as by the command."""

MOST_NAME_CHARS = 60
"""Letters of whom a link is for: a line of the page."""

NS_PER_DAY = 24 * 3600 * NS_PER_S

router = APIRouter(include_in_schema=False)

Night = Annotated[str, Query(max_length=10)]


@dataclass(frozen=True, slots=True)
class Made:
    """A link that was just made, which is shown this once.

    Parameters
    ----------
    is_local
        Whether it has the name that this machine has for itself, and for no other.
    """

    address: str
    is_local: bool


@dataclass(frozen=True, slots=True)
class Visit:
    """Who reads the report of whom, and of which nights."""

    reader: Reader
    caller: Caller
    first: str
    until: str

    def within(self) -> tuple[date, date]:
        """Give the nights.

        Raises
        ------
        InputError
            They are none of a report.
        """
        return period(_night(self.first), _night(self.until), self.reader.today)

    def show(
        self, *, refusal: str | None = None, made: Made | None = None, made_before: bool = False
    ) -> Response:
        """Show the report, or that of the last weeks and why these nights have none."""
        try:
            within, fault = self.within(), refusal
        except InputError as error:
            within = period(None, None, self.reader.today)
            fault = " ".join((str(error), _("Shown are the last twelve weeks.")))
        with self.reader.store.reading() as session:
            report = read_report(
                self.reader.store, session, self.reader.whose, *within, self.reader.today
            )
            zone = zone_now(session, self.reader.whose)
            links = shares.standing(session, self.reader.whose, now_ns=self.reader.store.now_ns())
            is_known = wearers.one(session, self.reader.whose) is not None
        may_share = is_known and self.caller.person is None
        query = _query(*within, self.reader.wearer)
        return pages.page(
            "report.html",
            status=200 if fault is None else 422,
            report=report,
            sheets=sheets(report),
            refusal=fault,
            wearer=self.reader.wearer,
            **pages.of_wearer(self.reader.store, self.reader.wearer),
            files=[(f"/report/{name}{query}", _(kind.shown)) for name, kind in FILES.items()],
            query=query,
            links=links if may_share else None,
            day_of=lambda ns: local_time(ns, zone).date(),
            made=made,
            made_before=made_before,
            key=token_urlsafe(),
            days=DAYS,
            usual_days=USUAL_DAYS,
            most_name_chars=MOST_NAME_CHARS,
        )


def _visit(
    reader: ReaderNow,
    caller: CallerInUse,
    first: Annotated[Night, Query(alias="from")] = "",
    until: Night = "",
) -> Visit:
    return Visit(reader, caller, first, until)


VisitNow = Annotated[Visit, Depends(_visit)]


@router.get("/report")
def show_report(visit: VisitNow) -> Response:
    """Show the report, what it can be taken along as, and the links to it."""
    return visit.show()


@router.post("/report")
def make_link(request: Request, visit: VisitNow, form: FormSent) -> Response:
    """Make a link to the report, and show it this once; the same form makes no second one."""
    store, now_ns = visit.reader.store, visit.reader.store.now_ns()
    name = form.one("for") or shares.A_DOCTOR
    try:
        first, last = visit.within()
        days = _days(form.one("days"))
        if len(name) > MOST_NAME_CHARS:
            raise InputError(
                _("Write whom it is for in at most %(most)s letters.", most=MOST_NAME_CHARS)
            )
    except InputError as error:
        return visit.show(refusal=str(error))
    whose = visit.reader.whose
    id_ = _id_of(form.one("key") or token_urlsafe(), whose, first, last, days, name)

    def work(session: Session) -> str | None:
        if is_issued(session, id_):
            return None
        return shares.share(
            session,
            whose,
            first,
            last,
            name=name,
            who=visit.caller.name,
            now_ns=now_ns,
            expires_ns=now_ns + days * NS_PER_DAY,
            id=id_,
        )

    path = store.write(work)
    if path is None:
        return visit.show(made_before=True)
    address = f"{str(request.base_url).rstrip('/')}{path}"
    return visit.show(made=Made(address, is_local=is_of_this_machine(request.scope)))


@router.post("/report/links/{share_id}/end")
def end_link(visit: VisitNow, share_id: IdInPath) -> Response:
    """End a link, and show the page again."""
    within, now_ns = visit.within(), visit.reader.store.now_ns()
    if not visit.reader.store.write(
        lambda session: shares.end(
            session, visit.reader.whose, share_id, who=visit.caller.name, now_ns=now_ns
        )
    ):
        raise HTTPException(404)
    return RedirectResponse(f"/report{_query(*within, visit.reader.wearer)}#links", 303)


@router.get("/report/{file}")
def take_along(visit: VisitNow, file: str) -> Response:
    """Give the report as a file."""
    within = visit.within()
    with visit.reader.store.reading() as session:
        report = read_report(
            visit.reader.store, session, visit.reader.whose, *within, visit.reader.today
        )
    return file_of(report, file)


def _query(first: date, last: date, wearer: str | None) -> str:
    query = f"?from={first}&until={last}"
    return f"{query}&{pages.asked(wearer).removeprefix('?')}" if wearer else query


def _id_of(*sent: object) -> str:
    """Name a link by the form that asks for it, which a page that is loaded again sends again."""
    return sha256(repr(sent).encode()).hexdigest()[: 2 * ID_BYTES]


def _days(text: str) -> int:
    for days in DAYS:
        if text == str(days):
            return days
    raise InputError(_("Choose after how many days the link ends."))


def _night(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(_("'%(text)s' is no date. Write it as 2026-11-21.", text=text)) from error
