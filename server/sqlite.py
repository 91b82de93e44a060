"""What is peculiar to a store in an SQLite file: opening it, checking it, putting it aside."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from glob import escape
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from ingest.errors import StoreError

__all__ = [
    "alone",
    "connect",
    "database_file",
    "errors_with_advice",
    "has_sound_wal",
    "is_sound",
    "may_write",
    "put_aside",
    "put_aside_lately",
    "require_folder",
    "rewrite",
    "warning",
    "writing",
]

BUSY_TIMEOUT_S = 10.0
"""Seconds to wait for another writer: saving a night takes well under one."""

SOUND_WAL = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
"""Versions that mended the 'WAL-reset bug', the newest first: from 3.7.0 on, SQLite could damage
the file when one connection wrote while another moved the write-ahead log into it. The older two
are repaired releases of their own series, the only one of it that is sound."""

LOCK_SUFFIX = ".serving"
"""Ending of the file that whoever serves a database holds."""

BEGIN = "begin"
"""Execution option: the statement that begins a transaction."""

ASIDE = ".damaged-"
"""What follows the name of a database that was put aside, before the UTC time of that."""
ASIDE_TIME = "%Y%m%dT%H%M%SZ"
TOLD_FOR = timedelta(days=7)
"""How long it is told that a database was put aside, whoever did it: who looks at the page once a
week is told as well. Who moves the file away is told no more."""

# By the beginning of SQLite's own name for the error.
_ADVICE = {
    "SQLITE_FULL": "The disk is full. Free some space and try again; what was stored is untouched.",
    "SQLITE_READONLY": "It may not be written. Check who owns the file and its folder.",
    "SQLITE_CANTOPEN": "It cannot be opened. Check that its folder exists and may be written.",
    "SQLITE_PERM": "It may not be opened. Check who owns the file and its folder.",
    "SQLITE_BUSY": "Another program holds it. Close that program, or try again in a moment.",
    "SQLITE_LOCKED": "Another program holds it. Close that program, or try again in a moment.",
    "SQLITE_CORRUPT": "It is damaged. Start crampwatch again: it is then put aside, not deleted.",
    "SQLITE_IOERR": "The disk could not be read or written. Check the disk and its free space.",
    "SQLITE_NOTADB": "It is not a database. Name one that crampwatch made.",
}


def database_file(url: str) -> Path:
    """Give the file that a database URL names.

    Raises
    ------
    StoreError
        The URL is no URL of an SQLite file.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = URL.create("")
    if parsed.get_backend_name() != "sqlite" or not parsed.database or "?" in url:
        raise StoreError(
            "The database URL does not name an SQLite file, nor a PostgreSQL database. "
            "Write it as sqlite:////home/me/crampwatch.db (a question mark in it as %3F) or as "
            "postgresql://me:password@localhost/crampwatch, or leave it out."
        )
    if parsed.database == ":memory:":
        raise StoreError(
            "A database in memory would forget every night at once. "
            "To judge without storing use crampwatch replay --no-store; "
            "to store, name a file: sqlite:////home/me/crampwatch.db."
        )
    return Path(parsed.database)


def require_folder(path: Path, home: Path | None) -> None:
    """Refuse a database in a folder that is not there and that is not crampwatch's own to make.

    Raises
    ------
    StoreError
        With advice.
    """
    if path.parent != home and not path.parent.exists():
        raise StoreError(
            f"The folder {path.parent} is not there. Make it, or correct CRAMPWATCH_DATABASE_URL."
        )


def has_sound_wal(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Tell whether a version of SQLite, the linked one, is without the 'WAL-reset bug'."""
    newest, *repaired = SOUND_WAL
    return version >= newest or any(
        version[:2] == each[:2] and version >= each for each in repaired
    )


def warning() -> str | None:
    """Say what is wrong with the linked SQLite, and what to do; None where nothing is."""
    if has_sound_wal():
        return None
    return (
        f"This Python uses SQLite {sqlite3.sqlite_version}, which in rare cases damages a database "
        "when two programs write to it at once. Crampwatch takes care to do without what leads to "
        "that; an SQLite from 3.51.3 on is free of it."
    )


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Be the only server of a database file; the lock goes with the process, whatever ends it.

    Raises
    ------
    StoreError
        There is another.
    """
    lock = path.with_name(path.name + LOCK_SUFFIX)
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise StoreError(
                f"Another crampwatch serves the database {path}. Stop that one, or name another "
                "file in CRAMPWATCH_DATABASE_URL."
            ) from error
        with suppress(FileNotFoundError):
            if lock.stat().st_ino == os.fstat(descriptor).st_ino:
                break
        # It was removed by who had it, between the opening and the lock.
        os.close(descriptor)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        os.close(descriptor)


def may_write(path: Path) -> bool:
    """Tell whether a database may be written: the file, and the folder for the log beside it."""
    return os.access(path.parent, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))


def connect(path: Path, *, foreign_keys: bool = True, read_only: bool = False) -> Engine:
    """Make an engine whose every connection is durable and waits its turn.

    Parameters
    ----------
    foreign_keys
        Off for migrations only: SQLite rebuilds a table by dropping it, and with foreign keys
        on that would delete every row that refers to it.
    read_only
        For a file that may not be written: nothing is made beside it.
    """
    url = URL.create("sqlite", database=str(path))
    if read_only:
        # Opened anew each time: what may be counted on changes when somebody else writes.
        engine = create_engine(
            url,
            creator=lambda: _open_to_read(path),
            poolclass=NullPool,
            hide_parameters=True,
        )
    else:
        engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        # Python's driver begins transactions of its own accord and too late; ours are explicit.
        connection.isolation_level = None
        if not read_only:
            _make_durable(connection, foreign_keys=foreign_keys)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get(BEGIN, "BEGIN"))

    return engine


def _make_durable(connection: sqlite3.Connection, *, foreign_keys: bool) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
    if not has_sound_wal():
        # Whoever closes last moves the log into the file, alone and therefore unharmed.
        connection.execute("PRAGMA wal_autocheckpoint = 0")


def _open_to_read(path: Path) -> sqlite3.Connection:
    # With a log beside it somebody may be writing; without one nobody is, and SQLite, told so,
    # does without the lock file that it may not make.
    logged = path.with_name(path.name + "-wal").exists()
    name = f"{path.absolute().as_uri()}?{'mode=ro' if logged else 'immutable=1'}"
    return sqlite3.connect(name, timeout=BUSY_TIMEOUT_S, uri=True, check_same_thread=False)


def writing(engine: Engine) -> Engine:
    """Give the same engine for transactions that read and then write.

    They take the write lock when they begin: what they read stays true until they commit.
    """
    return engine.execution_options(**{BEGIN: "BEGIN IMMEDIATE"})


def rewrite(engine: Engine) -> None:
    """Write a database anew without what was deleted from it, also from the log beside it."""
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.execute("VACUUM")
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def is_sound(path: Path, *, read_only: bool = False, ours: bool = False) -> bool:
    """Tell whether a database file is whole.

    Parameters
    ----------
    ours
        Whether nobody but crampwatch can have put it there: then a file that is no database any
        more has lost its beginning, where the disk of a small computer fails first.

    Raises
    ------
    StoreError
        The file is no SQLite database, or cannot be read at all.
    """
    # By SQLite alone: whoever closes a file in another way gives up every lock that this process
    # has on it, those of a server in the same process too.
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    opened = _open_to_read(path) if read_only else sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)
    with closing(opened) as connection:
        try:
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            name = error.sqlite_errorname
            if name.startswith("SQLITE_CORRUPT") or (ours and name == "SQLITE_NOTADB"):
                return False
            raise
    return bool(verdict == ("ok",))


def put_aside(path: Path, when: datetime) -> Path:
    """Rename a damaged database together with its log; nothing is deleted."""
    aside = path.with_name(f"{path.name}{ASIDE}{when:{ASIDE_TIME}}")
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside


def put_aside_lately(path: Path, now: datetime) -> Path | None:
    """Find what was last put aside of a database, None where that is long ago or was never."""
    found = path.parent.glob(f"{escape(path.name + ASIDE)}*")
    times = [when for each in found if (when := _time_put_aside(path, each)) is not None]
    latest = max(times, default=None)
    if latest is None or now - latest > TOLD_FOR:
        return None
    return path.with_name(f"{path.name}{ASIDE}{latest:{ASIDE_TIME}}")


def _time_put_aside(path: Path, aside: Path) -> datetime | None:
    try:
        when = datetime.strptime(aside.name.removeprefix(path.name + ASIDE), ASIDE_TIME)
    except ValueError:
        # The log of one has a longer name.
        return None
    return when.replace(tzinfo=UTC)


@contextmanager
def errors_with_advice(path: Path) -> Iterator[None]:
    """Turn whatever the database or its disk complains of into a StoreError with advice."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StoreError(f"{path}: {_advice(error)}") from error


def _advice(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    name = getattr(cause, "sqlite_errorname", "")
    for beginning, advice in _ADVICE.items():
        if name.startswith(beginning):
            return advice
    if isinstance(cause, OSError):
        return f"{cause.strerror}. Check that its folder exists and may be written."
    return f"The database answered '{cause}'. Please report this."
