"""What every page looks like, under addresses that change with what is in them."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from markupsafe import Markup

__all__ = ["FOLDER", "LOOKS", "address", "inlined"]

FOLDER = Path(__file__).parent / "static"

TAG_CHARS = 12
"""Hexadecimal digits of the digest in an address: two versions of a file do not meet in 48 bits."""


@cache
def address(name: str) -> str:
    """Write the address of a file; a phone that keeps another version of it asks for this one."""
    digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()
    return f"/static/{name}?{digest[:TAG_CHARS]}"


@cache
def inlined(name: str) -> Markup:
    """Give the text of a style sheet of ours, for a page that is seen without asking again."""
    return Markup((FOLDER / name).read_text("utf-8"))


def _allowed(name: str) -> str:
    digest = hashlib.sha256(inlined(name).encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


LOOKS = _allowed("style.css")
"""How a content security policy allows the style sheet that lies in every page."""
