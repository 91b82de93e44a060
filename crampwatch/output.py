"""What the command says: results on standard output, all else on standard error."""

from __future__ import annotations

import re
import sys
from io import TextIOWrapper
from typing import IO, TYPE_CHECKING

import typer

from ingest.errors import SettingsError

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["agreed", "complain", "new_console", "one_line", "say", "take_any_text"]

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def say(text: object) -> None:
    """Print a line of the result."""
    typer.echo(one_line(str(text)))


def complain(problem: object) -> None:
    """Say what is wrong, or odd, on standard error."""
    typer.echo(f"crampwatch: {one_line(str(problem))}", err=True)


def agreed(question: str, nothing_done: str) -> bool:
    """Ask whether to go on, and say that nothing was done where the answer is no.

    Raises
    ------
    SettingsError
        Nobody is there to be asked.
    """
    if not sys.stdin.isatty():
        raise SettingsError(f"{nothing_done} Say --yes where nobody can be asked.")
    if typer.confirm(question, default=False):
        return True
    typer.echo(nothing_done)
    return False


def new_console(file: IO[str] | None = None, *, stderr: bool = False) -> Console:
    """Make a console that prints texts as they are: `[/]` may be the name of a wearable."""
    from rich.console import Console

    return Console(file=file, stderr=stderr, markup=False, emoji=False, highlight=False)


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
