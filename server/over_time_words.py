"""The plain words of the calendar and of the year beside it."""

from __future__ import annotations

from server import alert_words, words
from server.alerting import numbers_of
from server.alerts.judge import UsualWeek
from server.alerts.rules import RULES
from server.bar_plot import tenth
from server.compared import Comparison, Period, Verdict
from server.figures import NightState
from server.language import N_, _, ngettext, number
from server.over_time import CalendarNight, StoodAlert

__all__ = [
    "NO_USUAL",
    "compared",
    "how_counted",
    "legend",
    "night_name",
    "period",
    "stood",
    "usual",
]

HOW_COUNTED = N_(
    "Only nights of which %(hours)s h or more were searched are counted. "
    "What you said counts; an awakening that you have not answered counts by its probability, so "
    "a count can be a fraction. Times are by the clock where the night was recorded."
)

NO_USUAL = N_("What is usual for you is not known yet: that takes some weeks of nights.")

LEGEND = words.LEGEND | {
    "likely": N_("looked like a cramp, or you said so"),
    "none_found": N_("none found, or none by your word"),
}
"""What each mark in the calendar stands for."""

VERDICTS = {
    Verdict.TOO_EARLY: N_("Too early to tell: each period needs %(nights)s counted nights."),
    Verdict.NO_TELLING: N_("Too early to tell: that much more or fewer can be chance."),
    Verdict.MORE: N_("More cramp nights a week in the second period than in the first."),
    Verdict.FEWER: N_("Fewer cramp nights a week in the second period than in the first."),
}


def how_counted() -> str:
    """Write which nights are counted, and how."""
    return _(HOW_COUNTED, hours=f"{RULES.valid_from_s / 3600:.0f}")


def legend() -> dict[str, str]:
    """Give what each mark in the calendar stands for."""
    return words.legend(LEGEND)


def night_name(night: CalendarNight) -> str:
    """Write a night of the calendar for those who hear it."""
    told = [words.strip_night(night.figures)]
    if night.figures.state is NightState.NOT_RECORDED and not night.told:
        return told[0]
    if night.told:
        told.append(
            ngettext("%(num)s cramp by your word", "%(num)s cramps by your word", night.told)
        )
    if night.rejected:
        told.append(
            ngettext(
                "%(num)s awakening was no cramp by your word",
                "%(num)s awakenings were no cramps by your word",
                night.rejected,
            )
        )
    if night.alert:
        told.append(_("an alert stood"))
    return ", ".join(told)


def stood(each: StoodAlert) -> str:
    """Write from when to when an alert stood."""
    title = alert_words.title(numbers_of(each.alert).layer)
    since = words.day_and_year(each.alert.night)
    if each.until is None:
        return _(
            "%(title)s: since the night of %(since)s, still standing.", title=title, since=since
        )
    return _(
        "%(title)s: since the night of %(since)s, over since %(until)s.",
        title=title,
        since=since,
        until=words.day_and_year(each.until),
    )


def usual(week: UsualWeek | None) -> str:
    """Write what is usual in a week, and that nine weeks in ten lie within."""
    if week is None:
        return _(NO_USUAL)
    return _(
        "Your usual is %(mean)s a week; nine weeks in ten have %(least)s to %(most)s.",
        mean=tenth(week.mean),
        least=week.least,
        most=week.most,
    )


def period(told: Period) -> str:
    """Write what was counted in a period."""
    counted = ngettext("%(num)s counted night", "%(num)s counted nights", told.valid)
    of = _(
        "%(first)s to %(last)s, %(counted)s of %(nights)s",
        first=words.day_and_year(told.first),
        last=words.day_and_year(told.last),
        counted=counted,
        nights=told.nights,
    )
    if not told.valid:
        return _("%(period)s: nothing can be said.", period=of)
    return _(
        "%(period)s: %(nights)s cramp nights, %(cramps)s cramps. That is %(rate)s cramp nights a "
        "week (with nine chances in ten between %(least)s and %(most)s).",
        period=of,
        nights=tenth(told.cramp_nights),
        cramps=tenth(told.cramps),
        rate=number(told.a_week, 1),
        least=number(told.least, 1),
        most=number(told.most, 1),
    )


def compared(comparison: Comparison) -> str:
    """Write what can be said of the second period."""
    return _(VERDICTS[comparison.verdict], nights=f"{RULES.least_known_nights:.0f}")
