"""The alerts over the API: which were raised, and who has seen and acknowledged them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request

from server import alert_log, schema, wearers
from server.alerting import take_step
from server.context import AlertNumber, LiveInUse, Speaker, StoreInUse, WearerInUse
from server.cursors import Place
from server.events import EventKind
from server.kept_tables import AlertStep
from server.listing import NightListing, page, stretch
from server.live import Live
from server.problems import PROBLEM_RESPONSES
from server.store import Store

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", tags=["alerts"], responses=PROBLEM_RESPONSES)


@router.get("/alerts", summary="The frequency alerts, newest first")
def list_alerts(
    request: Request,
    store: StoreInUse,
    wearer: WearerInUse,
    query: Annotated[NightListing, Query()],
) -> schema.Page[schema.Alert]:
    with store.reading() as session:
        zone = wearers.home(session, wearer)
        raised = alert_log.alerts(session, wearer, query.within)

    def place(each: alert_log.StoredAlert) -> Place:
        return each.night.isoformat(), each.id

    found = stretch(query, raised, place, str, int)
    items = [schema.Alert.of(each, zone) for each in found.items]
    return page(request, query, found, place, items)


@router.post(
    "/alerts/{alert_id}/seen", summary="Note that an alert was shown; again changes nothing"
)
def see(
    store: StoreInUse, live: LiveInUse, wearer: WearerInUse, speaker: Speaker, alert_id: AlertNumber
) -> schema.Alert:
    return _step(store, live, wearer, speaker, alert_id, AlertStep.SEEN)


@router.post(
    "/alerts/{alert_id}/acknowledge",
    summary="Note that somebody has read an alert; again changes nothing",
)
def acknowledge(
    store: StoreInUse, live: LiveInUse, wearer: WearerInUse, speaker: Speaker, alert_id: AlertNumber
) -> schema.Alert:
    return _step(store, live, wearer, speaker, alert_id, AlertStep.ACKNOWLEDGED)


def _step(
    store: Store, live: Live, wearer: str, speaker: str, alert_id: int, step: AlertStep
) -> schema.Alert:
    found = take_step(store, wearer, alert_id, step, speaker)
    if found is None:
        raise HTTPException(404, f"No alert has the id {alert_id}.")
    live.events.publish(wearer, EventKind.ALERT, "/api/v1/alerts")
    with store.reading() as session:
        return schema.Alert.of(found, wearers.home(session, wearer))
