"""The browsers that are logged in: each shows a secret, of which a digest is kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from ingest.samples import NS_PER_S
from server.kept_tables import PersonRow, Role, SessionRow
from server.people import Person

__all__ = [
    "LONGEST_S",
    "Login",
    "begin_login",
    "end_login",
    "end_logins",
    "find_login",
    "logins",
    "used_login",
]

DAY_S = 24 * 3600

IDLE_S = 14 * DAY_S
"""Seconds after which a login that nobody used ends: a holiday, so that whoever looks every morning
is not asked again, and a phone that was sold is soon a stranger."""
LONGEST_S = 90 * DAY_S
"""Seconds after which a login ends in any case: a season, the longest that a secret copied unseen
is of use."""
NOTED_EVERY_S = 3600
"""Seconds between two notes that a login was used: a page that is read need not write each time."""

SECRET_BYTES = 32
"""Random bytes of a secret: nobody guesses 256 bits, so a plain digest of them is enough."""
ID_BYTES = 6
"""Random bytes of the id by which a login is listed and ended."""


@dataclass(frozen=True, slots=True)
class Login:
    """A browser that is logged in.

    Parameters
    ----------
    person, role, wearer
        Who, with what rights, for whose nights (None for everybody's).
    created_ns, used_ns
        UTC nanoseconds; when it was used is known to the hour.
    """

    id: str
    person: str
    role: Role
    wearer: str | None
    created_ns: int
    used_ns: int

    def is_to_be_noted(self, now_ns: int) -> bool:
        """Tell whether it is time to note that it was used."""
        return now_ns - self.used_ns >= NOTED_EVERY_S * NS_PER_S


def begin_login(session: Session, person: Person, *, now_ns: int) -> tuple[Login, str]:
    """Log a browser in; the secret that it is to show is given this once.

    Those that have ended are forgotten meanwhile.
    """
    over = or_(
        SessionRow.used_ns <= now_ns - IDLE_S * NS_PER_S,
        SessionRow.created_ns <= now_ns - LONGEST_S * NS_PER_S,
    )
    session.execute(delete(SessionRow).where(over))
    secret = secrets.token_urlsafe(SECRET_BYTES)
    row = SessionRow(
        id=secrets.token_hex(ID_BYTES),
        wearer_id=person.wearer,
        person_id=person.id,
        digest=_digest(secret),
        created_ns=now_ns,
        used_ns=now_ns,
    )
    session.add(row)
    session.flush()
    return Login(row.id, person.id, person.role, person.wearer, now_ns, now_ns), secret


def find_login(session: Session, secret: str, *, now_ns: int) -> Login | None:
    """Give the login of a secret; None where it is none, or has ended."""
    found = session.execute(_LOGINS.where(SessionRow.digest == _digest(secret))).first()
    login = None if found is None else Login(*found)
    return login if login is not None and _lasts(login, now_ns) else None


def used_login(session: Session, login_id: str, *, now_ns: int) -> None:
    """Note that a login was used."""
    row = session.get(SessionRow, login_id)
    if row is not None:
        row.used_ns = max(row.used_ns, now_ns)


def end_login(session: Session, login_id: str) -> None:
    """Log a browser out."""
    session.execute(delete(SessionRow).where(SessionRow.id == login_id))


def end_logins(session: Session, person: str | None = None) -> int:
    """Log out every browser of somebody, or of everybody; gives how many they were."""
    whose = delete(SessionRow)
    if person is not None:
        whose = whose.where(SessionRow.person_id == person)
    return len(session.scalars(whose.returning(SessionRow.id)).all())


def logins(session: Session, *, now_ns: int) -> tuple[Login, ...]:
    """List the browsers that are logged in, as they logged in."""
    found = session.execute(_LOGINS.order_by(SessionRow.created_ns, SessionRow.id))
    return tuple(each for each in (Login(*row) for row in found) if _lasts(each, now_ns))


_LOGINS = select(
    SessionRow.id,
    SessionRow.person_id,
    PersonRow.role,
    PersonRow.wearer_id,
    SessionRow.created_ns,
    SessionRow.used_ns,
).join(PersonRow, PersonRow.id == SessionRow.person_id)


def _lasts(login: Login, now_ns: int) -> bool:
    return (
        now_ns - login.used_ns < IDLE_S * NS_PER_S
        and now_ns - login.created_ns < LONGEST_S * NS_PER_S
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
