"""The diary: entries of a wearer's days, each of a kind that says what is in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.errors import InputError, WearerError
from server.diary_kinds import require_shape
from server.kept_tables import DiaryRow
from server.queries import EVERY_NIGHT, Nights, in_range
from server.tables import WearerRow

__all__ = ["MAX_PAYLOAD_CHARS", "DiaryEntry", "entries", "entry", "put_entry", "remove_entry"]

MAX_PAYLOAD_CHARS = 20_000
"""Longest payload in characters of JSON: some pages of text."""


@dataclass(frozen=True, slots=True)
class DiaryEntry:
    """An entry.

    Parameters
    ----------
    id
        Chosen by who writes it, so that the same entry sent twice is one.
    kind
        What it is about: a drink, sport, a medicine; it says how to read the payload.
    payload
        JSON values by name.
    given_ns, given_by
        When it was written, in UTC nanoseconds, and by whom.
    """

    id: str
    day: date
    kind: str
    payload: Mapping[str, Any]
    given_ns: int
    given_by: str


def put_entry(session: Session, wearer: str, entry: DiaryEntry) -> None:
    """Keep an entry, in the place of the one of its id.

    Raises
    ------
    InputError
        Its payload is no JSON, too long or not of the shape of its kind, or its id is that of
        another wearer's entry.
    WearerError
        The wearer is still to come.
    """
    if session.get(WearerRow, wearer) is None:
        raise WearerError("No wearer is here yet, and nobody can keep a diary.", nobody=True)
    try:
        length = len(json.dumps(dict(entry.payload), allow_nan=False))
        # Half of a character can be written as JSON, but never be answered.
        json.dumps(dict(entry.payload), ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        raise InputError(f"The diary entry {entry.id} cannot be kept as JSON: {error}.") from error
    if length > MAX_PAYLOAD_CHARS:
        raise InputError(
            f"The diary entry {entry.id} is too long. Keep it below {MAX_PAYLOAD_CHARS} characters."
        )
    require_shape(entry.kind, entry.payload)
    row = session.get(DiaryRow, entry.id)
    if row is None:
        row = DiaryRow(id=entry.id, wearer_id=wearer)
        session.add(row)
    elif row.wearer_id != wearer:
        raise InputError(f"The diary entry {entry.id} cannot be kept: its id is taken.")
    row.day = entry.day
    row.kind = entry.kind
    row.payload = dict(entry.payload)
    row.given_ns = entry.given_ns
    row.given_by = entry.given_by


def entries(
    session: Session, wearer: str, within: Nights = EVERY_NIGHT, *, kind: str | None = None
) -> tuple[DiaryEntry, ...]:
    """List the entries of a range of days, by day and then as they were written."""
    of_wearer = DiaryRow.wearer_id == wearer
    found = select(DiaryRow).where(of_wearer, *in_range(DiaryRow.day, within))
    if kind is not None:
        found = found.where(DiaryRow.kind == kind)
    rows = session.scalars(found.order_by(DiaryRow.day, DiaryRow.given_ns, DiaryRow.id))
    return tuple(map(_entry, rows))


def entry(session: Session, wearer: str, entry_id: str) -> DiaryEntry | None:
    """Give one entry; None where the wearer has none of that id."""
    row = session.get(DiaryRow, entry_id)
    return _entry(row) if row and row.wearer_id == wearer else None


def remove_entry(session: Session, wearer: str, entry_id: str) -> bool:
    """Take an entry out; False where the wearer has none of that id."""
    row = session.get(DiaryRow, entry_id)
    if row is None or row.wearer_id != wearer:
        return False
    session.delete(row)
    return True


def _entry(row: DiaryRow) -> DiaryEntry:
    return DiaryEntry(row.id, row.day, row.kind, row.payload, row.given_ns, row.given_by)
