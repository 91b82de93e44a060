"""The diary in a few lines: what holds for some time, and what was told of single days.

Entries are read by what is in them, so that a kind that is new tomorrow is told as well as it can.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from server import words
from server.diary import DiaryEntry

__all__ = ["diary_lines"]

KINDS = {
    "symptoms": "Symptoms",
    "dialysis": "Dialysis",
    "medicine": "Medicine",
    "factor": "Known",
}
"""The kinds that a doctor asks about, and what they are called here; others stay in the diary. What
is told in one line comes first, so that no list of medicines crowds it out."""

LASTING = frozenset({"medicine", "factor"})
"""Kinds that hold until somebody says otherwise, whether or not an entry says since when."""

MOST_LINES = 6
"""Lines from the diary: what the second page holds beside all else."""

MOST_CHARS = 96
"""Characters of a line: what fits on one of the page."""


def diary_lines(entries: Iterable[DiaryEntry], first: date, last: date) -> tuple[str, ...]:
    """Write what the diary says of the days from one to another."""
    by_kind: dict[str, list[DiaryEntry]] = {kind: [] for kind in KINDS}
    for each in entries:
        if each.kind in by_kind:
            by_kind[each.kind].append(each)
    lines = list[str]()
    for kind, name in KINDS.items():
        lasting = [
            each
            for each in by_kind[kind]
            if kind in LASTING or {"since", "until"} & each.payload.keys()
        ]
        daily = [each for each in by_kind[kind] if each not in lasting and first <= each.day]
        lines += [
            f"{name}: {_lasting(each.payload)}"
            for each in lasting
            if _holds(each.payload, first, last)
        ]
        lines += [f"{name}: {told}" for told in _daily([each.payload for each in daily])]
    # Whoever writes the same twice is told once.
    lines = list(dict.fromkeys(lines))
    lines = [each if len(each) <= MOST_CHARS else f"{each[: MOST_CHARS - 1]}…" for each in lines]
    left = len(lines) - MOST_LINES
    if left > 0:
        lines[MOST_LINES:] = [f"And {words.count(left, 'line', 'lines')} more in the diary."]
    return tuple(lines)


def _holds(payload: Mapping[str, Any], first: date, last: date) -> bool:
    since, until = _date(payload.get("since")), _date(payload.get("until"))
    return (since is None or since <= last) and (until is None or until >= first)


def _lasting(payload: Mapping[str, Any]) -> str:
    what = [
        _plain(value)
        for key, value in payload.items()
        if key not in ("since", "until") and isinstance(value, str) and value
    ]
    when = [f"{key} {_plain_date(payload[key])}" for key in ("since", "until") if payload.get(key)]
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
    told += [f"{what} {min(of):g} to {max(of):g}" for what, of in measured.items()]
    entries = words.count(len(payloads), "entry", "entries")
    return [f"{entries}; {', '.join(told)}" if told else entries]


def _plain(name: str) -> str:
    return name.replace("_", " ").replace(" mmhg", " mmHg")


def _date(value: object) -> date | None:
    with suppress(ValueError, TypeError):
        return date.fromisoformat(value)  # type: ignore[arg-type]
    return None


def _plain_date(value: object) -> str:
    day = _date(value)
    return _plain(str(value)) if day is None else f"{day.day} {day:%b %Y}"
