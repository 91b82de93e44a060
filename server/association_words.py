"""The plain words of what goes with what: how often, and never why."""

from __future__ import annotations

from server import diary_words, words
from server.associations.exposure import CHANGE_NIGHTS, Subject
from server.associations.judged import LEAST_CRAMP_NIGHTS, LEAST_NIGHTS, Judgement, Verdict
from server.associations.ratio import RateRatio, Side
from server.associations.swing import LEAST_FORTNIGHTS
from server.associations.table import Association, Associations
from server.bar_plot import tenth
from server.diary_kinds import Factor, Habit
from server.language import N_, _, ngettext
from server.language import number as written

__all__ = [
    "MEDICINES",
    "NOTHING_TOLD",
    "NOT_WHY",
    "compared",
    "counted",
    "finding",
    "how_counted",
    "interval",
    "name",
    "share",
]

NOTHING_TOLD = N_(
    "The diary tells of nothing yet that nights could be compared by. A habit takes about four "
    "weeks of days that are kept, those without it as well."
)

NOT_WHY = N_(
    "This says what went together, and never why: in the nights with something, other things may "
    "have been different too."
)

MEDICINES = N_("Do not start or stop a medicine by this: ask who prescribed it.")

HOW_COUNTED = N_(
    "Only nights of which 4 h or more were searched are counted, and of those only the ones of "
    "which the diary tells: what is not known is on neither side. A cramp in your word makes a "
    "cramp night; an awakening without an answer counts by its probability, which draws every "
    "ratio towards 1. A medicine is compared over "
    "%(weeks)s weeks before and after the change."
)

ALONE_FEWER = N_("Compared alone, these would be fewer.")
ALONE_MORE = N_("Compared alone, these would be more.")
AMONG_MANY = N_("Among so many things compared at once that can be chance.")

MOST_WRITTEN = 20.0
"""Ratio from which no number is written: with so few nights on one side it says nothing more."""

SUBJECTS = {
    Subject.DIALYSIS: N_("The night after dialysis"),
    Subject.DAY_AFTER_DIALYSIS: N_("The second night after dialysis"),
    Subject.MEDICINE_STARTED: N_("%(name)s since it was started"),
    Subject.MEDICINE_STOPPED: N_("%(name)s since it was stopped"),
}
"""What a row is called, where it is not just what it is about."""

SIDES = {
    Subject.HABIT: (N_("With it"), N_("Without it")),
    Subject.DIALYSIS: (N_("These nights"), N_("Other nights")),
    Subject.DAY_AFTER_DIALYSIS: (N_("These nights"), N_("Other nights")),
    Subject.FACTOR: (N_("While it held"), N_("At other times")),
    Subject.MEDICINE_STARTED: (N_("Since"), N_("Before")),
    Subject.MEDICINE_STOPPED: (N_("Since"), N_("While it was taken")),
}
"""What the two sides are called."""

WHEN = {
    Subject.HABIT: N_("on nights with it"),
    Subject.DIALYSIS: N_("on these nights"),
    Subject.DAY_AFTER_DIALYSIS: N_("on these nights"),
    Subject.FACTOR: N_("while it held"),
    Subject.MEDICINE_STARTED: N_("since"),
    Subject.MEDICINE_STOPPED: N_("since"),
}

CLASSES = {of_class.value: name for of_class, name in diary_words.CLASSES.items()}

VERDICTS = {
    Verdict.FEWER: N_("Fewer cramp nights %(when)s."),
    Verdict.MORE: N_("More cramp nights %(when)s."),
    Verdict.ALIKE: N_("About as many cramp nights %(when)s."),
    Verdict.TOO_EARLY: N_("Too early to tell."),
}


def name(association: Association) -> str:
    """Name what nights are compared by."""
    subject, about = association.subject, association.about
    match subject:
        case Subject.HABIT:
            return _(diary_words.HABITS[Habit(about)])
        case Subject.FACTOR:
            return _(diary_words.FACTORS[Factor(about)])
    return _(SUBJECTS[subject], name=_(CLASSES[about]) if about in CLASSES else about)


def finding(association: Association) -> str:
    """Say what can be said of it."""
    return _(VERDICTS[association.judgement.verdict], when=_(WHEN[association.subject]))


def counted(association: Association) -> str:
    """Write what was counted on either side, and what is missing where it is too early to tell."""
    told = association.judgement
    sides = zip(SIDES[association.subject], (told.with_it, told.without), strict=True)
    parts = [_("%(side)s: %(share)s nights.", side=_(side), share=share(of)) for side, of in sides]
    if told.verdict is Verdict.TOO_EARLY:
        parts.append(_missing(told))
    return " ".join(parts)


def share(side: Side) -> str:
    """Write how many nights of a side were cramp nights: ``9.4 of 41``."""
    return _("%(part)s of %(whole)s", part=tenth(side.cramp_nights), whole=side.valid)


def interval(ratio: RateRatio | None) -> str:
    """Write a ratio with its interval."""
    if ratio is None:
        return _("not known")
    told, least = _two(ratio.ratio), _two(ratio.least)
    if ratio.most >= MOST_WRITTEN:
        return _("%(ratio)s (%(least)s and more)", ratio=told, least=least)
    return _("%(ratio)s (%(least)s to %(most)s)", ratio=told, least=least, most=_two(ratio.most))


def compared(whole: Associations) -> str:
    """Say by which nights things are compared, and what is done about many things at once."""
    if whole.of_a_year:
        nights = ngettext(
            "%(num)s counted night of the year up to %(last)s.",
            "%(num)s counted nights of the year up to %(last)s.",
            whole.valid,
            last=words.day_and_year(whole.last),
        )
    else:
        nights = ngettext(
            "Compared by %(num)s counted night from %(first)s to %(last)s, and by no other. It is "
            "too early to tell where either side has fewer than %(least)s.",
            "Compared by %(num)s counted nights from %(first)s to %(last)s, and by no others. It "
            "is too early to tell where either side has fewer than %(least)s.",
            whole.valid,
            first=words.day_and_year(whole.first),
            last=words.day_and_year(whole.last),
            least=LEAST_NIGHTS,
        )
    if whole.judged < 2:
        return nights
    chance = _(
        "%(number)s things are compared at once, and of so many some differ by chance: so 'fewer' "
        "and 'more' take more nights here than for one alone.",
        number=whole.judged,
    )
    return f"{nights} {chance}"


def how_counted() -> str:
    """Write which nights are counted, and how."""
    return _(HOW_COUNTED, weeks=CHANGE_NIGHTS // 7)


def _missing(told: Judgement) -> str:
    if min(told.with_it.valid, told.without.valid) < LEAST_NIGHTS:
        return _("It takes %(nights)s counted nights on either side.", nights=LEAST_NIGHTS)
    if told.with_it.cramp_nights + told.without.cramp_nights < LEAST_CRAMP_NIGHTS:
        return _(
            "It takes %(nights)s cramp nights on both sides together.", nights=LEAST_CRAMP_NIGHTS
        )
    if not told.spread:
        return _(
            "It takes nights of %(number)s fortnights on either side: fewer may have been one bad "
            "time, or one good one.",
            number=LEAST_FORTNIGHTS,
        )
    if told.ratio is not None and not told.ratio.least <= 1 <= told.ratio.most:
        alone = ALONE_FEWER if told.ratio.most < 1 else ALONE_MORE
        return f"{_(alone)} {_(AMONG_MANY)}"
    return _("The nights so far fit fewer as well as more.")


def _two(number: float) -> str:
    return written(number, 2 if number < 1 else 1)
