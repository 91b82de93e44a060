"""The plain words of a trial: what is planned, what it can show, and what came of it."""

from __future__ import annotations

from datetime import date

from server import association_words, words
from server.associations.judged import LEAST_NIGHTS, Judgement, Verdict
from server.diary_words import HABITS
from server.language import N_, _, ngettext
from server.trial.outcome import Outcome
from server.trial.plan import BLOCK_NIGHTS, PAIRS, Block, Plan
from server.trial.power import USUAL_NIGHTS
from server.trials import LATEST_BEGIN_DAYS, TRIED, Refusal, Trial, TrialState

__all__ = [
    "HOW",
    "NO_TREATMENT",
    "WHAT_IT_SHOWS",
    "WHERE_THEY_DIFFER",
    "block_name",
    "changed",
    "counted",
    "finding",
    "followed",
    "name",
    "not_foreseen",
    "of_today",
    "percent",
    "refused",
    "so_far",
    "title",
    "today_line",
]

HOW = N_(
    "Two weeks with it and two weeks without it, in an order that is drawn by lot, two to four "
    "times. Leave everything else as it is, and keep the diary each day: it says what was really "
    "done. Nothing is said of the cramps until the trial is over, so that nobody stops at what "
    "happens to look good."
)

NO_TREATMENT = N_("It is a trial of a habit and no treatment. Stop whenever you like.")

WHAT_IT_SHOWS = N_(
    "If the nights go on as in the last twelve weeks. A trial that shows nothing does not say that "
    "the habit does nothing."
)

WHERE_THEY_DIFFER = N_(
    "Where the two differ, trust the first: leaving the habit out in bad nights makes it look "
    "better in the second."
)

VERDICTS = {
    Verdict.FEWER: N_("Fewer cramp nights with it."),
    Verdict.MORE: N_("More cramp nights with it."),
    Verdict.ALIKE: N_("About as many cramp nights with it."),
    Verdict.TOO_EARLY: N_("Too early to tell."),
}


def refused(refusal: Refusal, plan: Plan) -> str:
    """Say why a trial cannot be planned, and what to do."""
    match refusal:
        case Refusal.ID_TAKEN:
            return _("Another trial has this id already. Load the page again.")
        case Refusal.NOTHING_TO_TRY:
            tried = words.listed([_(HABITS[each]) for each in TRIED])
            return _(
                "'%(habit)s' is nothing to try. Try one of these: %(tried)s.",
                habit=_(HABITS[plan.habit]),
                tried=tried,
            )
        case Refusal.LENGTH:
            return _(
                "A trial has %(least)s to %(most)s pairs of blocks.", least=PAIRS[0], most=PAIRS[-1]
            )
        case Refusal.BEGIN:
            return _(
                "A trial begins today or within %(days)s days, not on %(first)s.",
                days=LATEST_BEGIN_DAYS,
                first=words.day_and_year(plan.first),
            )
        case Refusal.ONE_AT_A_TIME:
            return _("A trial is planned or goes on already. Stop it first: one at a time.")
        case Refusal.NOT_FORESEEN:
            return not_foreseen()


def not_foreseen() -> str:
    """Say what it takes to foresee a trial."""
    return _(
        "What a trial could show is not known yet: it takes %(nights)s counted nights of the last "
        "%(of)s. Record some more nights first.",
        nights=LEAST_NIGHTS,
        of=USUAL_NIGHTS,
    )


def name(trial: Trial) -> str:
    """Name what is tried."""
    return _(HABITS[trial.plan.habit])


def title(trial: Trial) -> str:
    """Name a trial that is over, with its nights."""
    habit, first = name(trial), words.day_and_year(trial.plan.first)
    if trial.last < trial.plan.first:
        return _("%(habit)s, planned from %(first)s", habit=habit, first=first)
    last = words.day_and_year(trial.last)
    if trial.stopped is None:
        return _("%(habit)s, %(first)s to %(last)s", habit=habit, first=first, last=last)
    return _("%(habit)s, %(first)s to %(last)s, stopped early", habit=habit, first=first, last=last)


def block_name(block: Block) -> str:
    """Say what a block is to be."""
    return _("with it") if block.with_it else _("without it")


def of_today(trial: Trial | None, today: date) -> str | None:
    """Say what there is to say of a trial today; None without one."""
    return None if trial is None else today_line(trial, today)


def today_line(trial: Trial, today: date) -> str:
    """Say in a line what the trial has for tonight."""
    habit, block = name(trial), trial.block(today)
    if block is None:
        if trial.state(today) is TrialState.OVER:
            return _("Trial, %(habit)s: it is over.", habit=habit)
        first = trial.plan.blocks[0]
        return _(
            "Trial, %(habit)s: begins on %(day)s, %(how)s.",
            habit=habit,
            day=words.day(first.first),
            how=block_name(first),
        )
    line = _(
        "Trial, %(habit)s: tonight %(how)s, night %(number)s of %(nights)s.",
        habit=habit,
        how=block_name(block),
        number=(today - block.first).days + 1,
        nights=BLOCK_NIGHTS,
    )
    if block.number + 1 == len(trial.plan.blocks):
        return line
    after = trial.plan.blocks[block.number + 1]
    then = _("From %(day)s on %(how)s.", day=words.day(after.first), how=block_name(after))
    return f"{line} {then}"


def changed(trial: Trial, block: Block | None) -> str:
    """Say what begins tonight; None stands for the end."""
    habit = name(trial)
    if block is None:
        return _(
            "Your trial, %(habit)s, is over. Its page says what came of it.",
            habit=habit,
        )
    return _(
        "Your trial, %(habit)s: from tonight on %(how)s, %(nights)s nights.",
        habit=habit,
        how=block_name(block),
        nights=BLOCK_NIGHTS,
    )


def so_far(found: Outcome) -> str:
    """Say how far a trial is that goes on; of cramps nothing."""
    return _(
        "Nights so far: %(nights)s, of which are counted %(with_it)s with it and %(without)s "
        "without it. The diary tells of %(told)s.",
        nights=found.nights,
        with_it=found.as_planned.with_it.valid,
        without=found.as_planned.without.valid,
        told=found.told,
    )


def followed(found: Outcome) -> str:
    """Say how far it was done as it was planned."""
    return ngettext(
        "The diary tells of %(told)s of %(num)s night; %(planned)s of them were as planned.",
        "The diary tells of %(told)s of %(num)s nights; %(planned)s of them were as planned.",
        found.nights,
        told=found.told,
        planned=found.as_planned_told,
    )


def finding(judgement: Judgement) -> str:
    """Say what can be said."""
    return _(VERDICTS[judgement.verdict])


def counted(judgement: Judgement) -> str:
    """Write what was counted on either side, and the ratio."""
    return _(
        "Cramp nights: with it %(with_it)s counted nights, without it %(without)s. Ratio "
        "%(ratio)s, compared within each pair of blocks.",
        with_it=association_words.share(judgement.with_it),
        without=association_words.share(judgement.without),
        ratio=association_words.interval(judgement.ratio),
    )


def percent(chance: float) -> str:
    """Write a chance: ``36 in 100``."""
    return _("%(number)s in 100", number=round(100 * chance))
