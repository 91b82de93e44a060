"""What goes with what, from the diary and the nights of a store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy.orm import Session

from server.associations.exposure import Told
from server.associations.table import NIGHTS, Associations, associations
from server.diary import DiaryEntry, entries
from server.diary_days import readable
from server.diary_kinds import DiaryKind
from server.known_nights import known_nights
from server.nights import ONE_DAY
from server.store import Store

__all__ = ["read_associations", "told_by", "told_until"]

COMPARED = frozenset({DiaryKind.HABITS, DiaryKind.SYMPTOMS, DiaryKind.DIALYSIS})
"""Kinds of which a day is told; the symptoms tell that something was told of it."""

LASTING = frozenset({DiaryKind.FACTOR, DiaryKind.MEDICINE})
"""Kinds that hold from a first to a last day, whenever they were told."""


def read_associations(store: Store, session: Session, wearer: str, last: date) -> Associations:
    """Compare the nights of the year up to a last one."""
    nights = known_nights(store, session, wearer).nights
    return associations(nights, told_until(session, wearer, last), last)


def told_until(session: Session, wearer: str, last: date) -> Told:
    """Give what the diary tells of the year up to a last night."""
    # The day before the first night may have been one of dialysis.
    year = (last - NIGHTS * ONE_DAY, last)
    found = [each for kind in COMPARED for each in entries(session, wearer, year, kind=kind)]
    found += [each for kind in LASTING for each in entries(session, wearer, kind=kind)]
    return told_by(found)


def told_by(found: Iterable[DiaryEntry]) -> Told:
    """Read entries; those that cannot be read tell nothing."""
    told = ((each.day, readable(each)) for each in found)
    return [(day, payload) for day, payload in told if payload is not None]
