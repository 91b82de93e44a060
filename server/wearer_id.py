"""What the id of a wearer is made of; in a file of its own for whoever has no database."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["FIRST", "MAX_ID_CHARS", "id_of_name", "is_wearer_id"]

FIRST = "me"
"""Id of the wearer that a store begins with; the nights of a store from before there were wearers
are this one's."""

MAX_ID_CHARS = 32
"""Longest id in characters: it stands in addresses and is typed by hand."""

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def is_wearer_id(text: str) -> bool:
    """Tell whether a text can be an id: lower-case letters of ASCII, digits, single hyphens."""
    return len(text) <= MAX_ID_CHARS and bool(_ID.fullmatch(text))


def id_of_name(name: str) -> str:
    """Make an id of a name; it is empty where nothing of the name can be in one."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:MAX_ID_CHARS].rstrip("-")
