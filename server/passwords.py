"""Passwords, kept by Argon2id so that whoever steals the database has still to guess each."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher, profiles
from argon2.exceptions import InvalidHashError, VerificationError

from ingest.errors import SettingsError

__all__ = [
    "MAX_CHARS",
    "MIN_CHARS",
    "hash_again",
    "hash_password",
    "is_outdated",
    "is_password",
    "of_nobody",
]

MIN_CHARS = 12
"""Fewest characters: about three words drawn at random from a short list, 33 bits, which take
thousands of years at the rate that `server.throttle` lets strangers guess. There is no other rule:
rules about digits and signs make passwords that are hard to remember and easy to guess."""
MAX_CHARS = 256
"""Most characters: a long sentence."""

PROFILE = profiles.RFC_9106_LOW_MEMORY
"""3 passes over 64 MiB: what RFC 9106, section 4, recommends where 2 GiB are not to be had. A guess
costs whoever stole the database as much as it costs here: a tenth of a second on a desktop
computer, some tenths on a small one. Changed later, it is applied to each password at its next
login."""


def hash_password(password: str) -> str:
    """Give what is kept of a new password.

    Raises
    ------
    SettingsError
        It is too short or too long.
    """
    plain = _plain(password)
    if not MIN_CHARS <= len(plain) <= MAX_CHARS:
        raise SettingsError(
            f"A password has {MIN_CHARS} to {MAX_CHARS} characters; three or four words that have "
            "nothing to do with each other make a good one."
        )
    return _hasher().hash(plain)


def hash_again(password: str) -> str:
    """Give what is kept by now of a password that was taken before."""
    return _hasher().hash(_plain(password))


def is_password(password: str, kept: str) -> bool:
    """Tell whether a password is the one of which this was kept; it takes its time."""
    try:
        return _hasher().verify(kept, _plain(password)[: MAX_CHARS + 1])
    except (VerificationError, InvalidHashError):
        return False


@cache
def of_nobody() -> str:
    """Give what is kept of a password that nobody knows."""
    return _hasher().hash(secrets.token_bytes(MIN_CHARS))


def is_outdated(kept: str) -> bool:
    """Tell whether what is kept was made with other parameters than `PROFILE`."""
    return _hasher().check_needs_rehash(kept)


def _hasher() -> PasswordHasher:
    return PasswordHasher.from_parameters(PROFILE)


def _plain(password: str) -> str:
    # Two keyboards may write one letter in two ways.
    return unicodedata.normalize("NFKC", password)
