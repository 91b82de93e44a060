"""What a request may ask of the application that serves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Path, Query, Request

from server import wearers
from server.judging import Judging
from server.live import Live
from server.nights import FIRST_NIGHT, LAST_NIGHT
from server.store import Store
from server.wearer_id import MAX_ID_CHARS

__all__ = [
    "GIVEN_BY",
    "AlertNumber",
    "Context",
    "IdInPath",
    "JudgingInUse",
    "LiveInUse",
    "StorableNight",
    "StoreInUse",
    "Today",
    "WearerAsked",
    "WearerInUse",
    "asked_wearer",
]

GIVEN_BY = "wearer"
"""Who answers and acknowledges, as long as everybody who may ask is the same to the server."""


@dataclass(frozen=True, slots=True)
class Context:
    """Kept as ``app.state.context`` while the application runs.

    Parameters
    ----------
    wearer
        Id of the wearer that is meant where a request names none; None for the only one.
    """

    store: Store
    today: Callable[[], date]
    live: Live
    judging: Judging
    wearer: str | None = None


async def _store(request: Request) -> Store:
    context: Context = request.app.state.context
    return context.store


async def _today(request: Request) -> date:
    context: Context = request.app.state.context
    return context.today()


async def _judging(request: Request) -> Judging:
    context: Context = request.app.state.context
    return context.judging


async def _live(request: Request) -> Live:
    context: Context = request.app.state.context
    return context.live


WearerAsked = Annotated[
    str | None,
    Query(
        description="Whose nights, by the id of the wearer; left out, those of the only one",
        examples=["me"],
        max_length=MAX_ID_CHARS,
    ),
]


async def asked_wearer(request: Request, wearer: WearerAsked = None) -> str | None:
    """Give the id that a request names, or else the setting."""
    context: Context = request.app.state.context
    return wearer or context.wearer


def _wearer(
    store: Annotated[Store, Depends(_store)], asked: Annotated[str | None, Depends(asked_wearer)]
) -> str:
    with store.reading() as session:
        return wearers.resolve(session, asked)


JudgingInUse = Annotated[Judging, Depends(_judging)]
LiveInUse = Annotated[Live, Depends(_live)]
StoreInUse = Annotated[Store, Depends(_store)]
Today = Annotated[date, Depends(_today)]
WearerInUse = Annotated[str, Depends(_wearer)]
"""Id of the wearer whose nights are asked for."""
AlertNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]
"""Id of an alert."""
IdInPath = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[ -~]+$")]
"""Id of something, which whoever sends it has chosen."""
StorableNight = Annotated[date, Path(ge=FIRST_NIGHT, le=LAST_NIGHT)]
