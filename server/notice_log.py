"""Notices as they are kept: each is sent once on a channel, tried again where that fails."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.kept_tables import NoticeRow

__all__ = ["StoredNotice", "due", "note_failed", "note_sent", "notices", "queue_notice"]


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """A notice.

    Parameters
    ----------
    channel
        The name of where it goes; an address with a secret in it is not kept here.
    key
        What it is about: the same on the same channel is sent once.
    next_try_ns
        When it is to be tried, in UTC nanoseconds; None where it was sent or given up.
    sent_ns
        None where it was not sent.
    problem
        Why it could not be sent when it was tried last; empty where it could.
    """

    id: int
    wearer: str
    channel: str
    key: str
    text: str
    tries: int
    next_try_ns: int | None
    sent_ns: int | None
    problem: str


def queue_notice(
    session: Session, wearer: str, channel: str, key: str, text: str, *, due_ns: int
) -> bool:
    """Keep a notice until it is sent; False where it was queued before, be it sent or not."""
    same = select(NoticeRow.id).where(
        NoticeRow.wearer_id == wearer, NoticeRow.channel == channel, NoticeRow.key == key
    )
    if session.scalar(same) is not None:
        return False
    session.add(
        NoticeRow(
            wearer_id=wearer,
            channel=channel,
            key=key,
            text=text,
            tries=0,
            next_try_ns=due_ns,
            problem="",
        )
    )
    session.flush()
    return True


def due(session: Session, now_ns: int) -> tuple[StoredNotice, ...]:
    """List what is to be tried now, whosever it is: the one that has waited longest first."""
    found = select(NoticeRow).where(NoticeRow.next_try_ns <= now_ns)
    rows = session.scalars(found.order_by(NoticeRow.next_try_ns, NoticeRow.id))
    return tuple(map(_notice, rows))


def note_sent(session: Session, notice_id: int, *, at_ns: int) -> None:
    """Note that a notice was sent: it is not tried again."""
    row = session.get_one(NoticeRow, notice_id)
    row.tries += 1
    row.sent_ns, row.next_try_ns, row.problem = at_ns, None, ""


def note_failed(session: Session, notice_id: int, problem: str, *, next_try_ns: int | None) -> None:
    """Note that a notice could not be sent, and when to try again; None gives it up."""
    row = session.get_one(NoticeRow, notice_id)
    row.tries += 1
    row.next_try_ns, row.problem = next_try_ns, problem


def notices(session: Session, wearer: str) -> tuple[StoredNotice, ...]:
    """List the notices of a wearer as they were queued."""
    found = select(NoticeRow).where(NoticeRow.wearer_id == wearer).order_by(NoticeRow.id)
    return tuple(map(_notice, session.scalars(found)))


def _notice(row: NoticeRow) -> StoredNotice:
    return StoredNotice(
        row.id,
        row.wearer_id,
        row.channel,
        row.key,
        row.text,
        row.tries,
        row.next_try_ns,
        row.sent_ns,
        row.problem,
    )
