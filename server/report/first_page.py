"""The first page of a report: how often, week by week, and what was called attention to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from server import words
from server.alert_words import usual_week
from server.alerts.rules import RULES
from server.alerts.shown import AlertNumbers
from server.alerts.watch import Layer
from server.bar_plot import tenth
from server.language import N_, _, ngettext, number
from server.report.counts import WEEK, Block, blocks, count, expected, halves, nights_a_week
from server.report.facts import Report
from server.report.parts import Bar, Chart, Heading, Lines, Sheet, Table, Text

__all__ = ["first_page"]

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"

MOST_WEEKS_IN_ROWS = 14
"""Weeks that have a row each; of more of them four share one, so that the page holds a year."""

FOUR_WEEKS = 4 * WEEK

MOST_ALERTS = 4
"""Alerts that are listed, the newest: what the first page holds below a year."""

FEW_VALID = 4
"""Valid nights below which a week's bar is drawn pale: less than half of the week is known."""

UNKNOWN = "\N{EN DASH}"
"""What stands where a zero would be taken for 'none'."""

LAYERS = {
    Layer.SUDDEN: N_("more than usual in a week"),
    Layer.CREEPING: N_("more than usual for some time"),
    Layer.PERSISTENT: N_("three nights in seven, or more"),
}
"""The alerts, as a doctor reads of them."""

SIMULATED = N_("Of these nights some or all are simulated: a program made them, nobody slept them.")

TAKE_ALONG = N_("Counts to take to a doctor. They name no cause and advise no treatment.")


def first_page(report: Report) -> Sheet:
    """Write the first page."""
    whole = count(report, report.first, report.last)
    weeks = blocks(report, WEEK)
    is_long = len(weeks) > MOST_WEEKS_IN_ROWS
    rows = blocks(report, FOUR_WEEKS) if is_long else weeks
    alerts = tuple(_alert(*each) for each in report.alerts[-MOST_ALERTS:])
    called = (Heading(_("Called attention to by crampwatch")), Lines(alerts)) if alerts else ()
    return (
        Heading(report.title),
        Text(_of_what(report)),
        *([Text(_(SIMULATED))] * report.simulated),
        Text(f"{_(TAKE_ALONG)} {_(words.NOT_A_DEVICE)}"),
        Heading(_("In short")),
        Lines(tuple(_in_short(report, whole))),
        Heading(_("Week by week")),
        _weeks_chart(report, weeks),
        Text(
            _(
                "Cramps of each week's valid nights: told ones as 1, unanswered ones as their "
                "probability. Pale: fewer than %(few)s valid nights. Grey band: the usual. Open: "
                "not answered, or 'not sure'. %(unknown)s: not recorded, or too little.",
                few=FEW_VALID,
                unknown=UNKNOWN,
            ),
            is_note=True,
        ),
        Table(
            (
                _("Four weeks from") if is_long else _("Week from"),
                _("Valid nights"),
                _("Nights with a cramp, told or likely"),
                _("Told by the wearer"),
                _("Likely, open"),
                _("Possible, open"),
                _("Told to be none"),
            ),
            tuple(_row(each) for each in rows),
        ),
        *called,
    )


def _of_what(report: Report) -> str:
    zones = words.listed([words.zone_name(each) for each in report.timezones])
    return ngettext(
        "Nights of %(first)s to %(last)s, %(num)s night. Times are local to %(zones)s. Made on "
        "%(made)s.",
        "Nights of %(first)s to %(last)s, %(num)s nights. Times are local to %(zones)s. Made on "
        "%(made)s.",
        len(report.nights),
        first=words.day_and_year(report.first),
        last=words.day_and_year(report.last),
        zones=zones,
        made=words.day_and_year(report.made),
    )


def _in_short(report: Report, whole: Block) -> list[str]:
    coverage = _(
        "%(recorded)s of %(nights)s nights recorded, %(valid)s of them valid (%(hours)s h or more "
        "searched",
        recorded=whole.recorded,
        nights=whole.nights,
        valid=whole.valid,
        hours=f"{RULES.valid_from_s / 3600:.0f}",
    )
    if whole.valid:
        mean = words.duration(whole.searched_s / whole.valid)
        coverage += "; " + _("%(time)s on average", time=mean)
    lines = [
        f"{coverage}).",
        ngettext(
            "Told by the wearer: %(num)s cramp, %(noticed)s of them noticed by the device and "
            "%(added)s added. Not answered, or not sure: %(likely)s likely and %(possible)s "
            "possible. Told to be none: %(rejected)s.",
            "Told by the wearer: %(num)s cramps, %(noticed)s of them noticed by the device and "
            "%(added)s added. Not answered, or not sure: %(likely)s likely and %(possible)s "
            "possible. Told to be none: %(rejected)s.",
            whole.told,
            noticed=whole.told - whole.added,
            added=whole.added,
            likely=whole.likely,
            possible=whole.possible,
            rejected=whole.rejected,
        ),
        _("Nights with a cramp, told or likely: %(share)s.", share=_share(whole)),
    ]
    if whole.others:
        others = _("And %(number)s among the nights that are not valid.", number=whole.others)
        lines.append(others)
    earlier, later = map(_share, halves(report))
    lines.append(
        _("First half: %(earlier)s. Second half: %(later)s.", earlier=earlier, later=later)
    )
    lines.append(_usual(report))
    return lines


def _usual(report: Report) -> str:
    if report.usual is None:
        if report.alone:
            return _("What is usual is not known from these nights alone.")
        return _("What is usual is not known yet: too few nights before the last one.")
    usual = usual_week(report.usual)
    if report.alone:
        return _(
            "Usual, learnt from these nights alone: %(usual)s (nine weeks in ten lie there), "
            "counted as in the chart.",
            usual=usual,
        )
    return _(
        "Usual, learnt from all nights up to the last: %(usual)s (nine weeks in ten lie there), "
        "counted as in the chart.",
        usual=usual,
    )


def _share(block: Block) -> str:
    if not block.valid:
        return _("not known, none of %(nights)s nights is valid", nights=block.nights)
    rate, least, most = nights_a_week(block.cramp_nights, block.valid)
    return ngettext(
        "%(cramps)s of %(num)s valid night, %(rate)s a week (90 %% interval %(least)s to %(most)s)",
        "%(cramps)s of %(num)s valid nights, %(rate)s a week (90 %% interval %(least)s to "
        "%(most)s)",
        block.valid,
        cramps=block.cramp_nights,
        rate=number(rate, 1),
        least=number(least, 1),
        most=number(most, 1),
    )


def _row(block: Block) -> tuple[str, ...]:
    figures = (block.cramp_nights + block.others, block.told, block.likely)
    return (
        # Never broken over lines, however narrow the column.
        f"{words.short_day(block.first)} {block.first.year}".replace(" ", NO_BREAK_SPACE),
        _("%(part)s of %(whole)s", part=block.valid, whole=block.nights),
        *(
            str(each) if each or block.valid else UNKNOWN
            for each in (*figures, block.possible, block.rejected)
        ),
    )


def _alert(night: date, numbers: AlertNumbers) -> str:
    return ngettext(
        "%(night)s: %(what)s; %(found)s of %(num)s valid night since %(first)s with something "
        "told, or noticed and not told to be none.",
        "%(night)s: %(what)s; %(found)s of %(num)s valid nights since %(first)s with something "
        "told, or noticed and not told to be none.",
        numbers.recorded,
        night=words.day_and_year(night),
        what=_(LAYERS[numbers.layer]),
        found=numbers.found_nights,
        first=words.day_and_year(numbers.first),
    )


def _weeks_chart(report: Report, weeks: Sequence[Block]) -> Chart:
    cramps = [expected(report, each) for each in weeks]
    usual = report.usual
    top = max(*cramps, 0 if usual is None else usual.most, 1)
    every = -(-len(weeks) // MOST_WEEKS_IN_ROWS)
    bars = tuple(
        Bar(
            height=of / top,
            number=tenth(of) if week.valid else "",
            label=words.short_day(week.first) if place % every == 0 else "",
            pale=week.valid < FEW_VALID,
        )
        for place, (week, of) in enumerate(zip(weeks, cramps, strict=True))
    )
    told = " ".join(
        ngettext(
            "Week from %(first)s: %(cramps)s in %(num)s valid night.",
            "Week from %(first)s: %(cramps)s in %(num)s valid nights.",
            week.valid,
            first=words.day(week.first),
            cramps=bar.number,
        )
        if week.valid
        else _("Week from %(first)s: not known.", first=words.day(week.first))
        for week, bar in zip(weeks, bars, strict=True)
    )
    band = None if usual is None else (usual.least / top, usual.most / top)
    return Chart(bars, band, told)
