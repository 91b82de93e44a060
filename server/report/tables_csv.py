"""The nights, the awakenings and what goes with what, as CSV for a spreadsheet or a script."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from io import StringIO

from detector.night import Standing
from ingest.samples import NS_PER_S
from server.alerts.rules import RULES
from server.figures import NightState
from server.report.facts import Report

__all__ = ["awakenings_csv", "nights_csv", "together_csv"]

NIGHT_COLUMNS = (
    "night",
    "state",
    "recorded_s",
    "worn_s",
    "searched_s",
    "valid",
    "told",
    "likely_open",
    "possible_open",
    "told_to_be_none",
)
AWAKENING_COLUMNS = (
    "night",
    "onset",
    "timezone",
    "duration_s",
    "standing",
    "probability",
    "heart_rate_rise_bpm",
    "model",
    "answer",
    "leg",
    "muscle",
    "pain",
    "hurt_min",
    "helped",
)

TOGETHER_COLUMNS = (
    "first",
    "last",
    "subject",
    "about",
    "valid_with",
    "cramp_nights_with",
    "valid_without",
    "cramp_nights_without",
    "rate_ratio",
    "least",
    "most",
    "verdict",
)

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula at the beginning of a text."""


def nights_csv(report: Report) -> str:
    """Write a line for each night, recorded or not."""
    rows = []
    for night in report.nights:
        of = [each for each in report.awakenings if each.night == night.night]
        waiting = [each.standing for each in of if each.is_open]
        counts = (
            sum(each.is_told for each in of),
            waiting.count(Standing.LIKELY),
            waiting.count(Standing.POSSIBLE),
            sum(not each.is_told and not each.is_open for each in of),
        )
        # What nobody looked for is not none.
        is_known = night.state not in (NightState.NOT_RECORDED, NightState.UNKNOWN)
        rows.append(
            (
                night.night,
                night.state.value,
                round(night.recorded_s),
                round(night.worn_s),
                round(night.searched_s),
                int(night.searched_s >= RULES.valid_from_s),
                *(each if each or is_known else None for each in counts),
            )
        )
    return _written(NIGHT_COLUMNS, rows)


def awakenings_csv(report: Report) -> str:
    """Write a line for each awakening and each cramp that the wearer added."""
    rows = []
    for each in report.awakenings:
        answer = each.answer
        rows.append(
            (
                each.night,
                each.onset.isoformat(timespec="seconds"),
                each.timezone,
                None if each.standing is None else round((each.end_ns - each.onset_ns) / NS_PER_S),
                "added" if each.standing is None else each.standing.value,
                None if each.probability is None else round(each.probability, 3),
                None if each.heart_rate_rise_bpm is None else round(each.heart_rate_rise_bpm, 1),
                None if each.model is None else f"{each.model.name} {each.model.version}",
                *(
                    (None,) * 6
                    if answer is None
                    else (
                        answer.said.value,
                        answer.leg,
                        answer.muscle,
                        answer.pain,
                        answer.hurt_min,
                        answer.helped,
                    )
                ),
            )
        )
    return _written(AWAKENING_COLUMNS, rows)


def together_csv(report: Report) -> str:
    """Write a line for each thing that nights are compared by; `most` is empty without an end."""
    whole = report.together
    rows = []
    for each in whole.found:
        told, ratio = each.judgement, each.judgement.ratio
        ends = (None,) * 3 if ratio is None else (ratio.ratio, ratio.least, ratio.most)
        rows.append(
            (
                whole.first,
                whole.last,
                each.subject.value,
                each.about,
                told.with_it.valid,
                round(told.with_it.cramp_nights, 2),
                told.without.valid,
                round(told.without.cramp_nights, 2),
                *(None if end in (None, math.inf) else round(end, 3) for end in ends),
                told.verdict.value,
            )
        )
    return _written(TOGETHER_COLUMNS, rows)


def _written(columns: Iterable[str], rows: Iterable[tuple[object, ...]]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_harmless(each) for each in row] for row in rows)
    return text.getvalue()


def _harmless(cell: object) -> object:
    """Keep a text from being run by a spreadsheet."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
