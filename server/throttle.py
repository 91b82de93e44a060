"""Slows down whoever guesses passwords, without locking out whoever knows one."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from threading import Lock

__all__ = ["Throttle"]

HOME_BITS = 64
"""Bits of an IPv6 address that stand for a home: whoever has one has every address in it."""

MOST_REMEMBERED = 10_000
"""Addresses and accounts remembered at the most: about 2 MB."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How often may be tried.

    Parameters
    ----------
    at_once
        Tries without waiting.
    every_s
        Seconds after which there is one more.
    """

    at_once: int
    every_s: float


OF_AN_ADDRESS = Rate(6, 60.0)
"""Of one address: a person who mistypes hardly does so more than six times in a row, and a program
gets 1,440 guesses a day."""
OF_AN_ACCOUNT = Rate(20, 30.0)
"""Of one account, from all addresses that never logged in to it: a program that has many addresses
gets 2,880 guesses a day, which against 33 bits is nothing."""


class Throttle:
    """Counts tries by address and by account; in memory, because a restart forgives nobody much.

    An address that has logged in to an account is known there, and is not slowed down by what
    strangers try there: nobody can lock the owner out.

    Parameters
    ----------
    monotonic
        Seconds of a clock that nobody sets.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = Lock()
        # When each would have all its tries back; what is not there has them all.
        self._full_again_s: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def wait_s(self, address: str, account: str) -> float:
        """Count a try, and give 0; or, where it is one too many, the seconds to wait."""
        home = _home(address)
        counted = [(("address", home), OF_AN_ADDRESS)]
        with self._lock:
            if (home, account) not in self._known:
                counted.append((("account", account), OF_AN_ACCOUNT))
            now_s = self._monotonic()
            wait_s = max(self._missing_s(key, rate, now_s) for key, rate in counted)
            if wait_s <= 0:
                for key, rate in counted:
                    self._count(key, rate, now_s)
        return max(wait_s, 0.0)

    def succeeded(self, address: str, account: str) -> None:
        """Take it that the last try was the right one: it is given back, those before are not.

        Whoever has a password of his own gets no more guesses at another by logging in between.
        """
        home = _home(address)
        with self._lock:
            if ("address", home) in self._full_again_s:
                self._full_again_s["address", home] -= OF_AN_ADDRESS.every_s
            self._known[home, account] = None
            self._known.move_to_end((home, account))
            if len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)

    def _missing_s(self, key: tuple[str, str], rate: Rate, now_s: float) -> float:
        owed_s = max(self._full_again_s.get(key, now_s) - now_s, 0.0)
        return owed_s - (rate.at_once - 1) * rate.every_s

    def _count(self, key: tuple[str, str], rate: Rate, now_s: float) -> None:
        self._full_again_s[key] = max(self._full_again_s.get(key, now_s), now_s) + rate.every_s
        self._full_again_s.move_to_end(key)
        if len(self._full_again_s) > MOST_REMEMBERED:
            # Whoever has that many addresses is held back by the account.
            self._full_again_s.popitem(last=False)


def _home(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or int(parsed) >> (128 - HOME_BITS))
    return str(parsed)
