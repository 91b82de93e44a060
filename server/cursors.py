"""Where a list goes on: the place of the item that was given last, as text for an address.

What comes or goes meanwhile moves no other item, so that nobody meets one twice or misses one.
"""

from __future__ import annotations

import base64
import json
from typing import TypeAlias

from ingest.errors import InputError
from server.wire import is_whole

__all__ = ["MAX_CURSOR_CHARS", "NO_CURSOR", "Place", "read_cursor", "write_cursor"]

Place: TypeAlias = tuple[int | str, ...]
"""By what a list is ordered."""

MAX_CURSOR_CHARS = 1000
"""Longest cursor in characters: a place is an instant and an id."""

NO_CURSOR = "The cursor is none of this list. Take it from 'next', or leave it out."
"""What is said of one that is of no use."""

INT64 = range(-(2**63), 2**63)
"""Whole numbers that a database can compare with."""


def write_cursor(place: Place) -> str:
    """Write down the place of an item."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def read_cursor(text: str, shape: tuple[type[int] | type[str], ...]) -> Place:
    """Read a place.

    Parameters
    ----------
    shape
        What the places of the list are made of.

    Raises
    ------
    InputError
        It is none of this list.
    """
    try:
        place = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        place = None
    fits = (
        isinstance(place, list)
        and tuple(map(type, place)) == shape
        and all(each in INT64 for each in place if isinstance(each, int))
        and all(_is_text(each) for each in place if isinstance(each, str))
    )
    if not isinstance(place, list) or not fits:
        raise InputError(NO_CURSOR)
    return tuple(place)


def _is_text(each: str) -> bool:
    """Tell what every database can compare with: no NUL, and no half of a character."""
    return "\0" not in each and is_whole(each)
