from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from ingest.samples import NS_PER_S
from server import going_on
from server.live import Live
from server.nights import ONE_DAY
from server.notify.not_begun import LEAST_BEGUN, LOOKED_BACK, late_at
from server.store import Store
from server.wire import LiveReport
from tests.server.conftest import at
from tests.server.notify.conftest import Clock
from tests.server.notify.test_notifier import Teller, local, tell

if TYPE_CHECKING:
    from tests.server.conftest import NightMaker

NIGHT = date(2026, 11, 21)
BERLIN = ZoneInfo("Europe/Berlin")
CHOSEN = "night_not_begun"
TOLD = (
    "Nothing has been recorded since Sat 21 Nov at 06:30. See whether the wearable is on the "
    "wrist, charged, and near what records it."
)


# The rule


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def began(*after_noon: float, night: date = NIGHT) -> dict[date, timedelta]:
    """Give the nights before one, the newest first, by how many hours after noon they began."""
    return {night - (ago + 1) * ONE_DAY: hours(each) for ago, each in enumerate(after_noon) if each}


def late(begun: dict[date, timedelta], night: date = NIGHT) -> datetime | None:
    return late_at(begun, begun.keys(), night, BERLIN)


def test_a_night_is_late_three_hours_after_half_of_the_nights_had_begun() -> None:
    begun = began(*[10.5] * 13, *[11.5] * 14)
    assert late(begun) == datetime(2026, 11, 22, 2, 30, tzinfo=BERLIN)


def test_who_is_new_or_records_now_and_then_is_never_late() -> None:
    regular = began(*[11.0] * LEAST_BEGUN)
    assert late(regular) is not None
    assert late(began(*[11.0] * (LEAST_BEGUN - 1))) is None
    assert late(began(*[11.0, 0.0] * (LOOKED_BACK // 2))) is None
    # Older nights count no more.
    assert late(began(*[0.0, 11.0] * 9, *[11.0] * 60)) is None


def test_nights_of_which_too_little_was_searched_make_nobody_regular() -> None:
    begun = began(*[11.0] * LOOKED_BACK)
    counted = set(list(begun)[: LEAST_BEGUN - 1])
    assert late_at(begun, counted, NIGHT, BERLIN) is None


def test_after_two_nights_without_a_recording_nobody_is_told_again() -> None:
    assert late(began(0.0, *[11.0] * 27)) is not None
    assert late(began(0.0, 0.0, *[11.0] * 26)) is None


def test_work_by_turns_at_night_and_by_day_leaves_no_hour_to_be_late_at() -> None:
    assert late(began(*([11.0] * 5 + [20.5] * 2) * 4)) is None
    assert late(began(*([11.0] * 14 + [20.5] * 14))) is None
    # Who always works at night has an hour of their own; two nights off do not matter.
    assert late(began(*[20.0] * 13, 11.0, *[20.0] * 13, 11.0)) == datetime(
        2026, 11, 22, 11, 0, tzinfo=BERLIN
    )


@pytest.mark.parametrize(
    ("night", "utc"),
    [
        (date(2026, 10, 23), datetime(2026, 10, 24, 0, 30)),
        # The hour that comes twice is meant when it comes first.
        (date(2026, 10, 24), datetime(2026, 10, 25, 0, 30)),
        (date(2026, 10, 25), datetime(2026, 10, 26, 1, 30)),
        # The hour that is left out.
        (date(2027, 3, 27), datetime(2027, 3, 28, 1, 30)),
        (date(2027, 3, 28), datetime(2027, 3, 29, 0, 30)),
    ],
)
def test_the_hour_is_that_on_the_wall_when_the_clock_changes(night: date, utc: datetime) -> None:
    found = late(began(*[11.5] * LOOKED_BACK, night=night), night)
    assert found is not None
    assert found.astimezone(UTC).replace(tzinfo=None) == utc


# Nights of it


@pytest.fixture
def recorded(dated: Store, clock: Clock, make_night: NightMaker) -> Callable[..., None]:
    """Have nights recorded by a collector that this server hears, from 23:00 on."""

    def record(wearer: str = "anna", nights: Iterable[int] = range(1, 29)) -> None:
        for ago in nights:
            night = make_night(NIGHT - ago * ONE_DAY, id=f"{wearer}-{ago}", episodes=0)
            clock.now = datetime.fromtimestamp(night.start_ns / NS_PER_S, UTC)
            report = LiveReport(night.start_ns, night.info.timezone)
            going_on.heard(dated, Live(clock), wearer, report)
            dated.save(night, wearer)

    return record


def told(teller: Teller, clock: Clock, since: str, until: str) -> list[tuple[str, str]]:
    """Let a night go by in steps of ten minutes, and give what was told, by the wearer's clock."""
    found = []
    local(clock, since, NIGHT)
    while clock.ns() < at(NIGHT, until):
        found += [(f"{clock.now.astimezone(BERLIN):%H:%M}", each) for each in teller.run()]
        clock.forward(minutes=10)
    return found


def test_a_night_that_never_began_is_told_once(
    dated: Store, clock: Clock, recorded: Callable[..., None]
) -> None:
    recorded()
    assert told(tell(dated, clock), clock, "22:00", "06:00") == []
    teller = tell(dated, clock, night_notices=CHOSEN)
    assert told(teller, clock, "22:00", "06:00") == [("02:00", TOLD)]


def test_a_server_that_is_started_again_does_not_tell_it_twice(
    dated: Store, clock: Clock, recorded: Callable[..., None]
) -> None:
    recorded()
    assert len(told(tell(dated, clock, night_notices=CHOSEN), clock, "22:00", "02:10")) == 1
    again = tell(dated, clock, night_notices=CHOSEN)
    assert told(again, clock, "02:10", "06:00") == []


def test_a_server_that_was_away_when_it_was_late_wakes_nobody(
    dated: Store, clock: Clock, recorded: Callable[..., None]
) -> None:
    recorded()
    teller = tell(dated, clock, night_notices=CHOSEN)
    assert told(teller, clock, "03:00", "06:50") == []


def test_a_night_that_began_late_is_not_told(
    dated: Store, clock: Clock, recorded: Callable[..., None]
) -> None:
    recorded()
    teller = tell(dated, clock, night_notices=CHOSEN)
    assert told(teller, clock, "22:00", "01:40") == []
    began_ns = clock.ns()
    going_on.heard(dated, teller.live, "anna", LiveReport(began_ns, "Europe/Berlin"))
    assert told(teller, clock, "01:50", "06:00") == []
    # Nor by a server that is started again, and has not heard of it for half a day.
    assert told(tell(dated, clock, night_notices=CHOSEN), clock, "01:50", "06:00") == []


def test_of_several_wearers_each_is_told_of_for_themselves(
    dated: Store, clock: Clock, recorded: Callable[..., None]
) -> None:
    dated.add_wearer("Ben", "Europe/Berlin")
    dated.add_wearer("Carl", "Europe/Berlin")
    for wearer in ("anna", "ben"):
        recorded(wearer)
    recorded("carl", range(1, 29, 2))
    teller = tell(dated, clock, night_notices=CHOSEN)
    going_on.heard(dated, teller.live, "ben", LiveReport(at(NIGHT, "23:00"), "Europe/Berlin"))
    assert told(teller, clock, "23:00", "06:00") == [("02:00", f"Anna: {TOLD}")]


def test_a_recording_that_was_sent_is_a_night_that_began(
    dated: Store, clock: Clock, recorded: Callable[..., None], make_night: NightMaker
) -> None:
    recorded()
    teller = tell(dated, clock, night_notices=CHOSEN)
    assert told(teller, clock, "22:00", "01:50") == []
    dated.save(make_night(NIGHT, id="sent", hours=2.5), "anna")
    assert told(teller, clock, "02:00", "06:00") == []


def test_nights_that_only_came_in_late_are_no_reason_to_wait_for_one(
    dated: Store, clock: Clock, recorded: Callable[..., None], make_night: NightMaker
) -> None:
    recorded(nights=range(1, LEAST_BEGUN))
    for ago in range(LEAST_BEGUN, 29):
        dated.save(make_night(NIGHT - ago * ONE_DAY, id=f"sent-{ago}"), "anna")
    teller = tell(dated, clock, night_notices=CHOSEN)
    assert told(teller, clock, "22:00", "06:00") == []


def test_after_a_flight_it_is_the_hour_of_where_the_newest_night_was(
    dated: Store, clock: Clock, recorded: Callable[..., None], make_night: NightMaker
) -> None:
    recorded(nights=range(2, 29))
    there = ZoneInfo("America/New_York")
    flown = make_night(NIGHT - ONE_DAY, id="there", timezone=there.key, episodes=0)
    clock.now = datetime.fromtimestamp(flown.start_ns / NS_PER_S, UTC)
    going_on.heard(dated, Live(clock), "anna", LiveReport(flown.start_ns, there.key))
    dated.save(flown, "anna")
    teller = tell(dated, clock, night_notices=CHOSEN)
    clock.now = datetime(2026, 11, 22, 1, 50, tzinfo=there).astimezone(UTC)
    assert teller.run() == []
    clock.forward(minutes=10)
    assert teller.run() == [TOLD]
