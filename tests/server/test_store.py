from __future__ import annotations

import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from detector.night import ModelVersion, Span
from ingest.errors import StoreError
from ingest.samples import FaultKind
from server import queries
from server.store import Saved, Store
from server.tables import CoverageKind, FaultRow

if TYPE_CHECKING:
    from tests.server.conftest import NightMaker

NIGHT = date(2026, 11, 21)
FAULTS = ((FaultKind.GAP, "03:00", "03:20"),)


def rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    with sqlite3.connect(store.path) as connection:
        tables = ["models", "recordings", "coverage", "episodes", "awakenings", "faults"]
        found = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in tables}
    connection.close()
    return found


def counts(store: Store) -> dict[str, int]:
    return {name: len(found) for name, found in rows(store).items()}


def test_a_night_is_stored_whole(store: Store, make_night: NightMaker) -> None:
    night = make_night(episodes=2, possible=1, faults=FAULTS)
    assert store.save(night) is Saved.ADDED
    assert counts(store) == {
        "models": 1,
        "recordings": 1,
        "coverage": 2,
        "episodes": 3,
        "awakenings": 4,
        "faults": 1,
    }


def test_what_comes_out_is_what_went_in(store: Store, make_night: NightMaker) -> None:
    night = make_night(episodes=2, possible=1, faults=FAULTS)
    store.save(night)
    with store.reading() as session:
        recording = queries.recording(session, night.id)
        episodes = queries.episodes(session).items[::-1]
        awakenings = queries.awakenings(session)
        faults = queries.faults(session).items
        spans = queries.coverage(session, (None, None))[NIGHT]
    assert recording is not None
    assert (recording.name, recording.device, recording.wrist) == (
        "2026-11-21_left",
        "PineTime",
        "left",
    )
    assert (recording.start_ns, recording.end_ns) == (night.start_ns, night.end_ns)
    assert recording.model == night.model
    assert recording.sleep is not None
    assert night.sleep is not None
    assert recording.sleep.onset_ns == night.sleep.onset_ns
    assert recording.sleep.asleep_s == night.sleep.asleep_s
    assert [
        (e.id, e.start_ns, e.end_ns, e.probability, e.standing, e.heart_rate_rise_bpm, e.got_up)
        for e in episodes
    ] == [
        (e.id, e.onset_ns, e.end_ns, e.probability, e.standing, e.heart_rate_rise_bpm, e.got_up)
        for e in night.episodes
    ]
    assert [e.evidence for e in episodes] == [e.evidence for e in night.episodes]
    assert [(a.start_ns, a.end_ns, a.probability) for a in awakenings] == [
        (a.start_ns, a.end_ns, a.probability) for a in night.awakenings
    ]
    assert [(f.start_ns, f.end_ns, f.kind) for f in faults] == [
        (f.start_ns, f.end_ns, f.kind) for f in night.faults
    ]
    assert spans == {
        CoverageKind.RECORDED: list(night.recorded),
        CoverageKind.WORN: list(night.worn),
    }


def test_the_same_night_twice_changes_nothing(store: Store, make_night: NightMaker) -> None:
    store.save(make_night(faults=FAULTS))
    before = rows(store)
    assert store.save(make_night(faults=FAULTS)) is Saved.UNCHANGED
    assert rows(store) == before


def test_the_same_recording_under_another_name_is_stored_once(
    store: Store, make_night: NightMaker
) -> None:
    store.save(make_night(name="as it was called"))
    assert store.save(make_night(name="a copy of it")) is Saved.UNCHANGED
    assert rows(store)["recordings"][0][1] == "as it was called"


def test_another_models_judgement_takes_the_place_of_the_first(
    store: Store, make_night: NightMaker
) -> None:
    store.save(make_night(episodes=2, faults=FAULTS))
    other = make_night(episodes=1, possible=1, worn_hours=6, model=ModelVersion("transparent", "2"))
    assert store.save(other) is Saved.REPLACED
    assert counts(store) == {
        "models": 2,
        "recordings": 1,
        "coverage": 2,
        "episodes": 2,
        "awakenings": 3,
        "faults": 0,
    }
    with store.reading() as session:
        assert {e.model.version for e in queries.episodes(session).items} == {"2"}
        assert [
            (m.version, m.recordings) for m in queries.models(session).items
        ] == [("1", 0), ("2", 1)]  # fmt: skip
        recording = queries.recording(session, "rec-1")
    assert recording is not None
    assert recording.worn_s == 6 * 3600


def test_another_judgement_by_the_same_model_is_not_taken_for_the_old_one(
    store: Store, make_night: NightMaker
) -> None:
    store.save(make_night(episodes=2))
    assert store.save(make_night(episodes=1)) is Saved.REPLACED
    assert counts(store)["episodes"] == 1


@pytest.mark.parametrize("stored_before", [False, True])
def test_a_night_is_never_stored_half(
    store: Store, make_night: NightMaker, stored_before: bool
) -> None:
    if stored_before:
        store.save(make_night(episodes=1))
    before = rows(store)

    def break_off(*_: object) -> None:
        raise KeyboardInterrupt

    event.listen(FaultRow, "before_insert", break_off)
    try:
        with pytest.raises(KeyboardInterrupt):
            store.save(make_night(episodes=2, faults=FAULTS))
    finally:
        event.remove(FaultRow, "before_insert", break_off)
    assert rows(store) == before
    assert store.save(make_night(episodes=2, faults=FAULTS)) in (Saved.ADDED, Saved.REPLACED)


def test_a_recording_worn_past_noon_is_of_the_night_it_slept(
    store: Store, make_night: NightMaker
) -> None:
    store.save(make_night(hours=20, worn_hours=20))
    with store.reading() as session:
        assert queries.newest_night(session) == NIGHT
        spans = queries.coverage(session, (None, None))
    hours = {
        night: sum(span.end_ns - span.start_ns for span in kinds[CoverageKind.RECORDED]) / 3.6e12
        for night, kinds in spans.items()
    }
    assert hours == {NIGHT: 13.0, date(2026, 11, 22): 7.0}


def test_without_sleep_a_recording_is_of_the_night_it_has_most_of(
    store: Store, make_night: NightMaker
) -> None:
    store.save(replace(make_night(hours=30), sleeps=()))
    store.save(replace(make_night(id="rec-2"), sleeps=(), recorded=(), worn=()))
    with store.reading() as session:
        found = queries.recordings(session).items
    assert {each.id: each.night for each in found} == {"rec-1": date(2026, 11, 22), "rec-2": NIGHT}


def test_a_fault_across_noon_is_told_in_both_nights(store: Store, make_night: NightMaker) -> None:
    night = make_night(hours=20, faults=((FaultKind.NO_HEART_RATE, "11:30", "11:40"),))
    fault = replace(night.faults[0], end_ns=night.faults[0].start_ns + 3600 * 10**9)
    store.save(replace(night, faults=(fault,)))
    with store.reading() as session:
        found = queries.faults(session).items
    assert [(f.night, f.duration_s) for f in found] == [
        (date(2026, 11, 22), 1800.0),
        (NIGHT, 1800.0),
    ]


def test_many_threads_may_save_and_read_at_once(store: Store, make_night: NightMaker) -> None:
    nights = [make_night(id=f"rec-{number % 6}") for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(store.save, nights))
    assert sorted(outcomes) == [Saved.ADDED] * 6 + [Saved.UNCHANGED] * 18
    assert counts(store)["recordings"] == 6


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


def test_a_closed_store_is_one_file(url: str, make_night: NightMaker) -> None:
    with Store.open(url) as store:
        store.save(make_night())
    assert [each.name for each in store.path.parent.iterdir()] == ["crampwatch.db"]


def test_a_saved_night_survives_when_the_machine_goes_off(
    store: Store, make_night: NightMaker, tmp_path: Path
) -> None:
    store.save(make_night(id="rec-1"))
    store.save(make_night(id="rec-2"))
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


def test_opening_a_store_imports_neither_the_web_nor_alembic(url: str) -> None:
    Store.open(url).close()
    program = (
        "import sys; from server.store import Store; Store.open(sys.argv[1]).close();"
        "print({'fastapi', 'starlette', 'alembic', 'jinja2', 'rich'} & sys.modules.keys())"
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


def test_a_damaged_file_is_put_aside_and_said_so(url: str, make_night: NightMaker) -> None:
    with Store.open(url) as store:
        store.save(make_night())
    damaged = damage(store.path)
    said: list[str] = []
    moment = datetime(2026, 11, 22, 7, 3, 12, tzinfo=UTC)
    with Store.open(url, say=said.append, now=lambda: moment) as anew:
        assert counts(anew)["recordings"] == 0
        assert anew.save(make_night()) is Saved.ADDED
    aside = store.path.with_name("crampwatch.db.damaged-20261122T070312Z")
    assert anew.put_aside == aside
    assert aside.read_bytes() == damaged
    assert said == [
        f"The database {store.path} was damaged. It was put aside as {aside.name} and a new one "
        "begun; replay your recordings to fill it."
    ]


def test_a_truncated_file_is_put_aside_too(url: str, make_night: NightMaker) -> None:
    with Store.open(url) as store:
        store.save(make_night())
    store.path.write_bytes(store.path.read_bytes()[:9000])
    with Store.open(url, say=lambda _: None) as anew:
        assert anew.put_aside is not None
        assert anew.put_aside.stat().st_size == 9000


def test_an_empty_file_becomes_a_store(url: str, make_night: NightMaker) -> None:
    path = Path(url.removeprefix("sqlite:///"))
    path.parent.mkdir()
    path.touch()
    with Store.open(url) as store:
        assert store.save(make_night()) is Saved.ADDED


def test_a_file_that_is_no_database_is_refused_and_left_alone(url: str) -> None:
    path = Path(url.removeprefix("sqlite:///"))
    path.parent.mkdir()
    path.write_text("a letter to my sister")
    with pytest.raises(StoreError, match=re.escape(f"{path}: It is not a database. Point")):
        Store.open(url)
    assert path.read_text() == "a letter to my sister"
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_database_of_another_program_is_refused_and_left_alone(url: str) -> None:
    path = Path(url.removeprefix("sqlite:///"))
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="holds the tables of another program"):
        Store.open(url)
    with sqlite3.connect(path) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
    connection.close()
    assert tables == [("recipes",)]


def test_a_database_of_a_newer_crampwatch_is_refused(url: str, make_night: NightMaker) -> None:
    with Store.open(url) as store:
        store.save(make_night())
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE crampwatch_revision SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError, match=r"written by a newer crampwatch .* Update crampwatch"):
        Store.open(url)
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


@pytest.mark.parametrize("url", ["sqlite://", "postgresql://db/nights", "nights.db", ""])
def test_a_url_that_names_no_file_is_told(url: str) -> None:
    with pytest.raises(StoreError, match="does not name an SQLite file"):
        Store.open(url)


def test_a_full_disk_is_told_and_loses_nothing(store: Store, make_night: NightMaker) -> None:
    store.save(make_night())
    before = rows(store)

    def fill_up(connection: sqlite3.Connection, *_: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(store._engine, "checkout", fill_up)
    large = make_night(id="rec-2")
    span = large.recorded[0]
    many = tuple(
        Span(span.start_ns + i * 10**9, span.start_ns + (i + 1) * 10**9) for i in range(4000)
    )
    with pytest.raises(StoreError, match=r"The disk is full\. Free some space"):
        store.save(replace(large, recorded=many))
    assert rows(store) == before


def test_a_store_held_by_another_program_is_told(
    url: str, make_night: NightMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.sqlite.BUSY_TIMEOUT_S", 0.01)
    with Store.open(url) as store:
        other = sqlite3.connect(store.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="Another program holds it"):
            store.save(make_night())
        other.execute("ROLLBACK")
        other.close()
        assert store.save(make_night()) is Saved.ADDED
