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
from sqlalchemy import Engine, MetaData, event, inspect, text

from ingest.errors import StoreError
from server import alert_log, migrate, notice_log, queries, sqlite, summary, wearers
from server.night_changes import CHANGES, changed_nights, last_change
from server.notify.channels import add_address, channels, remove
from server.notify.kinds import Kind
from server.settings import database_url
from server.store import Store
from server.tables import Base
from server.wearers import Wearer

REVISIONS = Path(__file__).parent / "revisions"
"""A store as each earlier revision left it: slept, lain awake, slept across noon."""

EARLIER = sorted(each.stem for each in REVISIONS.glob("*.sql"))


def known_revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", "server:migrations")
    config.set_main_option("path_separator", "os")
    return [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()]


def run_all_migrations(engine: Engine) -> None:
    with sqlite.writing(engine).begin() as connection:
        migrate.run_migrations(connection)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = sqlite.connect(tmp_path / "migrated.db")
    yield engine
    engine.dispose()


def never_given_again(connection: sqlite3.Connection) -> set[str]:
    """Name the tables of which no number is given twice: the inspector says nothing of it."""
    made = connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'")
    return {name for (name,) in made}


def shape(engine: Engine) -> dict[str, Any]:
    inspector = inspect(engine)
    return {
        table: {
            "columns": [
                (c["name"], str(c["type"]), c["nullable"], c["default"])
                for c in sorted(inspector.get_columns(table), key=lambda c: c["name"])
            ],
            "key": inspector.get_pk_constraint(table),
            "foreign": sorted(inspector.get_foreign_keys(table), key=lambda f: str(f["name"])),
            "unique": inspector.get_unique_constraints(table),
            "indexes": sorted(inspector.get_indexes(table), key=lambda i: str(i["name"])),
        }
        for table in inspector.get_table_names()
        if table != migrate.VERSION_TABLE
    }


def test_the_constant_is_the_newest_migration() -> None:
    assert known_revisions()[0] == migrate.HEAD


def test_there_is_a_stored_database_of_every_earlier_revision() -> None:
    assert [*EARLIER, migrate.HEAD] == sorted(known_revisions())


def test_a_new_store_has_the_tables_that_the_migrations_arrive_at(
    engine: Engine, tmp_path: Path
) -> None:
    migrate.bring_up_to_date(sqlite.writing(engine))
    migrated = sqlite.connect(tmp_path / "by migrations.db", foreign_keys=False)
    run_all_migrations(migrated)
    assert shape(engine) == shape(migrated)
    for each in (engine, migrated):
        with closing(sqlite3.connect(str(each.url.database))) as connection:
            assert never_given_again(connection) == {"channels", "night_changes"}
    assert migrate.is_up_to_date(engine)
    assert migrate.is_up_to_date(migrated)
    migrated.dispose()


def test_alembic_itself_finds_nothing_left_to_do(engine: Engine) -> None:
    run_all_migrations(engine)
    every_table = MetaData()
    for table in (*Base.metadata.tables.values(), CHANGES):
        table.to_metadata(every_table)
    with engine.connect() as connection:
        options = {"compare_type": True, "version_table": migrate.VERSION_TABLE}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, every_table) == []


def test_alembic_knows_a_new_store_as_one_of_the_newest_revision(engine: Engine) -> None:
    migrate.bring_up_to_date(sqlite.writing(engine))
    with engine.connect() as connection:
        options = {"version_table": migrate.VERSION_TABLE}
        context = MigrationContext.configure(connection, opts=options)
        assert context.get_current_heads() == (migrate.HEAD,)


@pytest.fixture(params=EARLIER)
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "earlier.db"
    script = (REVISIONS / f"{request.param}.sql").read_text("utf-8")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return path


def content(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return "\n".join(connection.iterdump())


def test_a_migration_that_breaks_leaves_everything_as_it_was(stored: Path) -> None:
    def break_late(*arguments: Any) -> None:
        if arguments[2].startswith(
            f"UPDATE {migrate.VERSION_TABLE} SET version_num='{migrate.HEAD}'"
        ):
            raise OSError(5, "the disk went away")

    before = content(stored)
    event.listen(Engine, "before_cursor_execute", break_late)
    with pytest.raises(StoreError, match="the disk went away"):
        Store.open(database_url(stored))
    assert content(stored) == before
    event.remove(Engine, "before_cursor_execute", break_late)
    Store.open(database_url(stored)).close()
    assert content(stored) != before


def test_a_store_of_an_earlier_revision_keeps_all_it_had(stored: Path) -> None:
    def counts() -> dict[str, int]:
        tables = ("models", "recordings", "episodes", "awakenings", "faults")
        with closing(sqlite3.connect(stored)) as connection:
            return {
                table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in tables
            }

    before = counts()
    had_marks = 'INSERT INTO "marks"' in content(stored)
    with Store.open(database_url(stored)) as store, store.reading() as session:
        slept = queries.recording(session, "me", "slept")
        awake = queries.recording(session, "me", "awake")
        nights = summary.figures(session, "me", [date(2026, 11, 19 + ago) for ago in range(4)])
        marks = queries.marks(session, "me")
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
    assert [each.label for each in marks] == ["three taps: this was a cramp"] * had_marks


def test_what_was_nobodys_is_the_first_wearers(stored: Path) -> None:
    with Store.open(database_url(stored)) as store, store.reading() as session:
        assert wearers.everybody(session) == (Wearer("me", "Me", "Europe/Berlin"),)
        (device,) = wearers.devices(session, "me")
        assert wearers.resolve(session, None) == "me"
    assert (device.name, device.first_seen_ns, device.last_seen_ns) == (
        "PineTime",
        1795125600000000000,
        1795370400000000000,
    )


def test_a_store_of_an_earlier_revision_ends_with_the_tables_of_a_new_one(
    stored: Path, engine: Engine
) -> None:
    Store.open(database_url(stored)).close()
    migrate.bring_up_to_date(sqlite.writing(engine))
    old = sqlite.connect(stored)
    assert shape(old) == shape(engine)
    old.dispose()


def test_in_a_store_of_an_earlier_revision_every_night_is_noted_and_so_is_what_changes(
    stored: Path,
) -> None:
    with Store.open(database_url(stored)) as store:
        with store.reading() as session:
            before = changed_nights(session, "me")
            last = last_change(session, "me")
        store.write(lambda session: session.execute(text("UPDATE episodes SET probability = 0.5")))
        with store.reading() as session:
            told = {each.night for each in queries.episodes(session, "me")}
            after = changed_nights(session, "me")
    assert last is not None
    assert sorted(before) == [date(2026, 11, 19 + ago) for ago in range(4)]
    assert told
    assert {night for night, number in after.items() if number > last} == told


def test_the_steps_of_an_earlier_alert_are_of_its_night(tmp_path: Path) -> None:
    path = tmp_path / "earlier.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((REVISIONS / "0006.sql").read_text("utf-8"))
    with Store.open(database_url(path)) as store, store.reading() as session:
        (alert,) = alert_log.alerts(session, "me")
    assert [(each.step.value, each.night) for each in alert.events] == [
        ("raised", date(2026, 11, 21)),
        ("seen", date(2026, 11, 21)),
    ]


def test_a_notice_of_an_earlier_store_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "earlier.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((REVISIONS / "0007.sql").read_text("utf-8"))
    with Store.open(database_url(path)) as store, store.reading() as session:
        (notice,) = notice_log.notices(session, "me")
    assert (notice.sent_ns, notice.give_up_ns) == (1795370460000000000, 1795370460000000000)


def test_notices_of_an_earlier_store_are_in_english(stored: Path) -> None:
    with Store.open(database_url(stored)) as store, store.reading() as session:
        assert str(wearers.spoken_to(session, "me")) == "en_GB"


def test_no_number_of_an_earlier_channel_is_given_again(tmp_path: Path) -> None:
    path = tmp_path / "earlier.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((REVISIONS / "0017.sql").read_text("utf-8"))
    with Store.open(database_url(path)) as store:
        for number in (8, 9):
            found = store.write(
                lambda session: add_address(session, "me", None, "ntfy", "", (), added_ns=1)
            )
            assert found.id == number
            store.write(lambda session, found=found: remove(session, found))  # type: ignore[misc]


def test_a_browser_of_an_earlier_store_is_told_on(tmp_path: Path) -> None:
    path = tmp_path / "earlier.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((REVISIONS / "0009.sql").read_text("utf-8"))
    with Store.open(database_url(path)) as store, store.reading() as session:
        (browser,) = channels(session, "me")
        _, waiting = notice_log.notices(session, "me")
    assert (browser.shown, browser.person) == ("Browser on Linux", None)
    assert browser.told == {Kind.MORNING, Kind.ALERT, Kind.FAULT}
    assert (waiting.next_try_ns, waiting.give_up_ns) == (1795370520000000000, 1795456800000000000)
