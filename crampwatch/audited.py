"""``crampwatch audit``: who did what and when."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime

import typer

from crampwatch.output import complain, say
from ingest.samples import NS_PER_S
from server import audit
from server.settings import load_settings
from server.store import Store

__all__ = ["list_audited"]


def list_audited(sought: audit.Sought, newest: int, *, as_json: bool) -> None:
    """Print what was noted in the audit log, the newest last.

    Parameters
    ----------
    newest
        How many, of those that are sought.

    Raises
    ------
    StoreError
        The database cannot be used.
    """
    settings = load_settings()
    store = Store.open_existing(settings.database_url, home=settings.data_dir, say=complain)
    found: tuple[audit.Audited, ...] = ()
    if store is not None:
        with store, store.reading() as session:
            found = audit.audited(session, sought)[-newest:]
    for each in found:
        say(json.dumps(_document(each)) if as_json else _line(each))
    if not found and not as_json:
        typer.echo("Nothing of that was noted.")


def _document(done: audit.Audited) -> dict[str, object]:
    kept = asdict(done)
    del kept["at_ns"]
    return {**kept, "at": _at(done).isoformat()}


def _line(done: audit.Audited) -> str:
    whose = "" if done.wearer is None else f", of {done.wearer}"
    return f"{_at(done):%Y-%m-%d %H:%M:%S} UTC  {done.who}: {done.action}, {done.what}{whose}"


def _at(done: audit.Audited) -> datetime:
    return datetime.fromtimestamp(done.at_ns // NS_PER_S, UTC)
