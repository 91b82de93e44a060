"""The plain sentences of a frequency alert.

They speak of counts, of the wearer's own usual and of when to see a doctor; what frequent cramps
can be linked with is never said here.
"""

from __future__ import annotations

from server.alerts.judge import UsualWeek
from server.alerts.rules import RULES
from server.alerts.shown import AlertNumbers
from server.alerts.watch import Layer
from server.language import N_, _, ngettext
from server.words import day

__all__ = [
    "DOCTOR",
    "SEEN",
    "TITLES",
    "WHOSE_CHOICE",
    "compared",
    "counted",
    "in_short",
    "not_recorded",
    "sentences",
    "title",
    "unanswered",
    "usual_week",
]

TITLES = {
    Layer.SUDDEN: N_("More than your usual this week"),
    Layer.CREEPING: N_("More than your usual for some time"),
    Layer.PERSISTENT: N_("Three nights in seven, or more"),
}
"""What each alert is called."""

WHOSE_CHOICE = N_(
    "There is no agreed number from which cramps are frequent; three nights in seven is the choice "
    "of crampwatch."
)

DOCTOR = N_(
    "See a doctor soon, and take these numbers along, if cramps come often or disturb your sleep, "
    "or with numbness, weakness, swollen ankles, changed urine or unusual tiredness. The same day "
    "if one leg is swollen, warm and red, or a cramp lasts over ten minutes and does not ease. "
    "Call an ambulance for chest pain, sudden breathlessness or collapse."
)

SEEN = N_("I have seen this")
"""What is on the button that acknowledges an alert."""


def sentences(numbers: AlertNumbers) -> tuple[str, ...]:
    """Write all that an alert says under its title."""
    told = (
        counted(numbers),
        compared(numbers),
        not_recorded(numbers),
        unanswered(numbers),
        _(WHOSE_CHOICE) if numbers.layer is Layer.PERSISTENT else None,
        _(DOCTOR),
    )
    return tuple(each for each in told if each is not None)


def title(layer: Layer) -> str:
    """Name an alert."""
    return _(TITLES[layer])


def in_short(numbers: AlertNumbers) -> str:
    """Write an alert for where there is room for a line."""
    return f"{title(numbers.layer)}. {counted(numbers)}"


def counted(numbers: AlertNumbers) -> str:
    """Write what was counted, and in which nights."""
    recorded = ngettext(
        "In %(num)s recorded night from %(first)s to %(last)s",
        "In %(num)s recorded nights from %(first)s to %(last)s",
        numbers.recorded,
        first=day(numbers.first),
        last=day(numbers.last),
    )
    told = ngettext("you told of %(num)s cramp", "you told of %(num)s cramps", numbers.confirmed)
    noticed = ngettext(
        "we noticed %(num)s awakening that may have been a cramp",
        "we noticed %(num)s awakenings that may have been cramps",
        numbers.open,
    )
    if not numbers.open:
        found = told
    elif not numbers.confirmed:
        found = noticed
    else:
        found = _("%(told)s, and %(noticed)s", told=told, noticed=noticed)
    nights = ngettext("in %(num)s night", "in %(num)s nights", numbers.found_nights)
    return _("%(recorded)s %(found)s, %(nights)s.", recorded=recorded, found=found, nights=nights)


def compared(numbers: AlertNumbers) -> str | None:
    """Write how that compares with the usual, or with three nights in seven."""
    if numbers.layer is Layer.PERSISTENT:
        return _("That is as many as three nights in seven, or more.")
    if numbers.usual is None:
        return None
    return _("That is more than your usual, %(usual)s.", usual=usual_week(numbers.usual))


def usual_week(usual: UsualWeek) -> str:
    """Write what is usual in a week; where it is counted by probabilities, it is told as cramps."""
    if usual.least == usual.most:
        return ngettext("about %(num)s cramp a week", "about %(num)s cramps a week", usual.most)
    return ngettext(
        "%(least)s to %(num)s cramp a week",
        "%(least)s to %(num)s cramps a week",
        usual.most,
        least=usual.least,
    )


def not_recorded(numbers: AlertNumbers) -> str | None:
    """Write how many nights are unknown; None where all are known."""
    missing = numbers.nights - numbers.recorded
    if not missing:
        return None
    return ngettext(
        "Of %(num)s other night less than %(hours)s h was recorded; it is not counted.",
        "Of %(num)s other nights less than %(hours)s h was recorded; they are not counted.",
        missing,
        hours=f"{RULES.valid_from_s / 3600:.0f}",
    )


def unanswered(numbers: AlertNumbers) -> str | None:
    """Ask for the answers that are missing; None where none are."""
    if not numbers.open:
        return None
    return _("Your answers make the count right: was it a cramp?")
