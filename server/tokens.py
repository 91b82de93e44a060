"""Tokens by which programs and people are known: shown once, kept as a digest."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.kept_tables import Role, TokenRow

__all__ = [
    "ID_BYTES",
    "PREFIX",
    "Token",
    "find_token",
    "is_issued",
    "issue_token",
    "revoke_token",
    "tokens",
]

PREFIX = "cw_"
"""What every token begins with, so that one that leaked can be told for what it is."""

SECRET_BYTES = 32
"""Random bytes of a token: nobody guesses 256 bits, so a plain digest of them is enough."""

ID_BYTES = 6
"""Random bytes of the id by which a token is listed and revoked."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token, without what makes it one.

    Parameters
    ----------
    wearer
        Whose nights it is for; None for everybody's.
    scopes
        What it is narrowed to: routes as `server.permissions` has them, or shared nights.
    created_ns, expires_ns, revoked_ns
        UTC nanoseconds; None where it does not expire, was not revoked.
    """

    id: str
    name: str
    role: Role
    wearer: str | None
    scopes: tuple[str, ...]
    created_ns: int
    expires_ns: int | None
    revoked_ns: int | None


def issue_token(
    session: Session,
    name: str,
    role: Role,
    *,
    wearer: str | None,
    now_ns: int,
    expires_ns: int | None = None,
    scopes: Collection[str] = (),
    id: str | None = None,  # noqa: A002
) -> tuple[Token, str]:
    """Make a token; its text is given this once and cannot be had again.

    Parameters
    ----------
    id
        By which it is listed; None for a random one.
    """
    text = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    row = TokenRow(
        id=id or secrets.token_hex(ID_BYTES),
        wearer_id=wearer,
        name=name,
        digest=_digest(text),
        role=role,
        scopes=sorted(scopes),
        created_ns=now_ns,
        expires_ns=expires_ns,
    )
    session.add(row)
    session.flush()
    return _token(row), text


def find_token(session: Session, text: str, *, now_ns: int) -> Token | None:
    """Give the token of a text; None where it is none, has expired or was revoked."""
    row = session.scalar(select(TokenRow).where(TokenRow.digest == _digest(text)))
    if row is None or row.revoked_ns is not None:
        return None
    if row.expires_ns is not None and row.expires_ns <= now_ns:
        return None
    return _token(row)


def is_issued(session: Session, token_id: str) -> bool:
    """Tell whether there is, or was, a token of an id."""
    return session.get(TokenRow, token_id) is not None


def revoke_token(session: Session, token_id: str, *, now_ns: int) -> bool:
    """Make a token of no use from now on; False where there is none of that id."""
    row = session.get(TokenRow, token_id)
    if row is None:
        return False
    if row.revoked_ns is None:
        row.revoked_ns = now_ns
    return True


def tokens(session: Session) -> tuple[Token, ...]:
    """List the tokens as they were made."""
    rows = session.scalars(select(TokenRow).order_by(TokenRow.created_ns, TokenRow.id))
    return tuple(map(_token, rows))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _token(row: TokenRow) -> Token:
    return Token(
        row.id,
        row.name,
        row.role,
        row.wearer_id,
        tuple(row.scopes),
        row.created_ns,
        row.expires_ns,
        row.revoked_ns,
    )
