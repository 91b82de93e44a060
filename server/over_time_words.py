"""The plain words of the calendar and of the year beside it."""

from __future__ import annotations

from datetime import date

from server import alert_words, words
from server.alerting import numbers_of
from server.alerts.judge import UsualWeek
from server.alerts.rules import RULES
from server.bar_plot import tenth
from server.compared import Comparison, Period, Verdict
from server.figures import NightState
from server.over_time import CalendarNight, StoodAlert

__all__ = [
    "HOW_COUNTED",
    "LEGEND",
    "NO_USUAL",
    "compared",
    "month_name",
    "night_name",
    "period",
    "stood",
    "usual",
]

HOW_COUNTED = (
    f"Only nights of which {RULES.valid_from_s / 3600:.0f} h or more were searched are counted. "
    "What you said counts; an awakening that you have not answered counts by its probability, so "
    "a count can be a fraction. Times are by the clock where the night was recorded."
)

NO_USUAL = "What is usual for you is not known yet: that takes some weeks of nights."

LEGEND = {
    "likely": "looked like a cramp, or you said so",
    "possible": "may have been one",
    "none_found": "none found, or none by your word",
    "partly": words.legend()["partly"],
    "not_recorded": words.LEGEND["not_recorded"],
}
"""What each mark in the calendar stands for."""

VERDICTS = {
    Verdict.TOO_EARLY: (
        f"Too early to tell: each period needs {RULES.least_known_nights:.0f} counted nights."
    ),
    Verdict.NO_TELLING: "Too early to tell: that much more or fewer can be chance.",
    Verdict.MORE: "More cramp nights a week in the second period than in the first.",
    Verdict.FEWER: "Fewer cramp nights a week in the second period than in the first.",
}


def month_name(month: date) -> str:
    """Write ``November 2026``."""
    return f"{month:%B} {month.year}"


def night_name(night: CalendarNight) -> str:
    """Write a night of the calendar for those who hear it."""
    told = [words.strip_night(night.figures)]
    if night.figures.state is NightState.NOT_RECORDED and not night.told:
        return told[0]
    if night.told:
        told.append(f"{words.count(night.told, 'cramp', 'cramps')} by your word")
    if night.rejected:
        was = "was no cramp" if night.rejected == 1 else "were no cramps"
        told.append(f"{words.count(night.rejected, 'awakening', 'awakenings')} {was} by your word")
    if night.alert:
        told.append("an alert stood")
    return ", ".join(told)


def stood(each: StoodAlert) -> str:
    """Write from when to when an alert stood."""
    title = alert_words.TITLES[numbers_of(each.alert).layer]
    since = f"{title}: since the night of {_dated(each.alert.night)}"
    return f"{since}, still standing." if each.until is None else f"{since}, over {_over(each)}."


def usual(week: UsualWeek | None) -> str:
    """Write what is usual in a week, and that nine weeks in ten lie within."""
    if week is None:
        return NO_USUAL
    return (
        f"Your usual is {tenth(week.mean)} a week; nine weeks in ten have {week.least} to "
        f"{week.most}."
    )


def period(told: Period) -> str:
    """Write what was counted in a period."""
    counted = words.count(told.valid, "counted night", "counted nights")
    of = f"{_dated(told.first)} to {_dated(told.last)}, {counted} of {told.nights}"
    if not told.valid:
        return f"{of}: nothing can be said."
    nights = f"{tenth(told.cramp_nights)} cramp nights, {tenth(told.cramps)} cramps"
    return (
        f"{of}: {nights}. That is {told.a_week:.1f} cramp nights a week "
        f"(with nine chances in ten between {told.least:.1f} and {told.most:.1f})."
    )


def compared(comparison: Comparison) -> str:
    """Write what can be said of the second period."""
    return VERDICTS[comparison.verdict]


def _over(each: StoodAlert) -> str:
    return "" if each.until is None else f"since {_dated(each.until)}"


def _dated(when: date) -> str:
    return f"{words.day(when)} {when.year}"
