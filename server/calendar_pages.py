"""The page of the nights over time: a calendar, a year in bars, and two periods side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, time
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse

from ingest.errors import InputError
from server import over_time, over_time_words, pages, queries, words
from server.alerts.judge import UsualWeek
from server.alerts.nightly import WearerNight
from server.answers import MAX_PAIN, answers
from server.bar_plot import Bar, BarPlot, bar_plot, tenth
from server.compared import Comparison, compare, count_period
from server.context import StoreInUse, Today, WearerAsked, WearerInUse
from server.kept_tables import Leg, Muscle
from server.known_nights import known_nights
from server.language import N_, _, locale
from server.nights import FIRST_NIGHT, LAST_NIGHT, ONE_DAY
from server.over_time import MonthCount, Told
from server.trends import Hour, Week, trends

__all__ = ["router"]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

COMPARED_NIGHTS = 84
"""Nights of a period where nobody says which: twelve weeks, as long as an alert may stand."""

LEAST_WEEKS = 12
"""Weeks that are drawn at the least, so that the first night is not as wide as the page."""

TICKS = 3
"""Dates under the weeks, so that they stay apart on the width of a phone."""

HOURS_A_TICK = 4
"""Hours between two times under the bars."""

Told_date = Annotated[str, Query(max_length=10)]


@router.get("/calendar")
def calendar(
    store: StoreInUse,
    today: Today,
    whose: WearerInUse,
    wearer: WearerAsked = None,
    month: Annotated[str, Query(max_length=7)] = "",
    first_from: Told_date = "",
    first_to: Told_date = "",
    second_from: Told_date = "",
    second_to: Told_date = "",
) -> Response:
    """Show a month, the year up to the newest night, and two periods."""
    refusal = None
    try:
        shown = _date(f"{month}-01") if month else today.replace(day=1)
        asked = [_date(each) for each in (first_from, first_to, second_from, second_to) if each]
        if len(asked) not in (0, 4):
            raise InputError(_("Give both dates of both periods."))
        if asked and not (asked[0] <= asked[1] and asked[2] <= asked[3]):
            raise InputError(_("A period ends before it begins. Turn its dates round."))
    except InputError as error:
        refusal, shown, asked = str(error), today.replace(day=1), []
    usual = over_time.usual_week(store, whose)
    with store.reading() as session:
        newest = queries.newest_night(session, whose) or today - ONE_DAY
        first, last = asked[0:2] or _period_before(newest - COMPARED_NIGHTS * ONE_DAY)
        again, until = asked[2:4] or _period_before(newest)
        found = trends(store, session, whose, (None, None))
        weeks = _from_the_first_known(found.weeks)
        begin = weeks[0].first if weeks else newest
        nights = known_nights(store, session, whose).nights
        given = answers(session, whose, (begin, newest))
        drawn = over_time.calendar_month(
            session,
            whose,
            shown,
            max(newest, today - ONE_DAY),
            first_weekday=locale().first_week_day,
        )
    before, after = over_time.months_around(shown)
    return pages.page(
        "calendar.html",
        status=200 if refusal is None else 422,
        **pages.of_wearer(store, wearer),
        wearer=wearer,
        refusal=refusal,
        month=drawn,
        weekdays=words.weekdays(),
        before=before if before >= FIRST_NIGHT else None,
        after=after if after <= today else None,
        usual=usual,
        begin=begin,
        newest=newest,
        weeks=_weeks(weeks, usual),
        hours=_hours(found.hours),
        months=_months(over_time.month_counts(nights, begin, newest), words.month_name),
        season=_season(nights, begin, newest),
        told=over_time.told_of(given),
        pains=_pains(over_time.told_of(given)),
        where=_where(over_time.told_of(given)),
        comparison=_compared(nights, first, last, again, until),
        over_time_words=over_time_words,
    )


def _date(text: str) -> date:
    try:
        when = date.fromisoformat(text)
    except ValueError as error:
        raise InputError(_("'%(text)s' is no date. Write it as 2026-11-21.", text=text)) from error
    if not FIRST_NIGHT <= when <= LAST_NIGHT:
        raise InputError(_("No night of %(year)s can be here. Correct the year.", year=when.year))
    return when


def _period_before(last: date) -> tuple[date, date]:
    return last - (COMPARED_NIGHTS - 1) * ONE_DAY, last


def _compared(
    nights: tuple[WearerNight, ...], first: date, last: date, again: date, until: date
) -> Comparison:
    return compare(count_period(nights, first, last), count_period(nights, again, until))


def _from_the_first_known(weeks: tuple[Week, ...]) -> tuple[Week, ...]:
    known = [place for place, each in enumerate(weeks) if each.recorded]
    begin = min(known[0] if known else len(weeks), max(len(weeks) - LEAST_WEEKS, 0))
    return weeks[begin:]


def _weeks(weeks: tuple[Week, ...], usual: UsualWeek | None) -> BarPlot:
    every = max(len(weeks) // TICKS, 1)
    bars = [
        Bar(
            name=words.day(each.first),
            height=each.cramps if each.valid else None,
            cells=(_known(each.cramps, each.valid), str(each.valid)),
            tick=words.short_day(each.first)
            if place % every == 0 and place + every <= len(weeks)
            else "",
        )
        for place, each in enumerate(weeks)
    ]
    return bar_plot((_("Week from"), _("Cramps"), _("Counted nights")), bars, usual)


def _hours(hours: tuple[Hour, ...]) -> BarPlot:
    bars = [
        Bar(
            name=words.full_hour(each.hour),
            height=each.cramps if each.searched_s or each.cramps else None,
            cells=(
                _known(each.cramps, each.searched_s or each.cramps),
                words.duration(each.searched_s) if each.searched_s else _("none"),
            ),
            tick=words.hour(time(each.hour)) if place % HOURS_A_TICK == 0 else "",
        )
        for place, each in enumerate(hours)
    ]
    return bar_plot((_("From"), _("Cramps"), _("Searched")), bars)


def _season(nights: Sequence[WearerNight], begin: date, newest: date) -> BarPlot | None:
    """Draw the months of all years together; None where the months of one year are all."""
    if not nights or nights[0].night >= begin:
        return None
    months = over_time.month_counts(nights, nights[0].night, newest)
    return _months(over_time.by_season(months), words.month_alone)


def _months(months: tuple[MonthCount, ...], name: Callable[[date], str]) -> BarPlot:
    bars = [
        Bar(
            name=name(each.first),
            height=7 * each.cramps / each.valid if each.valid else None,
            cells=(
                tenth(7 * each.cramps / each.valid) if each.valid else _("not known"),
                _known(each.cramps, each.valid),
                str(each.valid),
            ),
            tick=words.short_month(each.first)[: None if len(months) < 8 else 1],
        )
        for each in months
    ]
    return bar_plot((_("Month"), _("Cramps a week"), _("Cramps"), _("Counted nights")), bars)


def _pains(told: Told) -> BarPlot:
    bars = [
        Bar(str(pain), float(told.pains[pain]), (str(told.pains[pain]),), str(pain))
        for pain in range(MAX_PAIN + 1)
    ]
    return bar_plot((_("Pain"), _("Cramps")), bars)


LEGS = {
    Leg.LEFT: N_("Left leg"),
    Leg.RIGHT: N_("Right leg"),
    Leg.BOTH: N_("Both legs"),
    None: N_("Leg not told"),
}
MUSCLES = {
    Muscle.CALF: N_("Calf"),
    Muscle.FOOT: N_("Foot"),
    Muscle.THIGH: N_("Thigh"),
    Muscle.OTHER: N_("Another muscle"),
    None: N_("Muscle not told"),
}
"""Where a cramp was, as a row of the table."""


def _where(told: Told) -> list[tuple[str, int]]:
    legs = [(_(name), told.legs[leg]) for leg, name in LEGS.items()]
    muscles = [(_(name), told.muscles[muscle]) for muscle, name in MUSCLES.items()]
    return [*legs, *muscles]


def _known(number: float, if_any: float) -> str:
    return tenth(number) if if_any else _("not known")
