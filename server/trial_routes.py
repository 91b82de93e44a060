"""Trials over the API: what one could show, planned, stopped, and what came of each."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Annotated

from fastapi import APIRouter, HTTPException, Response
from pydantic import Field
from pydantic.dataclasses import dataclass
from sqlalchemy.orm import Session

from ingest.errors import InputError
from server import trial_words, trials
from server.context import IdInPath, LiveInUse, Speaker, StoreInUse, Today, WearerInUse
from server.diary_kinds import Habit
from server.events import EventKind
from server.known_nights import known_nights
from server.nights import FIRST_NIGHT, LAST_NIGHT
from server.problems import PROBLEM_RESPONSES
from server.store import Store
from server.trial.plan import PAIRS, Plan
from server.trial_schema import Trial, TrialPower, Trials

__all__ = ["TRIALS", "new_seed", "router"]

router = APIRouter(prefix="/api/v1", tags=["trials"], responses=PROBLEM_RESPONSES)

TRIALS = "/api/v1/trials"
"""Where they can be read."""

SEEDS = 2**31 - 1
"""Seeds that an order is drawn by: as many as every database keeps in a whole number."""


def new_seed() -> int:
    """Draw a seed that nobody foresees."""
    return secrets.randbelow(SEEDS)


@dataclass(frozen=True, slots=True)
class TrialMessage:
    """A trial to be planned; the order of its blocks is drawn by the server."""

    habit: Habit
    first: Annotated[
        date,
        Field(
            ge=FIRST_NIGHT,
            le=LAST_NIGHT,
            description="First night: today or some days from now",
            examples=["2026-11-23"],
        ),
    ]
    pairs: Annotated[
        int,
        Field(
            ge=PAIRS[0],
            le=PAIRS[-1],
            description="Pairs of two weeks with it and two weeks without it",
            examples=[3],
        ),
    ]


@router.get("/trial-power", summary="What a trial could show, before it is begun")
def get_power(store: StoreInUse, today: Today, wearer: WearerInUse) -> TrialPower:
    """Foresee it from the last twelve weeks."""
    return TrialPower.of(trials.foresee(store, wearer, today))


@router.get("/trials", summary="Every trial, the newest first")
def list_trials(store: StoreInUse, today: Today, wearer: WearerInUse) -> Trials:
    with store.reading() as session:
        found = trials.trials(session, wearer)
        return Trials(items=[_shown(store, session, wearer, each, today) for each in found])


@router.get("/trials/{trial_id}", summary="One trial")
def get_trial(store: StoreInUse, today: Today, wearer: WearerInUse, trial_id: IdInPath) -> Trial:
    with store.reading() as session:
        found = trials.trial(session, wearer, trial_id)
        if found is None:
            raise HTTPException(404, f"No trial has the id {trial_id}.")
        return _shown(store, session, wearer, found, today)


@router.put(
    "/trials/{trial_id}",
    summary="Plan a trial; the same again changes nothing",
    responses={201: {"model": Trial, "description": "Planned as a new trial."}},
)
def put_trial(
    response: Response,
    store: StoreInUse,
    live: LiveInUse,
    today: Today,
    wearer: WearerInUse,
    speaker: Speaker,
    trial_id: IdInPath,
    message: TrialMessage,
) -> Trial:
    plan = Plan(message.habit, message.first, message.pairs, new_seed())
    asked = trials.Trial(trial_id, plan, store.now_ns(), speaker)
    usual = trials.foresee(store, wearer, today)
    planned = store.write(
        lambda session: trials.begin_trial(session, wearer, asked, usual, today=today)
    )
    if isinstance(planned, trials.Refusal):
        raise InputError(trial_words.refused(planned, plan))
    if planned is asked:
        response.status_code = 201
        live.events.publish(wearer, EventKind.TRIAL, TRIALS)
    with store.reading() as session:
        return _shown(store, session, wearer, planned, today)


@router.post("/trials/{trial_id}/stop", summary="Stop a trial; again changes nothing")
def stop_trial(
    store: StoreInUse,
    live: LiveInUse,
    today: Today,
    wearer: WearerInUse,
    speaker: Speaker,
    trial_id: IdInPath,
) -> Trial:
    """End it with the night before today's; what is known until then is judged."""
    at_ns = store.now_ns()
    stopped = store.write(
        lambda session: trials.stop_trial(
            session, wearer, trial_id, today=today, at_ns=at_ns, who=speaker
        )
    )
    if stopped is None:
        raise HTTPException(404, f"No trial has the id {trial_id}.")
    live.events.publish(wearer, EventKind.TRIAL, TRIALS)
    with store.reading() as session:
        return _shown(store, session, wearer, stopped, today)


def _shown(store: Store, session: Session, wearer: str, of: trials.Trial, today: date) -> Trial:
    nights = known_nights(store, session, wearer).nights
    return Trial.of(of, trials.read_outcome(session, wearer, nights, of, today), today)
