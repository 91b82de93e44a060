"""``crampwatch summary``: the morning summary of a stored night, printed."""

from __future__ import annotations

from datetime import date

import typer
from rich.console import Console

from server import words
from server.settings import load_settings
from server.store import Store
from server.summary import morning, strip
from server.terminal import render_morning

__all__ = ["print_summary"]


def print_summary(night: date | None) -> None:
    """Print the summary of the night that began on a date, or of the newest one stored.

    Raises
    ------
    StoreError
        When the database cannot be used.
    """
    with Store.open(load_settings().database_url, say=_warn) as store:
        found = morning(store, night)
        if found is None:
            typer.echo(words.EMPTY_STORE if night is None else words.not_recorded(night))
            return
        Console().print(render_morning(found, strip(store, found.night)))


def _warn(sentence: str) -> None:
    typer.echo(f"crampwatch: {sentence}", err=True)
