"""The page of what goes with what."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from server import association_words, pages, queries
from server.associated import read_associations
from server.context import StoreInUse, Today, WearerAsked, WearerInUse
from server.interval_plot import TICKS, interval_plot
from server.nights import ONE_DAY

__all__ = ["router"]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/together")
def together(
    store: StoreInUse, today: Today, whose: WearerInUse, wearer: WearerAsked = None
) -> Response:
    """Show everything that the diary tells of beside the nights with and without it."""
    with store.reading() as session:
        last = queries.newest_night(session, whose) or today - ONE_DAY
        found = read_associations(store, session, whose, last)
    return pages.page(
        "together.html",
        **pages.of_wearer(store, wearer),
        whole=found,
        interval_plot=interval_plot,
        TICKS=TICKS,
        association_words=association_words,
    )
