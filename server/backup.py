"""A copy of a whole store in one file, made while it is in use, and the way back.

The copy is an SQLite store whatever the store is in, so that one of a file can be brought to a
PostgreSQL server and back.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, func, insert, select

from ingest.errors import SettingsError, StoreError
from server import migrate, sqlite
from server.database import is_postgresql, open_database
from server.kept_tables import METADATA
from server.settings import database_url
from server.tables import WearerRow

__all__ = ["back_up", "restore"]

ROWS_AT_ONCE = 1000
"""Rows that are read and written at once: below a MiB of them."""


def back_up(url: str, out: Path) -> None:
    """Copy a store, as it is at one moment, into a new file.

    Raises
    ------
    SettingsError
        The file is there already, or there is no store.
    StoreError
        One of the two cannot be read or written.
    """
    if out.exists():
        raise SettingsError(f"{out} is there already. Give the backup another name.")
    part = out.with_name(out.name + ".part")
    with sqlite.errors_with_advice(out):
        # What it holds is about somebody's health: it is for its owner alone.
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        if is_postgresql(url):
            _copy_from_server(url, part)
        else:
            _copy_file(sqlite.database_file(url), part)
        with sqlite.errors_with_advice(out):
            if not sqlite.is_sound(part):
                raise StoreError(f"The backup {out} is damaged, and was not kept. Check the disk.")
            _flush(part)
            part.rename(out)
            _flush(out.parent)
    finally:
        for suffix in ("", "-wal", "-shm"):
            part.with_name(part.name + suffix).unlink(missing_ok=True)


def restore(
    backup: Path, url: str, *, home: Path | None, say: Callable[[str], None], now: datetime
) -> Path | None:
    """Put what a backup holds in the place of what a store holds, whole or not at all.

    Nobody may serve the store meanwhile. Others may use it: they see the one or the other.

    Returns
    -------
    Path or None
        A backup of what the store held before, where it held anything and is in a file.

    Raises
    ------
    SettingsError
        The backup is not there.
    StoreError
        It is no store, or damaged; or the store cannot be written, or, on a server, holds
        something already.
    """
    if not backup.is_file():
        raise SettingsError(f"{backup} is not there. Name a file that `crampwatch backup` made.")
    with sqlite.errors_with_advice(backup):
        if not sqlite.is_sound(backup, read_only=True):
            raise StoreError(f"The backup {backup} is damaged. Use another one.")
    _require_store(backup)
    if is_postgresql(url):
        _restore_to_server(backup, url, say, now)
        return None
    return _restore_to_file(backup, sqlite.database_file(url), home, say, now)


def _restore_to_file(
    backup: Path, path: Path, home: Path | None, say: Callable[[str], None], now: datetime
) -> Path | None:
    url = database_url(path)
    aside = None
    opened = partial(open_database, home=home, say=say, now=lambda: now, alone=True)
    database = opened(url)
    try:
        with database.errors(), database.engine.connect() as connection:
            held_something = not _is_empty(connection)
        if held_something:
            aside = path.with_name(f"{path.name}.before-{now:%Y%m%dT%H%M%SZ}")
            back_up(url, aside)
        with (
            database.errors(),
            closing(_open(backup)) as source,
            closing(sqlite3.connect(path, timeout=sqlite.BUSY_TIMEOUT_S)) as target,
        ):
            source.backup(target)
    finally:
        database.close()
    # The backup may be of an earlier version.
    opened(url).close()
    return aside


def _restore_to_server(backup: Path, url: str, say: Callable[[str], None], now: datetime) -> None:
    # A copy, because it is brought up to date before its rows can be read.
    with _working_copy(backup) as copy:
        kept = open_database(database_url(copy), home=None, say=say, now=lambda: now, alone=False)
        server = open_database(url, home=None, say=say, now=lambda: now, alone=True)
        try:
            with server.errors(), kept.engine.connect() as source, server.writing.begin() as target:
                if not _is_empty(target):
                    raise StoreError(
                        "The PostgreSQL database holds nights already. Restore into a new one, "
                        "made with createdb, and name that in CRAMPWATCH_DATABASE_URL."
                    )
                _copy_rows(source, target)
        finally:
            kept.close()
            server.close()


@contextmanager
def _working_copy(backup: Path) -> Iterator[Path]:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="crampwatch-") as folder:
        copy = Path(folder) / "copy.db"
        _copy_file(backup, copy)
        yield copy


def _copy_file(path: Path, out: Path) -> None:
    if not path.exists():
        raise SettingsError(f"There is no store at {path}, and nothing to back up.")
    with (
        sqlite.errors_with_advice(path),
        closing(_open(path)) as source,
        closing(sqlite3.connect(out)) as target,
    ):
        # In one go: writers go on meanwhile, and nothing of what they write is in it.
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", timeout=sqlite.BUSY_TIMEOUT_S, uri=True
    )


def _copy_from_server(url: str, out: Path) -> None:
    from server import postgresql

    engine = postgresql.connect(url)
    target = sqlite.connect(out)
    try:
        with postgresql.errors_with_advice(postgresql.place(url)), engine.connect() as source:
            if not migrate.is_up_to_date(engine):
                raise StoreError(
                    "The PostgreSQL database is no store of this version. Open it once, with "
                    "`crampwatch summary`, and back it up then."
                )
            migrate.bring_up_to_date(sqlite.writing(target))
            with sqlite.writing(target).begin() as into:
                _copy_rows(source, into)
    finally:
        target.dispose()
        engine.dispose()
    with closing(sqlite3.connect(out)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def _copy_rows(source: Connection, target: Connection) -> None:
    """Copy every row, each table after those it refers to."""
    for table in METADATA.sorted_tables:
        rows = source.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table))
        for some in rows.mappings().partitions():
            target.execute(insert(table), [dict(row) for row in some])
        if target.dialect.name == "postgresql" and table.autoincrement_column is not None:
            highest = select(func.max(table.c.id)).scalar_subquery()
            sequence = func.pg_get_serial_sequence(table.name, "id")
            target.execute(select(func.setval(sequence, func.coalesce(highest, 1))))


def _is_empty(connection: Connection) -> bool:
    return connection.scalar(select(WearerRow.id).limit(1)) is None


def _require_store(path: Path) -> None:
    """Refuse a database that is not crampwatch's, or of a newer version."""
    engine = sqlite.connect(path, read_only=True)
    try:
        with sqlite.errors_with_advice(path):
            migrate.require_known(engine)
    finally:
        engine.dispose()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
