"""The guide to what frequent cramps can mean; what is ticked on it is answered and not kept."""

from __future__ import annotations

from fastapi import APIRouter, Response

from ingest.errors import InputError
from server import guide, pages
from server.answer_routes import FormSent
from server.context import StoreInUse, WearerAsked
from server.guide import Kidneys, Level
from server.store import Store

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@router.get("/guide")
def show_guide(store: StoreInUse, wearer: WearerAsked = None) -> Response:
    """Show the guide to whoever has not answered yet."""
    return _page(store, wearer)


@router.post("/guide")
def answer_guide(store: StoreInUse, form: FormSent, wearer: WearerAsked = None) -> Response:
    """Show the guide, and how urgent it is by what was ticked.

    Nothing is kept, and as it is posted nothing of it stands in an address.
    """
    ticked = form.fields.get("sign", [])
    try:
        kidneys = form.word("kidneys", Kidneys)
    except InputError:
        kidneys = None
    return _page(store, wearer, ticked, kidneys, guide.urgency(ticked, kidneys or Kidneys.UNKNOWN))


def _page(
    store: Store,
    wearer: str | None,
    ticked: list[str] | None = None,
    kidneys: Kidneys | None = None,
    level: Level | None = None,
) -> Response:
    return pages.page(
        "guide.html",
        **pages.of_wearer(store, wearer),
        guide=guide,
        ticked=ticked or [],
        kidneys=kidneys,
        urgency=None if level is None else guide.LEVELS[level],
        is_urgent=level is not None and level >= Level.SAME_DAY,
        sections=guide.sections(kidneys or Kidneys.UNKNOWN),
    )
