"""Lays out the weeks before an alert, for the page to draw; places are per cent of the drawing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from server import words
from server.alerts.judge import SHOWN_NIGHTS, UsualWeek
from server.alerts.nightly import WearerNight, count_night
from server.alerts.rules import RULES, Rules
from server.bar_plot import tenth
from server.language import _, ngettext

__all__ = ["AlertPlot", "NightDot", "WeekBar", "alert_plot"]

WEEK = 7
"""Nights of a bar."""

HEADROOM = 1.15
"""How much higher the drawing is than the most that is in it, for the numbers on the bars."""

EVEN = 0.5
"""Probability from which a cramp night is more likely than not."""


@dataclass(frozen=True, slots=True)
class WeekBar:
    """The cramps of a week, expected ones where the wearer has not answered."""

    x: str
    width: str
    y: str
    height: str
    middle: str
    number: str
    label: str
    what: str


@dataclass(frozen=True, slots=True)
class NightDot:
    """A night: `found`, `maybe`, `none` or `missing`."""

    x: str
    middle: str
    width: str
    kind: str


@dataclass(frozen=True, slots=True)
class AlertPlot:
    """Weeks, nights and the usual band; `text` says the same to those who cannot see it."""

    weeks: tuple[WeekBar, ...]
    nights: tuple[NightDot, ...]
    band_y: str | None
    band_height: str | None
    text: str


def alert_plot(
    nights: Iterable[WearerNight], last: date, usual: UsualWeek | None, rules: Rules = RULES
) -> AlertPlot:
    """Lay out the eight weeks that end with a night."""
    first = last - timedelta(days=SHOWN_NIGHTS - 1)
    by_date = {each.night: each for each in nights if first <= each.night <= last}
    dates = [first + timedelta(days=number) for number in range(SHOWN_NIGHTS)]
    counted = {day: count_night(each, rules) for day, each in by_date.items()}
    weeks = [dates[start : start + WEEK] for start in range(0, SHOWN_NIGHTS, WEEK)]
    valid = {day: count for day, count in counted.items() if count.valid}
    cramps = [sum(valid[day].cramps for day in week if day in valid) for week in weeks]
    top = HEADROOM * max(*cramps, usual.most if usual else 0, 1)
    bars = tuple(
        _bar(place, week, of, sum(day in valid for day in week), top)
        for place, (week, of) in enumerate(zip(weeks, cramps, strict=True))
    )
    dots = tuple(
        NightDot(
            x=_share(place / SHOWN_NIGHTS),
            middle=_share((place + 0.5) / SHOWN_NIGHTS),
            width=_share(1 / SHOWN_NIGHTS),
            kind=_kind(valid[day].cramp_night) if day in valid else "missing",
        )
        for place, day in enumerate(dates)
    )
    band = (
        ""
        if usual is None
        else " " + _("Usual: %(least)s to %(most)s a week.", least=usual.least, most=usual.most)
    )
    return AlertPlot(
        weeks=bars,
        nights=dots,
        band_y=None if usual is None else _share(1 - usual.most / top),
        band_height=None if usual is None else _share((usual.most - usual.least) / top),
        text=" ".join(f"{bar.what}." for bar in bars) + band,
    )


def _bar(place: int, week: list[date], cramps: float, recorded: int, top: float) -> WeekBar:
    width = WEEK / SHOWN_NIGHTS
    number = tenth(cramps)
    began = words.day(week[0])
    recorded_in = ngettext(
        "Week from %(began)s: %(cramps)s in %(num)s recorded night",
        "Week from %(began)s: %(cramps)s in %(num)s recorded nights",
        recorded,
        began=began,
        cramps=number,
    )
    return WeekBar(
        x=_share((place + 0.15) * width),
        width=_share(0.7 * width),
        y=_share(1 - cramps / top),
        height=_share(cramps / top),
        middle=_share((place + 0.5) * width),
        number=number if recorded else "",
        label=words.short_day(week[0]),
        what=recorded_in if recorded else _("Week from %(began)s: not recorded", began=began),
    )


def _kind(cramp_night: float) -> str:
    if cramp_night >= EVEN:
        return "found"
    return "maybe" if cramp_night else "none"


def _share(of: float) -> str:
    return f"{100 * of:.2f}%"
