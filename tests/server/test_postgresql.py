from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, inspect, make_url, select, text

from detector.night import ModelVersion
from ingest.errors import InputError, StoreError
from ingest.samples import Mark
from server import migrate, postgresql, queries
from server.app import create_app
from server.settings import load_settings
from server.store import Store
from server.tables import MarkRow, RecordingRow
from server.wire import Saved, dump_night
from tests.server.conftest import client_of

if TYPE_CHECKING:
    from tests.server.conftest import NightMaker


@pytest.fixture
def empty_url(postgresql_server: str, postgresql_url: str) -> Iterator[str]:
    """A database without a table, beside a store."""
    name = f"{make_url(postgresql_url).database}_empty"
    engine = postgresql.connect(postgresql_server.format("postgres"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0")
        yield postgresql_server.format(name)
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


def shape(engine: Engine) -> dict[str, object]:
    inspector = inspect(engine)
    return {
        table: (
            sorted(
                (c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)
            ),
            sorted(str(each) for each in inspector.get_foreign_keys(table)),
            sorted(str(each) for each in inspector.get_unique_constraints(table)),
            sorted(str(each["name"]) for each in inspector.get_indexes(table)),
        )
        for table in inspector.get_table_names()
    }


def test_the_migrations_arrive_at_the_tables_of_a_new_store(
    empty_url: str, postgresql_url: str
) -> None:
    migrated, new = postgresql.connect(empty_url), postgresql.connect(postgresql_url)
    with postgresql.writing(migrated).begin() as connection:
        migrate.run_migrations(connection)
    assert shape(migrated) == shape(new)
    assert migrate.is_up_to_date(migrated)
    migrated.dispose()
    new.dispose()


def test_what_is_acknowledged_is_flushed_whatever_the_server_is_set_to(postgresql_url: str) -> None:
    with Store.open(postgresql_url) as store, store.reading() as session:
        connection = session.connection()
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        assert (
            connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "repeatable read"
        )
        assert store.warning is None
        with pytest.raises(StoreError, match="in no file"):
            _ = store.path


def test_who_reads_sees_one_state_whatever_is_written_meanwhile(
    postgresql_url: str, make_night: NightMaker
) -> None:
    with Store.open(postgresql_url) as store:
        with store.reading() as session:
            assert queries.newest_night(session, "me") is None
            store.save(make_night())
            assert queries.newest_night(session, "me") is None
        with store.reading() as session:
            assert queries.newest_night(session, "me") is not None


def cut_off_everybody(url: str) -> None:
    """End every connection to a database, as its start does."""
    engine = postgresql.connect(url)
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()


def test_a_second_server_of_a_database_says_so_and_stops(postgresql_url: str) -> None:
    with Store.open(postgresql_url, alone=True):
        with pytest.raises(StoreError, match="Another crampwatch serves the PostgreSQL database"):
            Store.open(postgresql_url, alone=True)
        Store.open(postgresql_url).close()
    Store.open(postgresql_url, alone=True).close()


def test_a_server_whose_database_was_started_anew_stops_in_order(postgresql_url: str) -> None:
    with Store.open(postgresql_url, alone=True):
        cut_off_everybody(postgresql_url)
    Store.open(postgresql_url, alone=True).close()


def test_a_server_whose_database_was_started_anew_is_the_only_one_again(
    postgresql_url: str,
) -> None:
    with Store.open(postgresql_url, alone=True) as store:
        cut_off_everybody(postgresql_url)
        with store.reading() as session:
            assert queries.newest_night(session, "me") is None
        with pytest.raises(StoreError, match="Another crampwatch serves"):
            Store.open(postgresql_url, alone=True)


def test_whoever_serves_first_after_the_database_was_started_anew_is_the_server(
    postgresql_url: str, make_night: NightMaker
) -> None:
    with Store.open(postgresql_url, alone=True) as store:
        cut_off_everybody(postgresql_url)
        with Store.open(postgresql_url, alone=True):
            for _ in range(2):
                with pytest.raises(StoreError, match="Another crampwatch serves"):
                    store.save(make_night())
        assert store.save(make_night()).saved is Saved.ADDED


def test_the_page_and_the_api_are_served_from_it(
    postgresql_url: str, make_night: NightMaker
) -> None:
    app = create_app(load_settings(database_url=postgresql_url, port=0))
    with client_of(app) as client:
        night = make_night(episodes=2)
        path = f"/api/v1/recordings/{night.id}/night"
        assert client.put(path, dump_night(night)).status_code == 201
        assert client.put(path, dump_night(night)).json()["saved"] == "unchanged"
        assert client.get("/api/v1/nights").json()["items"][0]["likely"] == 2
        assert "We noticed 2 awakenings" in client.get("/").text
        for value in ("%00", "%ff", "9" * 5000):
            assert client.get(f"/api/v1/recordings/{value}").status_code in (404, 422)


def test_a_text_with_nul_is_refused(postgresql_url: str, make_night: NightMaker) -> None:
    with (
        Store.open(postgresql_url) as store,
        pytest.raises(InputError, match="the character NUL"),
    ):
        store.save(make_night(model=ModelVersion("a\0b", "1")))


def test_a_night_of_a_wearable_with_nul_in_its_name_is_kept(
    postgresql_url: str, make_night: NightMaker
) -> None:
    with Store.open(postgresql_url) as store:
        night = make_night(name="a\0b")
        marks = (Mark(night.start_ns, "here\0"),)
        assert store.save(replace(night, marks=marks)).saved is Saved.ADDED
        with store.reading() as session:
            assert session.scalars(select(RecordingRow.name)).all() == ["a\ufffdb"]
            assert session.scalars(select(MarkRow.label)).all() == ["here\ufffd"]


def test_a_database_that_is_not_there_is_told_with_advice(postgresql_server: str) -> None:
    with pytest.raises(StoreError, match=r"PostgreSQL database nobody at .*There is no such data"):
        Store.open(postgresql_server.format("nobody"))


def test_a_server_that_does_not_answer_is_told_without_the_password() -> None:
    with pytest.raises(StoreError) as caught:
        Store.open("postgresql://me:secret@127.0.0.1:1/nights")
    assert str(caught.value) == (
        "PostgreSQL database nights at 127.0.0.1: It does not answer. See whether it runs, and "
        "check CRAMPWATCH_DATABASE_URL."
    )


def test_a_missing_driver_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.postgresql.find_spec", lambda _: None)
    with pytest.raises(StoreError, match=r"pip install 'crampwatch\[postgresql\]'"):
        Store.open("postgresql://me@db/nights")


def test_the_tables_of_another_program_are_left_alone(empty_url: str) -> None:
    engine = postgresql.connect(empty_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(StoreError, match="holds the tables of another program"):
        Store.open(empty_url)
    assert inspect(engine).get_table_names() == ["recipes"]
    engine.dispose()
