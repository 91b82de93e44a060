"""The plain words of what goes with what: how often, and never why."""

from __future__ import annotations

from server import diary_words, words
from server.associations.exposure import CHANGE_NIGHTS, Subject
from server.associations.judged import LEAST_CRAMP_NIGHTS, LEAST_NIGHTS, Judgement, Verdict
from server.associations.ratio import RateRatio, Side
from server.associations.table import Association, Associations
from server.bar_plot import tenth
from server.diary_kinds import Factor, Habit

__all__ = [
    "HOW_COUNTED",
    "MEDICINES",
    "NOTHING_TOLD",
    "NOT_WHY",
    "compared",
    "counted",
    "finding",
    "interval",
    "name",
    "share",
]

NOTHING_TOLD = (
    "The diary tells of nothing yet that nights could be compared by. A habit takes about four "
    "weeks of days that are kept, those without it as well."
)

NOT_WHY = (
    "This says what went together, and never why: in the nights with something, other things may "
    "have been different too."
)

MEDICINES = "Do not start or stop a medicine by this: ask who prescribed it."

HOW_COUNTED = (
    "Only nights of which 4 h or more were searched are counted, and of those only the ones of "
    "which the diary tells: what is not known is on neither side. A cramp in your word makes a "
    "cramp night; an awakening without an answer counts by its probability, which draws every "
    "ratio towards 1. A medicine is compared over "
    f"{CHANGE_NIGHTS // 7} weeks before and after the change."
)

MOST_WRITTEN = 20.0
"""Ratio from which no number is written: with so few nights on one side it says nothing more."""

SUBJECTS = {
    Subject.DIALYSIS: "The night after dialysis",
    Subject.DAY_AFTER_DIALYSIS: "The second night after dialysis",
    Subject.MEDICINE_STARTED: "{} since it was started",
    Subject.MEDICINE_STOPPED: "{} since it was stopped",
}
"""What a row is called, where it is not just what it is about."""

SIDES = {
    Subject.HABIT: ("With it", "Without it"),
    Subject.DIALYSIS: ("These nights", "Other nights"),
    Subject.DAY_AFTER_DIALYSIS: ("These nights", "Other nights"),
    Subject.FACTOR: ("While it held", "At other times"),
    Subject.MEDICINE_STARTED: ("Since", "Before"),
    Subject.MEDICINE_STOPPED: ("Since", "While it was taken"),
}
"""What the two sides are called."""

WHEN = {
    Subject.HABIT: "on nights with it",
    Subject.DIALYSIS: "on these nights",
    Subject.DAY_AFTER_DIALYSIS: "on these nights",
    Subject.FACTOR: "while it held",
    Subject.MEDICINE_STARTED: "since",
    Subject.MEDICINE_STOPPED: "since",
}

CLASSES = {of_class.value: name for of_class, name in diary_words.CLASSES.items()}

VERDICTS = {
    Verdict.FEWER: "Fewer cramp nights {}.",
    Verdict.MORE: "More cramp nights {}.",
    Verdict.ALIKE: "About as many cramp nights {}.",
    Verdict.TOO_EARLY: "Too early to tell.",
}


def name(association: Association) -> str:
    """Name what nights are compared by."""
    subject, about = association.subject, association.about
    match subject:
        case Subject.HABIT:
            return diary_words.HABITS[Habit(about)]
        case Subject.FACTOR:
            return diary_words.FACTORS[Factor(about)]
    return SUBJECTS[subject].format(CLASSES.get(about, about))


def finding(association: Association) -> str:
    """Say what can be said of it."""
    return VERDICTS[association.judgement.verdict].format(WHEN[association.subject])


def counted(association: Association) -> str:
    """Write what was counted on either side, and what is missing where it is too early to tell."""
    told = association.judgement
    sides = zip(SIDES[association.subject], (told.with_it, told.without), strict=True)
    parts = [f"{side}: {share(of)} nights." for side, of in sides]
    if told.verdict is Verdict.TOO_EARLY:
        parts.append(_missing(told))
    return " ".join(parts)


def share(side: Side) -> str:
    """Write how many nights of a side were cramp nights: ``9.4 of 41``."""
    return f"{tenth(side.cramp_nights)} of {side.valid}"


def interval(ratio: RateRatio | None) -> str:
    """Write a ratio with its interval."""
    if ratio is None:
        return "not known"
    most = f"to {_two(ratio.most)}" if ratio.most < MOST_WRITTEN else "and more"
    return f"{_two(ratio.ratio)} ({_two(ratio.least)} {most})"


def compared(whole: Associations) -> str:
    """Say what is done about comparing many things at once."""
    nights = (
        f"{words.count(whole.valid, 'counted night', 'counted nights')} of the year up to "
        f"{words.day(whole.last)} {whole.last.year}."
    )
    if whole.judged < 2:
        return nights
    return (
        f"{nights} {whole.judged} things are compared at once, and of so many some differ by "
        "chance: so 'fewer' and 'more' take more nights here than for one alone."
    )


def _missing(told: Judgement) -> str:
    if min(told.with_it.valid, told.without.valid) < LEAST_NIGHTS:
        return f"It takes {LEAST_NIGHTS} counted nights on either side."
    if told.with_it.cramp_nights + told.without.cramp_nights < LEAST_CRAMP_NIGHTS:
        return f"It takes {LEAST_CRAMP_NIGHTS} cramp nights on both sides together."
    return "The nights so far fit fewer as well as more."


def _two(number: float) -> str:
    return f"{number:.2f}" if number < 1 else f"{number:.1f}"
