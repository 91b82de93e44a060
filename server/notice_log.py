"""Notices as they are kept: each is sent once on a channel, tried again where that fails."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.kept_tables import NoticeRow

__all__ = [
    "StoredNotice",
    "begin_try",
    "due",
    "give_up_overdue",
    "is_queued",
    "newest_of",
    "note_failed",
    "note_sent",
    "notices",
    "queue_notice",
    "troubles",
]

TOO_LATE = "It could not be sent in time."
"""Problem of a notice that was given up before any channel said what is wrong."""

LOOKED_BACK = 100
"""Notices looked at for trouble: at three or four a day on a few channels about a week of them."""


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
    give_up_ns
        After which instant it is not worth sending.
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
    give_up_ns: int
    sent_ns: int | None
    problem: str


def queue_notice(
    session: Session,
    wearer: str,
    channel: str,
    key: str,
    text: str,
    *,
    due_ns: int,
    give_up_ns: int,
) -> bool:
    """Keep a notice until it is sent; False where it was queued before, be it sent or not."""
    if is_queued(session, wearer, channel, key):
        return False
    session.add(
        NoticeRow(
            wearer_id=wearer,
            channel=channel,
            key=key,
            text=text,
            tries=0,
            next_try_ns=due_ns,
            give_up_ns=give_up_ns,
            problem="",
        )
    )
    session.flush()
    return True


def is_queued(session: Session, wearer: str, channel: str, key: str) -> bool:
    """Tell whether a notice was queued, be it sent or not."""
    same = select(NoticeRow.id).where(
        NoticeRow.wearer_id == wearer, NoticeRow.channel == channel, NoticeRow.key == key
    )
    return session.scalar(same) is not None


def newest_of(session: Session, wearer: str, begins: str) -> str | None:
    """Give the key of a wearer's newest notice whose key begins so; None where there is none."""
    found = select(NoticeRow.key).where(
        NoticeRow.wearer_id == wearer, NoticeRow.key.startswith(begins, autoescape=True)
    )
    return session.scalar(found.order_by(NoticeRow.id.desc()).limit(1))


def due(session: Session, now_ns: int) -> tuple[StoredNotice, ...]:
    """List what is to be tried now, whosever it is: the one that has waited longest first."""
    found = select(NoticeRow).where(NoticeRow.next_try_ns <= now_ns)
    rows = session.scalars(found.order_by(NoticeRow.next_try_ns, NoticeRow.id))
    return tuple(map(_notice, rows))


def begin_try(session: Session, notice: StoredNotice, *, next_try_ns: int) -> bool:
    """Note that a notice is about to be sent, and when to try again if nothing is heard of it.

    Whoever is killed in the midst of sending has counted the try, and waits before the next.

    Returns
    -------
    bool
        False where another has begun to send it meanwhile, or has given it up.
    """
    row = session.get(NoticeRow, notice.id)
    if row is None or (row.tries, row.next_try_ns) != (notice.tries, notice.next_try_ns):
        return False
    row.tries += 1
    row.next_try_ns = next_try_ns
    return True


def note_sent(session: Session, notice_id: int, *, at_ns: int) -> None:
    """Note that a notice was sent: it is not tried again."""
    row = session.get_one(NoticeRow, notice_id)
    row.sent_ns, row.next_try_ns, row.problem = at_ns, None, ""


def note_failed(session: Session, notice_id: int, problem: str, *, next_try_ns: int | None) -> None:
    """Note that a notice could not be sent, and when to try again; None gives it up."""
    row = session.get_one(NoticeRow, notice_id)
    row.next_try_ns, row.problem = next_try_ns, problem


def give_up_overdue(session: Session, now_ns: int) -> None:
    """Give up what is not worth sending any more, on whatever channel."""
    overdue = NoticeRow.next_try_ns.is_not(None), NoticeRow.give_up_ns <= now_ns
    session.execute(
        update(NoticeRow).where(*overdue, NoticeRow.problem == "").values(problem=TOO_LATE)
    )
    session.execute(update(NoticeRow).where(*overdue).values(next_try_ns=None))


def notices(
    session: Session, wearer: str, *, newest: int | None = None
) -> tuple[StoredNotice, ...]:
    """List the notices of a wearer as they were queued; of many the newest alone."""
    found = select(NoticeRow).where(NoticeRow.wearer_id == wearer)
    rows = session.scalars(found.order_by(NoticeRow.id.desc()).limit(newest)).all()
    return tuple(map(_notice, reversed(rows)))


def troubles(session: Session, wearer: str) -> tuple[StoredNotice, ...]:
    """List the channels on which a wearer's newest notice that was tried could not be sent."""
    newest = {
        each.channel: each
        for each in notices(session, wearer, newest=LOOKED_BACK)
        if each.sent_ns is not None or each.problem
    }
    return tuple(each for each in newest.values() if each.problem)


def _notice(row: NoticeRow) -> StoredNotice:
    return StoredNotice(
        row.id,
        row.wearer_id,
        row.channel,
        row.key,
        row.text,
        row.tries,
        row.next_try_ns,
        row.give_up_ns,
        row.sent_ns,
        row.problem,
    )
