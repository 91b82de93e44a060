from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from server import migrate, queries, sqlite, summary
from server.settings import database_url
from server.store import Store
from server.tables import Base


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = sqlite.connect(tmp_path / "migrated.db")
    yield engine
    engine.dispose()


def shape(engine: Engine) -> dict[str, Any]:
    inspector = inspect(engine)
    return {
        table: {
            "columns": [
                (c["name"], str(c["type"]), c["nullable"], c["default"])
                for c in sorted(inspector.get_columns(table), key=lambda c: c["name"])
            ],
            "key": inspector.get_pk_constraint(table),
            "foreign": inspector.get_foreign_keys(table),
            "unique": inspector.get_unique_constraints(table),
            "indexes": sorted(inspector.get_indexes(table), key=lambda i: str(i["name"])),
        }
        for table in inspector.get_table_names()
        if table != migrate.VERSION_TABLE
    }


def test_the_constant_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "server:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.HEAD]


def test_migrating_from_nothing_makes_the_tables_that_the_code_uses(
    engine: Engine, tmp_path: Path
) -> None:
    migrate.bring_up_to_date(sqlite.writing(engine))
    direct = sqlite.connect(tmp_path / "direct.db")
    Base.metadata.create_all(direct)
    assert shape(engine) == shape(direct)
    direct.dispose()


def test_alembic_itself_finds_nothing_left_to_do(engine: Engine) -> None:
    migrate.bring_up_to_date(sqlite.writing(engine))
    with engine.connect() as connection:
        options = {"compare_type": True, "version_table": migrate.VERSION_TABLE}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_a_migration_that_breaks_leaves_nothing_behind(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic import op

    create_index = op.create_index

    def break_late(name: str, *args: Any, **kwargs: Any) -> None:
        if "faults" in name:
            raise OSError("the disk went away")
        create_index(name, *args, **kwargs)

    monkeypatch.setattr(op, "create_index", break_late)
    with pytest.raises(OSError, match="went away"):
        migrate.bring_up_to_date(sqlite.writing(engine))
    assert inspect(engine).get_table_names() == []
    monkeypatch.undo()
    migrate.bring_up_to_date(sqlite.writing(engine))
    assert len(inspect(engine).get_table_names()) == 9


@pytest.fixture
def first_revision(tmp_path: Path) -> Path:
    """A store as the first revision wrote it: slept, lain awake, slept across noon."""
    path = tmp_path / "first.db"
    script = (Path(__file__).parent / "first_revision.sql").read_text("utf-8")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return path


def test_a_store_of_the_first_revision_keeps_all_it_had(first_revision: Path) -> None:
    def counts() -> dict[str, int]:
        tables = ("models", "recordings", "episodes", "awakenings", "faults")
        with closing(sqlite3.connect(first_revision)) as connection:
            return {
                table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in tables
            }

    before = counts()
    with Store.open(database_url(first_revision)) as store, store.reading() as session:
        slept = queries.recording(session, "slept")
        awake = queries.recording(session, "awake")
        nights = summary.figures(session, [date(2026, 11, 19 + ago) for ago in range(4)])
    assert counts() == before
    assert before["recordings"] == 3
    assert slept is not None
    assert slept.sleep is not None
    assert (f"{slept.sleep.onset:%H:%M}", f"{slept.sleep.wake:%H:%M}") == ("23:15", "04:50")
    assert slept.sleep.asleep_s == 0.9 * 6 * 3600
    assert awake is not None
    assert awake.sleeps == ()
    assert [(each.recorded_s, each.searched_s) for each in nights] == [
        (7.5 * 3600, 6 * 3600 - 1500),
        (7.5 * 3600, 0),
        (20 * 3600 - 600, 20 * 3600 - 1500),
        (600, 0),
    ]


def test_a_store_of_the_first_revision_ends_with_the_tables_of_a_new_one(
    first_revision: Path, engine: Engine
) -> None:
    Store.open(database_url(first_revision)).close()
    migrate.bring_up_to_date(sqlite.writing(engine))
    old = sqlite.connect(first_revision)
    assert shape(old) == shape(engine)
    old.dispose()
