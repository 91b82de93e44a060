"""Links by which a doctor reads of some nights: each for one wearer, and until a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from ingest.errors import WearerError
from server import audit, wearers
from server.kept_tables import Role
from server.language import N_, _
from server.tokens import Token, find_token, issue_token, revoke_token, tokens

__all__ = ["A_DOCTOR", "PATH", "Share", "end", "find", "share", "standing"]

PATH = "/shared/"
"""What the address of a shared page begins with; the secret follows."""

A_DOCTOR = N_("a doctor")
"""Whom a share is for where nobody says; kept so, and told in the language of whoever reads."""

NIGHTS = "nights:"
"""What the scope of a share begins with: its first and its last night follow."""


@dataclass(frozen=True, slots=True)
class Share:
    """A link, without what makes it one.

    Parameters
    ----------
    name
        Whom it is for.
    first, last
        The nights it is for.
    made_ns, expires_ns
        UTC nanoseconds.
    """

    id: str
    wearer: str
    name: str
    first: date
    last: date
    made_ns: int
    expires_ns: int

    @property
    def shown_name(self) -> str:
        """Whom it is for, as it is told on a page."""
        return _(A_DOCTOR) if self.name == A_DOCTOR else self.name


def share(
    session: Session,
    wearer: str,
    first: date,
    last: date,
    *,
    name: str,
    who: str,
    now_ns: int,
    expires_ns: int,
    id: str | None = None,  # noqa: A002
) -> str:
    """Share a range of nights; its address on this server is given this once.

    Parameters
    ----------
    who
        As the audit log has whoever does it.
    id
        Of the link; None for a random one.

    Raises
    ------
    WearerError
        The wearer is still to come.
    """
    if wearers.one(session, wearer) is None:
        raise WearerError("No wearer is here yet, and there are no nights to share.", nobody=True)
    token, text = issue_token(
        session,
        name,
        Role.DOCTOR,
        wearer=wearer,
        now_ns=now_ns,
        expires_ns=expires_ns,
        scopes=[f"{NIGHTS}{first}..{last}"],
        id=id,
    )
    audit.note(session, who, "share nights", token.id, at_ns=now_ns, wearer=wearer)
    return PATH + text


def find(session: Session, secret: str, *, now_ns: int) -> Share | None:
    """Give the share of a secret; None where it is none, is over or was ended."""
    token = find_token(session, secret, now_ns=now_ns)
    return None if token is None else _share(token)


def standing(session: Session, wearer: str, *, now_ns: int) -> tuple[Share, ...]:
    """List the shares of a wearer that can be read, as they were made."""
    found = (_share(each) for each in tokens(session) if each.revoked_ns is None)
    return tuple(
        each
        for each in found
        if each is not None and each.wearer == wearer and now_ns < each.expires_ns
    )


def end(session: Session, wearer: str, share_id: str, *, who: str, now_ns: int) -> bool:
    """End a share; False where the wearer has none of that id that can be read."""
    if all(each.id != share_id for each in standing(session, wearer, now_ns=now_ns)):
        return False
    revoke_token(session, share_id, now_ns=now_ns)
    audit.note(session, who, "revoke a token", share_id, at_ns=now_ns, wearer=wearer)
    return True


def _share(token: Token) -> Share | None:
    """Read a token as a share; one of another make is none."""
    if token.role is not Role.DOCTOR or token.wearer is None or token.expires_ns is None:
        return None
    for scope in token.scopes:
        if scope.startswith(NIGHTS):
            first, _, last = scope.removeprefix(NIGHTS).partition("..")
            return Share(
                token.id,
                token.wearer,
                token.name,
                date.fromisoformat(first),
                date.fromisoformat(last),
                token.created_ns,
                token.expires_ns,
            )
    return None
