"""What goes with what, from the diary and the nights of a store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy.orm import Session

from server.associations.exposure import Told
from server.associations.table import NIGHTS, Associations, associations
from server.diary import DiaryEntry, entries
from server.diary_days import readable
from server.diary_kinds import DiaryKind, Medicine, StandingFactor
from server.known_nights import known_nights
from server.nights import ONE_DAY
from server.store import Store

__all__ = ["read_associations", "told_by", "told_until", "told_within"]

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
    return [*_daily(session, wearer, last - NIGHTS * ONE_DAY, last), *_lasting(session, wearer)]


def told_within(session: Session, wearer: str, first: date, last: date) -> Told:
    """Give what the diary tells of some days alone: of one of them, or that held on one."""
    held = [
        (day, each)
        for day, each in _lasting(session, wearer)
        if isinstance(each, StandingFactor | Medicine)
        and (each.since or date.min) <= last
        and first <= (each.until or date.max)
    ]
    return [*_daily(session, wearer, first, last), *held]


def _daily(session: Session, wearer: str, first: date, last: date) -> Told:
    days = (first, last)
    return told_by(each for kind in COMPARED for each in entries(session, wearer, days, kind=kind))


def _lasting(session: Session, wearer: str) -> Told:
    return told_by(each for kind in LASTING for each in entries(session, wearer, kind=kind))


def told_by(found: Iterable[DiaryEntry]) -> Told:
    """Read entries; those that cannot be read tell nothing."""
    told = ((each.day, readable(each)) for each in found)
    return [(day, payload) for day, payload in told if payload is not None]
