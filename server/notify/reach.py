"""Keeps what a carer is told at out of the network at home.

An address is looked at when it is added, and every connection while something is sent to it: by
then its name may lead elsewhere, and so may a redirection.
"""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from ingest.errors import InputError, ServerError
from server.language import N_, _

__all__ = ["addresses_of", "is_inside", "outside_only", "reach_of", "require_outside"]

INSIDE = N_("This address leads to this machine or into its network: only the owner may add such.")

CONNECTING = frozenset({"socket.connect", "socket.sendto"})
"""What Python tells its audit hooks (PEP 578) before something is sent to an address."""

_refused: ContextVar[list[str] | None] = ContextVar("refused", default=None)
"""Where connections may go outside alone: those that were refused there."""


def require_outside(machine: str) -> None:
    """Refuse a machine that is here, by its name or address.

    Raises
    ------
    InputError
        One of its addresses is. A name that leads nowhere now is looked at when something is sent.
    """
    if any(map(is_inside, addresses_of(machine))):
        raise InputError(_(INSIDE))


def reach_of(person: str | None) -> AbstractContextManager[None]:
    """Let what is sent to the owner, who is None, go anywhere, and to others only outside."""
    return nullcontext() if person is None else outside_only()


@contextmanager
def outside_only() -> Iterator[None]:
    """Refuse each connection of this thread to a machine that is here.

    Raises
    ------
    ServerError
        That was why something could not be sent.
    """
    _begin_to_watch()
    refused: list[str] = []
    before = _refused.set(refused)
    try:
        yield
    except ServerError:
        if refused:
            raise ServerError(INSIDE) from None
        raise
    finally:
        _refused.reset(before)


def addresses_of(machine: str) -> list[str]:
    """Give the addresses of a machine; none where its name leads nowhere."""
    try:
        found = socket.getaddrinfo(machine.strip("[]"), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(address[0]) for *_rest, address in found]


def is_inside(address: str) -> bool:
    """Tell whether an address is this machine's or of its network, or none of the internet."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        # As of a socket that is a file of this machine.
        return True
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found.sixtofour or found
    of_a_site = isinstance(found, IPv6Address) and found.is_site_local
    return not found.is_global or found.is_multicast or of_a_site or _is_own(found)


def _is_own(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address is one of this machine: no other can be listened at."""
    family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as listener:
            listener.bind((str(address), 0))
    except OSError:
        return False
    return True


@cache
def _begin_to_watch() -> None:
    sys.addaudithook(_watch)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in CONNECTING:
        return
    refused = _refused.get()
    if refused is None:
        return
    to = arguments[1]
    address = str(to[0] if isinstance(to, tuple) else to)
    if is_inside(address):
        refused.append(address)
        raise OSError(errno.EACCES, INSIDE)
