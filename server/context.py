"""What a request may ask of the application that serves it."""

from __future__ import annotations

import pathlib
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from fastapi import Depends, Path, Query, Request

from server import wearers
from server.callers import CALLER, Caller
from server.judging import Judging
from server.live import Live
from server.nights import FIRST_NIGHT, LAST_NIGHT
from server.notify.notifier import Notifier
from server.permissions import who_may
from server.store import Store
from server.throttle import Throttle
from server.wearer_day import today
from server.wearer_id import MAX_ID_CHARS

__all__ = [
    "AlertNumber",
    "CallerInUse",
    "Context",
    "IdInPath",
    "JudgingInUse",
    "LiveInUse",
    "MayAnswer",
    "NotifierInUse",
    "Reader",
    "ReaderNow",
    "Speaker",
    "StorableNight",
    "StoreInUse",
    "Today",
    "WearerAsked",
    "WearerInUse",
    "asked_wearer",
    "live_in_use",
    "store_in_use",
]

ANSWERING = "POST /episodes/{episode_id}/answer"
"""The route of an answer: whoever may not ask for it is not asked either."""


@dataclass(frozen=True, slots=True)
class Context:
    """Kept as ``app.state.context`` while the application runs.

    Parameters
    ----------
    data_dir
        The folder whose disk has to have room.
    wearer
        Id of the wearer that is meant where a request names none; None for the only one.
    local_login
        Whether whoever asks on this machine has to be logged in as well.
    throttle
        Slows down who guesses passwords.
    """

    store: Store
    live: Live
    judging: Judging
    data_dir: pathlib.Path
    notifier: Notifier
    wearer: str | None = None
    local_login: bool = False
    throttle: Throttle = field(default_factory=Throttle)


async def store_in_use(request: Request) -> Store:
    """Give the store that the application serves."""
    context: Context = request.app.state.context
    return context.store


async def _notifier(request: Request) -> Notifier:
    context: Context = request.app.state.context
    return context.notifier


async def _judging(request: Request) -> Judging:
    context: Context = request.app.state.context
    return context.judging


async def live_in_use(request: Request) -> Live:
    """Give what is known of the nights that go on."""
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


async def _caller(request: Request) -> Caller:
    caller: Caller = request.scope[CALLER]
    return caller


CallerInUse = Annotated[Caller, Depends(_caller)]


async def asked_wearer(request: Request, wearer: WearerAsked = None) -> str | None:
    """Give the one id that the caller may name; else that of the request, or the setting."""
    context: Context = request.app.state.context
    caller: Caller = request.scope[CALLER]
    return caller.wearer or wearer or context.wearer


async def _may_answer(caller: CallerInUse) -> bool:
    return caller.role in who_may(ANSWERING)


async def _speaker(caller: CallerInUse) -> str:
    return caller.given_by


def _wearer(
    store: Annotated[Store, Depends(store_in_use)],
    asked: Annotated[str | None, Depends(asked_wearer)],
) -> str:
    with store.reading() as session:
        return wearers.resolve(session, asked)


def _today(
    store: Annotated[Store, Depends(store_in_use)], wearer: Annotated[str, Depends(_wearer)]
) -> date:
    with store.reading() as session:
        return today(session, wearer, store.now_ns())


JudgingInUse = Annotated[Judging, Depends(_judging)]
LiveInUse = Annotated[Live, Depends(live_in_use)]
MayAnswer = Annotated[bool, Depends(_may_answer)]
"""Whether the questions of the morning are put to whoever asks for the page."""
Speaker = Annotated[str, Depends(_speaker)]
"""Who answers and acknowledges, as it is kept."""
NotifierInUse = Annotated[Notifier, Depends(_notifier)]
StoreInUse = Annotated[Store, Depends(store_in_use)]
Today = Annotated[date, Depends(_today)]
"""The day that the wearer is in whose nights are asked for."""
WearerInUse = Annotated[str, Depends(_wearer)]
"""Id of the wearer whose nights are asked for."""
AlertNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]
"""Id of an alert."""
IdInPath = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[ -~]+$")]
"""Id of something, which whoever sends it has chosen."""
StorableNight = Annotated[date, Path(ge=FIRST_NIGHT, le=LAST_NIGHT)]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads what of whom, and whether they may write it as well."""

    store: Store
    whose: str
    today: date
    may_write: bool
    wearer: str | None


def _reader(
    store: StoreInUse,
    asked: Annotated[str | None, Depends(asked_wearer)],
    may_write: MayAnswer,
    wearer: WearerAsked = None,
) -> Reader:
    with store.reading() as session:
        whose = wearers.resolve(session, asked)
        day = today(session, whose, store.now_ns())
    return Reader(store, whose, day, may_write, wearer)


ReaderNow = Annotated[Reader, Depends(_reader)]
