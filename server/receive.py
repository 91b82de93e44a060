"""What a collector may send: the night that goes on, and the night that is over."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Body, HTTPException, Response

from detector.classifier import load_model
from server import going_on, learning, schema, wire_examples
from server.announce import tell_of_night
from server.context import IdInPath, LiveInUse, StoreInUse, WearerInUse
from server.problem_kinds import ProblemError, ProblemKind
from server.problems import PROBLEM_RESPONSES
from server.wire import LiveReport, NightMessage, Saved

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", tags=["collector"], responses=PROBLEM_RESPONSES)


@router.put(
    "/recordings/{recording_id}/night",
    summary="Keep a judged night; the same night again changes nothing",
    responses={201: {"model": schema.Kept, "description": "Kept as a new night."}},
)
def keep_night(
    store: StoreInUse,
    live: LiveInUse,
    wearer: WearerInUse,
    recording_id: IdInPath,
    night: Annotated[NightMessage, Body(examples=[wire_examples.NIGHT])],
    response: Response,
    afterwards: BackgroundTasks,
) -> schema.Kept:
    if night.id != recording_id:
        raise HTTPException(422, f"The night says that it is of recording {night.id}.")
    if early := store.too_early(night):
        # Unlike what is wrong with the night itself, a clock is put right in time.
        raise ProblemError(ProblemKind.NOT_YET, early)
    outcome = store.save(night, wearer)
    going_on.over(store, live, wearer, night.info.start_ns)
    is_news = outcome.saved is not Saved.UNCHANGED
    afterwards.add_task(tell_of_night, store, live, wearer, night, is_news=is_news)
    if outcome.saved is Saved.ADDED:
        response.status_code = 201
    return schema.Kept(saved=outcome.saved, overlaps=list(outcome.overlaps))


@router.put("/live", status_code=204, summary="Say how the night that goes on is doing")
def tell_live(
    store: StoreInUse,
    live: LiveInUse,
    wearer: WearerInUse,
    report: Annotated[LiveReport, Body(examples=[wire_examples.LIVE])],
) -> None:
    going_on.heard(store, live, wearer, report)


@router.get("/live", summary="The night that goes on, judged so far; provisional")
def show_live(live: LiveInUse, wearer: WearerInUse) -> schema.Tonight:
    tonight = live.tonight(wearer)
    if tonight is None:
        raise HTTPException(404, "No night is going on.")
    return schema.Tonight.of(tonight)


@router.get("/adjustment", summary="What the nights to come are judged with, besides the model")
def show_adjustment(store: StoreInUse, wearer: WearerInUse) -> schema.Adjustment:
    """Tell what the wearer's answers teach; 404 where that was not chosen, or nothing answered."""
    with store.reading() as session:
        personal = learning.learnt(session, wearer, load_model())
    if personal is None:
        raise HTTPException(404, "Nights are judged as for everybody.")
    return schema.Adjustment.of(personal)
