"""The audit log: who did what to what, and when; never what it said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.samples import NS_PER_S
from server.kept_tables import AuditRow
from server.nights import FIRST_NIGHT, LAST_NIGHT, ONE_DAY

__all__ = ["Audited", "Sought", "audited", "note"]


@dataclass(frozen=True, slots=True)
class Audited:
    """Something that was done.

    Parameters
    ----------
    id
        In the order in which things were done.
    at_ns
        UTC nanoseconds.
    who
        A person or a token, by the id.
    action
        A verb: export, erase, log in.
    what
        What it was done to, by its kind or id.
    wearer
        Whose it was; None where it concerns everybody, or nobody who is still here.
    """

    id: int
    at_ns: int
    who: str
    action: str
    what: str
    wearer: str | None


@dataclass(frozen=True, slots=True)
class Sought:
    """What is asked for of the log; None leaves nothing out.

    Parameters
    ----------
    since_ns, before_ns
        UTC nanoseconds: the first is within, the second is not.
    """

    wearer: str | None = None
    who: str | None = None
    action: str | None = None
    since_ns: int | None = None
    before_ns: int | None = None

    @classmethod
    def days(
        cls,
        first: date | None,
        last: date | None,
        *,
        wearer: str | None = None,
        who: str | None = None,
        action: str | None = None,
    ) -> Self:
        """Ask for what was done on some days, both ends included, as UTC has them."""
        since_ns = None if first is None else _begin_ns(max(first, FIRST_NIGHT))
        before_ns = None if last is None else _begin_ns(min(last, LAST_NIGHT) + ONE_DAY)
        return cls(wearer, who, action, since_ns, before_ns)


EVERYTHING = Sought()
"""All that was noted."""


def note(
    session: Session, who: str, action: str, what: str, *, at_ns: int, wearer: str | None
) -> None:
    """Note that something was done."""
    session.add(AuditRow(wearer_id=wearer, at_ns=at_ns, who=who, action=action, what=what))
    session.flush()


def audited(session: Session, sought: Sought = EVERYTHING) -> tuple[Audited, ...]:
    """List what was done, as it was done."""
    kept = {"who": sought.who, "action": sought.action, "wearer_id": sought.wearer}
    found = select(AuditRow).filter_by(**{k: each for k, each in kept.items() if each is not None})
    if sought.since_ns is not None:
        found = found.where(AuditRow.at_ns >= sought.since_ns)
    if sought.before_ns is not None:
        found = found.where(AuditRow.at_ns < sought.before_ns)
    rows = session.scalars(found.order_by(AuditRow.id))
    return tuple(Audited(r.id, r.at_ns, r.who, r.action, r.what, r.wearer_id) for r in rows)


def _begin_ns(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp()) * NS_PER_S
