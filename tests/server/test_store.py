from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, text

from detector.night import Awakening, ModelVersion, Sleep, Span
from ingest.errors import InputError
from ingest.samples import Fault, FaultKind
from server import queries
from server.store import Outcome, Store
from server.tables import CoverageKind, FaultRow
from server.wire import Saved

if TYPE_CHECKING:
    from tests.server.conftest import NightMaker, StoreOpener

ON_BOTH = True

NIGHT = date(2026, 11, 21)
FAULTS = ((FaultKind.GAP, "03:00", "03:20"),)


def rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    tables = ["models", "recordings", "sleeps", "coverage", "episodes", "awakenings", "faults"]
    with store.reading() as session:
        return {
            name: [tuple(row) for row in session.execute(text(f"SELECT * FROM {name} ORDER BY id"))]
            for name in tables
        }


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
        spans = queries.coverage(session, "me", (None, None))[NIGHT][night.id]
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
    with store.reading() as session:
        named = session.execute(text("SELECT * FROM recordings")).mappings().one()
    assert (named["name"], named["timezone"], named["device"], named["wrist"], named["source"]) == (
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


def test_a_recording_by_a_clock_that_was_not_set_is_refused_with_advice(
    store: Store, make_night: NightMaker
) -> None:
    zone = "Europe/Berlin"
    with pytest.raises(InputError) as caught:
        store.save(make_night(date(1999, 12, 30), name="never-set", timezone=zone))
    assert str(caught.value) == (
        "never-set: begins on 1999-12-30 at 23:00, by a clock that was not set. Put when it began "
        "into its recording.json and replay it again."
    )
    assert counts(store)["recordings"] == 0
    assert store.save(make_night(date(2000, 1, 1), timezone=zone)).saved is Saved.ADDED


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
            (m.version, m.recordings) for m in queries.models(session, "me")
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
        for night, by_recording in spans.items()
        for kinds in by_recording.values()
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
        spans = queries.coverage(session, "me", (None, None))[NIGHT][night.id]
    assert spans[CoverageKind.SEARCHED] == [Span(after(0.5), after(2)), Span(after(3), after(5))]
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


def test_which_personal_adjustment_judged_is_kept_with_the_night(
    store: Store, make_night: NightMaker
) -> None:
    night = make_night()
    assert store.save(night).saved is Saved.ADDED
    adjusted = replace(night, personal="0c6f3a91be02")
    for saved in (Saved.REPLACED, Saved.UNCHANGED):
        assert store.save(adjusted).saved is saved
        with store.reading() as session:
            found = queries.recording(session, "me", night.id)
        assert found is not None
        assert found.personal == "0c6f3a91be02"
    assert store.save(night).saved is Saved.REPLACED
    with store.reading() as session:
        found = queries.recording(session, "me", night.id)
    assert found is not None
    assert found.personal is None
