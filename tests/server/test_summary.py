from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.night import Night, Sleep, Span, Standing
from ingest.samples import FaultKind
from server.store import Store
from server.summary import (
    HALF_A_NIGHT_S,
    Morning,
    NightState,
    StripNight,
    morning,
    neighbours,
    newest_night,
    strip,
    united,
)

if TYPE_CHECKING:
    from tests.server.conftest import NightMaker

NIGHT = date(2026, 11, 21)
HOUR_NS = 3600 * 10**9


def sum_up(store: Store, night: date | None = None) -> Morning:
    found = morning(store, night)
    assert found is not None
    return found


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


def test_an_empty_store_has_no_morning(store: Store) -> None:
    assert newest_night(store) is None
    assert morning(store) is None
    assert {night.state for night in strip(store, NIGHT)} == {NightState.NOT_RECORDED}


def test_the_newest_night_is_summed_up_unasked(store: Store, make_night: NightMaker) -> None:
    store.save(make_night(NIGHT, id="newer", hours=7.5, worn_hours=7))
    store.save(make_night(NIGHT - timedelta(days=3), id="older"))
    found = sum_up(store)
    assert found.night == newest_night(store) == NIGHT
    assert (found.figures.recorded_s, found.figures.worn_s) == (7.5 * 3600, 7 * 3600)
    assert found.timezone == "Europe/Berlin"
    assert [each.id for each in found.recordings] == ["newer"]


def test_a_night_without_a_recording_has_no_morning(store: Store, make_night: NightMaker) -> None:
    store.save(make_night())
    assert morning(store, NIGHT - timedelta(days=1)) is None


def test_likely_episodes_come_first_each_kind_by_time(store: Store, make_night: NightMaker) -> None:
    store.save(make_night(episodes=2, possible=2))
    told = [(e.standing, f"{e.onset:%H:%M}") for e in sum_up(store).episodes]
    assert told == [
        (Standing.LIKELY, "01:13"),
        (Standing.LIKELY, "02:13"),
        (Standing.POSSIBLE, "01:47"),
        (Standing.POSSIBLE, "02:47"),
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
    assert found.sleep is not None
    assert found.sleep.asleep_s == pytest.approx(0.9 * 7.5 * 3600)
    assert strip(store, NIGHT)[-1] == found.figures


def test_a_night_in_two_recordings_is_one_night(store: Store, make_night: NightMaker) -> None:
    store.save(make_night(id="before", hours=3))
    store.save(shifted(make_night(id="after", hours=3), 4 * HOUR_NS))
    found = sum_up(store)
    assert found.figures.recorded_s == 6 * 3600
    assert [each.id for each in found.recordings] == ["before", "after"]
    assert found.sleep is not None
    assert f"{found.sleep.onset:%H:%M} {found.sleep.wake:%H:%M}" == "23:15 05:50"
    assert found.sleep.asleep_s == pytest.approx(2 * 0.9 * 3 * 3600)


def test_what_runs_past_noon_is_in_the_next_night_without_its_sleep(
    store: Store, make_night: NightMaker
) -> None:
    store.save(make_night(hours=20, worn_hours=20))
    assert newest_night(store) == NIGHT
    after = sum_up(store, NIGHT + timedelta(days=1))
    assert after.figures.recorded_s == 7 * 3600
    assert after.sleep is None
    assert [each.id for each in after.recordings] == ["rec-1"]


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
    ("recorded_s", "worn_s", "likely", "possible", "state"),
    [
        (0, 0, 0, 0, NightState.NOT_RECORDED),
        (8 * 3600, 0, 0, 0, NightState.PARTLY),
        (8 * 3600, HALF_A_NIGHT_S - 1, 0, 0, NightState.PARTLY),
        (HALF_A_NIGHT_S - 1, HALF_A_NIGHT_S - 1, 0, 0, NightState.PARTLY),
        (HALF_A_NIGHT_S, HALF_A_NIGHT_S, 0, 0, NightState.NONE_FOUND),
        (8 * 3600, 8 * 3600, 0, 1, NightState.FOUND),
        (3600, 3600, 1, 0, NightState.FOUND),
    ],
)
def test_what_is_missing_never_hides_what_was_found(
    recorded_s: float, worn_s: float, likely: int, possible: int, state: NightState
) -> None:
    assert StripNight(NIGHT, recorded_s, worn_s, likely, possible).state is state


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
        NightState.PARTLY: "~",
        NightState.NONE_FOUND: "o",
        NightState.FOUND: "F",
    }
    assert "".join(letters[night.state] for night in nights) == "....F.......oo...F~.ooF~.Foo.F"
    assert (nights[-1].likely, nights[-1].possible) == (2, 1)
    assert (nights[-8].likely, nights[-8].possible) == (0, 1)
    assert strip(store, NIGHT, nights=7) == nights[-7:]


def test_neighbours_are_recorded_nights(store: Store, month: Callable[[], None]) -> None:
    month()
    day = timedelta(days=1)
    assert neighbours(store, NIGHT) == (NIGHT - 2 * day, None)
    assert neighbours(store, NIGHT - day) == (NIGHT - 2 * day, NIGHT)
    assert neighbours(store, NIGHT - 25 * day) == (None, NIGHT - 17 * day)


def test_faults_of_a_kind_are_told_together(store: Store, make_night: NightMaker) -> None:
    faults = (
        (FaultKind.GAP, "03:00", "03:20"),
        (FaultKind.NO_HEART_RATE, "01:00", "02:00"),
        (FaultKind.GAP, "03:10", "03:30"),
    )
    store.save(make_night(faults=faults))
    found = sum_up(store)
    assert [fault.kind for fault in found.faults] == [
        FaultKind.NO_HEART_RATE,
        FaultKind.GAP,
        FaultKind.GAP,
    ]
    (gap,) = found.fault_spans(FaultKind.GAP)
    assert gap.end_ns - gap.start_ns == 30 * 60 * 10**9


spans = st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda t: Span(t[0], t[0] + t[1]))


@given(st.lists(spans))
def test_united_spans_hold_every_moment_once(several: list[Span]) -> None:
    def moments(of: list[Span] | tuple[Span, ...]) -> list[int]:
        return [moment for span in of for moment in range(span.start_ns, span.end_ns)]

    joined = united(several)
    assert moments(joined) == sorted(set(moments(several)))
    assert all(one.end_ns < other.start_ns for one, other in pairwise(joined))


def test_a_store_of_a_year_is_summed_up_in_few_questions(
    store: Store, make_night: NightMaker
) -> None:
    from sqlalchemy import event

    for ago in range(40):
        store.save(make_night(NIGHT - timedelta(days=ago), id=f"rec-{ago}", possible=1))
    asked: list[str] = []
    event.listen(store._engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    strip(store, NIGHT)
    sum_up(store)
    assert len([each for each in asked if each.startswith("SELECT")]) < 12
