"""The plain sentences of a frequency alert.

They speak of counts, of the wearer's own usual and of when to see a doctor; what frequent cramps
can be linked with is never said here.
"""

from __future__ import annotations

from server.alerts.judge import UsualWeek
from server.alerts.rules import RULES
from server.alerts.shown import AlertNumbers
from server.alerts.watch import Layer
from server.words import count, day

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
    "unanswered",
    "usual_week",
]

TITLES = {
    Layer.SUDDEN: "More than your usual this week",
    Layer.CREEPING: "More than your usual for some time",
    Layer.PERSISTENT: "Three nights in seven, or more",
}
"""What each alert is called."""

WHOSE_CHOICE = (
    "There is no agreed number from which cramps are frequent; three nights in seven is the choice "
    "of crampwatch."
)

DOCTOR = (
    "See a doctor soon, and take these numbers along, if cramps come often or disturb your sleep, "
    "or with numbness, weakness, swollen ankles, changed urine or unusual tiredness. The same day "
    "if one leg is swollen, warm and red, or a cramp lasts over ten minutes and does not ease. "
    "Call an ambulance for chest pain, sudden breathlessness or collapse."
)

SEEN = "I have seen this"
"""What is on the button that acknowledges an alert."""


def sentences(numbers: AlertNumbers) -> tuple[str, ...]:
    """Write all that an alert says under its title."""
    told = (
        counted(numbers),
        compared(numbers),
        not_recorded(numbers),
        unanswered(numbers),
        WHOSE_CHOICE if numbers.layer is Layer.PERSISTENT else None,
        DOCTOR,
    )
    return tuple(each for each in told if each is not None)


def in_short(numbers: AlertNumbers) -> str:
    """Write an alert for where there is room for a line."""
    return f"{TITLES[numbers.layer]}. {counted(numbers)}"


def counted(numbers: AlertNumbers) -> str:
    """Write what was counted, and in which nights."""
    recorded = count(numbers.recorded, "recorded night", "recorded nights")
    since = f"{recorded} from {day(numbers.first)} to {day(numbers.last)}"
    confirmed = count(numbers.confirmed, "cramp", "cramps")
    noticed = f"{count(numbers.open, 'awakening', 'awakenings')} that may have been "
    noticed += "a cramp" if numbers.open == 1 else "cramps"
    if not numbers.open:
        found = f"you told of {confirmed}"
    elif not numbers.confirmed:
        found = f"we noticed {noticed}"
    else:
        found = f"you told of {confirmed}, and we noticed {noticed}"
    nights = count(numbers.found_nights, "night", "nights")
    return f"In {since} {found}, in {nights}."


def compared(numbers: AlertNumbers) -> str | None:
    """Write how that compares with the usual, or with three nights in seven."""
    if numbers.layer is Layer.PERSISTENT:
        return "That is as many as three nights in seven, or more."
    if numbers.usual is None:
        return None
    return f"That is more than your usual, {usual_week(numbers.usual)}."


def usual_week(usual: UsualWeek) -> str:
    """Write what is usual in a week; where it is counted by probabilities, it is told as cramps."""
    if usual.least == usual.most:
        return f"about {count(usual.most, 'cramp', 'cramps')} a week"
    return f"{usual.least} to {count(usual.most, 'cramp', 'cramps')} a week"


def not_recorded(numbers: AlertNumbers) -> str | None:
    """Write how many nights are unknown; None where all are known."""
    missing = numbers.nights - numbers.recorded
    if not missing:
        return None
    hours = f"{RULES.valid_from_s / 3600:.0f} h"
    nights = count(missing, "night was", "nights were")
    return f"{nights} not recorded for {hours} or more and counted neither way."


def unanswered(numbers: AlertNumbers) -> str | None:
    """Ask for the answers that are missing; None where none are."""
    if not numbers.open:
        return None
    return "Your answers make the count right: was it a cramp?"
