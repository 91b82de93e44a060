"""The two pages of a report as blocks of plain words, for paper and for a browser alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from statistics import median
from typing import ClassVar, TypeAlias

from detector.night import Standing
from server import association_words, words
from server.alert_words import usual_week
from server.alerts.rules import RULES
from server.alerts.shown import AlertNumbers
from server.alerts.watch import Layer
from server.answers import GivenAnswer
from server.associations.judged import Verdict
from server.associations.table import Association, Associations
from server.kept_tables import Leg, Muscle, Said
from server.question_words import LEGS, MUSCLES
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

__all__ = ["LIMITS", "TAKE_ALONG", "Chart", "Heading", "Lines", "Sheet", "Table", "Text", "sheets"]

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
    Layer.SUDDEN: "more than usual in a week",
    Layer.CREEPING: "more than usual for some time",
    Layer.PERSISTENT: "three nights in seven, or more",
}
"""The alerts, as a doctor reads of them."""

SIMULATED = "Of these nights some or all are simulated: a program made them, nobody slept them."

TAKE_ALONG = (
    f"Counts to take to a doctor. They name no cause and advise no treatment. {words.NOT_A_DEVICE}"
)

LIMITS = (
    words.WHAT_THE_WRIST_SEES,
    "An awakening is called cramp-like by the movement of the wrist and the heart rate; neither "
    "the muscle nor the pain is measured. Leg, muscle, pain and how long it hurt are the "
    "wearer's word.",
    "Only sleep on a wrist is searched. What was not recorded is unknown; it is not 'none found'.",
    "How well cramps are found is known from simulated nights alone: no public recording of a "
    "night cramp at the wrist exists. In simulated nights of a kind that it was not trained on, "
    "the model cramps 2 found 28 %, 46 % and 66 % of the cramps that show at the wrist, at 0.1, "
    "0.3 and 1 false alarms a night.",
    "A probability is stated for somebody with 4.4 cramps a week; for somebody with fewer it is "
    "too high.",
    "There is no agreed number from which cramps are frequent. A night counts as valid from "
    f"{RULES.valid_from_s / 3600:.0f} h searched.",
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


def sheets(report: Report) -> tuple[Sheet, Sheet]:
    """Write both pages of a report."""
    return _first(report), _second(report)


def _first(report: Report) -> Sheet:
    whole = count(report, report.first, report.last)
    weeks = blocks(report, WEEK)
    is_long = len(weeks) > MOST_WEEKS_IN_ROWS
    rows = blocks(report, FOUR_WEEKS) if is_long else weeks
    alerts = tuple(_alert(*each) for each in report.alerts[-MOST_ALERTS:])
    called = (Heading("Called attention to by crampwatch"), Lines(alerts)) if alerts else ()
    return (
        Heading(report.title),
        Text(_of_what(report)),
        *([Text(SIMULATED)] * report.simulated),
        Text(TAKE_ALONG),
        Heading("In short"),
        Lines(tuple(_in_short(report, whole))),
        Heading("Week by week"),
        _weeks_chart(report, weeks),
        Text(
            "Cramps of each week's valid nights: told ones as 1, unanswered ones as their "
            "probability. Pale: fewer than "
            f"{FEW_VALID} valid nights. Grey band: the usual. Open: not answered, or 'not sure'. "
            f"{UNKNOWN}: not recorded, or too little.",
            is_note=True,
        ),
        Table(
            (
                "Four weeks from" if is_long else "Week from",
                "Valid nights",
                "Nights with a cramp, told or likely",
                "Told by the wearer",
                "Likely, open",
                "Possible, open",
                "Told to be none",
            ),
            tuple(_row(each) for each in rows),
        ),
        *called,
    )


def _second(report: Report) -> Sheet:
    told = [each.answer for each in report.awakenings if each.is_told and each.answer is not None]
    lines = diary_lines(report.diary, report.first, report.last)
    parts: list[Part] = [Heading("Times of the night"), _hours_chart(report)]
    parts.append(
        Text(
            "By the hour in which they began, without those told to be none; not corrected for "
            "the hours slept.",
            is_note=True,
        )
    )
    parts += [Heading("What the wearer told of cramps"), _details(told)]
    parts += [Heading("Answers to what was noticed"), _answers(report)]
    if lines:
        parts += [Heading("From the diary"), Lines(lines)]
    if report.together.found:
        parts += [Heading("What goes with what"), *_together(report.together)]
    parts += [Heading("What the device can and cannot know"), Lines(LIMITS)]
    parts.append(Text(_made_with(report), is_note=True))
    return tuple(parts)


def _of_what(report: Report) -> str:
    zones = " and ".join(words.zone_name(each) for each in report.timezones)
    return (
        f"Nights of {_day(report.first)} to {_day(report.last)}, "
        f"{words.count(len(report.nights), 'night', 'nights')}. Times are local to {zones}. "
        f"Made on {_day(report.made)}."
    )


def _made_with(report: Report) -> str:
    models = ", ".join(f"{each.name} {each.version}" for each in report.models) or "none"
    devices = ", ".join(report.devices) or "not named"
    return f"crampwatch {report.version}. Model: {models}. Device: {devices}."


def _in_short(report: Report, whole: Block) -> list[str]:
    hours = f"{RULES.valid_from_s / 3600:.0f} h"
    coverage = f"{whole.recorded} of {whole.nights} nights recorded, {whole.valid} of them valid"
    coverage += f" ({hours} or more searched"
    if whole.valid:
        coverage += f"; {words.duration(whole.searched_s / whole.valid)} on average"
    told = words.count(whole.told, "cramp", "cramps")
    answered_yes = whole.told - whole.added
    lines = [
        f"{coverage}).",
        f"Told by the wearer: {told}, {answered_yes} of them noticed by the device and "
        f"{whole.added} added. Not answered, or not sure: {whole.likely} likely and "
        f"{whole.possible} possible. Told to be none: {whole.rejected}.",
        f"Nights with a cramp, told or likely: {_share(whole)}.",
    ]
    if whole.others:
        lines.append(f"And {whole.others} among the nights that are not valid.")
    earlier, later = halves(report)
    lines.append(f"First half: {_share(earlier)}. Second half: {_share(later)}.")
    if report.usual is None:
        lines.append("What is usual is not known yet: too few nights before the last one.")
    else:
        lines.append(
            f"Usual, learnt from all nights up to the last: {usual_week(report.usual)} "
            "(nine weeks in ten lie there), counted as in the chart."
        )
    return lines


def _share(block: Block) -> str:
    if not block.valid:
        return f"not known, none of {block.nights} nights is valid"
    rate, least, most = nights_a_week(block.cramp_nights, block.valid)
    return (
        f"{block.cramp_nights} of {words.count(block.valid, 'valid night', 'valid nights')}, "
        f"{rate:.1f} a week (90 % interval {least:.1f} to {most:.1f})"
    )


def _row(block: Block) -> tuple[str, ...]:
    figures = (block.cramp_nights + block.others, block.told, block.likely)
    return (
        # Never broken over lines, however narrow the column.
        f"{block.first.day} {block.first:%b %Y}".replace(" ", NO_BREAK_SPACE),
        f"{block.valid} of {block.nights}",
        *(
            str(each) if each or block.valid else UNKNOWN
            for each in (*figures, block.possible, block.rejected)
        ),
    )


def _alert(night: date, numbers: AlertNumbers) -> str:
    return (
        f"{_day(night)}: {LAYERS[numbers.layer]}; {numbers.found_nights} of "
        f"{words.count(numbers.recorded, 'valid night', 'valid nights')} since "
        f"{_day(numbers.first)} with something told, or noticed and not told to be none."
    )


def _weeks_chart(report: Report, weeks: Sequence[Block]) -> Chart:
    cramps = [expected(report, each) for each in weeks]
    usual = report.usual
    top = max(*cramps, 0 if usual is None else usual.most, 1)
    every = -(-len(weeks) // MOST_WEEKS_IN_ROWS)
    bars = tuple(
        Bar(
            height=of / top,
            number=_number(of) if week.valid else "",
            label=f"{week.first.day} {week.first:%b}" if place % every == 0 else "",
            pale=week.valid < FEW_VALID,
        )
        for place, (week, of) in enumerate(zip(weeks, cramps, strict=True))
    )
    told = " ".join(
        f"Week from {words.day(week.first)}: "
        + (f"{bar.number} in {week.valid} valid nights." if week.valid else "not known.")
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
        Bar(found[hour] / top, str(found[hour]) if found[hour] else "", f"{hour:02d}")
        for hour in hours
    )
    told = ", ".join(f"{found[hour]} from {hour:02d}:00" for hour in hours if found[hour])
    return Chart(bars, None, f"{told}." if told else "None.")


def _details(told: Sequence[GivenAnswer]) -> Part:
    if not told:
        return Text("Nothing was told.")
    pains = [each.pain for each in told if each.pain is not None]
    lengths = [each.hurt_min for each in told if each.hurt_min is not None]
    helped: dict[str, int] = {}
    for each in told:
        for what in filter(None, each.helped.split(", ")):
            helped[what] = helped.get(what, 0) + 1
    most = sorted(helped, key=lambda what: (-helped[what], what))[:MOST_HELPED]
    rows = (
        ("Pain, 0 to 10", _spread(pains, len(told), "")),
        ("How long it hurt", _spread(lengths, len(told), " min")),
        ("Leg", _tally([each.leg for each in told], LEGS)),
        ("Muscle", _tally([each.muscle for each in told], MUSCLES)),
        ("What helped", ", ".join(f"{_cut(what)} {helped[what]}" for what in most) or "not told"),
    )
    return Table(("Of the cramps told", words.count(len(told), "cramp", "cramps")), rows)


def _spread(values: Sequence[float], of: int, unit: str) -> str:
    if not values:
        return "not told"
    return (
        f"{min(values):g} to {max(values):g}{unit}, half of them {median(values):g} or more "
        f"(told of {len(values)} of {of})"
    )


def _tally(values: Sequence[object], names: Mapping[Leg, str] | Mapping[Muscle, str]) -> str:
    found = [(name, values.count(each)) for each, name in names.items()]
    told = [f"{name.lower()} {number}" for name, number in found if number]
    missing = sum(each is None for each in values)
    if not told:
        return "not told"
    return ", ".join(told) + (f"; not told of {missing}" if missing else "")


def _cut(text: str, most: int = MOST_HELPED_CHARS) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _answers(report: Report) -> Table:
    rows = []
    for standing, name in ((Standing.LIKELY, "Likely"), (Standing.POSSIBLE, "Possible")):
        said = answered(report.awakenings, standing)
        numbers = (said[each] for each in (Said.YES, Said.NO, Said.UNSURE, None))
        rows.append((name, str(said.total()), *map(str, numbers)))
    added = sum(each.standing is None for each in report.awakenings)
    rows.append(("Not noticed, added by the wearer", str(added), str(added), "", "", ""))
    marks = unclaimed_marks(report.counted)
    if marks:
        rows.append(("Marked on the watch, nothing noticed", str(marks), "", "", "", str(marks)))
    return Table(
        ("Awakening", "All", "A cramp", "No cramp", "Not sure", "Not answered"), tuple(rows)
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
    note = f"{association_words.compared(whole)} {association_words.NOT_WHY}"
    if left:
        note += f" And {left} more, of which nothing else is said here."
    return [
        Table(("Cramp nights", "With", "Without", "Ratio (90 %)", ""), rows),
        Text(note, is_note=True),
    ]


def _number(cramps: float) -> str:
    return f"{cramps:.0f}" if abs(cramps - round(cramps)) < 0.05 else f"{cramps:.1f}"


def _day(day: date) -> str:
    return f"{words.day(day)} {day.year}"
