"""Who asks: known by a token, by a login, or by sitting at this machine."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from sqlalchemy.orm import Session
from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from server.kept_tables import Role
from server.logins import Login, find_login
from server.permissions import is_route
from server.problem_kinds import ProblemError, ProblemKind
from server.tokens import find_token

__all__ = [
    "CALLER",
    "LOCAL_OWNER",
    "Caller",
    "address_of",
    "cookie_name",
    "is_local",
    "is_of_this_machine",
    "of_login",
    "of_token",
    "shown_cookie",
    "shown_token",
]

CALLER = "crampwatch.caller"
"""Where the caller of a request stands in its scope."""

WEARER = "wearer"
"""How the owner's word is kept: whose server it is, is mostly who sleeps."""

FORWARDED = frozenset(
    {"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"}
)
"""Headers by which a proxy tells that somebody else asks through it."""


ASKERS = 64
"""Addresses and names of this server that are not parsed again: more than ask at one time."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Parameters
    ----------
    name
        As the audit log has it.
    wearer
        Whose nights alone may be asked for; None for everybody's.
    login
        The login of the browser; None where a token was shown, or nothing.
    only
        The routes to which a token was narrowed; empty where it was not.
    """

    role: Role
    name: str
    wearer: str | None = None
    login: Login | None = None
    only: frozenset[str] = frozenset()

    @property
    def given_by(self) -> str:
        """Who answers and acknowledges, as it is kept."""
        return WEARER if self.role is Role.OWNER else self.name

    @property
    def person(self) -> str | None:
        """Whose channels may be seen and changed: None for everybody's, which are the owner's."""
        return None if self.role is Role.OWNER else self.name

    def require_person(self) -> str | None:
        """Give whose channel it is that is added.

        Raises
        ------
        ProblemError
            A token is shown: nobody in particular asks.
        """
        if self.login is None and self.role is not Role.OWNER:
            raise ProblemError(ProblemKind.NOT_ALLOWED, "A token has no channels. Log in.")
        return self.person

    def is_for(self, wearer: str) -> bool:
        """Tell whether what is of a wearer may be asked for, by the id of the wearer."""
        return self.wearer in (None, wearer)


LOCAL_OWNER = Caller(Role.OWNER, "owner")
"""Whoever sits at this machine, where no login is asked for."""


def of_token(session: Session, text: str, *, now_ns: int) -> Caller | None:
    """Give the bearer of a token; None where it is none, has expired or was revoked."""
    token = find_token(session, text, now_ns=now_ns)
    if token is None:
        return None
    only = frozenset(each for each in token.scopes if is_route(each))
    return Caller(token.role, f"token {token.id}", token.wearer, only=only)


def of_login(session: Session, secret: str, *, now_ns: int) -> Caller | None:
    """Give who is logged in by the secret of a cookie; None where nobody is."""
    login = find_login(session, secret, now_ns=now_ns)
    return None if login is None else Caller(login.role, login.person, login.wearer, login)


def shown_token(headers: Headers) -> str | None:
    """Give the bearer token of a request; empty where it shows something else."""
    shown = headers.get("authorization")
    if shown is None:
        return None
    kind, _, text = shown.partition(" ")
    return text.strip() if kind.lower() == "bearer" else ""


def cookie_name(scheme: str) -> str:
    """Name the cookie of a login: over HTTPS so that no other server can have set it."""
    return "__Host-crampwatch" if scheme == "https" else "crampwatch"


def shown_cookie(scope: Any) -> str | None:
    """Give the secret that a browser shows."""
    cookies = cookie_parser(Headers(scope=scope).get("cookie", ""))
    return cookies.get(cookie_name(scope["scheme"])) or None


def address_of(scope: Any) -> str:
    """Give the address that a request comes from, as far as it is known."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def is_local(scope: Any) -> bool:
    """Tell whether a request comes from this machine, and through no proxy on it.

    A proxy adds headers of its own, or hands on the name it was asked by, or speaks HTTP 1.0. One
    that does nothing of all that cannot be told from a browser: with a proxy, a password is needed.
    """
    headers = Headers(scope=scope)
    return (
        _is_loopback(address_of(scope))
        and is_of_this_machine(scope)
        and scope.get("http_version") != "1.0"
        and FORWARDED.isdisjoint(headers)
    )


def is_of_this_machine(scope: Any) -> bool:
    """Tell whether this server is asked by a name that only this machine has for it."""
    return _is_loopback(_name(Headers(scope=scope).get("host", "")))


def _name(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


@lru_cache(ASKERS)
def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    # Before Python 3.13 an IPv4 address in the clothes of IPv6 is no loopback.
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
