"""Opens the database that a URL names: a file of SQLite, or a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import ArgumentError

from ingest.errors import StoreError
from server import migrate, sqlite
from server.settings import DATABASE_NAME

__all__ = ["Database", "exists", "is_postgresql", "open_database", "require_usable"]


@dataclass(frozen=True, slots=True)
class Database:
    """An open database, brought up to date.

    Parameters
    ----------
    engine
        For transactions that read; each sees one state of the database.
    writing
        For transactions that write; each holds off other writers from its beginning on.
    errors
        Turns what the database complains of into a StoreError with advice.
    path
        The file; None where it is in none.
    warning
        What is wrong with what reads and writes it; None where nothing is.
    held
        What is closed and given back with the database.
    """

    engine: Engine
    writing: Engine
    errors: Callable[[], AbstractContextManager[None]]
    path: Path | None = None
    warning: str | None = None
    held: ExitStack = field(default_factory=ExitStack, repr=False)

    def close(self) -> None:
        """Close every connection."""
        self.held.close()
        # Again, for whoever used it after it was closed.
        self.engine.dispose()


def is_postgresql(url: str) -> bool:
    """Tell whether a URL is one of PostgreSQL."""
    try:
        return make_url(url).get_backend_name() == "postgresql"
    except ArgumentError:
        return False


def require_usable(url: str) -> None:
    """Refuse a URL that no store can be at, without looking there.

    Raises
    ------
    StoreError
        With advice.
    """
    if is_postgresql(url):
        from server import postgresql

        postgresql.require_usable(url)
    else:
        sqlite.database_file(url)


def exists(url: str, home: Path | None) -> bool:
    """Tell whether there is a database at a URL; one of PostgreSQL is taken to be there.

    Raises
    ------
    StoreError
        The folder for its file is not there.
    """
    if is_postgresql(url):
        return True
    path = sqlite.database_file(url)
    sqlite.require_folder(path, home)
    return path.exists()


def open_database(
    url: str,
    *,
    home: Path | None,
    say: Callable[[str], None],
    now: Callable[[], datetime],
    alone: bool,
) -> Database:
    """Open a database, as `server.store.Store.open` has it."""
    if is_postgresql(url):
        from server import postgresql

        return _open_server(postgresql.connect(url), postgresql.place(url), alone)
    return _open_file(sqlite.database_file(url), home, say, now, alone)


def _open_server(engine: Engine, place: str, alone: bool) -> Database:
    from server import postgresql

    errors = partial(postgresql.errors_with_advice, place)
    writing = postgresql.writing(engine)
    with errors(), ExitStack() as held:
        held.callback(engine.dispose)
        if alone:
            held.enter_context(postgresql.alone(engine, place))
        if not migrate.is_up_to_date(engine):
            migrate.bring_up_to_date(writing)
        return Database(engine, writing, errors, held=held.pop_all())


def _open_file(
    path: Path,
    home: Path | None,
    say: Callable[[str], None],
    now: Callable[[], datetime],
    alone: bool,
) -> Database:
    errors = partial(sqlite.errors_with_advice, path)
    with errors(), ExitStack() as held:
        sqlite.require_folder(path, home)
        # What it holds is about somebody's health: it is for its owner alone.
        if path.parent == home:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)
        read_only = not sqlite.may_write(path)
        if alone and not read_only:
            held.enter_context(sqlite.alone(path))
        ours = home is not None and path == home / DATABASE_NAME
        if not sqlite.is_sound(path, read_only=read_only, ours=ours):
            _put_aside(path, now(), say, read_only)
        _bring_up_to_date(path, read_only)
        engine = sqlite.connect(path, read_only=read_only)
        # Before the lock is given up: then nobody else has it open.
        held.callback(engine.dispose)
        return Database(
            engine,
            sqlite.writing(engine),
            errors,
            path=path,
            warning=sqlite.warning(),
            held=held.pop_all(),
        )


def _put_aside(path: Path, when: datetime, say: Callable[[str], None], read_only: bool) -> None:
    if read_only:
        raise StoreError(
            f"The database {path} is damaged, and may not be written. Let its owner start "
            "crampwatch: it is then put aside, not deleted."
        )
    aside = sqlite.put_aside(path, when)
    path.touch(mode=0o600)
    say(
        f"The database {path} was damaged. It was put aside as {aside.name} and a new "
        "one begun; restore a backup, or replay your recordings."
    )


def _bring_up_to_date(path: Path, read_only: bool) -> None:
    engine = sqlite.connect(path, foreign_keys=False, read_only=read_only)
    try:
        if migrate.is_up_to_date(engine):
            return
        if read_only:
            raise StoreError(
                f"The database {path} is of another version of crampwatch, and may not be "
                "written to bring it up to date. Check who owns the file and its folder."
            )
        migrate.bring_up_to_date(sqlite.writing(engine))
    finally:
        engine.dispose()
