"""What the command says: results on standard output, all else on standard error."""

from __future__ import annotations

import re
import sys
from io import TextIOWrapper

import typer

__all__ = ["complain", "one_line", "say", "take_any_text"]

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def say(text: object) -> None:
    """Print a line of the result."""
    typer.echo(one_line(str(text)))


def complain(problem: object) -> None:
    """Say what is wrong, or odd, on standard error."""
    typer.echo(f"crampwatch: {one_line(str(problem))}", err=True)


def one_line(text: str) -> str:
    r"""Write out what would break the line, move the cursor or cannot be encoded: ``\x1b``.

    Names of files and texts from devices may hold anything.
    """
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def take_any_text() -> None:
    """Let no character stop the output, whatever the terminal can show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
