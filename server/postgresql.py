"""What is peculiar to a store on a PostgreSQL server: connecting, writing one at a time, errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from ingest.errors import InputError, StoreError

__all__ = ["alone", "connect", "errors_with_advice", "place", "require_usable", "writing"]

DRIVER = "postgresql+psycopg"
"""psycopg 3, whichever driver a URL names."""

CONNECT_TIMEOUT_S = 10
"""Seconds to wait for the server: one in a home network answers in less than one."""

WRITING = "crampwatch_writing"
"""Execution option: a transaction that writes."""

WRITER_LOCK, SERVER_LOCK = 0x6372616D70_01, 0x6372616D70_02
"""Advisory locks of the database, by numbers that no other program is likely to take ('cramp'):
of whoever writes, for a transaction, and of whoever serves, for as long as it does."""

_SOON_GIVEN_UP = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
"""Settings in seconds, of the connection that holds the lock of whoever serves: where the network
was cut, the database lets go of it after a minute and not after two hours."""

# By SQLSTATE, or the class of it.
_ADVICE = {
    "28": "It refuses the name or the password. Check CRAMPWATCH_DATABASE_URL.",
    "3D000": "There is no such database. Make it: createdb, as its owner.",
    "42501": "It may not be written. Give the role of CRAMPWATCH_DATABASE_URL this database.",
    "25006": "It takes no writing now. If it is a standby, name the primary server.",
    "53100": "Its disk is full. Free some space and try again; what was stored is untouched.",
    "53": "It has no room for another connection or for memory. Try again in a moment.",
    "57": "It is stopping or starting. Try again in a moment.",
    "08": "The connection was lost. Try again in a moment.",
}


def require_usable(url: str) -> None:
    """Refuse a URL that names no database, or where the driver is not installed.

    Raises
    ------
    StoreError
        With advice.
    """
    if not make_url(url).database:
        raise StoreError(
            "The database URL names no database. Write it as "
            "postgresql://me:password@localhost/crampwatch."
        )
    if find_spec("psycopg") is None:
        raise StoreError(
            "For PostgreSQL the driver psycopg is missing. Install it: "
            "pip install 'crampwatch[postgresql]'."
        )


def place(url: str) -> str:
    """Name a database in a message, without its password."""
    parsed = make_url(url)
    return f"PostgreSQL database {parsed.database} at {parsed.host or 'this machine'}"


def connect(url: str) -> Engine:
    """Make an engine whose transactions see one state of the database, and flush what they write.

    Raises
    ------
    StoreError
        The URL names no database, or the driver is not installed.
    """
    require_usable(url)
    engine = create_engine(
        make_url(url).set(drivername=DRIVER),
        isolation_level="REPEATABLE READ",
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S},
        # A server that was started again in between is no error of whoever asks next.
        pool_pre_ping=True,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: ConnectionPoolEntry) -> None:
        # What was acknowledged is on the disk, also where the server is set otherwise.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('synchronous_commit', 'on', false) "
                "WHERE current_setting('synchronous_commit') = 'off'"
            )
        connection.commit()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(WRITING):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")

    return engine


def writing(engine: Engine) -> Engine:
    """Give the same engine for transactions that read and then write, one at a time.

    After waiting for its turn a transaction has to see what the one before has written, and so it
    cannot see the state of when it began.
    """
    return engine.execution_options(**{WRITING: True, "isolation_level": "READ COMMITTED"})


@contextmanager
def alone(engine: Engine, where: str) -> Iterator[None]:
    """Be the only server of a database, also after the database was started anew.

    Its start takes every connection and the lock with it. So before anything is asked over a new
    connection the lock is looked at, and taken again; whoever was quicker is the server then.

    Raises
    ------
    StoreError
        There is another.
    """
    lock = _ServerLock(engine, where)

    def look_at_it(connection: Any, _: ConnectionPoolEntry) -> None:
        try:
            lock.take()
        except (SQLAlchemyError, StoreError):
            connection.close()
            raise

    lock.take()
    event.listen(engine, "connect", look_at_it)
    try:
        yield
    finally:
        event.remove(engine, "connect", look_at_it)
        lock.give_back()


class _ServerLock:
    """The lock of whoever serves, which goes with the connection that holds it."""

    def __init__(self, engine: Engine, where: str):
        self._engine = create_engine(
            engine.url,
            isolation_level="AUTOCOMMIT",
            poolclass=NullPool,
            connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "options": _SOON_GIVEN_UP},
            hide_parameters=True,
        )
        self._where = where
        self._turn = Lock()
        self._holder: Connection | None = None

    def take(self) -> None:
        """Hold it: as before, or again where the connection that held it was lost."""
        with self._turn:
            if self._holder is not None and _lives(self._holder):
                return
            self._holder = None
            connection = self._engine.connect()
            if not connection.scalar(text(f"SELECT pg_try_advisory_lock({SERVER_LOCK})")):
                connection.close()
                raise StoreError(
                    f"Another crampwatch serves the {self._where}. Stop that one, or name another "
                    "database in CRAMPWATCH_DATABASE_URL."
                )
            self._holder = connection

    def give_back(self) -> None:
        """Let another serve."""
        if self._holder is not None:
            # Not closed as usual: one that was cut off has nothing to roll back.
            self._holder.invalidate()


def _lives(connection: Connection) -> bool:
    try:
        connection.scalar(text("SELECT 1"))
    except DBAPIError:
        connection.close()
        return False
    return True


@contextmanager
def errors_with_advice(where: str) -> Iterator[None]:
    """Turn whatever the server complains of into a StoreError with advice."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = error.orig if isinstance(error, DBAPIError) else None
        if "cannot contain NUL" in str(cause):
            raise InputError("A text has the character NUL in it, which cannot be kept.") from error
        raise StoreError(f"{where}: {_advice(error)}") from error


def _advice(error: SQLAlchemyError) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else None
    state = getattr(cause, "sqlstate", None) or ""
    for beginning, advice in _ADVICE.items():
        if state.startswith(beginning):
            return advice
    if cause is not None and not state and type(cause).__name__ == "OperationalError":
        # It could not be reached at all, or refused in words alone.
        text = str(cause)
        if "authentication failed" in text or "no password supplied" in text:
            return _ADVICE["28"]
        if "does not exist" in text and "database" in text:
            return _ADVICE["3D000"]
        return "It does not answer. See whether it runs, and check CRAMPWATCH_DATABASE_URL."
    return f"The database answered '{cause or error}'. Please report this."
