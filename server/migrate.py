"""Brings the tables of a store up to this version of crampwatch."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, insert, inspect, text

from ingest.errors import StoreError
from server import night_changes
from server.kept_tables import METADATA

__all__ = [
    "HEAD",
    "VERSION_TABLE",
    "bring_up_to_date",
    "is_up_to_date",
    "require_known",
    "run_migrations",
]

HEAD = "0022"
"""Revision of the newest migration: comparing with it spares the import of alembic (0.45 s)."""

VERSION_TABLE = "crampwatch_revision"

_VERSION = Table(
    VERSION_TABLE,
    MetaData(naming_convention={"pk": "%(table_name)s_pkc"}),
    Column("version_num", String(32), primary_key=True),
)
"""As alembic makes it."""


def is_up_to_date(engine: Engine) -> bool:
    """Tell whether a database lacks no migration; it is read, and nobody has to wait.

    Raises
    ------
    StoreError
        The tables were made by another program.
    """
    with engine.connect() as connection:
        return _stored_revision(connection) == HEAD


def require_known(engine: Engine) -> None:
    """Refuse a database that is no store, or one of a newer version.

    Raises
    ------
    StoreError
        With advice.
    """
    with engine.connect() as connection:
        stored = _stored_revision(connection)
        if stored is None:
            raise StoreError(f"{connection.engine.url.database} holds no store of crampwatch.")
        if stored > HEAD:
            raise _too_new(connection, stored)


def bring_up_to_date(engine: Engine) -> None:
    """Make the tables of an empty database, or run the migrations it lacks; all or nothing.

    Raises
    ------
    StoreError
        The tables were made by a newer crampwatch or by another program.
    """
    with engine.begin() as connection:
        stored = _stored_revision(connection)
        if stored == HEAD:
            return
        if stored is None:
            # What the migrations would arrive at, in a tenth of the time.
            METADATA.create_all(connection)
            night_changes.make(connection)
            _VERSION.create(connection)
            connection.execute(insert(_VERSION).values(version_num=HEAD))
            return
        # Where SQLite rebuilds a table, it loses whatever watches it.
        night_changes.unwatch(connection)
        run_migrations(connection, stored)
        night_changes.watch(connection)
        if connection.dialect.name != "sqlite":
            return
        # Foreign keys are off while SQLite rebuilds tables.
        if broken := connection.execute(text("PRAGMA foreign_key_check")).fetchall():
            raise RuntimeError(f"a migration left {len(broken)} rows without what they refer to")


def _stored_revision(connection: Connection) -> str | None:
    tables = inspect(connection).get_table_names()
    if VERSION_TABLE in tables:
        found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
        return str(found) if found is not None else None
    if tables:
        raise StoreError(
            f"{connection.engine.url.database} holds the tables of another program. "
            "Point CRAMPWATCH_DATABASE_URL at a file of its own."
        )
    return None


def _too_new(connection: Connection, stored: str) -> StoreError:
    return StoreError(
        f"{connection.engine.url.database} was written by a newer crampwatch "
        f"(its tables are at {stored}, this version knows them up to {HEAD}). "
        "Update crampwatch, or point CRAMPWATCH_DATA_DIR at another folder."
    )


def run_migrations(connection: Connection, stored: str | None = None, to: str = "head") -> None:
    """Run the migrations from one revision to another.

    Parameters
    ----------
    stored
        Where the database is; None for an empty one.

    Raises
    ------
    StoreError
        The database is at a revision that is not known.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "server:migrations")
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if stored is not None and stored not in known:
        raise _too_new(connection, stored)
    command.upgrade(config, to)
