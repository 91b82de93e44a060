"""What goes with what, over the API."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from server import queries, schema
from server.associated import read_associations
from server.context import StoreInUse, Today, WearerAsked, WearerInUse
from server.listing import Bound
from server.nights import ONE_DAY
from server.problems import PROBLEM_RESPONSES

__all__ = ["router"]

router = APIRouter(prefix="/api/v1/associations", tags=["trends"], responses=PROBLEM_RESPONSES)


class Year(BaseModel):
    """Which year is wanted, by its last night."""

    model_config = ConfigDict(extra="forbid")

    until: Bound = None
    wearer: WearerAsked = None


@router.get("", summary="What goes with what: cramp nights with something and without it")
def get_associations(
    store: StoreInUse, today: Today, wearer: WearerInUse, query: Annotated[Year, Query()]
) -> schema.Associations:
    """Compare the nights of a year by all that the diary tells; left out, of the newest one."""
    with store.reading() as session:
        last = query.until or queries.newest_night(session, wearer) or today - ONE_DAY
        found = read_associations(store, session, wearer, last)
    return schema.Associations.of(found)
