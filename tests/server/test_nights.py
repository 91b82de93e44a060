from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.nights import by_night, day_of, local_time, night_bounds, night_of

BERLIN = ZoneInfo("Europe/Berlin")
HOUR_NS = 3600 * 10**9

# Half-hour and two-hour clock changes, odd offsets, both hemispheres.
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/Los_Angeles",
    "America/St_Johns",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
]
zones = st.sampled_from(ZONES).map(ZoneInfo)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)).map(
    lambda when: int(when.replace(tzinfo=UTC).timestamp() * 1e6) * 1000
)


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 10**9


@pytest.mark.parametrize(
    ("instant", "night"),
    [
        ("2026-11-21T23:59:59+01:00", date(2026, 11, 21)),
        ("2026-11-22T00:40:00+01:00", date(2026, 11, 21)),
        ("2026-11-22T11:59:59+01:00", date(2026, 11, 21)),
        ("2026-11-22T12:00:00+01:00", date(2026, 11, 22)),
        ("2027-01-01T03:00:00+01:00", date(2026, 12, 31)),
    ],
)
def test_a_night_is_named_by_the_date_on_which_it_began(instant: str, night: date) -> None:
    assert night_of(ns(instant), BERLIN) == night


@pytest.mark.parametrize(
    ("night", "hours"),
    [
        (date(2026, 10, 23), 24),
        (date(2026, 10, 24), 25),  # clock goes back on the 25th
        (date(2026, 3, 28), 23),  # clock goes forward on the 29th
    ],
)
def test_a_night_lasts_as_long_as_the_clock_change_makes_it(night: date, hours: int) -> None:
    start_ns, end_ns = night_bounds(night, BERLIN)
    assert end_ns - start_ns == hours * HOUR_NS


def test_both_passes_of_the_hour_that_comes_twice_are_of_the_same_night() -> None:
    first, second = ns("2026-10-25T02:30:00+02:00"), ns("2026-10-25T02:30:00+01:00")
    assert second - first == HOUR_NS
    assert night_of(first, BERLIN) == night_of(second, BERLIN) == date(2026, 10, 24)
    assert local_time(first, BERLIN).isoformat() == "2026-10-25T02:30:00+02:00"
    assert local_time(second, BERLIN).isoformat() == "2026-10-25T02:30:00+01:00"


def test_a_leap_day_has_its_night() -> None:
    assert night_of(ns("2028-03-01T03:00:00+01:00"), BERLIN) == date(2028, 2, 29)
    assert night_bounds(date(2028, 2, 28), BERLIN)[1] == night_bounds(date(2028, 2, 29), BERLIN)[0]


def test_after_a_flight_over_nine_zones_a_night_keeps_the_name_of_its_own_zone() -> None:
    los_angeles = ZoneInfo("America/Los_Angeles")
    at_home = ns("2026-11-20T23:00:00+01:00")
    arrived = ns("2026-11-21T23:00:00-08:00")
    assert arrived - at_home == (24 + 9) * HOUR_NS
    assert night_of(at_home, BERLIN) == date(2026, 11, 20)
    assert night_of(arrived, los_angeles) == date(2026, 11, 21)
    # By the zone of home the same hour would be the morning of another night's end.
    assert local_time(arrived, BERLIN).isoformat() == "2026-11-22T08:00:00+01:00"


def test_what_is_finer_than_a_microsecond_is_cut_and_not_rounded_up() -> None:
    assert local_time(1_999_999_999, ZoneInfo("UTC")).microsecond == 999_999


@given(instants, zones)
def test_every_instant_lies_within_its_night(instant_ns: int, zone: ZoneInfo) -> None:
    start_ns, end_ns = night_bounds(night_of(instant_ns, zone), zone)
    assert start_ns <= instant_ns < end_ns


@given(instants, st.integers(0, 80 * 3600), zones)
def test_a_span_cut_by_night_is_the_same_span(start_ns: int, seconds: int, zone: ZoneInfo) -> None:
    end_ns = start_ns + seconds * 10**9
    pieces = list(by_night(start_ns, end_ns, zone))
    edges = [start for _, start, _ in pieces] + [end_ns]
    assert edges[0] == start_ns
    assert [end for _, _, end in pieces] == edges[1:]
    for night, piece_start, piece_end in pieces:
        low, high = night_bounds(night, zone)
        assert low <= piece_start < piece_end <= high
    names = [night for night, _, _ in pieces]
    assert names == sorted(set(names))


def test_two_days_without_a_pause_are_three_nights() -> None:
    start = ns("2026-11-21T23:00:00+01:00")
    pieces = list(by_night(start, start + 48 * HOUR_NS, BERLIN))
    assert [(night, (end - begin) // HOUR_NS) for night, begin, end in pieces] == [
        (date(2026, 11, 21), 13),
        (date(2026, 11, 21) + timedelta(days=1), 24),
        (date(2026, 11, 21) + timedelta(days=2), 11),
    ]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-22T00:40:00", date(2026, 11, 21)),
        ("2026-11-22T03:59:00", date(2026, 11, 21)),
        ("2026-11-22T04:00:00", date(2026, 11, 22)),
        ("2026-11-22T23:59:00", date(2026, 11, 22)),
    ],
)
def test_whoever_is_up_late_is_still_in_the_day_before(moment: str, day: date) -> None:
    assert day_of(datetime.fromisoformat(moment)) == day
