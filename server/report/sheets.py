"""The two pages of a report as blocks of plain words, for paper and for a browser alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from statistics import median
from typing import ClassVar, TypeAlias

from server import association_words, words
from server.alert_words import usual_week
from server.alerts.rules import RULES
from server.alerts.shown import AlertNumbers
from server.alerts.watch import Layer
from server.answers import GivenAnswer
from server.associations.judged import Verdict
from server.associations.table import Association, Associations
from server.bar_plot import tenth
from server.bathroom import OfferedTrip
from server.kept_tables import Leg, Muscle, Said
from server.language import N_, _, decimal_sign, ngettext, number
from server.question_words import HELPED, LEGS, MUSCLES
from server.report.counts import (
    WEEK,
    Block,
    answered,
    blocks,
    by_hour,
    count,
    expected,
    halves,
    nights_a_week,
    unclaimed_marks,
)
from server.report.diary_lines import diary_lines
from server.report.facts import Report

__all__ = ["Chart", "Heading", "Lines", "Sheet", "Table", "Text", "limits", "sheets"]

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"

MOST_WEEKS_IN_ROWS = 14
"""Weeks that have a row each; of more of them four share one, so that the page holds a year."""

FOUR_WEEKS = 4 * WEEK

MOST_ALERTS = 4
"""Alerts that are listed, the newest: what the first page holds below a year."""

MOST_HELPED = 6
"""What helped that is listed, the most frequent: a line."""

MOST_HELPED_CHARS = 40
"""Characters of each of them: people may write a sentence."""

MOST_TOGETHER = 4
"""Things that the diary tells of and that are compared: what the second page holds beside all
else. Those of which something can be said come first."""

MOST_NAME_CHARS = 26
"""Characters of the name of a medicine there: as many as the longest of our own words has."""

FIRST_HOUR, HOURS = 20, 14
"""Hours that are drawn in any case: from eight in the evening to ten in the morning."""

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

LIMITS = (
    words.WHAT_THE_WRIST_SEES,
    N_(
        "An awakening is called cramp-like by the movement of the wrist and the heart rate; "
        "neither the muscle nor the pain is measured. Leg, muscle, pain and how long it hurt are "
        "the wearer's word."
    ),
    N_(
        "Only sleep on a wrist is searched. What was not recorded is unknown; it is not 'none "
        "found'."
    ),
    N_(
        "How well cramps are found is known from simulated nights alone: no public recording of a "
        "night cramp at the wrist exists. In simulated nights of a kind that it was not trained "
        "on, the model cramps 2 found 28 %%, 46 %% and 66 %% of the cramps that show at the wrist, "
        "at 0.1, 0.3 and 1 false alarms a night."
    ),
    N_(
        "A probability is stated for somebody with 4.4 cramps a week; for somebody with fewer it "
        "is too high."
    ),
    N_(
        "There is no agreed number from which cramps are frequent. A night counts as valid from "
        "%(hours)s h searched."
    ),
)
"""What the device can and cannot know; the figures are those of the model card."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading."""

    kind: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; a note is printed small."""

    kind: ClassVar[str] = "text"
    text: str
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """A list."""

    kind: ClassVar[str] = "lines"
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first of each row names it."""

    kind: ClassVar[str] = "table"
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar; its height and a band's are shares of the chart's.

    Parameters
    ----------
    number
        What is written on it; empty where nothing is known.
    label
        What is written under it; empty where there is no room.
    pale
        Whether little is known of it.
    """

    height: float
    number: str
    label: str
    pale: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars side by side; `text` says the same to those who cannot see them."""

    kind: ClassVar[str] = "chart"
    bars: tuple[Bar, ...]
    band: tuple[float, float] | None
    text: str


Part: TypeAlias = Heading | Text | Lines | Table | Chart
Sheet: TypeAlias = tuple[Part, ...]


def limits() -> tuple[str, ...]:
    """Write what the device can and cannot know."""
    return tuple(_(each, hours=f"{RULES.valid_from_s / 3600:.0f}") for each in LIMITS)


def sheets(report: Report) -> tuple[Sheet, Sheet]:
    """Write both pages of a report."""
    return _first(report), _second(report)


def _first(report: Report) -> Sheet:
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


def _second(report: Report) -> Sheet:
    told = [each.answer for each in report.awakenings if each.is_told and each.answer is not None]
    lines = diary_lines(report.diary, report.first, report.last)
    parts: list[Part] = [Heading(_("Times of the night")), _hours_chart(report)]
    parts.append(
        Text(
            _(
                "By the hour in which they began, without those told to be none; not corrected for "
                "the hours slept."
            ),
            is_note=True,
        )
    )
    parts += [Heading(_("What the wearer told of cramps")), _details(told)]
    parts += [Heading(_("Answers to what was noticed")), _answers(report)]
    if report.trips:
        parts.append(Text(_trips(report.trips)))
    if lines:
        parts += [Heading(_("From the diary")), Lines(lines)]
    if report.together.found:
        parts += [Heading(_("What goes with what")), *_together(report.together)]
    parts += [Heading(_("What the device can and cannot know")), Lines(limits())]
    parts.append(Text(_made_with(report), is_note=True))
    return tuple(parts)


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


def _made_with(report: Report) -> str:
    return _(
        "crampwatch %(version)s. Model: %(models)s. Device: %(devices)s.",
        version=report.version,
        models=", ".join(f"{each.name} {each.version}" for each in report.models) or _("none"),
        devices=", ".join(report.devices) or _("not named"),
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


def _hours_chart(report: Report) -> Chart:
    found = by_hour(report.awakenings)
    hours = [(FIRST_HOUR + number) % 24 for number in range(HOURS)]
    # A cramp by day is told by the wearer alone, and has its place as well.
    hours += [hour for hour in range(hours[-1] + 1, FIRST_HOUR) if found[hour]]
    top = max(*found.values(), 1, 1)
    bars = tuple(
        Bar(found[hour] / top, str(found[hour]) if found[hour] else "", words.hour(time(hour)))
        for hour in hours
    )
    told = ", ".join(
        _("%(number)s from %(hour)s", number=found[hour], hour=words.full_hour(hour))
        for hour in hours
        if found[hour]
    )
    return Chart(bars, None, f"{told}." if told else _("None."))


def _details(told: Sequence[GivenAnswer]) -> Part:
    if not told:
        return Text(_("Nothing was told."))
    pains = [each.pain for each in told if each.pain is not None]
    lengths = [each.hurt_min for each in told if each.hurt_min is not None]
    helped: dict[str, int] = {}
    for each in told:
        for what in filter(None, each.helped.split(", ")):
            helped[what] = helped.get(what, 0) + 1
    most = sorted(helped, key=lambda what: (-helped[what], what))[:MOST_HELPED]
    rows = (
        (_("Pain, 0 to 10"), _spread(pains, len(told), "")),
        (_("How long it hurt"), _spread(lengths, len(told), " min")),
        (_("Leg"), _tally([each.leg for each in told], LEGS)),
        (_("Muscle"), _tally([each.muscle for each in told], MUSCLES)),
        (
            _("What helped"),
            ", ".join(f"{_cut(_(HELPED.get(what, what)))} {helped[what]}" for what in most)
            or _("not told"),
        ),
    )
    cramps = ngettext("%(num)s cramp", "%(num)s cramps", len(told))
    return Table((_("Of the cramps told"), cramps), rows)


def _spread(values: Sequence[float], of: int, unit: str) -> str:
    if not values:
        return _("not told")
    return _(
        "%(least)s to %(most)s%(unit)s, half of them %(median)s or more (told of %(number)s of "
        "%(all)s)",
        least=_shortest(min(values)),
        most=_shortest(max(values)),
        unit=unit,
        median=_shortest(median(values)),
        number=len(values),
        all=of,
    )


def _shortest(value: float) -> str:
    return f"{value:g}".replace(".", decimal_sign())


def _tally(values: Sequence[object], names: Mapping[Leg, str] | Mapping[Muscle, str]) -> str:
    found = [(name, values.count(each)) for each, name in names.items()]
    told = [f"{_(name)} {number}" for name, number in found if number]
    missing = sum(each is None for each in values)
    if not told:
        return _("not told")
    if missing:
        told[-1] += "; " + _("not told of %(number)s", number=missing)
    return ", ".join(told)


def _cut(text: str, most: int = MOST_HELPED_CHARS) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _answers(report: Report) -> Table:
    rows = []
    for standing, name in words.STANDINGS.items():
        said = answered(report.awakenings, standing)
        numbers = (said[each] for each in (Said.YES, Said.NO, Said.UNSURE, None))
        rows.append((_(name).capitalize(), str(said.total()), *map(str, numbers)))
    added = sum(each.standing is None for each in report.awakenings)
    rows.append((_("Not noticed, added by the wearer"), str(added), str(added), "", "", ""))
    marks = unclaimed_marks(report.counted)
    if marks:
        rows.append((_("Marked on the watch, nothing noticed"), str(marks), "", "", "", str(marks)))
    return Table(
        (
            _("Awakening"),
            _("All"),
            _("A cramp"),
            _("No cramp"),
            _("Not sure"),
            _("Not answered"),
        ),
        tuple(rows),
    )


def _trips(offered: Sequence[OfferedTrip]) -> str:
    said = Counter(each.was_one for each in offered)
    return ngettext(
        "Trips to the bathroom at night: %(num)s offered, %(yes)s confirmed, %(no)s told to be "
        "none, %(open)s not answered.",
        "Trips to the bathroom at night: %(num)s offered, %(yes)s confirmed, %(no)s told to be "
        "none, %(open)s not answered.",
        len(offered),
        yes=said[True],
        no=said[False],
        open=said[None],
    )


def _together(whole: Associations) -> list[Part]:
    def is_open(each: Association) -> bool:
        return each.judgement.verdict is Verdict.TOO_EARLY

    shown = sorted(whole.found, key=is_open)[:MOST_TOGETHER]
    rows = tuple(
        (
            association_words.name(replace(each, about=_cut(each.about, MOST_NAME_CHARS))),
            association_words.share(each.judgement.with_it),
            association_words.share(each.judgement.without),
            association_words.interval(each.judgement.ratio),
            association_words.finding(each),
        )
        for each in shown
    )
    left = len(whole.found) - len(shown)
    note = f"{association_words.compared(whole)} {_(association_words.NOT_WHY)}"
    if left:
        more = ngettext(
            "And %(num)s more, of which nothing else is said here.",
            "And %(num)s more, of which nothing else is said here.",
            left,
        )
        note = f"{note} {more}"
    return [
        Table((_("Cramp nights"), _("With"), _("Without"), _("Ratio (90 %%)"), ""), rows),
        Text(note, is_note=True),
    ]
