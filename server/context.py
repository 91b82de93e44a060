"""What a request may ask of the application that serves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Path, Request

from server.live import Live
from server.nights import FIRST_NIGHT, LAST_NIGHT
from server.store import Store

__all__ = ["Context", "LiveInUse", "StorableNight", "StoreInUse", "Today"]


@dataclass(frozen=True, slots=True)
class Context:
    """Kept as ``app.state.context`` while the application runs."""

    store: Store
    today: Callable[[], date]
    live: Live


def _store(request: Request) -> Store:
    context: Context = request.app.state.context
    return context.store


def _today(request: Request) -> date:
    context: Context = request.app.state.context
    return context.today()


def _live(request: Request) -> Live:
    context: Context = request.app.state.context
    return context.live


LiveInUse = Annotated[Live, Depends(_live)]
StoreInUse = Annotated[Store, Depends(_store)]
Today = Annotated[date, Depends(_today)]
StorableNight = Annotated[date, Path(ge=FIRST_NIGHT, le=LAST_NIGHT)]
