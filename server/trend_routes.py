"""How the nights go over the weeks, over the API."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from server import schema, trends
from server.alerting import usual_now
from server.context import StoreInUse, WearerAsked, WearerInUse
from server.listing import NightRange
from server.problems import PROBLEM_RESPONSES

__all__ = ["router"]

router = APIRouter(prefix="/api/v1/trends", tags=["trends"], responses=PROBLEM_RESPONSES)


class Usual(BaseModel):
    """Whose usual is wanted."""

    model_config = ConfigDict(extra="forbid")

    wearer: WearerAsked = None


@router.get("", summary="The weeks, oldest first, and the hours of the night")
def get_trends(
    store: StoreInUse, wearer: WearerInUse, query: Annotated[NightRange, Query()]
) -> schema.Trends:
    """Count whole weeks; without a range, those of the year up to the newest night."""
    with store.reading() as session:
        found = trends.trends(store, session, wearer, query.within)
    return schema.Trends.model_validate(found)


@router.get("/usual", summary="What is usual for the wearer, as the alerts see it")
def get_usual(
    store: StoreInUse, wearer: WearerInUse, query: Annotated[Usual, Query()]
) -> schema.UsualNow:
    """Judge as the alerts do: after a start all nights, then from where something changed."""
    night, usual = usual_now(store, wearer)
    week = None if usual is None else schema.UsualWeek.model_validate(usual)
    return schema.UsualNow(night=night, usual=week)
