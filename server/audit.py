"""The audit log: who did what to what, and when; never what it said."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.kept_tables import AuditRow

__all__ = ["Audited", "audited", "note"]


@dataclass(frozen=True, slots=True)
class Audited:
    """Something that was done.

    Parameters
    ----------
    at_ns
        UTC nanoseconds.
    who
        A role, or the id of a token.
    action
        A verb: export, erase, answer.
    what
        What it was done to, by its kind or id.
    wearer
        Whose it was; None where it concerns everybody, or nobody who is still here.
    """

    at_ns: int
    who: str
    action: str
    what: str
    wearer: str | None


def note(
    session: Session, who: str, action: str, what: str, *, at_ns: int, wearer: str | None
) -> None:
    """Note that something was done."""
    session.add(AuditRow(wearer_id=wearer, at_ns=at_ns, who=who, action=action, what=what))
    session.flush()


def audited(session: Session) -> tuple[Audited, ...]:
    """List what was done, as it was done."""
    rows = session.scalars(select(AuditRow).order_by(AuditRow.id))
    return tuple(Audited(r.at_ns, r.who, r.action, r.what, r.wearer_id) for r in rows)
