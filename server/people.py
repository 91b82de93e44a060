"""The people who log in: the owner of the server, and the carers the owner added."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ingest.errors import SettingsError
from server.kept_tables import PersonRow, Role, SessionRow
from server.wearer_id import MAX_ID_CHARS, id_of_name, is_wearer_id

__all__ = [
    "OWNER",
    "Person",
    "add_person",
    "everybody",
    "find_person",
    "has_owner",
    "rehash_password",
    "remove_person",
    "set_owner",
    "set_password",
]

OWNER = "owner"
"""Name under which the owner logs in."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who logs in.

    Parameters
    ----------
    id
        What is typed as the name to log in.
    wearer
        Whose nights; None for everybody's.
    created_ns
        UTC nanoseconds.
    """

    id: str
    name: str
    role: Role
    wearer: str | None
    created_ns: int


def has_owner(session: Session) -> bool:
    """Tell whether an owner's password is set."""
    return session.get(PersonRow, OWNER) is not None


def set_owner(session: Session, kept: str, *, now_ns: int) -> None:
    """Set the owner's password, of which `server.passwords` says what is kept.

    Wherever the owner is logged in, that ends.
    """
    if not set_password(session, OWNER, kept):
        row = PersonRow(id=OWNER, wearer_id=None, name="Owner", role=Role.OWNER)
        row.password, row.created_ns = kept, now_ns
        session.add(row)
        session.flush()


def set_password(session: Session, person: str, kept: str) -> bool:
    """Set another password and end every login made with the old one; False where nobody is."""
    row = session.get(PersonRow, person)
    if row is None:
        return False
    row.password = kept
    session.execute(delete(SessionRow).where(SessionRow.person_id == person))
    session.flush()
    return True


def rehash_password(session: Session, person: str, kept: str, again: str) -> None:
    """Keep the same password in another way, unless another was set meanwhile."""
    row = session.get(PersonRow, person)
    if row is not None and row.password == kept:
        row.password = again


def add_person(session: Session, name: str, kept: str, *, wearer: str, now_ns: int) -> Person:
    """Add a carer of a wearer.

    Raises
    ------
    SettingsError
        The name makes no id, or one that is taken.
    """
    name = " ".join(name.split())
    chosen = id_of_name(name)
    if not is_wearer_id(chosen):
        raise SettingsError(
            f"'{name}' makes no name to log in with. Give one with letters or digits of ASCII, at "
            f"most {MAX_ID_CHARS}."
        )
    if chosen == OWNER or session.get(PersonRow, chosen) is not None:
        raise SettingsError(f"There is a '{chosen}' already. Give another name.")
    row = PersonRow(id=chosen, wearer_id=wearer, name=name, role=Role.CARER)
    row.password, row.created_ns = kept, now_ns
    session.add(row)
    session.flush()
    return _person(row)


def remove_person(session: Session, person: str) -> bool:
    """Remove somebody who was added, logged in or not; False where nobody is called so."""
    row = session.get(PersonRow, person)
    if row is None or row.role is Role.OWNER:
        return False
    session.delete(row)
    session.flush()
    return True


def find_person(session: Session, person: str) -> tuple[Person, str] | None:
    """Give somebody and what is kept of the password."""
    row = session.get(PersonRow, person)
    return None if row is None else (_person(row), row.password)


def everybody(session: Session) -> tuple[Person, ...]:
    """List the people as they were added."""
    rows = session.scalars(select(PersonRow).order_by(PersonRow.created_ns, PersonRow.id))
    return tuple(map(_person, rows))


def _person(row: PersonRow) -> Person:
    return Person(row.id, row.name, row.role, row.wearer_id, row.created_ns)
