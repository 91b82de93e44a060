"""``crampwatch remove``: takes recordings out of the store, after asking."""

from __future__ import annotations

import typer

from crampwatch.output import agreed, complain
from ingest.errors import SettingsError
from server import queries, wearers, words
from server.places import Samples
from server.settings import load_settings
from server.store import Store

__all__ = ["remove_recordings"]


def remove_recordings(name: str, *, confirmed: bool) -> None:
    """Remove the stored recordings of a name, an id, or the date of a night.

    Raises
    ------
    SettingsError
        None is called so, or nobody is there to be asked.
    StoreError
        When the database cannot be used.
    """
    settings = load_settings()
    store = Store.open_existing(settings.database_url, home=settings.data_dir, say=complain)
    if store is None:
        raise SettingsError(f"{words.EMPTY_STORE} There is nothing to remove.")
    with store:
        with store.reading() as session:
            wearer = wearers.resolve(session, settings.wearer)
            found = queries.recordings_called(session, wearer, name)
        if not found:
            raise SettingsError(
                f"Nothing called '{name}' is stored. Name a recording as `crampwatch summary` "
                "does at its end, or the date on which its night began (2026-10-23)."
            )
        for each in found:
            typer.echo(f"{each.name}: night of {words.night_name(each.night)}")
        what = "it" if len(found) == 1 else f"these {len(found)} recordings"
        question = f"Remove {what} from the store?"
        if not confirmed and not agreed(question, "Nothing was removed."):
            return
        store.remove(wearer, [each.id for each in found])
        Samples.within(settings).keep_only_stored(store)
    typer.echo("Removed from the store. Replaying a recording stores it again.")
