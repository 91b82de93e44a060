"""The trials of a store: planned, going on, and over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.errors import WearerError
from server import audit
from server.alerts.nightly import WearerNight
from server.associated import told_by
from server.associations.table import valid_counts
from server.diary import entries
from server.diary_kinds import DiaryKind, Habit
from server.kept_tables import TrialRow
from server.known_nights import known_nights
from server.nights import ONE_DAY
from server.store import Store
from server.tables import WearerRow
from server.trial.outcome import Outcome, outcome
from server.trial.plan import PAIRS, Block, Plan
from server.trial.power import USUAL_NIGHTS, Usual, usual_nights

__all__ = [
    "LATEST_BEGIN_DAYS",
    "TRIED",
    "Refusal",
    "Trial",
    "TrialState",
    "begin_trial",
    "foresee",
    "keep_trial",
    "open_trial",
    "read_outcome",
    "stop_trial",
    "trial",
    "trial_to_tell",
    "trials",
    "usual_before",
]

TRIED = (Habit.CALF_STRETCHES, Habit.WARM_FOOT_BATH, Habit.HEAVY_BLANKET, Habit.EXERCISE)
"""What may be tried. Not drinking as planned is left out: nobody should drink less for a trial."""

LATEST_BEGIN_DAYS = 28
"""Days from today on which a trial may begin: what it can show is foreseen from the nights before
it."""


TOLD_AFTER_DAYS = 7
"""Days for which the morning page says that a trial is over: a week, in which anybody looks."""


class Refusal(StrEnum):
    """Why a trial cannot be planned; `server.trial_words` has the words."""

    ID_TAKEN = "id_taken"
    NOTHING_TO_TRY = "nothing_to_try"
    LENGTH = "length"
    BEGIN = "begin"
    ONE_AT_A_TIME = "one_at_a_time"
    NOT_FORESEEN = "not_foreseen"
    """Too few nights are counted to say what it could show."""


class TrialState(StrEnum):
    """How far a trial is."""

    PLANNED = "planned"
    RUNNING = "running"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial.

    Parameters
    ----------
    planned_ns, planned_by
        When it was planned, in UTC nanoseconds, and by whom.
    stopped
        The first night that is no longer of it; None where nobody stopped it.
    """

    id: str
    plan: Plan
    planned_ns: int
    planned_by: str
    stopped: date | None = None

    @property
    def last(self) -> date:
        """The last night; before the first one where it was stopped before it began."""
        return self.plan.last if self.stopped is None else self.stopped - ONE_DAY

    def state(self, today: date) -> TrialState:
        """Say how far it is; its last night is over on the day after."""
        if today > self.last:
            return TrialState.OVER
        return TrialState.PLANNED if today < self.plan.first else TrialState.RUNNING

    def block(self, night: date) -> Block | None:
        """Give the block that a night is in; None before and after it."""
        return None if night > self.last else self.plan.block(night)


def trials(session: Session, wearer: str) -> tuple[Trial, ...]:
    """List the trials of a wearer, the newest first."""
    found = select(TrialRow).where(TrialRow.wearer_id == wearer)
    rows = session.scalars(found.order_by(TrialRow.first_night.desc(), TrialRow.id.desc()))
    return tuple(map(_trial, rows))


def trial(session: Session, wearer: str, trial_id: str) -> Trial | None:
    """Give one trial; None where the wearer has none of that id."""
    row = session.get(TrialRow, trial_id)
    return _trial(row) if row and row.wearer_id == wearer else None


def trial_to_tell(session: Session, wearer: str, today: date) -> Trial | None:
    """Give the trial of which a page says how far it is: one that is open, or lately over."""
    told = trials(session, wearer)
    lately = (e for e in told if e.stopped is None and today <= e.last + TOLD_AFTER_DAYS * ONE_DAY)
    return next(lately, None)


def open_trial(session: Session, wearer: str, today: date) -> Trial | None:
    """Give the trial that is planned or goes on."""
    still = (e for e in trials(session, wearer) if e.state(today) is not TrialState.OVER)
    return next(still, None)


def foresee(store: Store, wearer: str, today: date) -> Usual | None:
    """Give the nights by which a trial is foreseen; None where too few are counted."""
    with store.reading() as session:
        return usual_before(known_nights(store, session, wearer).nights, today)


def begin_trial(
    session: Session, wearer: str, asked: Trial, usual: Usual | None, *, today: date
) -> Trial | Refusal:
    """Plan a trial; the same again is the one that is there.

    Parameters
    ----------
    usual
        The nights by which it is foreseen.

    Returns
    -------
    What was asked for where it is new, what is there where it is the same, or why it cannot be.

    Raises
    ------
    WearerError
        The wearer is still to come.
    """
    if session.get(WearerRow, wearer) is None:
        raise WearerError("No wearer is here yet, and nobody can try anything.", nobody=True)
    known = session.get(TrialRow, asked.id)
    if known is not None:
        before, plan = _trial(known), asked.plan
        same = (before.plan.habit, before.plan.first, before.plan.pairs)
        if known.wearer_id == wearer and same == (plan.habit, plan.first, plan.pairs):
            return before
        return Refusal.ID_TAKEN
    refusal = _refusal(asked.plan, today)
    if refusal is not None:
        return refusal
    if open_trial(session, wearer, today) is not None:
        return Refusal.ONE_AT_A_TIME
    if usual is None:
        return Refusal.NOT_FORESEEN
    keep_trial(session, wearer, asked)
    audit.note(session, asked.planned_by, "plan", "a trial", at_ns=asked.planned_ns, wearer=wearer)
    return asked


def keep_trial(session: Session, wearer: str, kept: Trial) -> None:
    """Keep a trial that is not there yet."""
    session.add(
        TrialRow(
            id=kept.id,
            wearer_id=wearer,
            habit=kept.plan.habit.value,
            first_night=kept.plan.first,
            pairs=kept.plan.pairs,
            seed=kept.plan.seed,
            stopped=kept.stopped,
            planned_ns=kept.planned_ns,
            planned_by=kept.planned_by,
        )
    )


def stop_trial(
    session: Session, wearer: str, trial_id: str, *, today: date, at_ns: int, who: str
) -> Trial | None:
    """Stop a trial, so that tonight is no longer of it; one that is over stays as it is.

    Returns
    -------
    None where the wearer has none of that id.
    """
    found = trial(session, wearer, trial_id)
    if found is None or found.state(today) is TrialState.OVER:
        return found
    row = session.get_one(TrialRow, trial_id)
    row.stopped = today
    audit.note(session, who, "stop", "a trial", at_ns=at_ns, wearer=wearer)
    return _trial(row)


def usual_before(nights: Iterable[WearerNight], today: date) -> Usual | None:
    """Sum up the newest nights; None where too few are counted to foresee a trial."""
    since = today - USUAL_NIGHTS * ONE_DAY
    newest = [each for each in nights if since <= each.night < today]
    if not newest:
        return None
    return usual_nights(valid_counts(newest).values(), (today - newest[0].night).days)


def read_outcome(
    session: Session, wearer: str, nights: Iterable[WearerNight], of: Trial, today: date
) -> Outcome:
    """Judge the nights of a trial until last night, or its end."""
    last = min(of.last, today - ONE_DAY)
    told = told_by(entries(session, wearer, (of.plan.first, last), kind=DiaryKind.HABITS))
    within = (each for each in nights if of.plan.first <= each.night <= last)
    return outcome(of.plan, last, valid_counts(within), told)


def _refusal(plan: Plan, today: date) -> Refusal | None:
    if plan.habit not in TRIED:
        return Refusal.NOTHING_TO_TRY
    if plan.pairs not in PAIRS:
        return Refusal.LENGTH
    if not today <= plan.first <= today + LATEST_BEGIN_DAYS * ONE_DAY:
        return Refusal.BEGIN
    return None


def _trial(row: TrialRow) -> Trial:
    plan = Plan(Habit(row.habit), row.first_night, row.pairs, row.seed)
    return Trial(row.id, plan, row.planned_ns, row.planned_by, row.stopped)
