from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from server.notify.quiet import QuietHours

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours.parse("22:00-07:00")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [("21:59", False), ("22:00", True), ("00:00", True), ("06:59", True), ("07:00", False)],
)
def test_they_reach_over_midnight(clock: str, quiet: bool) -> None:
    assert NIGHT.covers(at(f"2026-11-21T{clock}"), BERLIN) is quiet


def test_they_may_lie_within_a_day() -> None:
    midday = QuietHours.parse("13:00 - 15:30")
    assert (midday.begin, midday.end) == (time(13), time(15, 30))
    moments = [f"2026-11-21T{clock}" for clock in ("12:59", "13:00", "15:29", "15:30", "23:00")]
    assert [midday.covers(at(each), BERLIN) for each in moments] == [
        False,
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "text", ["", "22-7", "22:00", "24:00-07:00", "22:00-07:60", "7:00-8:00", "07:00-07:00"]
)
def test_what_is_no_pair_of_times_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"times of day|begin when they end"):
        QuietHours.parse(text)


def quiet_minutes(hours: QuietHours, day: str) -> int:
    start = at(f"{day}T12:00")
    end = start.astimezone(BERLIN) + timedelta(days=1)
    minutes = int((end.astimezone(UTC) - start).total_seconds()) // 60
    return sum(hours.covers(start + timedelta(minutes=each), BERLIN) for each in range(minutes))


@pytest.mark.parametrize(
    ("night", "hours"), [("2026-10-23", 9), ("2026-10-24", 10), ("2026-03-28", 8)]
)
def test_a_night_is_quiet_until_the_clock_on_the_wall_says_so(night: str, hours: int) -> None:
    assert quiet_minutes(NIGHT, night) == hours * 60


def test_an_end_that_the_clock_jumps_over_comes_with_the_jump() -> None:
    early = QuietHours.parse("22:00-02:30")
    jump = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert early.covers(jump - timedelta(seconds=1), BERLIN)
    assert not early.covers(jump, BERLIN)
