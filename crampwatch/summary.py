"""``crampwatch summary``: the morning summary of a stored night, printed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import typer
from rich.console import Console

from server import summary, words
from server.nights import ONE_DAY, day_of
from server.settings import load_settings
from server.store import Store
from server.terminal import render_morning

__all__ = ["print_summary"]


def _today() -> date:
    return day_of(datetime.now())


def print_summary(night: date | None, today: Callable[[], date] = _today) -> None:
    """Print the summary of the night that began on a date, or of the newest one stored.

    Raises
    ------
    StoreError
        When the database cannot be used.
    """
    settings = load_settings()
    # To look is no reason to make a store.
    store = Store.open_existing(settings.database_url, home=settings.data_dir, say=_warn)
    found = None
    if store is not None:
        with store:
            found = summary.newest(store) if night is None else summary.overview(store, night)
    if found is None:
        typer.echo(f"{words.EMPTY_STORE} {words.HOW_TO_FILL}")
    elif found.morning is None:
        typer.echo(words.not_recorded(found.night))
    else:
        Console().print(render_morning(found.morning, found, today() - ONE_DAY))


def _warn(sentence: str) -> None:
    typer.echo(f"crampwatch: {sentence}", err=True)
