"""The page that helps to pair a wearable and to keep it through the night."""

from __future__ import annotations

from fastapi import APIRouter, Response

from server import pages, pairing_help
from server.context import LiveInUse, StoreInUse, WearerAsked, WearerInUse

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@router.get("/pairing")
def pairing(
    store: StoreInUse, live: LiveInUse, whose: WearerInUse, wearer: WearerAsked = None
) -> Response:
    """Show how a wearable is paired; while one is worn, what comes from it stands above."""
    return pages.page(
        "pairing.html",
        tonight=live.tonight(whose),
        **pages.of_wearer(store, wearer),
        help=pairing_help,
    )
