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
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from detector.night import Awakening, ModelVersion, Sleep, Span
from ingest.errors import InputError, StoreError
from ingest.samples import Fault, FaultKind
from server import queries, sqlite
from server.settings import database_url
from server.store import Outcome, Store
from server.tables import CoverageKind, FaultRow
from server.wire import Saved

if TYPE_CHECKING:
    from tests.server.conftest import NightMaker, StoreOpener

NIGHT = date(2026, 11, 21)
FAULTS = ((FaultKind.GAP, "03:00", "03:20"),)


def rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    with sqlite3.connect(store.path) as connection:
        tables = ["models", "recordings", "sleeps", "coverage", "episodes", "awakenings", "faults"]
        found = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in tables}
    connection.close()
    return found


def counts(store: Store) -> dict[str, int]:
    return {name: len(found) for name, found in rows(store).items()}


def test_a_night_is_stored_whole(store: Store, make_night: NightMaker) -> None:
    night = make_night(episodes=2, possible=1, faults=FAULTS)
    assert store.save(night).saved is Saved.ADDED
    assert counts(store) == {
        "models": 1,
        "recordings": 1,
        "sleeps": 1,
        "coverage": 6,
        "episodes": 3,
        "awakenings": 4,
        "faults": 1,
    }


def test_what_comes_out_is_what_went_in(store: Store, make_night: NightMaker) -> None:
    night = make_night(episodes=2, possible=1, faults=FAULTS)
    store.save(night)
    with store.reading() as session:
        recording = queries.recording(session, "me", night.id)
        episodes = queries.episodes(session, "me")
        awakenings = queries.awakenings(session, "me")
        faults = queries.faults(session, "me").items
        spans = queries.coverage(session, "me", (None, None))[NIGHT]
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
        CoverageKind.SEARCHED: [
            Span(night.sleep.onset_ns, night.recorded[0].end_ns),
            Span(night.recorded[1].start_ns, night.sleep.wake_ns),
        ],
    }


def test_the_same_night_twice_changes_nothing(store: Store, make_night: NightMaker) -> None:
    store.save(make_night(faults=FAULTS))
    before = rows(store)
    assert store.save(make_night(faults=FAULTS)).saved is Saved.UNCHANGED
    assert rows(store) == before


def test_what_is_newly_known_of_a_recording_is_noted(store: Store, make_night: NightMaker) -> None:
    night = make_night(name="as it was called")
    store.save(night)
    info = replace(night.info, name="renamed", device="Bangle.js 2", wrist="right", source="mine")
    corrected = replace(night, info=info)
    before = rows(store)
    assert store.save(corrected) == Outcome(Saved.UPDATED)
    assert store.save(corrected) == Outcome(Saved.UNCHANGED)
    after = rows(store)
    assert after["recordings"][0][2:7] == (
        "renamed",
        "Europe/Berlin",
        "Bangle.js 2",
        "right",
        "mine",
    )
    assert {**after, "recordings": []} == {**before, "recordings": []}


def test_a_corrected_zone_dates_the_recording_anew(store: Store, make_night: NightMaker) -> None:
    night = make_night(episodes=2)
    store.save(night)
    neighbour = replace(night, info=replace(night.info, timezone="Europe/Paris"))
    assert store.save(neighbour).saved is Saved.UPDATED
    far = replace(night, info=replace(night.info, timezone="Asia/Tokyo"))
    assert store.save(far).saved is Saved.UPDATED
    assert counts(store)["recordings"] == 1
    with store.reading() as session:
        (recording,) = queries.recordings(session, "me").items
        assert {each.night for each in queries.episodes(session, "me")} == {NIGHT}
        assert (recording.night, recording.timezone) == (NIGHT, "Asia/Tokyo")
    west = replace(night, info=replace(night.info, timezone="Pacific/Kiritimati"))
    assert store.save(west).saved is Saved.REPLACED
    with store.reading() as session:
        assert queries.newest_night(session, "me") == date(2026, 11, 22)
        assert {each.night for each in queries.episodes(session, "me")} == {date(2026, 11, 22)}


def test_a_recording_that_has_grown_takes_its_own_place(
    store: Store, make_night: NightMaker
) -> None:
    store.save(make_night(id="cut off", hours=3, name="tonight"))
    assert store.save(make_night(id="whole", name="tonight")) == Outcome(Saved.REPLACED)
    with store.reading() as session:
        assert [each.id for each in queries.recordings(session, "me").items] == ["whole"]


def test_a_shorter_copy_takes_no_place(store: Store, make_night: NightMaker) -> None:
    store.save(make_night(id="whole", name="tonight"))
    with pytest.raises(InputError) as caught:
        store.save(make_night(id="first hour", name="tonight", hours=1))
    assert str(caught.value) == (
        "tonight: lacks 6 h 30 min of the 7 h 30 min that are stored of this recording, and does "
        "not take their place. To have it nevertheless, first take out what is stored: "
        "`crampwatch remove whole`."
    )
    with store.reading() as session:
        assert [each.id for each in queries.recordings(session, "me").items] == ["whole"]
        assert len(queries.episodes(session, "me")) == 1


def test_a_repaired_copy_may_lack_the_seconds_around_the_damage(
    store: Store, make_night: NightMaker
) -> None:
    store.save(make_night(id="damaged", name="tonight"))
    repaired = make_night(id="repaired", name="tonight", hours=7.5 - 59 / 3600)
    assert store.save(repaired).saved is Saved.REPLACED


def test_two_recordings_of_one_name_are_told_apart_by_their_ids(
    store: Store, make_night: NightMaker
) -> None:
    night = make_night(id="a", name="tonight")
    store.save(night)
    later_ns = night.start_ns + 1800 * 10**9
    another = replace(
        make_night(id="b", name="tonight"),
        info=replace(night.info, start_ns=later_ns),
        start_ns=later_ns,
        recorded=(Span(later_ns, night.end_ns),),
        worn=(Span(later_ns, night.end_ns),),
    )
    assert store.save(another) == Outcome(Saved.ADDED, ("a",))
    assert counts(store)["recordings"] == 2


def test_an_episode_of_another_recording_is_refused_and_nothing_of_the_night_stored(
    store: Store, make_night: NightMaker
) -> None:
    night = make_night(id="a", name="left")
    store.save(night)
    stranger = replace(make_night(id="b", name="right"), episodes=night.episodes)
    with pytest.raises(InputError, match="right: has an episode with the id of one in another"):
        store.save(stranger)
    assert counts(store)["recordings"] == 1


def test_recordings_of_the_same_time_are_both_kept_and_said_so(
    store: Store, make_night: NightMaker
) -> None:
    assert store.save(make_night(id="a", name="left")).overlaps == ()
    assert store.save(make_night(id="b", name="right")) == Outcome(Saved.ADDED, ("left",))
    assert store.save(make_night(id="b", name="right")) == Outcome(Saved.UNCHANGED)
    assert counts(store)["recordings"] == 2


@pytest.mark.parametrize(("minutes", "overlaps"), [(9, ()), (11, ("before",))])
def test_a_restart_is_no_overlap_worth_telling(
    store: Store, make_night: NightMaker, minutes: int, overlaps: tuple[str, ...]
) -> None:
    first = make_night(id="before", name="before", hours=3)
    store.save(first)
    later = make_night(id="after", name="after")
    start_ns = first.end_ns - minutes * 60 * 10**9
    later = replace(
        later, start_ns=start_ns, recorded=(Span(start_ns, later.end_ns),), worn=(), sleeps=()
    )
    assert store.save(later).overlaps == overlaps


@pytest.mark.parametrize(
    ("ahead", "refused"), [(timedelta(hours=23), False), (timedelta(hours=25), True)]
)
def test_a_recording_from_the_future_is_refused_with_advice(
    open_store: StoreOpener, make_night: NightMaker, ahead: timedelta, refused: bool
) -> None:
    night = make_night(name="tomorrow")
    now = datetime.fromtimestamp(night.start_ns // 10**9, UTC) - ahead
    with open_store(now=lambda: now) as store:
        if not refused:
            assert store.save(night).saved is Saved.ADDED
            return
        with pytest.raises(InputError) as caught:
            store.save(night)
        assert str(caught.value) == (
            "tomorrow: begins on 2026-11-21 at 23:00, which is in the future. Correct the start in "
            "its recording.json or this machine's clock and replay it again."
        )
        assert counts(store)["recordings"] == 0
        simulated = replace(night, info=replace(night.info, source="crampwatch simulator, seed 1"))
        for source in ("not simulated", "a simulation of another program"):
            with pytest.raises(InputError, match="in the future"):
                store.save(replace(night, info=replace(night.info, source=source)))
        assert store.save(simulated).saved is Saved.ADDED


def test_what_is_removed_is_gone_whole(store: Store, make_night: NightMaker) -> None:
    store.save(make_night(id="stays", name="stays"))
    before = counts(store)
    store.save(make_night(NIGHT - timedelta(days=1), id="goes", name="goes", faults=FAULTS))
    store.remove("me", ["goes"])
    assert counts(store) == before
    with store.reading() as session:
        assert queries.recordings_called(session, "me", "goes") == ()


def test_recordings_are_found_by_name_id_and_night(store: Store, make_night: NightMaker) -> None:
    store.save(make_night(id="a1", name="left"))
    store.save(make_night(id="b2", name="right"))
    store.save(make_night(NIGHT - timedelta(days=1), id="c3", name="left"))
    with store.reading() as session:
        found = {
            name: [each.id for each in queries.recordings_called(session, "me", name)]
            for name in ("left", "b2", "2026-11-21", "2026-11-22", "2026-13-01")
        }
    assert found == {
        "left": ["c3", "a1"],
        "b2": ["b2"],
        "2026-11-21": ["a1", "b2"],
        "2026-11-22": [],
        "2026-13-01": [],
    }


def test_another_models_judgement_takes_the_place_of_the_first(
    store: Store, make_night: NightMaker
) -> None:
    store.save(make_night(episodes=2, faults=FAULTS))
    other = make_night(episodes=1, possible=1, worn_hours=6, model=ModelVersion("transparent", "2"))
    assert store.save(other).saved is Saved.REPLACED
    assert counts(store) == {
        "models": 2,
        "recordings": 1,
        "sleeps": 1,
        "coverage": 3,
        "episodes": 2,
        "awakenings": 3,
        "faults": 0,
    }
    with store.reading() as session:
        assert {e.model.version for e in queries.episodes(session, "me")} == {"2"}
        assert [
            (m.version, m.recordings) for m in queries.models(session, "me").items
        ] == [("1", 0), ("2", 1)]  # fmt: skip
        recording = queries.recording(session, "me", "rec-1")
    assert recording is not None
    assert recording.worn_s == 6 * 3600


def test_another_judgement_by_the_same_model_is_not_taken_for_the_old_one(
    store: Store, make_night: NightMaker
) -> None:
    store.save(make_night(episodes=2))
    assert store.save(make_night(episodes=1)).saved is Saved.REPLACED
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
    assert store.save(make_night(episodes=2, faults=FAULTS)).saved in (
        Saved.ADDED,
        Saved.REPLACED,
    )


def test_a_sleep_across_noon_is_of_the_night_it_began_in_with_all_that_is_in_it(
    store: Store, make_night: NightMaker
) -> None:
    night = make_night(hours=20, worn_hours=20)  # asleep from 23:15 to 18:50
    late = night.end_ns - 3600 * 10**9
    noon = night.start_ns + 13 * 3600 * 10**9
    store.save(
        replace(
            night,
            episodes=(replace(night.episodes[0], onset_ns=late, end_ns=late + 10**9),),
            awakenings=(Awakening(late, late + 10**9, 0.8),),
            faults=(Fault(noon - 10**9, night.end_ns, FaultKind.NO_HEART_RATE),),
        )
    )
    with store.reading() as session:
        assert queries.newest_night(session, "me") == NIGHT
        spans = queries.coverage(session, "me", (None, None))
        assert [each.night for each in queries.episodes(session, "me")] == [NIGHT]
        assert [each.night for each in queries.awakenings(session, "me")] == [NIGHT]
        faults = queries.faults(session, "me").items
    assert [(f.night, f.duration_s) for f in faults] == [(NIGHT, 7 * 3600 + 1.0)]
    hours = {
        (night, kind): sum(span.end_ns - span.start_ns for span in kinds[kind]) / 3.6e12
        for night, kinds in spans.items()
        for kind in CoverageKind
    }
    assert hours == {
        (NIGHT, CoverageKind.RECORDED): 20,
        (NIGHT, CoverageKind.WORN): 20,
        (NIGHT, CoverageKind.SEARCHED): 20 - 25 / 60,
    }


def test_every_sleep_is_stored_and_only_its_worn_seconds_are_searched(
    store: Store, make_night: NightMaker
) -> None:
    night = make_night(worn_hours=5)  # worn from 23:00 to 04:00

    def after(hours: float) -> int:
        return night.start_ns + int(hours * 3600) * 10**9

    sleeps = (Sleep(after(0.5), after(2), 5000.0), Sleep(after(3), after(7), 9000.0))
    store.save(replace(night, sleeps=sleeps))
    with store.reading() as session:
        recording = queries.recording(session, "me", night.id)
        spans = queries.coverage(session, "me", (None, None))[NIGHT][CoverageKind.SEARCHED]
    assert spans == [Span(after(0.5), after(2)), Span(after(3), after(5))]
    assert recording is not None
    assert [(s.onset_ns, s.wake_ns, s.asleep_s) for s in recording.sleeps] == [
        (s.onset_ns, s.wake_ns, s.asleep_s) for s in sleeps
    ]
    assert recording.sleep == recording.sleeps[1]


def test_without_sleep_a_recording_is_of_the_night_it_has_most_of(
    store: Store, make_night: NightMaker
) -> None:
    store.save(replace(make_night(hours=30), sleeps=()))
    store.save(replace(make_night(id="rec-2", name="b"), sleeps=(), recorded=(), worn=()))
    with store.reading() as session:
        found = queries.recordings(session, "me").items
    assert {each.id: each.night for each in found} == {"rec-1": date(2026, 11, 22), "rec-2": NIGHT}


def test_a_fault_across_noon_is_told_in_both_nights(store: Store, make_night: NightMaker) -> None:
    night = make_night(hours=20, faults=((FaultKind.NO_HEART_RATE, "11:30", "11:40"),))
    fault = replace(night.faults[0], end_ns=night.faults[0].start_ns + 3600 * 10**9)
    store.save(replace(night, faults=(fault,), sleeps=()))
    with store.reading() as session:
        found = queries.faults(session, "me").items
    assert [(f.night, f.duration_s) for f in found] == [
        (date(2026, 11, 22), 1800.0),
        (NIGHT, 1800.0),
    ]


def test_many_threads_may_save_and_read_at_once(store: Store, make_night: NightMaker) -> None:
    nights = [make_night(id=f"rec-{i % 6}", name=f"rec-{i % 6}") for i in range(24)]
    with ThreadPoolExecutor(8) as pool:
        outcomes = [saved.saved for saved in pool.map(store.save, nights)]
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
        "begun; replay your recordings to fill it."
    ]


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


def test_a_file_that_is_no_database_is_refused_and_left_alone(
    url: str, open_store: StoreOpener
) -> None:
    path = Path(url.removeprefix("sqlite:///"))
    path.parent.mkdir()
    path.write_text("a letter to my sister")
    with pytest.raises(StoreError, match=re.escape(f"{path}: It is not a database. Point")):
        open_store()
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
        "postgresql://db/nights",
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
    before = rows(store)

    def fill_up(connection: sqlite3.Connection, *_: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(store._engine, "checkout", fill_up)
    large = make_night(id="rec-2", name="large")
    span = large.recorded[0]
    many = tuple(
        Span(span.start_ns + i * 10**9, span.start_ns + (i + 1) * 10**9) for i in range(4000)
    )
    with pytest.raises(StoreError, match=r"The disk is full\. Free some space"):
        store.save(replace(large, recorded=many))
    assert rows(store) == before


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
