from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from server import migrate, sqlite
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
    assert len(inspect(engine).get_table_names()) == 7
