"""Which nights were with something and which without it, by what the diary says.

A day of which nothing is told says nothing of its night; it is on neither side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from typing import TypeAlias

from server.diary_kinds import (
    Dialysis,
    Habit,
    Habits,
    Medicine,
    Payload,
    StandingFactor,
    Symptoms,
)
from server.nights import ONE_DAY

__all__ = ["CHANGE_NIGHTS", "Exposure", "Subject", "Told", "exposures"]

CHANGE_NIGHTS = 84
"""Nights that are looked at before and after a medicine was started or stopped: twelve weeks. With
more, the season and everything else that changes over a year would be compared as well."""

Told: TypeAlias = Sequence[tuple[date, Payload]]
"""The entries of a diary that can be read, with their days."""


class Subject(StrEnum):
    """What nights are told apart by."""

    HABIT = "habit"
    DIALYSIS = "dialysis"
    """The night after a session: it begins on the same day."""
    DAY_AFTER_DIALYSIS = "day_after_dialysis"
    """The second night after a session."""
    FACTOR = "factor"
    MEDICINE_STARTED = "medicine_started"
    MEDICINE_STOPPED = "medicine_stopped"


@dataclass(frozen=True, slots=True)
class Exposure:
    """Something, and the nights with it and without it.

    Parameters
    ----------
    about
        Which habit or factor, or the medicine by its name or else its class; empty for dialysis.
    """

    subject: Subject
    about: str
    with_it: AbstractSet[date]
    without: AbstractSet[date]


def exposures(told: Told, nights: Iterable[date]) -> tuple[Exposure, ...]:
    """Tell nights apart by everything that the diary says was so in one of them at least.

    The order is always the same, whatever comes of it.
    """
    nights = tuple(nights)
    found = [*_habits(told, nights), *_dialysis(told, nights)]
    found += [*_factors(told, nights), *_medicines(told, nights)]
    return tuple(each for each in found if each.with_it)


def _habits(told: Told, nights: Sequence[date]) -> Iterable[Exposure]:
    days = {day: payload.done for day, payload in told if isinstance(payload, Habits)}
    for habit in Habit:
        done = {day: habit in each for day, each in days.items()}
        yield _exposure(Subject.HABIT, habit, nights, done.get)


def _dialysis(told: Told, nights: Sequence[date]) -> Iterable[Exposure]:
    """Take a day of which anything else is told for one without a session, as the form does."""
    days = dict.fromkeys((d for d, each in told if isinstance(each, Habits | Symptoms)), False)
    days |= {day: True for day, payload in told if isinstance(payload, Dialysis)}
    yield _exposure(Subject.DIALYSIS, "", nights, days.get)
    yield _exposure(Subject.DAY_AFTER_DIALYSIS, "", nights, lambda night: days.get(night - ONE_DAY))


def _factors(told: Told, nights: Sequence[date]) -> Iterable[Exposure]:
    spans: dict[str, list[StandingFactor]] = {}
    for _, each in told:
        if isinstance(each, StandingFactor):
            spans.setdefault(each.factor, []).append(each)
    for factor, of in sorted(spans.items()):
        held = {night: any(map(partial(_holds, night), of)) for night in nights}
        yield _exposure(Subject.FACTOR, factor, nights, held.get)


def _medicines(told: Told, nights: Sequence[date]) -> Iterable[Exposure]:
    spellings: dict[str, str] = {}
    spans: dict[str, list[Medicine]] = {}
    for _, each in told:
        if isinstance(each, Medicine):
            # However it is spelled it is one medicine, and has the name it was told by last.
            spelling = " ".join(_name_of(each).split())
            spellings[spelling.casefold()] = spelling
            spans.setdefault(spelling.casefold(), []).append(each)
    for folded, of in sorted(spans.items()):
        name = spellings[folded]
        taken = {night for night in nights if any(map(partial(_holds, night), of))}
        starts = [each.since for each in of]
        if None not in starts:
            change = min(filter(None, starts))
            before, since = _around(change, nights)
            yield Exposure(Subject.MEDICINE_STARTED, name, since & taken, before - taken)
        stops = [each.until for each in of]
        if None not in stops:
            change = max(filter(None, stops)) + ONE_DAY
            before, since = _around(change, nights)
            yield Exposure(Subject.MEDICINE_STOPPED, name, since - taken, before & taken)


def _name_of(medicine: Medicine) -> str:
    """Give what a medicine is known by: its name, or else its class."""
    return medicine.name or str(medicine.of_class)


def _holds(night: date, span: StandingFactor | Medicine) -> bool:
    return (span.since is None or span.since <= night) and (
        span.until is None or night <= span.until
    )


def _around(change: date, nights: Sequence[date]) -> tuple[set[date], set[date]]:
    """Give the nights before a change, and those from it on."""
    reach = CHANGE_NIGHTS * ONE_DAY
    return (
        {night for night in nights if change - reach <= night < change},
        {night for night in nights if change <= night < change + reach},
    )


def _exposure(
    subject: Subject,
    about: str,
    nights: Sequence[date],
    was_so: Callable[[date], bool | None],
) -> Exposure:
    of = {night: was_so(night) for night in nights}
    return Exposure(
        subject,
        about,
        with_it=frozenset(night for night, so in of.items() if so is True),
        without=frozenset(night for night, so in of.items() if so is False),
    )
