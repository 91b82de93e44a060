"""A day of the diary as its form has it, and what holds for some time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from ingest.errors import InputError
from server import bathroom, diary_words, summary
from server.bathroom import OfferedTrip
from server.diary import DiaryEntry, entries, put_entry, remove_entry
from server.diary_kinds import (
    DiaryKind,
    Habit,
    Medicine,
    Payload,
    StandingFactor,
    Symptom,
    as_json,
    kind_of,
    payload_of,
)
from server.language import _
from server.nights import ONE_DAY

__all__ = [
    "DIALYSIS",
    "DayForm",
    "DiaryDay",
    "Kept",
    "OfferedTrip",
    "diary_day",
    "keep_day",
    "keep_standing",
    "payloads_of",
    "readable",
    "remove_day",
    "remove_standing",
    "standing",
]

DIALYSIS = "dialysis"
"""Value of the tick that says there was a session."""

OF_A_DAY = (DiaryKind.HABITS, DiaryKind.SYMPTOMS, DiaryKind.DIALYSIS)
STANDING = (DiaryKind.FACTOR, DiaryKind.MEDICINE)


@dataclass(frozen=True, slots=True)
class DayForm:
    """What is ticked and filled in, in the words of `server.diary_kinds`."""

    ticked: frozenset[str] = frozenset()
    numbers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DiaryDay:
    """A day of the diary.

    Parameters
    ----------
    told
        Whether anything of this day is kept; nothing ticked is told as well.
    trips
        What may have been trips to the bathroom in the night that ended on this day.
    unreadable
        Entries that no kind known here reads.
    """

    day: date
    form: DayForm
    told: bool
    trips: tuple[OfferedTrip, ...]
    unreadable: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that holds for some time, by the id of its entry."""

    id: str
    told: StandingFactor | Medicine

    @property
    def kind(self) -> DiaryKind:
        """What it is about."""
        return kind_of(self.told)


def diary_day(session: Session, wearer: str, day: date) -> DiaryDay:
    """Read a day."""
    read, unreadable = _of_a_day(session, wearer, day)
    night = day - ONE_DAY
    return DiaryDay(
        day=day,
        form=_form([payload for _, payload in read.values()]),
        told=bool(read),
        trips=summary.trips(session, wearer, (night, night)),
        unreadable=unreadable,
    )


def payloads_of(form: DayForm) -> tuple[Payload, ...]:
    """Make entries of a form.

    Raises
    ------
    InputError
        A number is none, or out of its range.
    """
    numbers = {name: _number(name, text) for name, text in form.numbers.items() if text}
    of_dialysis = {name: numbers.pop(name) for name in ("weight_gain_kg",) if name in numbers}
    told: dict[DiaryKind, dict[str, Any]] = {
        DiaryKind.HABITS: {"done": [each for each in Habit if each in form.ticked]},
        DiaryKind.SYMPTOMS: {"felt": [each for each in Symptom if each in form.ticked]} | numbers,
    }
    if DIALYSIS in form.ticked or of_dialysis:
        told[DiaryKind.DIALYSIS] = of_dialysis
    return tuple(payload_of(kind, payload) for kind, payload in told.items())


def keep_day(
    session: Session,
    wearer: str,
    day: date,
    payloads: tuple[Payload, ...],
    trips: Mapping[int, bool],
    *,
    given_ns: int,
    given_by: str,
) -> None:
    """Keep a day in the place of what was told of it before.

    Parameters
    ----------
    trips
        By the onset of an awakening of the night before, whether it was a trip to the bathroom.
    """
    before, _ = _of_a_day(session, wearer, day)
    for payload in payloads:
        kind = kind_of(payload)
        entry_id = before.pop(kind)[0] if kind in before else f"{kind}-{wearer}-{day}"
        entry = DiaryEntry(entry_id, day, kind, as_json(payload), given_ns, given_by)
        put_entry(session, wearer, entry)
    for entry_id, _ in before.values():
        remove_entry(session, wearer, entry_id)
    for onset_ns, was_one in trips.items():
        bathroom.tell_trip(
            session,
            wearer,
            day - ONE_DAY,
            onset_ns,
            was_one=was_one,
            given_ns=given_ns,
            given_by=given_by,
        )


def remove_day(session: Session, wearer: str, day: date) -> None:
    """Take out what the form of a day told."""
    before, _ = _of_a_day(session, wearer, day)
    for entry_id, _ in before.values():
        remove_entry(session, wearer, entry_id)


def standing(session: Session, wearer: str) -> tuple[Kept, ...]:
    """List what holds for some time: what still does first, each by name."""
    kept: list[Kept] = []
    for kind in STANDING:
        for entry in entries(session, wearer, kind=kind):
            told = readable(entry)
            if isinstance(told, StandingFactor | Medicine):
                kept.append(Kept(entry.id, told))
    return tuple(
        sorted(kept, key=lambda each: (each.told.until is not None, diary_words.name_of(each.told)))
    )


def keep_standing(
    session: Session,
    wearer: str,
    entry_id: str,
    told: Payload,
    *,
    today: date,
    given_ns: int,
    given_by: str,
) -> None:
    """Keep what holds for some time, by the day on which it began or else was first told.

    Raises
    ------
    InputError
        The id is that of another entry.
    """
    kind, began = kind_of(told), getattr(told, "since", None)
    put_entry(
        session,
        wearer,
        DiaryEntry(entry_id, began or today, kind, as_json(told), given_ns, given_by),
    )


def remove_standing(session: Session, wearer: str, entry_id: str) -> None:
    """Take out what held for some time; what is gone already stays gone."""
    if any(each.id == entry_id for each in standing(session, wearer)):
        remove_entry(session, wearer, entry_id)


def _of_a_day(
    session: Session, wearer: str, day: date
) -> tuple[dict[DiaryKind, tuple[str, Payload]], int]:
    """Give what the form of a day tells, by kind, the newest of each; and how many it cannot."""
    read: dict[DiaryKind, tuple[str, Payload]] = {}
    unreadable = 0
    for entry in entries(session, wearer, (day, day)):
        payload = readable(entry)
        if payload is None:
            unreadable += 1
        elif kind_of(payload) in OF_A_DAY:
            read[kind_of(payload)] = (entry.id, payload)
    return read, unreadable


def readable(entry: DiaryEntry) -> Payload | None:
    """Read what is in an entry; None of a kind, or a shape, that is not known here."""
    try:
        return payload_of(entry.kind, entry.payload)
    except InputError:
        # Kept for whoever wrote it, and counted for whoever reads the day.
        return None


def _form(payloads: list[Payload]) -> DayForm:
    """Give what was ticked and filled in when a day was told."""
    ticked: set[str] = set()
    numbers: dict[str, str] = {}
    for payload in payloads:
        kept = as_json(payload)
        ticked.update(kept.get("done", ()), kept.get("felt", ()))
        if kind_of(payload) is DiaryKind.DIALYSIS:
            ticked.add(DIALYSIS)
        numbers |= {name: f"{kept[name]:g}" for name in diary_words.NUMBERS if name in kept}
    return DayForm(frozenset(ticked), numbers)


def _number(name: str, text: str) -> float | int:
    try:
        number = float(text.replace(",", "."))
    except ValueError as error:
        told = _(diary_words.NUMBERS[name])
        raise InputError(
            _("%(what)s: write a number, not '%(text)s'.", what=told, text=text)
        ) from error
    return int(number) if number.is_integer() else number
