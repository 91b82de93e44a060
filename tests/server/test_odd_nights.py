"""Nights around a change of the clock, a flight, a leap day, and entered out of order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from detector.night import Night
from server import summary
from server.alerting import judge_nights, numbers_of
from server.asked_nights import asked_nights
from server.nights import local_time
from server.store import Store

if TYPE_CHECKING:
    from tests.server.conftest import NightMaker

ONCE_A_WEEK, FOUR_A_WEEK = (0, 0, 1, 0, 0, 0, 0), (1, 0, 1, 1, 0, 1, 0)
LIFE = ONCE_A_WEEK * 10 + FOUR_A_WEEK * 3
"""Thirteen weeks, with an alert at the end."""

PLAIN = date(2026, 6, 1)
LAST = len(LIFE) - 1

HOME, AWAY = "Europe/Berlin", "America/Los_Angeles"
"""Nine hours apart."""


def at_home(place: int) -> str:
    return HOME


def flown(place: int) -> str:
    return HOME if place < 20 else AWAY


def there_and_back(place: int) -> str:
    return AWAY if 20 <= place < 40 else HOME


def lived(
    make_night: NightMaker, first: date = PLAIN, zone: Callable[[int], str] = at_home
) -> list[Night]:
    nights = []
    for place, cramps in enumerate(LIFE):
        night = make_night(
            first + timedelta(days=place), id=f"rec-{place}", episodes=cramps, timezone=zone(place)
        )
        certain = tuple(replace(each, probability=1.0) for each in night.episodes)
        nights.append(replace(night, episodes=certain))
    return nights


def counted(store: Store) -> list[tuple[date, float, int]]:
    with store.reading() as session:
        found = asked_nights(session, "me")
    return [(each.night, each.searched_s, len(each.episodes)) for each in found]


@pytest.mark.parametrize(
    ("first", "zone"),
    [
        pytest.param(date(2026, 8, 10), at_home, id="an hour comes twice"),
        pytest.param(date(2026, 1, 10), at_home, id="an hour is left out"),
        pytest.param(date(2023, 12, 20), at_home, id="a leap day"),
        pytest.param(PLAIN, flown, id="a flight over nine zones"),
        pytest.param(date(2026, 8, 10), there_and_back, id="two flights and a change of the clock"),
    ],
)
def test_every_night_counts_once_and_raises_what_it_would_in_plain_weeks(
    store: Store, make_night: NightMaker, first: date, zone: Callable[[int], str]
) -> None:
    nights = lived(make_night, first, zone)
    for night in nights:
        store.save(night)
    days = [first + timedelta(days=place) for place in range(len(LIFE))]
    found = counted(store)
    assert [(night, cramps) for night, _, cramps in found] == list(zip(days, LIFE, strict=True))
    # As long as they lasted, whatever the clock said meanwhile.
    assert {searched_s for _, searched_s, _ in found} == {7.5 * 3600 - 1500}
    alert = judge_nights(store, None)
    assert alert is not None
    told = numbers_of(alert)
    assert (alert.layer, alert.night) == ("creeping", days[-1])
    # The three bad weeks, of which every night was recorded.
    assert (told.first, told.last) == (days[-21], days[-1])
    assert (told.recorded, told.open, told.found_nights) == (21, 12, 12)
    overview = summary.overview(store, "me", days[-1])
    assert (overview.before, overview.after) == (days[-2], None)


def test_nights_entered_out_of_order_come_to_the_same_as_in_order(
    store: Store, make_night: NightMaker
) -> None:
    nights = lived(make_night)
    Random(1).shuffle(nights)
    for night in nights:
        store.save(night)
    assert [(night - PLAIN).days for night, _, _ in counted(store)] == list(range(len(LIFE)))
    alert = judge_nights(store, None)
    assert alert is not None
    assert (alert.layer, alert.night) == ("creeping", PLAIN + timedelta(days=LAST))


def test_an_old_night_entered_late_is_counted_and_raises_nothing_by_itself(
    store: Store, make_night: NightMaker
) -> None:
    nights = lived(make_night)
    late = nights.pop(10)
    for night in nights:
        store.save(night)
    alert = judge_nights(store, None)
    assert alert is not None
    store.save(late)
    assert judge_nights(store, None) is None
    assert len(counted(store)) == len(LIFE)


@pytest.mark.parametrize(
    ("night", "clock_h"),
    [(date(2026, 10, 24), 6.5), (date(2026, 3, 28), 8.5), (date(2026, 7, 1), 7.5)],
)
def test_a_night_is_as_long_as_it_lasted_and_ends_when_the_clock_says(
    store: Store, make_night: NightMaker, night: date, clock_h: float
) -> None:
    store.save(make_night(night))
    morning = summary.morning(store, "me", night)
    assert morning is not None
    assert morning.figures.recorded_s == 7.5 * 3600
    (recording,) = morning.recordings
    zone = ZoneInfo(morning.timezone)
    begin, end = (local_time(ns, zone) for ns in (recording.start_ns, recording.end_ns))
    # Two times of one zone are subtracted as the clock shows them.
    assert end - begin == timedelta(hours=clock_h)
