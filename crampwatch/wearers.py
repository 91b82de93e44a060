"""``crampwatch wearers``: whose nights are kept in the store."""

from __future__ import annotations

import typer

from crampwatch.output import complain
from server import wearers, words
from server.settings import load_settings
from server.store import Store

__all__ = ["add_wearer", "list_wearers"]


def list_wearers() -> None:
    """Print the id, the name and the zone of every wearer.

    Raises
    ------
    StoreError
        When the database cannot be used.
    """
    settings = load_settings()
    store = Store.open_existing(settings.database_url, home=settings.data_dir, say=complain)
    known: tuple[wearers.Wearer, ...] = ()
    if store is not None:
        with store, store.reading() as session:
            known = wearers.everybody(session)
    if not known:
        typer.echo(f"{words.EMPTY_STORE} The first one makes a wearer '{wearers.FIRST_NAME}'.")
    for each in known:
        typer.echo(f"{each.id}: {each.name}, {each.timezone}")


def add_wearer(name: str, wearer_id: str | None, timezone: str | None) -> None:
    """Add a wearer.

    Raises
    ------
    SettingsError
        The name or the zone is none, or the id is taken.
    StoreError
        When the database cannot be used.
    """
    settings = load_settings()
    with Store.open(settings.database_url, home=settings.data_dir, say=complain) as store:
        added = store.add_wearer(name, timezone or settings.timezone, id=wearer_id)
    typer.echo(f"{added.name} is a wearer now. For nights of {added.name} set:")
    typer.echo(f"  CRAMPWATCH_WEARER={added.id}")
