"""The second page of a report: when in the night, what was told, and what goes with what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import time

from server import association_words, trial_words, words
from server.associations.exposure import Subject
from server.associations.judged import Judgement, Verdict
from server.associations.table import Association, Associations
from server.bathroom import OfferedTrip
from server.kept_tables import Said
from server.language import _, ngettext
from server.report.counts import answered, by_hour, unclaimed_marks
from server.report.diary_lines import MOST_ROWS, diary_lines, rows_of
from server.report.facts import Report
from server.report.limits import limits
from server.report.parts import Bar, Chart, Heading, Lines, Part, Sheet, Table, Text, cut
from server.report.told_of_cramps import told_of_cramps
from server.trial.outcome import Outcome
from server.trials import Trial

__all__ = ["BESIDE_A_TRIAL", "second_page"]

MOST_TOGETHER = 4
"""Things that the diary tells of and that are compared, at the most."""

FIRST_TOLD = (
    Subject.MEDICINE_STARTED,
    Subject.MEDICINE_STOPPED,
    Subject.DIALYSIS,
    Subject.DAY_AFTER_DIALYSIS,
    Subject.FACTOR,
    Subject.HABIT,
)
"""What a doctor decides on comes before what the wearer does."""

BESIDE_A_TRIAL = 1
"""So many of them where a trial is told as well, and wherever anything is compared."""

ROWS, TRIAL_ROWS, THING_ROWS = 13, 8, 2
"""Rows of the page for the diary, a trial and what is compared together, and what a trial and each
thing that is compared take of them. The diary has what it needs of them, and what is compared the
rest."""

MOST_NAME_CHARS = 26
"""Characters of the name of a medicine there: as many as the longest of our own words has."""

FIRST_HOUR, HOURS = 20, 14
"""Hours that are drawn in any case: from eight in the evening to ten in the morning."""


def second_page(report: Report) -> Sheet:
    """Write the second page."""
    told = [each.answer for each in report.awakenings if each.is_told and each.answer is not None]
    things = BESIDE_A_TRIAL if report.tried else MOST_TOGETHER
    rows = ROWS - TRIAL_ROWS * bool(report.tried)
    least = THING_ROWS * min(len(report.together.found), BESIDE_A_TRIAL)
    lines = diary_lines(report.diary, report.first, report.last, min(rows - least, MOST_ROWS))
    left = rows - sum(map(rows_of, lines))
    things = min(things, max(left // THING_ROWS, BESIDE_A_TRIAL))
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
    parts += [Heading(_("What the wearer told of cramps")), told_of_cramps(told)]
    parts += [Heading(_("Answers to what was noticed")), _answers(report)]
    if report.trips:
        parts.append(Text(_trips(report.trips)))
    if lines:
        parts += [Heading(_("From the diary")), Lines(lines)]
    if report.tried:
        parts += _tried(report.tried)
    if report.together.found:
        parts += [Heading(_("What goes with what")), *_together(report.together, things)]
    parts += [Heading(_("What the device can and cannot know")), Lines(limits())]
    parts.append(Text(_made_with(report), is_note=True))
    return tuple(parts)


def _made_with(report: Report) -> str:
    return _(
        "crampwatch %(version)s. Model: %(models)s. Device: %(devices)s.",
        version=report.version,
        models=", ".join(f"{each.name} {each.version}" for each in report.models) or _("none"),
        devices=", ".join(report.devices) or _("not named"),
    )


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


def _tried(trials: Sequence[tuple[Trial, Outcome]]) -> list[Part]:
    """Write the newest trial as its own page does, and how many were before it."""
    (trial, found), *before = trials
    as_done = _("As it was done: %(what)s", what=_judged(found.as_done))
    if before:
        more = ngettext(
            "Before it there was %(num)s trial more.",
            "Before it there were %(num)s trials more.",
            len(before),
        )
        as_done = f"{as_done} {more}"
    return [
        Heading(_("A trial: %(what)s", what=trial_words.title(trial))),
        Lines((_("As it was planned: %(what)s", what=_judged(found.as_planned)), as_done)),
    ]


def _judged(judgement: Judgement) -> str:
    return f"{trial_words.finding(judgement)} {trial_words.counted(judgement)}"


def _together(whole: Associations, most: int) -> list[Part]:
    def place(each: Association) -> tuple[bool, bool, int]:
        told = each.judgement
        is_open = told.verdict is Verdict.TOO_EARLY
        return is_open, told.ratio is None, FIRST_TOLD.index(each.subject)

    shown = sorted(whole.found, key=place)[:most]
    rows = tuple(
        (
            association_words.name(replace(each, about=cut(each.about, MOST_NAME_CHARS))),
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
