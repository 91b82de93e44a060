"""What a collector may send: the night that goes on, and the night that is over."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, HTTPException, Response

from detector.night import Night
from server import queries, schema, wearers
from server.context import IdInPath, LiveInUse, StoreInUse, WearerInUse, asked_wearer
from server.events import EventKind
from server.live import Live
from server.problem_kinds import ProblemError, ProblemKind
from server.problems import PROBLEM_RESPONSES
from server.store import Store
from server.telling import judge_and_tell
from server.wire import LiveReport, NightMessage, Saved

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", tags=["collector"], responses=PROBLEM_RESPONSES)


@router.put(
    "/recordings/{recording_id}/night",
    summary="Keep a judged night; the same night again changes nothing",
)
def keep_night(
    store: StoreInUse,
    live: LiveInUse,
    asked: Annotated[str | None, Depends(asked_wearer)],
    recording_id: IdInPath,
    night: NightMessage,
    response: Response,
    afterwards: BackgroundTasks,
) -> schema.Kept:
    if night.id != recording_id:
        raise HTTPException(422, f"The night says that it is of recording {night.id}.")
    if early := store.too_early(night):
        # Unlike what is wrong with the night itself, a clock is put right in time.
        raise ProblemError(ProblemKind.NOT_YET, early)
    outcome = store.save(night, asked)
    live.over(night.info.start_ns)
    afterwards.add_task(_tell_of, store, live, asked, night)
    if outcome.saved is Saved.ADDED:
        response.status_code = 201
    return schema.Kept(saved=outcome.saved, overlaps=list(outcome.overlaps))


def _tell_of(store: Store, live: Live, asked: str | None, night: Night) -> None:
    """Tell who listens of a night, judge it for alerts, and tell of those."""
    with store.reading() as session:
        wearer = wearers.resolve(session, asked)
        stored = queries.recording(session, wearer, night.id)
    if stored is not None:
        live.events.publish(wearer, EventKind.NIGHT, f"/api/v1/nights/{stored.night}")
    judge_and_tell(store, live, wearer)


@router.put("/live", status_code=204, summary="Say how the night that goes on is doing")
def tell_live(live: LiveInUse, wearer: WearerInUse, report: LiveReport) -> None:
    live.tell(report, wearer)


@router.get("/live", summary="The night that goes on, judged so far; provisional")
def show_live(live: LiveInUse, wearer: WearerInUse) -> schema.Tonight:
    tonight = live.tonight(wearer)
    if tonight is None:
        raise HTTPException(404, "No night is going on.")
    return schema.Tonight.of(tonight)
