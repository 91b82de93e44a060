"""``crampwatch summary``: the morning summary of a stored night, printed."""

from __future__ import annotations

from datetime import date

import typer

from crampwatch.output import complain, new_console
from server import summary, wearers, words
from server.alert_words import in_short
from server.alerting import numbers_of, standing
from server.nights import ONE_DAY
from server.settings import Settings, load_settings
from server.store import Store
from server.terminal import render_morning
from server.wearer_day import today

__all__ = ["print_summary"]


def print_summary(night: date | None, *, settings: Settings | None = None) -> None:
    """Print the summary of the night that began on a date, or of the newest one stored.

    Parameters
    ----------
    settings
        Of the store to look into; those of the environment where none are given.

    Raises
    ------
    StoreError
        When the database cannot be used.
    """
    settings = settings or load_settings()
    # To look is no reason to make a store.
    store = Store.open_existing(settings.database_url, home=settings.data_dir, say=complain)
    found, alerts = None, list[str]()
    if store is not None:
        with store:
            with store.reading() as session:
                wearer = wearers.resolve(session, settings.wearer)
                last_night = today(session, wearer, store.now_ns()) - ONE_DAY
                if night is None:
                    alerts = [in_short(numbers_of(each)) for each in standing(session, wearer)]
            found = (
                summary.newest(store, wearer)
                if night is None
                else summary.overview(store, wearer, night)
            )
    if found is None:
        typer.echo(f"{words.EMPTY_STORE} {words.HOW_TO_FILL}")
    elif found.morning is None:
        typer.echo(words.not_recorded(found.night))
    else:
        new_console().print(render_morning(found.morning, found, last_night, alerts))
