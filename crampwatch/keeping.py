"""``crampwatch backup``, ``restore``, ``erase`` and ``export --everything``: what is stored."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import typer

from crampwatch.output import agreed, complain
from ingest.errors import SettingsError
from server import backup, takeout, wearers, words
from server.places import Samples
from server.settings import Settings, load_settings
from server.store import Store

__all__ = ["back_up_store", "erase_wearer", "export_wearer", "restore_store"]


def back_up_store(out: Path) -> None:
    """Copy the store into a new file, while it may be in use.

    Raises
    ------
    SettingsError
        The file is there already, or there is no store.
    StoreError
        One of the two cannot be read or written.
    """
    backup.back_up(load_settings().database_url, out)
    typer.echo(
        f"Everything that is stored is in {out}. The recordings themselves are not: copy their "
        "folder as well."
    )


def restore_store(file: Path) -> None:
    """Put what a backup holds in the place of what is stored.

    Raises
    ------
    SettingsError
        The backup is not there.
    StoreError
        It is no store, or the store is served or cannot be written.
    """
    settings = load_settings()
    before = backup.restore(
        file,
        settings.database_url,
        home=settings.data_dir,
        say=complain,
        now=datetime.now(UTC),
    )
    typer.echo(f"What {file.name} holds is stored now.")
    if before is not None:
        typer.echo(f"What was stored before is in {before}.")


def export_wearer(out: Path) -> None:
    """Write everything that is stored of the wearer into a new folder.

    Raises
    ------
    SettingsError
        The folder is there already, or nothing is stored.
    WearerError
        It is not clear whose nights are meant.
    """
    settings = load_settings()
    with _existing(settings) as store, store.reading() as session:
        wearer = wearers.resolve(session, settings.wearer)
        rows = takeout.export_everything(session, wearer, out, now=datetime.now(UTC))
    typer.echo(f"{rows} rows of {wearer} are in {out}: everything.json, and a CSV file by table.")


def erase_wearer(wearer: str, *, confirmed: bool) -> None:
    """Erase everything that is stored of a wearer, after asking.

    Raises
    ------
    SettingsError
        Nobody is there to be asked, or nothing is stored.
    WearerError
        There is no such wearer.
    StoreError
        The store is served, or cannot be written.
    """
    settings = load_settings()
    with _existing(settings, alone=True) as store:
        with store.reading() as session:
            wearers.resolve(session, wearer)
        question = f"Erase everything of {wearer}, answers and diary too? It cannot be undone."
        if not confirmed and not agreed(question, "Nothing was erased."):
            return
        store.erase(wearer)
        Samples.within(settings).keep_only_stored(store)
    typer.echo(
        f"Nothing of {wearer} is left in the store. Not touched: the recordings in "
        f"{settings.recordings_dir}, and every backup and export that was made; remove them "
        "yourself."
    )


def _existing(settings: Settings, *, alone: bool = False) -> Store:
    store = Store.open_existing(
        settings.database_url, home=settings.data_dir, say=complain, alone=alone
    )
    if store is None:
        raise SettingsError(words.EMPTY_STORE)
    return store
