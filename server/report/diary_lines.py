"""The diary in a few lines: what holds for some time, and what was told of single days.

Entries are read by what is in them, so that a kind that is new tomorrow is told as well as it can.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from server import diary_words, words
from server.bar_plot import tenth
from server.diary import DiaryEntry
from server.language import N_, _, ngettext
from server.report.parts import cut

__all__ = ["MOST_ROWS", "diary_lines", "rows_of"]

KINDS = {
    "symptoms": N_("Symptoms"),
    "medicine": N_("Medicine"),
    "dialysis": N_("Dialysis"),
    "factor": N_("Known"),
}
"""The kinds that a doctor asks about, and what they are called here; others stay in the diary."""

DATES = {"since": N_("since %(day)s"), "until": N_("until %(day)s")}

NAMES: dict[str, str] = {
    **{each.value: name for each, name in diary_words.SYMPTOMS.items()},
    **{each.value: name for each, name in diary_words.FACTORS.items()},
    **{each.value: name for each, name in diary_words.CLASSES.items()},
    "weight_gain_kg": N_("weight gain kg"),
    "times_up": N_("times up"),
    "systolic_mmhg": N_("systolic mmHg"),
    "diastolic_mmhg": N_("diastolic mmHg"),
}
"""What is told of by words of ours; the rest is told as it was written."""

LASTING = frozenset({"medicine", "factor"})
"""Kinds that hold until somebody says otherwise, whether or not an entry says since when."""

ROW_CHARS = 96
"""Characters that fit beside each other on the page."""

MOST_ROWS = 6
"""Rows from the diary at the most, where little else is on the second page."""

MOST_CHARS = 2 * ROW_CHARS
"""Characters of a line; symptoms of a whole season with a blood pressure take two rows."""

BETWEEN = "; "
"""What stands between two medicines of a line."""


def diary_lines(
    entries: Iterable[DiaryEntry], first: date, last: date, most_rows: int = MOST_ROWS
) -> tuple[str, ...]:
    """Write what the diary says of the days from one to another, in so many rows at the most.

    One row more says how many lines are left out. The first line of each kind comes before the
    second of any, and is cut where it would take the row of another, so that none crowds another
    out. Of what holds for some time that comes first which began or ended last.
    """
    by_kind: dict[str, list[DiaryEntry]] = {kind: [] for kind in KINDS}
    for each in entries:
        if each.kind in by_kind:
            by_kind[each.kind].append(each)
    told = list[tuple[int, str]]()
    for kind, name in KINDS.items():
        lasting = [
            each
            for each in by_kind[kind]
            if kind in LASTING or {"since", "until"} & each.payload.keys()
        ]
        daily = [each for each in by_kind[kind] if each not in lasting and first <= each.day]
        lasting.sort(key=lambda each: _changed(each.payload), reverse=True)
        held = [_lasting(each.payload) for each in lasting if _holds(each.payload, first, last)]
        # Whoever writes the same twice is told once.
        of_kind = _packed(dict.fromkeys(held), ROW_CHARS - len(f"{_(name)}: "))
        of_kind += _daily([each.payload for each in daily])
        told += enumerate(f"{_(name)}: {each}" for each in of_kind)
    kept = _fitting(sorted(told, key=lambda each: each[0]), most_rows)
    left = len(told) - len(kept)
    if left:
        kept.append(
            ngettext(
                "And %(num)s line more in the diary.",
                "And %(num)s lines more in the diary.",
                left,
            )
        )
    return tuple(kept)


def rows_of(line: str) -> int:
    """Give how many rows of the page a line takes."""
    return -(-len(line) // ROW_CHARS)


def _packed(told: Iterable[str], most_chars: int) -> list[str]:
    """Join what fits beside each other."""
    lines = list[str]()
    for each in told:
        if lines and len(lines[-1]) + len(BETWEEN) + len(each) <= most_chars:
            lines[-1] += BETWEEN + each
        else:
            lines.append(each)
    return lines


def _changed(payload: Mapping[str, Any]) -> date:
    """Give the day from which on it was otherwise than before."""
    return max(_date(payload.get(key)) or date.min for key in DATES)


def _fitting(told: Sequence[tuple[int, str]], most_rows: int) -> list[str]:
    """Keep the lines that have room, each with its place among those of its kind."""
    lines = [(place, cut(line, MOST_CHARS)) for place, line in told]
    firsts = sum(place == 0 for place, _line in lines)
    # A line that says how many are left out takes a row as well.
    left = most_rows + (sum(rows_of(line) for _place, line in lines) == most_rows + 1)
    kept = list[str]()
    for number, (place, line) in enumerate(lines, 1):
        others = firsts - number
        text = line if place else cut(line, ROW_CHARS * max(left - others, 1))
        left -= rows_of(text)
        if left < 0:
            break
        kept.append(text)
    return kept


def _holds(payload: Mapping[str, Any], first: date, last: date) -> bool:
    since, until = _date(payload.get("since")), _date(payload.get("until"))
    return (since is None or since <= last) and (until is None or until >= first)


def _lasting(payload: Mapping[str, Any]) -> str:
    what = [
        _plain(value)
        for key, value in payload.items()
        if key not in ("since", "until") and isinstance(value, str) and value
    ]
    when = [
        _(text, day=_plain_date(payload[key])) for key, text in DATES.items() if payload.get(key)
    ]
    return ", ".join((*what, *when))


def _daily(payloads: Sequence[Mapping[str, Any]]) -> list[str]:
    """Count what was named, and give the span of what was measured."""
    if not payloads:
        return []
    named: dict[str, int] = {}
    measured: dict[str, list[float]] = {}
    for payload in payloads:
        for key, value in payload.items():
            if isinstance(value, bool):
                named[_plain(key)] = named.get(_plain(key), 0) + value
            elif isinstance(value, int | float):
                measured.setdefault(_plain(key), []).append(value)
            else:
                for each in value if isinstance(value, list) else [value]:
                    if isinstance(each, str) and each:
                        named[_plain(each)] = named.get(_plain(each), 0) + 1
    told = [f"{what} {times}" for what, times in named.items() if times]
    told += [_measured(what, min(of), max(of)) for what, of in measured.items()]
    entries = ngettext("%(num)s entry", "%(num)s entries", len(payloads))
    return [f"{entries}; {', '.join(told)}" if told else entries]


def _measured(what: str, least: float, most: float) -> str:
    if least == most:
        return f"{what} {tenth(least)}"
    return _("%(what)s %(least)s to %(most)s", what=what, least=tenth(least), most=tenth(most))


def _plain(name: str) -> str:
    if name in NAMES:
        return _(NAMES[name])
    return name.replace("_", " ").replace(" mmhg", " mmHg")


def _date(value: object) -> date | None:
    with suppress(ValueError, TypeError):
        return date.fromisoformat(value)  # type: ignore[arg-type]
    return None


def _plain_date(value: object) -> str:
    day = _date(value)
    return _plain(str(value)) if day is None else f"{words.short_day(day)} {day.year}"
