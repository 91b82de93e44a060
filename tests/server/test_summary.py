from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.night import Awakening, Episode, ModelVersion, Night, Sleep, Span, Standing
from ingest.samples import FaultKind
from server import queries
from server.figures import HALF_A_NIGHT_S, LEAST_SEARCHED_S, NightFigures, NightState
from server.once import episodes_once
from server.store import Store
from server.stored import StoredEpisode
from server.summary import Morning, morning, newest, newest_night, overview

if TYPE_CHECKING:
    from tests.server.conftest import NightMaker

NIGHT = date(2026, 11, 21)
H = 3600.0
HOUR_NS = 3600 * 10**9
START_NS = int(datetime(2026, 11, 21, 22, tzinfo=UTC).timestamp()) * 10**9


def sum_up(store: Store, night: date | None = None) -> Morning:
    night = night or newest_night(store, "me")
    assert night is not None
    found = morning(store, "me", night)
    assert found is not None
    return found


def strip(store: Store, until: date) -> tuple[NightFigures, ...]:
    return overview(store, "me", until).strip


def shifted(night: Night, by_ns: int) -> Night:
    """Give the same night later, as another wearable with a clock of its own would tell it."""

    def later(span: Span) -> Span:
        return Span(span.start_ns + by_ns, span.end_ns + by_ns)

    return replace(
        night,
        start_ns=night.start_ns + by_ns,
        end_ns=night.end_ns + by_ns,
        recorded=tuple(map(later, night.recorded)),
        worn=tuple(map(later, night.worn)),
        sleeps=tuple(
            Sleep(sleep.onset_ns + by_ns, sleep.wake_ns + by_ns, sleep.asleep_s)
            for sleep in night.sleeps
        ),
        episodes=tuple(
            replace(e, onset_ns=e.onset_ns + by_ns, end_ns=e.end_ns + by_ns) for e in night.episodes
        ),
        awakenings=(),
    )


def told(episode: Episode) -> Awakening:
    return Awakening(episode.onset_ns, episode.end_ns, episode.probability)


def test_an_empty_store_has_no_morning(store: Store) -> None:
    assert newest_night(store, "me") is None
    assert newest(store, "me") is None
    assert morning(store, "me", NIGHT) is None
    assert {night.state for night in strip(store, NIGHT)} == {NightState.NOT_RECORDED}


def test_the_newest_night_is_summed_up_unasked(store: Store, make_night: NightMaker) -> None:
    store.save(make_night(NIGHT, id="newer", hours=7.5, worn_hours=7))
    store.save(make_night(NIGHT - timedelta(days=3), id="older"))
    found = sum_up(store)
    assert found.night == newest_night(store, "me") == NIGHT
    assert (found.figures.recorded_s, found.figures.worn_s) == (7.5 * 3600, 7 * 3600)
    assert found.timezone == "Europe/Berlin"
    assert [each.id for each in found.recordings] == ["newer"]


def test_a_night_without_a_recording_has_no_morning(store: Store, make_night: NightMaker) -> None:
    store.save(make_night())
    assert morning(store, "me", NIGHT - timedelta(days=1)) is None


def test_episodes_come_by_time(store: Store, make_night: NightMaker) -> None:
    store.save(make_night(episodes=2, possible=2))
    told = [(f"{e.onset:%H:%M}", e.standing) for e in sum_up(store).episodes]
    assert told == [
        ("01:13", Standing.LIKELY),
        ("01:47", Standing.POSSIBLE),
        ("02:13", Standing.LIKELY),
        ("02:47", Standing.POSSIBLE),
    ]


def test_two_wearables_at_once_are_counted_once(store: Store, make_night: NightMaker) -> None:
    left = make_night(id="left", episodes=2, hours=7.5)
    right = shifted(make_night(id="right", episodes=2, hours=7.5), 20 * 10**9)
    right = replace(
        right, episodes=(replace(right.episodes[0], probability=0.9), right.episodes[1])
    )
    store.save(left)
    store.save(right)
    found = sum_up(store)
    assert found.figures.recorded_s == 7.5 * 3600 + 20
    assert found.figures.likely == 2
    # The more probable telling of each stays.
    assert [(e.recording_id, e.probability) for e in found.episodes] == [
        ("left", 0.78),
        ("right", 0.9),
    ][::-1]
    assert len(found.sleeps) == 1
    assert found.figures.searched_s == 7.5 * 3600 - 1500 + 20
    assert found.faults == ()
    assert strip(store, NIGHT)[-1] == found.figures


def test_a_long_awakening_of_one_wearable_hides_none_of_two_of_another(
    store: Store, make_night: NightMaker
) -> None:
    left = make_night(id="left", name="left", episodes=1)
    (long,) = left.episodes
    long = replace(long, end_ns=long.onset_ns + 2 * HOUR_NS, probability=0.97)
    store.save(replace(left, episodes=(long,), awakenings=(told(long),)))
    store.save(make_night(id="right", name="right", episodes=2, possible=1))
    found = sum_up(store)
    assert [each.recording_id for each in found.episodes] == 3 * ["right"]
    assert (found.figures.likely, found.figures.possible) == (2, 1)
    # What is told as an episode is told as an awakening, and nothing that overlaps it.
    assert [each.recording_id for each in found.awakenings] == 4 * ["right"]
    assert strip(store, NIGHT)[-1] == found.figures


def test_a_likely_awakening_is_told_before_two_possible_ones(
    store: Store, make_night: NightMaker
) -> None:
    left = make_night(id="left", name="left", episodes=1)
    (long,) = left.episodes
    store.save(replace(left, episodes=(replace(long, end_ns=long.onset_ns + 2 * HOUR_NS),)))
    store.save(make_night(id="right", name="right", episodes=0, possible=2))
    assert [each.recording_id for each in sum_up(store).episodes] == ["left"]


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(1, 12), st.booleans(), st.sampled_from("ab")),
        max_size=9,
    )
)
def test_what_is_told_never_overlaps_and_nothing_more_could_be(
    drawn: list[tuple[int, int, bool, str]],
) -> None:
    episodes = [
        StoredEpisode(
            recording_id=recording_id,
            night=NIGHT,
            timezone="UTC",
            start_ns=start,
            end_ns=start + length,
            id=str(number),
            probability=0.8,
            standing=Standing.LIKELY if likely else Standing.POSSIBLE,
            heart_rate_rise_bpm=None,
            got_up=False,
            evidence={},
            others={},
            model=ModelVersion("transparent", "1"),
        )
        for number, (start, length, likely, recording_id) in enumerate(drawn)
    ]

    def apart(chosen: Sequence[StoredEpisode]) -> bool:
        ordered = sorted(chosen, key=lambda e: e.start_ns)
        return all(a.end_ns <= b.start_ns for a, b in pairwise(ordered))

    def worth(chosen: Sequence[StoredEpisode]) -> tuple[int, int]:
        return sum(e.standing is Standing.LIKELY for e in chosen), len(chosen)

    chosen = episodes_once(episodes)
    assert apart(chosen)
    assert [e.start_ns for e in chosen] == sorted(e.start_ns for e in chosen)
    every = (some for n in range(len(episodes) + 1) for some in combinations(episodes, n))
    assert worth(chosen) == max(worth(some) for some in every if apart(some))


def test_a_night_in_two_recordings_is_one_night(store: Store, make_night: NightMaker) -> None:
    store.save(make_night(id="before", hours=3))
    store.save(shifted(make_night(id="after", hours=3), 4 * HOUR_NS))
    found = sum_up(store)
    assert found.figures.recorded_s == 6 * 3600
    assert [each.id for each in found.recordings] == ["before", "after"]
    assert [f"{s.onset:%H:%M} {s.wake:%H:%M}" for s in found.sleeps] == [
        "23:15 01:50",
        "03:15 05:50",
    ]
    assert found.figures.searched_s == 2 * (3 * 3600 - 1500)


def test_what_lies_between_two_recordings_is_a_gap(store: Store, make_night: NightMaker) -> None:
    before = make_night(id="before", episodes=0, hours=3)
    store.save(before)
    after = shifted(make_night(id="after", episodes=0, hours=3), 4 * HOUR_NS)
    # The two detectors, each of its own recording, told one sleep from before to beyond the hole.
    store.save(replace(after, sleeps=(Sleep(before.start_ns, after.end_ns, 9000.0),)))
    found = sum_up(store)
    hole = Span(before.end_ns, after.start_ns)
    assert found.fault_spans(FaultKind.GAP) == (hole,)
    assert all(
        span.end_ns <= hole.start_ns or hole.end_ns <= span.start_ns for span in found.asleep
    )


def test_the_day_between_two_recordings_is_no_gap(store: Store, make_night: NightMaker) -> None:
    # Worn until 13:00 after the night before, and for a while in the afternoon.
    store.save(make_night(NIGHT - timedelta(days=1), id="before", hours=14, worn_hours=10))
    afternoon = shifted(make_night(id="afternoon", episodes=0, hours=0.5), -8 * HOUR_NS)
    store.save(replace(afternoon, sleeps=()))
    store.save(make_night(id="night"))
    found = sum_up(store, NIGHT)
    assert [each.id for each in found.recordings] == ["before", "afternoon", "night"]
    assert found.fault_spans(FaultKind.GAP) == ()


def test_a_restart_within_seconds_is_no_gap(store: Store, make_night: NightMaker) -> None:
    store.save(make_night(id="before", hours=3))
    store.save(shifted(make_night(id="after", hours=3), 3 * HOUR_NS + 20 * 10**9))
    assert sum_up(store).faults == ()


def test_what_one_wearable_lacked_and_the_other_had_was_not_missing(
    store: Store, make_night: NightMaker
) -> None:
    lacking = (
        (FaultKind.GAP, "01:00", "01:30"),
        (FaultKind.NO_HEART_RATE, "02:00", "04:00"),
        (FaultKind.OFF_WRIST, "05:00", "06:30"),
    )
    store.save(make_night(id="left", name="left", worn_hours=6, faults=lacking))
    assert {fault.kind for fault in sum_up(store).faults} == {kind for kind, *_ in lacking}
    # The other has all of the night, but heart rate only until 03:00.
    late = ((FaultKind.NO_HEART_RATE, "03:00", "06:30"),)
    store.save(make_night(id="right", name="right", faults=late))
    found = sum_up(store)
    hours = [
        (fault.kind, (fault.start_ns - START_NS) / HOUR_NS, (fault.end_ns - START_NS) / HOUR_NS)
        for fault in found.faults
    ]
    assert hours == [
        (FaultKind.NO_HEART_RATE, 4.0, 5.0),
        (FaultKind.NO_HEART_RATE, 6.0, 7.5),
    ]


def test_a_sleep_across_noon_is_told_whole_and_once(store: Store, make_night: NightMaker) -> None:
    # A shift worker: the wearable is on from 07:00 to 16:00, asleep from 08:00 to 15:00.
    night = shifted(make_night(episodes=1, hours=9), 8 * HOUR_NS)
    onset_ns, wake_ns = night.start_ns + HOUR_NS, night.end_ns - HOUR_NS
    store.save(replace(night, sleeps=(Sleep(onset_ns, wake_ns, 6.5 * 3600),)))
    slept = sum_up(store)
    assert slept.night == NIGHT
    assert (slept.figures.recorded_s, slept.figures.searched_s) == (9 * 3600, 7 * 3600)
    assert slept.figures.likely == 1
    assert [(s.onset_ns, s.wake_ns) for s in slept.sleeps] == [(onset_ns, wake_ns)]
    # The hour awake after it makes no night of its own.
    with store.reading() as session:
        assert list(queries.coverage(session, "me", (None, None))) == [NIGHT]


def test_what_a_collector_noted_is_told(store: Store, make_night: NightMaker) -> None:
    faults = (
        (FaultKind.LINK_LOST, "02:00", "02:10"),
        (FaultKind.BATTERY_LOW, "04:00", "05:00"),
    )
    store.save(make_night(faults=faults))
    found = sum_up(store)
    assert [(fault.kind, fault.end_ns - fault.start_ns) for fault in found.faults] == [
        (FaultKind.LINK_LOST, 600 * 10**9),
        (FaultKind.BATTERY_LOW, HOUR_NS),
    ]


def test_on_the_night_the_clock_goes_back_hours_are_counted_in_utc(
    store: Store, make_night: NightMaker
) -> None:
    store.save(make_night(date(2026, 10, 24), hours=9, worn_hours=9))
    found = sum_up(store)
    assert found.figures.recorded_s == 9 * 3600
    assert found.recordings[0].start.isoformat() == "2026-10-24T23:00:00+02:00"
    assert found.recordings[0].end.isoformat() == "2026-10-25T07:00:00+01:00"


def test_after_a_flight_each_night_is_told_in_its_own_zone(
    store: Store, make_night: NightMaker
) -> None:
    store.save(make_night(NIGHT, id="home"))
    store.save(make_night(NIGHT + timedelta(days=1), id="away", timezone="America/Los_Angeles"))
    away, home = sum_up(store), sum_up(store, NIGHT)
    assert (home.timezone, away.timezone) == ("Europe/Berlin", "America/Los_Angeles")
    told = [each.episodes[0].onset for each in (home, away)]
    assert [each.isoformat() for each in told] == [
        "2026-11-22T01:13:00+01:00",
        "2026-11-23T01:13:00-08:00",
    ]
    assert told[1] - told[0] == timedelta(hours=24 + 9)


@pytest.mark.parametrize(
    ("recorded_s", "worn_s", "searched_s", "likely", "possible", "state"),
    [
        (0, 0, 0, 0, 0, NightState.NOT_RECORDED),
        (8 * H, 0, 0, 0, 0, NightState.UNKNOWN),
        (8 * H, 0.4, 0.4, 0, 0, NightState.UNKNOWN),
        (8 * H, 8 * H, 0, 0, 0, NightState.UNKNOWN),
        (8 * H, 8 * H, LEAST_SEARCHED_S, 0, 0, NightState.PARTLY),
        (8 * H, 8 * H, HALF_A_NIGHT_S - 1, 0, 0, NightState.PARTLY),
        (8 * H, 8 * H, HALF_A_NIGHT_S, 0, 0, NightState.NONE_FOUND),
        (8 * H, 8 * H, 8 * H, 0, 1, NightState.FOUND),
        (H, H, H, 1, 0, NightState.FOUND),
    ],
)
def test_what_is_missing_never_hides_what_was_found(
    recorded_s: float,
    worn_s: float,
    searched_s: float,
    likely: int,
    possible: int,
    state: NightState,
) -> None:
    assert NightFigures(NIGHT, recorded_s, worn_s, searched_s, likely, possible).state is state


def test_a_recording_of_which_nothing_can_be_used_is_not_no_recording() -> None:
    assert NightFigures(NIGHT, 0, 0, 0, 0, 0, tried=True).state is NightState.UNKNOWN


def test_awake_all_night_is_not_none_found(store: Store, make_night: NightMaker) -> None:
    store.save(replace(make_night(episodes=0), sleeps=(), awakenings=()))
    assert sum_up(store).figures.state is NightState.UNKNOWN


def test_the_strip_tells_not_recorded_from_none_found(
    store: Store, month: Callable[[], None]
) -> None:
    month()
    nights = strip(store, NIGHT)
    assert [night.night for night in nights] == [
        NIGHT - timedelta(days=ago) for ago in range(29, -1, -1)
    ]
    letters = {
        NightState.NOT_RECORDED: ".",
        NightState.UNKNOWN: "?",
        NightState.PARTLY: "~",
        NightState.NONE_FOUND: "o",
        NightState.FOUND: "F",
    }
    assert "".join(letters[night.state] for night in nights) == "....F.......oo...F~.ooF~.Foo.F"
    assert (nights[-1].likely, nights[-1].possible) == (2, 1)
    assert (nights[-8].likely, nights[-8].possible) == (0, 1)


def test_neighbours_are_recorded_nights(store: Store, month: Callable[[], None]) -> None:
    month()
    day = timedelta(days=1)

    def neighbours(night: date) -> tuple[date | None, date | None]:
        found = overview(store, "me", night)
        return found.before, found.after

    assert neighbours(NIGHT) == (NIGHT - 2 * day, None)
    assert neighbours(NIGHT - day) == (NIGHT - 2 * day, NIGHT)
    assert neighbours(NIGHT - 25 * day) == (None, NIGHT - 17 * day)


def test_a_store_of_a_year_is_summed_up_in_few_questions(
    store: Store, make_night: NightMaker
) -> None:
    from sqlalchemy import event

    for ago in range(40):
        store.save(make_night(NIGHT - timedelta(days=ago), id=f"rec-{ago}", possible=1))
    asked: list[str] = []
    engine = store._database.engine
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    overview(store, "me", NIGHT)
    assert len([each for each in asked if each.startswith("SELECT")]) <= 12
    assert asked.count("BEGIN") == 1
