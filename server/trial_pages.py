"""The page of a trial: what one could show, the one that goes on, and what came of those before."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from ingest.errors import InputError
from server import association_words, diary_words, pages, trial_words, trials
from server.answer_routes import FormSent
from server.context import IdInPath, LiveInUse, Reader, ReaderNow, Speaker
from server.diary_kinds import Habit
from server.events import EventKind
from server.interval_plot import TICKS, interval_plot
from server.known_nights import known_nights
from server.language import _
from server.live import Live
from server.nights import ONE_DAY
from server.trial.plan import PAIRS, Plan
from server.trial.power import power
from server.trial_routes import TRIALS, new_seed
from server.trials import LATEST_BEGIN_DAYS, TRIED, Trial, TrialState

__all__ = ["router"]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/trial")
def show_trial(reader: ReaderNow) -> Response:
    """Show the trial that goes on, or else what one could show."""
    return _page(reader)


@router.post("/trial/{trial_id}")
def plan_trial(
    reader: ReaderNow, live: LiveInUse, speaker: Speaker, trial_id: IdInPath, form: FormSent
) -> Response:
    """Plan a trial."""
    store, whose = reader.store, reader.whose
    try:
        habit, first = _habit(form.one("habit")), _first(form.one("first"))
        plan = Plan(habit, first, _pairs(form.one("pairs")), new_seed())
        asked = Trial(trial_id, plan, store.now_ns(), speaker)
        usual = trials.foresee(store, whose, reader.today)
        planned = store.write(
            lambda session: trials.begin_trial(session, whose, asked, usual, today=reader.today)
        )
        if isinstance(planned, trials.Refusal):
            raise InputError(trial_words.refused(planned, plan))
    except InputError as refusal:
        return _page(reader, str(refusal))
    return _changed(reader, live)


@router.post("/trial/{trial_id}/stop")
def stop_trial(
    reader: ReaderNow, live: LiveInUse, speaker: Speaker, trial_id: IdInPath
) -> Response:
    """Stop a trial."""
    at_ns = reader.store.now_ns()
    reader.store.write(
        lambda session: trials.stop_trial(
            session, reader.whose, trial_id, today=reader.today, at_ns=at_ns, who=speaker
        )
    )
    return _changed(reader, live)


def _changed(reader: Reader, live: Live) -> Response:
    live.events.publish(reader.whose, EventKind.TRIAL, TRIALS)
    return RedirectResponse(f"/trial{pages.asked(reader.wearer)}", 303)


def _habit(text: str) -> Habit:
    try:
        return Habit(text)
    except ValueError as error:
        raise InputError(_("Choose what to try.")) from error


def _first(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(_("'%(text)s' is no date. Write it as 2026-11-21.", text=text)) from error


def _pairs(text: str) -> int:
    if text not in map(str, PAIRS):
        raise InputError(_("Choose how long to try it."))
    return int(text)


def _page(reader: Reader, refusal: str | None = None) -> Response:
    today = reader.today
    with reader.store.reading() as session:
        nights = known_nights(reader.store, session, reader.whose).nights
        usual = trials.usual_before(nights, today)
        found = [
            (each, trials.read_outcome(session, reader.whose, nights, each, today))
            for each in trials.trials(session, reader.whose)
        ]
    still = [pair for pair in found if pair[0].state(today) is not TrialState.OVER]
    return pages.page(
        "trial.html",
        status=200 if refusal is None else 422,
        **pages.of_wearer(reader.store, reader.wearer),
        refusal=refusal,
        may_write=reader.may_write,
        today=today,
        lengths=() if usual is None else power(usual),
        still=still[0] if still else None,
        over=[pair for pair in found if pair not in still],
        latest=today + LATEST_BEGIN_DAYS * ONE_DAY,
        tried=[(habit, diary_words.HABITS[habit]) for habit in TRIED],
        new_id=uuid4().hex,
        interval_plot=interval_plot,
        TICKS=TICKS,
        association_words=association_words,
        trial_words=trial_words,
    )
