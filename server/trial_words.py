"""The plain words of a trial: what is planned, what it can show, and what came of it."""

from __future__ import annotations

from datetime import date

from server import association_words, words
from server.associations.judged import Judgement, Verdict
from server.diary_words import HABITS
from server.trial.outcome import Outcome
from server.trial.plan import BLOCK_NIGHTS, Block
from server.trials import Trial, TrialState

__all__ = [
    "HOW",
    "NOT_FORESEEN",
    "TRIED_CAREFULLY",
    "WHAT_IT_SHOWS",
    "block_name",
    "changed",
    "counted",
    "finding",
    "followed",
    "name",
    "of_today",
    "percent",
    "so_far",
    "today_line",
]

HOW = (
    "Two weeks with it and two weeks without it, in an order that is drawn by lot, two to four "
    "times. Leave everything else as it is, and keep the diary each day: it says what was really "
    "done. Nothing is said of the cramps until the trial is over, so that nobody stops at what "
    "happens to look good."
)

TRIED_CAREFULLY = "It is a trial of a habit and no treatment. Stop whenever you like."

WHAT_IT_SHOWS = (
    "If the nights go on as in the last twelve weeks. A trial that shows nothing does not say that "
    "the habit does nothing."
)

NOT_FORESEEN = (
    "What a trial could show is not known yet: it takes two weeks of counted nights. Record some "
    "more nights first."
)

VERDICTS = {
    Verdict.FEWER: "Fewer cramp nights with it.",
    Verdict.MORE: "More cramp nights with it.",
    Verdict.ALIKE: "About as many cramp nights with it.",
    Verdict.TOO_EARLY: "Too early to tell.",
}


def name(trial: Trial) -> str:
    """Name what is tried."""
    return HABITS[trial.plan.habit]


def block_name(block: Block) -> str:
    """Say what a block is to be."""
    return "with it" if block.with_it else "without it"


def of_today(trial: Trial | None, today: date) -> str | None:
    """Say what there is to say of a trial today; None without one."""
    return None if trial is None else today_line(trial, today)


def today_line(trial: Trial, today: date) -> str:
    """Say in a line what the trial has for tonight."""
    head = f"Trial, {name(trial)}:"
    block = trial.block(today)
    if block is None:
        if trial.state(today) is TrialState.OVER:
            return f"{head} it is over."
        first = trial.plan.blocks[0]
        return f"{head} begins on {words.day(first.first)}, {block_name(first)}."
    night = (today - block.first).days + 1
    line = f"{head} tonight {block_name(block)}, night {night} of {BLOCK_NIGHTS}."
    if block.number + 1 == len(trial.plan.blocks):
        return line
    after = trial.plan.blocks[block.number + 1]
    return f"{line} From {words.day(after.first)} on {block_name(after)}."


def changed(trial: Trial, block: Block | None) -> str:
    """Say what begins tonight; None stands for the end."""
    if block is None:
        return f"Your trial, {name(trial)}, is over. Its page says what came of it."
    return f"Your trial, {name(trial)}: from tonight on {block_name(block)}, {BLOCK_NIGHTS} nights."


def so_far(found: Outcome) -> str:
    """Say how far a trial is that goes on; of cramps nothing."""
    sides = found.as_planned
    return (
        f"So far {words.count(found.nights, 'night', 'nights')}: {sides.with_it.valid} counted "
        f"with it, {sides.without.valid} without it. The diary tells of {found.told} of them."
    )


def followed(found: Outcome) -> str:
    """Say how far it was done as it was planned."""
    return (
        f"The diary tells of {found.told} of {words.count(found.nights, 'night', 'nights')}; "
        f"{found.as_planned_told} of them were as planned."
    )


def finding(judgement: Judgement) -> str:
    """Say what can be said."""
    return VERDICTS[judgement.verdict]


def counted(judgement: Judgement) -> str:
    """Write what was counted on either side, and the ratio."""
    with_it, without = map(association_words.share, (judgement.with_it, judgement.without))
    ratio = association_words.interval(judgement.ratio)
    return (
        f"With it {with_it} counted nights were cramp nights, without it {without}. Ratio {ratio}, "
        "compared within each pair of blocks."
    )


def percent(chance: float) -> str:
    """Write a chance: ``36 in 100``."""
    return f"{100 * chance:.0f} in 100"
