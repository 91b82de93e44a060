"""The audit log over the API."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter, Query, Request
from pydantic import Field

from server import audit, schema
from server.context import StoreInUse
from server.cursors import Place
from server.listing import Bound, NightListing, page, stretch
from server.nights import local_time
from server.problems import PROBLEM_RESPONSES
from server.wearer_id import MAX_ID_CHARS

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", tags=["audit"], responses=PROBLEM_RESPONSES)

Word = Annotated[str | None, Field(max_length=80)]


class Audited(schema.Answer):
    """Who did what to what, and when."""

    id: int = Field(examples=[7])
    at: schema.Moment = Field(description="UTC")
    who: str = Field(description="A person or a token, by the id", examples=["owner"])
    action: str = Field(examples=["add a person"])
    what: str = Field(description="What it was done to, by its kind or id", examples=["cleo"])
    wearer: str | None = Field(description="Whose it was; null for nobody's", examples=["anna"])

    @classmethod
    def of(cls, done: audit.Audited) -> Self:
        """Give its instant as a time."""
        return cls(
            id=done.id,
            at=local_time(done.at_ns, schema.UTC),
            who=done.who,
            action=done.action,
            what=done.what,
            wearer=done.wearer,
        )


class AuditListing(NightListing):
    """What is wanted of the log. A parameter that does not exist is refused."""

    wearer: str | None = Field(
        default=None,
        max_length=MAX_ID_CHARS,
        description="Only what was done to what is this wearer's, by the id",
    )
    first: Bound = Field(default=None, alias="from", description="First day, UTC")
    until: Bound = Field(default=None, description="Last day, UTC")
    who: Word = Field(default=None, description="Only what this person or token did")
    action: Word = Field(default=None, description="Only this", examples=["log in"])

    @property
    def sought(self) -> audit.Sought:
        """What that is of the log."""
        return audit.Sought.days(
            self.first, self.until, wearer=self.wearer, who=self.who, action=self.action
        )


@router.get("/audit", summary="Who did what and when, the newest first")
def list_audited(
    request: Request, store: StoreInUse, query: Annotated[AuditListing, Query()]
) -> schema.Page[Audited]:
    with store.reading() as session:
        done = audit.audited(session, query.sought)

    def place(each: audit.Audited) -> Place:
        return (each.id,)

    found = stretch(query, done, place, int)
    return page(request, query, found, place, [Audited.of(each) for each in found.items])
