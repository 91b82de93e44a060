"""Lists in stretches: what a request may ask for, and how the answer says where it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Annotated, Any, Self, TypeVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ingest.errors import InputError
from server import schema
from server.context import WearerAsked
from server.cursors import MAX_CURSOR_CHARS, NO_CURSOR, Place, read_cursor, write_cursor
from server.nights import FIRST_NIGHT, LAST_NIGHT
from server.queries import Nights
from server.stored import Page
from server.wire import ZoneName

__all__ = ["Bound", "Listing", "NightListing", "NightRange", "RecordedListing", "page", "stretch"]

MAX_LIMIT = 366
"""Items in one answer at the most: a leap year of nights."""

T = TypeVar("T")

Bound = Annotated[date | None, Field(ge=FIRST_NIGHT, le=LAST_NIGHT)]
"""An end of a range of nights or days."""


class Listing(BaseModel):
    """Which stretch of a list is wanted. A parameter that does not exist is refused."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=30, ge=1, le=MAX_LIMIT, description="Items in one answer")
    cursor: str | None = Field(
        default=None,
        max_length=MAX_CURSOR_CHARS,
        description="Where the list goes on, from `next` of the answer before",
    )
    wearer: WearerAsked = None

    def after(self, *shape: type[int] | type[str]) -> Place | None:
        """Give the place of the last item that was given; None at the beginning.

        Raises
        ------
        InputError
            The cursor is none of a list with such places.
        """
        return None if self.cursor is None else read_cursor(self.cursor, shape)


class NightRange(BaseModel):
    """A range of nights, both ends included. A parameter that does not exist is refused."""

    model_config = ConfigDict(extra="forbid")

    first: Bound = Field(
        default=None,
        alias="from",
        description="First night: it begins at noon of this date where the wearer is",
    )
    until: Bound = Field(default=None, description="Last night")
    wearer: WearerAsked = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first and self.until and self.first > self.until:
            raise ValueError("'from' has to be before 'until', or the same")
        return self

    @property
    def within(self) -> Nights:
        """The range of nights."""
        return self.first, self.until


class NightListing(NightRange, Listing):
    """A list within a range of nights."""


class RecordedListing(NightListing):
    """A list of what was recorded."""

    timezone: ZoneName | None = Field(
        default=None,
        description="Only what was recorded in this zone, by its IANA name",
        examples=["Europe/Berlin"],
    )

    def before_night(self) -> date | None:
        """Give the last night that was given, in a list of nights.

        Raises
        ------
        InputError
            The cursor is none of such a list.
        """
        after = self.after(str)
        try:
            return None if after is None else date.fromisoformat(str(after[0]))
        except ValueError as error:
            raise InputError(NO_CURSOR) from error


def stretch(
    query: Listing,
    found: Iterable[T],
    place: Callable[[T], Place],
    *shape: type[int] | type[str],
    newest_first: bool = True,
) -> Page[T]:
    """Cut the stretch that is wanted out of a list.

    Parameters
    ----------
    place
        By what the list is ordered; no two items have the same.
    shape
        What places are made of.
    """
    after = query.after(*shape)
    ordered = sorted(found, key=place, reverse=newest_first)
    left = [
        each
        for each in ordered
        if after is None or (place(each) < after if newest_first else place(each) > after)
    ]
    return Page(tuple(left[: query.limit]), len(ordered), more=len(left) > query.limit)


def page(
    request: Request,
    query: Listing,
    found: Page[T],
    place: Callable[[T], Place],
    items: Sequence[Any],
) -> schema.Page[Any]:
    """Answer with a stretch of a list.

    Parameters
    ----------
    items
        What was found, in the form of the answer.
    """
    onward = None
    if found.more:
        address = request.url.include_query_params(cursor=write_cursor(place(found.items[-1])))
        onward = f"{address.path}?{address.query}"
    return schema.Page(items=list(items), total=found.total, limit=query.limit, next=onward)
