from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from ingest.errors import InputError
from server.store import Store
from server.summary import Morning, morning
from server.told_time import an_hour_comes_twice, told_instant
from tests.server.conftest import at

if TYPE_CHECKING:
    from tests.server.conftest import NightMaker

NIGHT = date(2026, 11, 21)
PUT_BACK = date(2026, 10, 24)
PUT_FORWARD = date(2026, 3, 28)
LATER_NS = at(date(2026, 12, 1), "11:00")


@pytest.fixture
def night(store: Store, make_night: NightMaker, request: pytest.FixtureRequest) -> Morning:
    store.save(make_night(getattr(request, "param", NIGHT)))
    found = morning(store, "me", getattr(request, "param", NIGHT))
    assert found is not None
    return found


@pytest.mark.parametrize("clock", ["23:00", "23:59", "00:00", "02:14", "06:30", "20:00", "09:30"])
def test_a_time_is_of_the_evening_or_of_the_morning_after(night: Morning, clock: str) -> None:
    assert told_instant(clock, second=False, morning=night, now_ns=LATER_NS) == at(NIGHT, clock)


@pytest.mark.parametrize(
    ("clock", "message"),
    [
        ("14:14", "14:14 is not in this night: .* 23:00 to 06:30. Did you mean 02:14"),
        ("11:00", "11:00 is not in this night: .* Did you mean 23:00"),
        ("19:59", "Did you mean 07:59"),
        ("", "such as 02:14"),
        ("25:00", "such as 02:14"),
        ("half past two", "such as 02:14"),
    ],
)
def test_a_time_outside_of_the_night_is_refused_with_what_may_be_meant(
    night: Morning, clock: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        told_instant(clock, second=False, morning=night, now_ns=LATER_NS)


def test_a_time_that_is_still_to_come_is_refused(night: Morning) -> None:
    with pytest.raises(InputError, match="07:01 is still to come"):
        told_instant("07:01", second=False, morning=night, now_ns=at(NIGHT, "07:00"))


@pytest.mark.parametrize("night", [PUT_BACK], indirect=True)
def test_the_hour_that_comes_twice_is_told_apart(night: Morning) -> None:
    first, second = (
        told_instant("02:30", second=second, morning=night, now_ns=LATER_NS)
        for second in (False, True)
    )
    assert second - first == 3600 * 10**9
    assert first == at(PUT_BACK, "02:30")
    # What comes once is the same, whichever is chosen.
    assert told_instant("03:30", second=True, morning=night, now_ns=LATER_NS) == at(
        PUT_BACK, "03:30"
    )


@pytest.mark.parametrize("night", [PUT_FORWARD], indirect=True)
def test_an_hour_that_was_left_out_is_refused(night: Morning) -> None:
    for second in (False, True):
        with pytest.raises(InputError, match="02:30 was left out in that night"):
            told_instant("02:30", second=second, morning=night, now_ns=LATER_NS)
    assert told_instant("03:30", second=False, morning=night, now_ns=LATER_NS) == at(
        PUT_FORWARD, "03:30"
    )


def test_only_the_night_in_which_the_clock_is_put_back_asks_which_hour(night: Morning) -> None:
    asks = [
        each for each in (PUT_FORWARD, NIGHT, PUT_BACK) if an_hour_comes_twice(each, night.zone)
    ]
    assert asks == [PUT_BACK]


def test_a_recording_from_elsewhere_goes_by_the_clock_there(
    store: Store, make_night: NightMaker
) -> None:
    store.save(make_night(timezone="America/New_York"))
    found = morning(store, "me", NIGHT)
    assert found is not None
    told = told_instant("02:14", second=False, morning=found, now_ns=LATER_NS)
    assert told == at(NIGHT, "02:14", "America/New_York")
