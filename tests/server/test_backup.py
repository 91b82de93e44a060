from __future__ import annotations

import sqlite3
import stat
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from detector.night import Standing
from ingest.errors import SettingsError, StoreError
from ingest.samples import FaultKind, Mark
from server import audit, going_on, queries, trials, wearers
from server.alert_log import raise_alert
from server.answers import Answer, answer_episode, answers
from server.backup import back_up, restore
from server.diary import DiaryEntry, entries, put_entry
from server.diary_kinds import Habit
from server.kept_tables import METADATA, Role, Said
from server.live import Live
from server.logins import begin_login
from server.notice_log import queue_notice
from server.notify.channels import PushKeys, add_browser
from server.people import add_person
from server.places import register_place
from server.provisional import ProvisionalEpisode, tell_episode
from server.settings import database_url
from server.store import Store
from server.tokens import issue_token
from server.trial.plan import Plan
from server.trials import Trial
from server.uploads import Upload, UploadState, receive
from server.wire import LiveReport

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.server.conftest import NightMaker

ON_BOTH = True

in_a_file = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

NIGHT = date(2026, 11, 21)
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
REVISIONS = Path(__file__).parent / "revisions"


def fill(store: Store, make_night: NightMaker, wearer: str = "anna") -> None:
    """Put something of a wearer into every table that there is."""
    name = f"{wearer}s-secret"
    store.add_wearer(name, "Europe/Berlin", id=wearer)
    night = make_night(
        NIGHT, id=f"{name}-rec", name=name, faults=((FaultKind.GAP, "03:00", "03:20"),)
    )
    marks = (Mark(night.start_ns + 10**12, f"{name}-mark"),)
    info = replace(night.info, device=f"{name}-device", source=name)
    store.save(replace(night, marks=marks, info=info), wearer)

    def work(session: Session) -> None:
        episode_id = night.episodes[0].id
        answer = Answer(Said.YES, helped=f"{name}-helped")
        answer_episode(session, wearer, episode_id, answer, given_ns=1, given_by=name)
        put_entry(session, wearer, DiaryEntry(f"{name}-d", NIGHT, "drink", {"of": name}, 2, name))
        raise_alert(session, wearer, "sudden", NIGHT, {"of": name}, at_ns=3)
        queue_notice(session, wearer, "e-mail", "k", f"{name}-text", due_ns=4, give_up_ns=5)
        keys = PushKeys(f"https://push.test/{name}", "p", "a")
        add_browser(session, wearer, None, f"{name}-phone", keys, added_ns=5)
        issue_token(session, f"{name}-token", Role.COLLECTOR, wearer=wearer, now_ns=5)
        person = add_person(session, name, f"{name}-hash", wearer=wearer, now_ns=5)
        begin_login(session, person, now_ns=5)
        plan = Plan(Habit.CALF_STRETCHES, NIGHT, 2, 6)
        trials.keep_trial(session, wearer, Trial(f"{name}-t", plan, 8, name))
        audit.note(session, f"{name}-who", "export", "store", at_ns=6, wearer=wearer)
        sent = Upload(
            f"{name}-u", wearer, name, "UTC", 8, "ab", UploadState.WAITING, "", (), None, 8, None
        )
        receive(session, sent)
        start_ns = night.info.start_ns
        told = ProvisionalEpisode(f"{name}-p", start_ns, start_ns, start_ns, 0.5, Standing.LIKELY)
        tell_episode(session, wearer, told, night.info.zone, told_ns=7)

    store.write(work)
    going_on.heard(store, Live(), wearer, LiveReport(night.info.start_ns, "Europe/Berlin"))
    register_place(store, wearer, night.id, Path(f"{name}-path"))


def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    with store.reading() as session:
        return {
            table.name: sorted(map(tuple, session.execute(table.select())), key=str)
            for table in METADATA.sorted_tables
        }


def opened(path: Path) -> Store:
    return Store.open(database_url(path), say=pytest.fail)


def test_a_backup_holds_everything_and_is_one_file_for_its_owner_alone(
    store: Store, url: str, make_night: NightMaker, tmp_path: Path
) -> None:
    fill(store, make_night)
    out = tmp_path / "backups" / "today.db"
    out.parent.mkdir()
    back_up(url, out)
    assert [each.name for each in out.parent.iterdir()] == ["today.db"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    before = everything(store)
    assert all(before.values())
    with opened(out) as copy:
        assert everything(copy) == before


def test_a_backup_is_restored_into_a_new_store(
    store: Store, url: str, make_night: NightMaker, tmp_path: Path
) -> None:
    fill(store, make_night)
    before = everything(store)
    out = tmp_path / "today.db"
    back_up(url, out)
    elsewhere = database_url(tmp_path / "elsewhere.db")
    assert restore(out, elsewhere, home=None, say=pytest.fail, now=NOW) is None
    with Store.open(elsewhere) as again:
        assert everything(again) == before
        again.save(make_night(id="afterwards"), "anna")


@in_a_file
def test_a_backup_of_a_file_is_restored_to_a_server_and_goes_on_from_there(
    store: Store, url: str, make_night: NightMaker, tmp_path: Path, postgresql_url: str
) -> None:
    fill(store, make_night)
    before = everything(store)
    out = tmp_path / "today.db"
    back_up(url, out)
    assert restore(out, postgresql_url, home=None, say=pytest.fail, now=NOW) is None
    with Store.open(postgresql_url) as again:
        assert everything(again) == before
        # The numbers of new rows go on after those that were copied.
        fill(again, make_night, "ben")
    with pytest.raises(StoreError, match="holds nights already"):
        restore(out, postgresql_url, home=None, say=pytest.fail, now=NOW)


def test_a_backup_made_while_writing_goes_on_is_one_moment_of_it(
    store: Store, url: str, make_night: NightMaker, tmp_path: Path
) -> None:
    store.save(make_night())
    stop = threading.Event()
    written: list[int] = []

    def write() -> None:
        number = 0
        while not stop.is_set():
            pair = [
                DiaryEntry(f"{number}-{each}", NIGHT, "drink", {"litres": 1}, number, "me")
                for each in "ab"
            ]

            def work(session: Session, pair: list[DiaryEntry] = pair) -> None:
                for entry in pair:
                    put_entry(session, "me", entry)

            store.write(work)
            written.append(number)
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    kept = []
    try:
        for number in range(5):
            while len(written) <= number * 3:
                assert writer.is_alive()
            acknowledged = len(written)
            back_up(url, tmp_path / f"{number}.db")
            with opened(tmp_path / f"{number}.db") as copy, copy.reading() as session:
                found = [each.id for each in entries(session, "me")]
            # Both of a pair or neither, in the order written, and all that was acknowledged.
            whole = len(found) // 2
            assert sorted(found) == sorted(f"{n}-{each}" for n in range(whole) for each in "ab")
            assert whole >= acknowledged
            kept.append(whole)
    finally:
        stop.set()
        writer.join()
    assert kept == sorted(kept)


def test_a_file_that_is_there_is_not_overwritten(store: Store, url: str, tmp_path: Path) -> None:
    out = tmp_path / "today.db"
    out.write_text("a letter to my sister")
    with pytest.raises(SettingsError, match="is there already"):
        back_up(url, out)
    assert out.read_text() == "a letter to my sister"


# Into a file


@pytest.fixture
def target(tmp_path: Path, make_night: NightMaker) -> Path:
    """A store with a night in it, to be replaced."""
    path = tmp_path / "in use.db"
    with opened(path) as store:
        store.save(make_night(id="before"))
    return path


def test_what_was_stored_before_is_kept_beside(
    store: Store, url: str, make_night: NightMaker, tmp_path: Path, target: Path
) -> None:
    fill(store, make_night)
    out = tmp_path / "today.db"
    back_up(url, out)
    aside = restore(out, database_url(target), home=None, say=pytest.fail, now=NOW)
    assert aside == target.with_name("in use.db.before-20261123T070000Z")
    with opened(target) as now, opened(aside) as before:
        assert everything(now) == everything(store)
        with before.reading() as session:
            assert queries.recording(session, "me", "before") is not None


def test_who_reads_and_writes_meanwhile_sees_the_one_or_the_other(
    store: Store, url: str, make_night: NightMaker, tmp_path: Path, target: Path
) -> None:
    store.save(make_night(id="restored"))
    out = tmp_path / "today.db"
    back_up(url, out)
    with opened(target) as other:
        with other.reading() as session:
            assert queries.recording(session, "me", "before") is not None
        restore(out, database_url(target), home=None, say=pytest.fail, now=NOW)
        with other.reading() as session:
            assert queries.recording(session, "me", "before") is None
            assert queries.recording(session, "me", "restored") is not None
        other.save(make_night(date(2026, 11, 20), id="afterwards"))
    with closing(sqlite3.connect(target)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with opened(target) as again, again.reading() as session:
        assert queries.nights(session, "me").total == 2


def test_a_store_that_is_served_is_not_replaced(
    store: Store, url: str, make_night: NightMaker, tmp_path: Path, target: Path
) -> None:
    out = tmp_path / "today.db"
    back_up(url, out)
    with (
        Store.open(database_url(target), alone=True),
        pytest.raises(StoreError, match="Another crampwatch serves"),
    ):
        restore(out, database_url(target), home=None, say=pytest.fail, now=NOW)
    with opened(target) as kept, kept.reading() as session:
        assert queries.recording(session, "me", "before") is not None


@pytest.mark.parametrize("revision", sorted(each.stem for each in REVISIONS.glob("*.sql")))
def test_a_backup_of_an_earlier_version_is_brought_up_to_date(
    tmp_path: Path, revision: str
) -> None:
    out, elsewhere = tmp_path / "old.db", tmp_path / "new.db"
    with closing(sqlite3.connect(out)) as connection:
        connection.executescript((REVISIONS / f"{revision}.sql").read_text("utf-8"))
    before = out.read_bytes()
    restore(out, database_url(elsewhere), home=None, say=pytest.fail, now=NOW)
    with opened(elsewhere) as store, store.reading() as session:
        assert queries.recordings(session, "me").total == 3
    assert out.read_bytes() == before


def test_what_is_no_backup_is_refused_and_changes_nothing(tmp_path: Path, target: Path) -> None:
    letter, damaged, recipes = (tmp_path / name for name in ("letter", "damaged", "recipes"))
    letter.write_text("a letter to my sister")
    content = bytearray(target.read_bytes())
    content[4096:-4096] = b"\xa5" * (len(content) - 8192)
    damaged.write_bytes(content)
    with closing(sqlite3.connect(recipes)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    for path, said in (
        (tmp_path / "nothing", "is not there"),
        (letter, "It is not a database"),
        (damaged, "is damaged"),
        (recipes, "holds the tables of another program"),
    ):
        with pytest.raises((SettingsError, StoreError), match=said):
            restore(path, database_url(target), home=None, say=pytest.fail, now=NOW)
    with opened(target) as kept, kept.reading() as session:
        assert queries.recording(session, "me", "before") is not None


# Nothing left


def test_nothing_of_an_erased_wearer_is_left_in_any_table(
    store: Store, make_night: NightMaker
) -> None:
    fill(store, make_night, "ben")
    others = everything(store)
    fill(store, make_night, "anna")
    assert "annas-secret" in str(everything(store))
    store.erase("anna")
    left = everything(store)
    assert "anna" not in str(left)
    (erased,) = [row for row in left["audit"] if row not in others["audit"]]
    assert erased[1] is None
    assert {**left, "audit": []} == {**others, "audit": []}


@in_a_file
def test_nothing_of_an_erased_wearer_is_left_in_the_file(
    store: Store, make_night: NightMaker
) -> None:
    for wearer in ("anna", "ben"):
        fill(store, make_night, wearer)
    store.erase("anna")
    files = {each.name: each.read_bytes() for each in store.path.parent.iterdir()}
    assert [name for name, content in files.items() if b"annas-secret" in content] == []
    assert any(b"bens-secret" in content for content in files.values())


def test_every_table_goes_with_its_wearer() -> None:
    for table in METADATA.sorted_tables:
        if table.name in ("wearers", "models"):
            continue
        keys = [key for key in table.foreign_keys if key.parent.name == "wearer_id"]
        assert [key.ondelete for key in keys] == ["CASCADE"], table.name


def test_the_only_wearer_can_be_erased_and_begin_anew(store: Store, make_night: NightMaker) -> None:
    store.save(make_night())
    store.erase("me")
    with store.reading() as session:
        assert wearers.everybody(session) == ()
        assert session.execute(text("SELECT count(*) FROM recordings")).scalar() == 0
    store.save(make_night())
    with store.reading() as session:
        assert queries.recordings(session, "me").total == 1
        assert answers(session, "me", (None, None)) == ()
        assert [each.id for each in wearers.everybody(session)] == ["me"]
