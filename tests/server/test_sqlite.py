from __future__ import annotations

import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, text

from detector.night import Span
from ingest.errors import StoreError
from server import queries, sqlite
from server.app import create_app
from server.settings import Settings, database_url
from server.store import Store
from server.wire import Saved
from tests.server.conftest import client_of

if TYPE_CHECKING:
    from tests.server.conftest import NightMaker, StoreOpener

NIGHT = date(2026, 11, 21)


def counts(store: Store) -> dict[str, int]:
    with store.reading() as session:
        return {
            name: session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in ("models", "recordings", "episodes", "awakenings")
        }


def test_every_connection_is_durable_and_minds_foreign_keys(store: Store) -> None:
    with store.reading() as session:
        settings = {
            name: session.connection().exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "busy_timeout": 10_000,
    }


def test_a_closed_store_is_one_file(open_store: StoreOpener, make_night: NightMaker) -> None:
    with open_store() as store:
        store.save(make_night())
    assert [each.name for each in store.path.parent.iterdir()] == ["crampwatch.db"]


def test_a_saved_night_survives_when_the_machine_goes_off(
    store: Store, make_night: NightMaker, tmp_path: Path
) -> None:
    store.save(make_night(id="rec-1", name="left"))
    store.save(make_night(id="rec-2", name="right"))
    # What lies on the disk at this moment, nobody having closed anything.
    left_behind = shutil.copytree(store.path.parent, tmp_path / "left behind")
    with Store.open(f"sqlite:///{left_behind}/crampwatch.db", say=pytest.fail) as again:
        assert counts(again)["recordings"] == 2


def test_folder_and_files_are_for_their_owner_alone(store: Store, make_night: NightMaker) -> None:
    store.save(make_night())
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
    files = {each.name: stat.S_IMODE(each.stat().st_mode) for each in store.path.parent.iterdir()}
    assert files == {
        "crampwatch.db": 0o600,
        "crampwatch.db-wal": 0o600,
        "crampwatch.db-shm": 0o600,
    }


def test_opening_a_store_imports_neither_the_web_nor_alembic(
    url: str, open_store: StoreOpener
) -> None:
    open_store().close()
    program = (
        "import sys; from server.store import Store; Store.open(sys.argv[1]).close();"
        "print({'fastapi', 'starlette', 'alembic', 'jinja2', 'rich',"
        " 'sqlalchemy.dialects.postgresql'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, url], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


# What can be wrong with the file


def damage(path: Path) -> bytes:
    """Overwrite the middle of a database, as a failing disk does."""
    content = bytearray(path.read_bytes())
    content[4096:-4096] = b"\xa5" * (len(content) - 8192)
    path.write_bytes(content)
    return bytes(content)


def test_a_damaged_file_is_put_aside_and_said_so(
    open_store: StoreOpener, make_night: NightMaker
) -> None:
    with open_store() as store:
        store.save(make_night())
    damaged = damage(store.path)
    said: list[str] = []
    moment = datetime(2026, 11, 22, 7, 3, 12, tzinfo=UTC)
    with open_store(say=said.append, now=lambda: moment) as anew:
        assert counts(anew)["recordings"] == 0
        assert anew.save(make_night()).saved is Saved.ADDED
    aside = store.path.with_name("crampwatch.db.damaged-20261122T070312Z")
    assert anew.put_aside == aside
    assert aside.read_bytes() == damaged
    assert said == [
        f"The database {store.path} was damaged. It was put aside as {aside.name} and a new one "
        "begun; restore a backup, or replay your recordings."
    ]


def test_what_the_night_put_aside_is_told_by_the_page_for_a_week(
    settings: Settings, open_store: StoreOpener, make_night: NightMaker
) -> None:
    with open_store() as store:
        store.save(make_night())
    damage(store.path)
    evening = datetime(2026, 11, 21, 22, 0, tzinfo=UTC)
    with open_store(say=lambda _: None, now=lambda: evening) as kept:
        kept.save(make_night())
    aside = store.path.with_name("crampwatch.db.damaged-20261121T220000Z")
    # As a log does that was put aside with it.
    aside.with_name(f"{aside.name}-wal").touch()

    def told(days: float) -> str:
        now = evening + timedelta(days=days)
        with (
            open_store(say=pytest.fail, now=lambda: now) as later,
            client_of(create_app(settings, store=later)) as client,
        ):
            return client.get("/").text

    clock = [evening]
    with open_store(say=pytest.fail, now=lambda: clock[0]) as running:
        found = [running.put_aside]
        clock[0] += timedelta(days=7.1)
        found.append(running.put_aside)
    assert found == [aside, None]
    notice = f"It was put aside as <code>{aside.name}</code>"
    assert notice in told(0.4)
    assert notice in told(6.9)
    assert "put aside" not in told(7.1)
    aside.unlink()
    assert "put aside" not in told(0.4)


def test_a_truncated_file_is_put_aside_too(open_store: StoreOpener, make_night: NightMaker) -> None:
    with open_store() as store:
        store.save(make_night())
    store.path.write_bytes(store.path.read_bytes()[:9000])
    with open_store(say=lambda _: None) as anew:
        assert anew.put_aside is not None
        assert anew.put_aside.stat().st_size == 9000


def test_an_empty_file_becomes_a_store(
    url: str, open_store: StoreOpener, make_night: NightMaker
) -> None:
    path = Path(url.removeprefix("sqlite:///"))
    path.parent.mkdir()
    path.touch()
    with open_store() as store:
        assert store.save(make_night()).saved is Saved.ADDED


@pytest.mark.parametrize("lost", [16, 512, 4096])
def test_a_store_of_its_own_whose_beginning_is_lost_is_put_aside(
    open_store: StoreOpener, make_night: NightMaker, lost: int
) -> None:
    with open_store() as store:
        store.save(make_night())
    damaged = bytes(lost) + store.path.read_bytes()[lost:]
    store.path.write_bytes(damaged)
    said: list[str] = []
    with open_store(say=said.append) as anew:
        assert counts(anew)["recordings"] == 0
        assert anew.put_aside is not None
        assert anew.put_aside.read_bytes() == damaged
    assert len(said) == 1
    assert "was damaged. It was put aside" in said[0]


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, home: Path) -> None:
    path = home / "letters" / "to-my-sister"
    path.parent.mkdir(parents=True)
    path.write_text("a letter to my sister")
    with pytest.raises(StoreError, match=re.escape(f"{path}: It is not a database. Name one")):
        Store.open(f"sqlite:///{path}", home=home)
    assert path.read_text() == "a letter to my sister"
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_database_of_another_program_is_refused_and_left_alone(
    url: str, open_store: StoreOpener
) -> None:
    path = Path(url.removeprefix("sqlite:///"))
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="holds the tables of another program"):
        open_store()
    with sqlite3.connect(path) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
    connection.close()
    assert tables == [("recipes",)]


def test_a_database_of_a_newer_crampwatch_is_refused(
    open_store: StoreOpener, make_night: NightMaker
) -> None:
    with open_store() as store:
        store.save(make_night())
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE crampwatch_revision SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError, match=r"written by a newer crampwatch .* Update crampwatch"):
        open_store()
    assert counts(store)["recordings"] == 1


def test_a_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"Is a directory\. Check"):
        Store.open(f"sqlite:///{tmp_path}")


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"Not a directory\. Check|File exists\. Check"):
        Store.open(f"sqlite:///{tmp_path}/file/crampwatch.db")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere: run as another user")
def test_a_folder_without_permission_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match=r"Permission denied\. Check|cannot be opened"):
        Store.open(f"sqlite:///{tmp_path}/data/crampwatch.db")


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "mysql://db/nights",
        "nights.db",
        "",
        "sqlite:////tmp/a?b",
        "sqlite:///a?b=c",
    ],
)
def test_a_url_that_names_no_file_is_told(url: str) -> None:
    with pytest.raises(StoreError, match="does not name an SQLite file"):
        Store.open(url)


def test_a_full_disk_is_told_and_loses_nothing(store: Store, make_night: NightMaker) -> None:
    store.save(make_night())
    before = counts(store)

    def fill_up(connection: sqlite3.Connection, *_: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(store._database.engine, "checkout", fill_up)
    large = make_night(id="rec-2", name="large")
    span = large.recorded[0]
    many = tuple(
        Span(span.start_ns + i * 10**9, span.start_ns + (i + 1) * 10**9) for i in range(4000)
    )
    with pytest.raises(StoreError, match=r"The disk is full\. Free some space"):
        store.save(replace(large, recorded=many))
    assert counts(store) == before


def test_a_store_held_by_another_program_is_told(
    open_store: StoreOpener, make_night: NightMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.sqlite.BUSY_TIMEOUT_S", 0.01)
    with open_store() as store:
        other = sqlite3.connect(store.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="Another program holds it"):
            store.save(make_night())
        other.execute("ROLLBACK")
        other.close()
        assert store.save(make_night()).saved is Saved.ADDED


def test_a_database_in_memory_is_refused_with_advice() -> None:
    with pytest.raises(StoreError, match=r"would forget every night at once\. .* --no-store"):
        Store.open("sqlite:///:memory:")


@pytest.mark.parametrize("name", ["a b?c", "50%20", "#1", "ü@host:1", "file:x"])
def test_any_path_can_hold_a_store(tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    url = database_url(home / "crampwatch.db")
    assert sqlite.database_file(url) == home / "crampwatch.db"
    for _ in range(2):
        Store.open(url, home=home).close()
    assert [each.name for each in tmp_path.iterdir()] == [name]
    assert [each.name for each in home.iterdir()] == ["crampwatch.db"]


def test_only_the_folder_of_crampwatchs_own_is_made(tmp_path: Path) -> None:
    home = tmp_path / "share" / "crampwatch"
    mistyped = tmp_path / "sharr" / "crampwatch" / "crampwatch.db"
    with pytest.raises(StoreError) as caught:
        Store.open(database_url(mistyped), home=home)
    assert str(caught.value) == (
        f"The folder {mistyped.parent} is not there. Make it, or correct CRAMPWATCH_DATABASE_URL."
    )
    assert list(tmp_path.iterdir()) == []
    Store.open(database_url(home / "crampwatch.db"), home=home).close()
    assert [each.name for each in tmp_path.iterdir()] == ["share"]


# A store that may only be read


@pytest.fixture
def not_writable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every file look as to somebody who may not write it: root may write anything."""
    monkeypatch.setattr("server.sqlite.may_write", lambda _: False)


def test_a_store_that_may_not_be_written_can_be_read(
    open_store: StoreOpener, make_night: NightMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store() as store:
        store.save(make_night())
    content = store.path.read_bytes()
    monkeypatch.setattr("server.sqlite.may_write", lambda _: False)
    with open_store() as store:
        with store.reading() as session:
            assert queries.newest_night(session, "me") == NIGHT
        assert [each.name for each in store.path.parent.iterdir()] == [store.path.name]
        with pytest.raises(StoreError, match=r"may not be written\. Check who owns"):
            store.save(make_night(id="rec-2"))
    assert store.path.read_bytes() == content


def test_what_another_program_has_just_written_is_read_too(
    store: Store, open_store: StoreOpener, make_night: NightMaker, not_writable: None
) -> None:
    store.save(make_night())  # still in the log beside the file
    with open_store() as reader, reader.reading() as session:
        assert queries.newest_night(session, "me") == NIGHT


def test_what_its_owner_writes_meanwhile_is_seen_by_whoever_may_only_read(
    open_store: StoreOpener, make_night: NightMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store().close()
    with monkeypatch.context() as not_the_owner:
        not_the_owner.setattr("server.sqlite.may_write", lambda _: False)
        reader = open_store()
    for ago in (1, 0):
        night = NIGHT - timedelta(days=ago)
        with open_store() as owner:
            owner.save(make_night(night, id=f"rec-{ago}"))
        with reader.reading() as session:
            assert queries.newest_night(session, "me") == night
    reader.close()


def test_a_store_of_another_version_that_may_not_be_written_is_told(
    url: str, open_store: StoreOpener, not_writable: None
) -> None:
    path = sqlite.database_file(url)
    path.parent.mkdir()
    path.touch()
    with pytest.raises(StoreError, match="is of another version of crampwatch"):
        open_store()


def test_a_damaged_store_that_may_not_be_written_is_left_alone(
    open_store: StoreOpener, make_night: NightMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store() as store:
        store.save(make_night())
    damaged = damage(store.path)
    monkeypatch.setattr("server.sqlite.may_write", lambda _: False)
    with pytest.raises(StoreError, match="is damaged, and may not be written"):
        open_store()
    assert store.path.read_bytes() == damaged


def test_a_store_that_another_program_writes_to_can_be_opened_and_read(
    store: Store, open_store: StoreOpener, make_night: NightMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.sqlite.BUSY_TIMEOUT_S", 0.01)
    store.save(make_night())
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with open_store() as reader, reader.reading() as session:
        assert queries.newest_night(session, "me") == NIGHT
    other.execute("ROLLBACK")
    other.close()


# One server of a file


def test_a_second_server_of_a_file_says_so_and_stops(url: str, home: Path) -> None:
    with Store.open(url, home=home, alone=True) as first:
        with pytest.raises(StoreError) as caught:
            Store.open(url, home=home, alone=True)
        assert str(caught.value) == (
            f"Another crampwatch serves the database {first.path}. Stop that one, or name another "
            "file in CRAMPWATCH_DATABASE_URL."
        )
    Store.open(url, home=home, alone=True).close()
    assert [each.name for each in home.iterdir()] == ["crampwatch.db"]


def test_who_does_not_serve_may_write_beside_who_does(
    url: str, home: Path, open_store: StoreOpener, make_night: NightMaker
) -> None:
    with Store.open(url, home=home, alone=True) as server, open_store() as replay:
        replay.save(make_night())
        assert counts(server)["recordings"] == 1


def test_a_server_that_was_killed_holds_nothing(url: str, home: Path) -> None:
    program = (
        "import os, signal, sys; from server.store import Store;"
        "store = Store.open(sys.argv[1], alone=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    home.mkdir()
    done = subprocess.run([sys.executable, "-c", program, url], capture_output=True)
    assert done.returncode == -9
    assert (home / "crampwatch.db.serving").exists()
    Store.open(url, home=home, alone=True).close()
    assert [each.name for each in home.iterdir()] == ["crampwatch.db"]


def test_opening_a_store_takes_no_lock_from_another_of_the_same_process(
    open_store: StoreOpener, make_night: NightMaker
) -> None:
    # A process that closes a file by hand gives up every lock that it has on it.
    with open_store() as server:
        server.save(make_night())
        open_store().close()
        locks = Path("/proc/locks")
        if not locks.exists():
            pytest.skip("no /proc/locks here, so nobody tells who holds which lock")
        inodes = {str(each.stat().st_ino) for each in server.path.parent.iterdir()}
        held = [line.split()[5].rpartition(":")[2] for line in locks.read_text().splitlines()]
        assert str(server.path.stat().st_ino) in inodes & set(held)


@pytest.mark.parametrize(
    ("version", "sound"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_versions_of_sqlite_with_the_wal_reset_bug_are_known(
    version: tuple[int, ...], sound: bool
) -> None:
    assert sqlite.has_sound_wal(version) is sound


def test_a_linked_sqlite_with_the_bug_is_told_and_never_moves_the_log_beside_a_writer(
    open_store: StoreOpener, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sound in (False, True):
        monkeypatch.setattr("server.sqlite.has_sound_wal", lambda sound=sound: sound)
        with open_store() as store, store.reading() as session:
            pages = session.connection().exec_driver_sql("PRAGMA wal_autocheckpoint").scalar()
            assert (pages == 0) is not sound
            assert (store.warning is None) is sound
    monkeypatch.setattr("server.sqlite.has_sound_wal", lambda: False)
    with open_store() as store:
        assert store.warning is not None
        assert sqlite3.sqlite_version in store.warning
        assert "3.51.3" in store.warning
