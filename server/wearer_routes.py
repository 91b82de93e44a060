"""The wearers and their devices over the API."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import Field
from pydantic.dataclasses import dataclass
from sqlalchemy.orm import Session

from ingest.errors import InputError, SettingsError
from server import schema, wearers
from server.conditions import ConditionInUse, tagged
from server.context import CallerInUse, IdInPath, StoreInUse, WearerInUse
from server.cursors import Place
from server.listing import Listing, page, stretch
from server.login import OF_ANOTHER
from server.problem_kinds import ProblemError, ProblemKind
from server.problems import CHANGED_RESPONSE, PROBLEM_RESPONSES
from server.wearers import MAX_NAME_CHARS
from server.wire import Text, ZoneName

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", responses=PROBLEM_RESPONSES)


@dataclass(frozen=True, slots=True)
class WearerMessage:
    """What is known of a wearer."""

    name: Annotated[Text, Field(min_length=1, max_length=MAX_NAME_CHARS, examples=["Anna"])]
    timezone: Annotated[
        ZoneName, Field(description="IANA name of the zone at home", examples=["Europe/Berlin"])
    ]


async def _own(caller: CallerInUse, wearer_id: IdInPath) -> str:
    if not caller.is_for(wearer_id):
        raise ProblemError(ProblemKind.OTHER_WEARER, OF_ANOTHER)
    return wearer_id


OwnWearer = Annotated[str, Depends(_own)]
"""Id of a wearer, of whom the caller may hear."""


@router.get("/wearers", tags=["wearers"], summary="Whose nights are kept here")
def list_wearers(
    request: Request, store: StoreInUse, caller: CallerInUse, query: Annotated[Listing, Query()]
) -> schema.Page[schema.Wearer]:
    with store.reading() as session:
        everybody = [each for each in wearers.everybody(session) if caller.is_for(each.id)]

    def place(each: wearers.Wearer) -> Place:
        return (each.id,)

    found = stretch(query, everybody, place, str, newest_first=False)
    items = [schema.Wearer.model_validate(each) for each in found.items]
    return page(request, query, found, place, items)


@router.get("/wearers/{wearer_id}", tags=["wearers"], summary="One wearer")
def get_wearer(store: StoreInUse, wearer_id: OwnWearer, response: Response) -> schema.Wearer:
    with store.reading() as session:
        found = _shown(session, wearer_id)
    if found is None:
        raise HTTPException(404, f"No wearer has the id {wearer_id}.")
    tagged(response, found)
    return found


@router.put(
    "/wearers/{wearer_id}",
    tags=["wearers"],
    summary="Add a wearer, or change the name and the zone at home",
    responses={
        201: {"model": schema.Wearer, "description": "Added."},
        **CHANGED_RESPONSE,
    },
)
def put_wearer(
    store: StoreInUse,
    wearer_id: OwnWearer,
    message: WearerMessage,
    condition: ConditionInUse,
    response: Response,
) -> schema.Wearer:
    """Add or change. To erase a wearer there is the command alone."""

    def work(session: Session) -> tuple[bool, schema.Wearer]:
        before = _shown(session, wearer_id)
        condition.require(before)
        if before is None:
            kept = wearers.add(session, message.name, message.timezone, id=wearer_id)
        else:
            kept = wearers.change(session, wearer_id, message.name, message.timezone)
        return before is None, schema.Wearer.model_validate(kept)

    try:
        new, kept = store.write(work)
    except SettingsError as error:
        raise InputError(str(error)) from error
    if new:
        response.status_code = 201
    tagged(response, kept)
    return kept


@router.get("/devices", tags=["devices"], summary="The wearables that recorded, the last first")
def list_devices(
    request: Request, store: StoreInUse, wearer: WearerInUse, query: Annotated[Listing, Query()]
) -> schema.Page[schema.Device]:
    with store.reading() as session:
        devices = wearers.devices(session, wearer)

    def place(each: wearers.Device) -> Place:
        return each.last_seen_ns, each.name, each.address

    found = stretch(query, devices, place, int, str, str)
    items = [schema.Device.of(each) for each in found.items]
    return page(request, query, found, place, items)


def _shown(session: Session, wearer_id: str) -> schema.Wearer | None:
    found = wearers.one(session, wearer_id)
    return None if found is None else schema.Wearer.model_validate(found)
