from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from detector.night import Sleep
from ingest.samples import FaultKind
from server.store import Store
from server.summary import morning, newest_night
from server.timeline import Timeline, timeline

if TYPE_CHECKING:
    from detector.night import Night
    from tests.server.conftest import NightMaker


@pytest.fixture
def lay_out(store: Store) -> LayOut:
    return LayOut(store)


class LayOut:
    def __init__(self, store: Store):
        self._store = store

    def __call__(self, night: Night) -> Timeline:
        self._store.save(night)
        found = morning(self._store, "me", newest_night(self._store, "me") or date.min)
        assert found is not None
        return timeline(found)


def test_bars_are_to_scale(lay_out: LayOut, make_night: NightMaker) -> None:
    # From 23:00 to 07:00 is the line; recorded are 7.5 of its 8 hours.
    drawn = lay_out(make_night(worn_hours=6))
    lanes = {lane.name: lane for lane in drawn.lanes}
    (recorded,), (worn,) = lanes["Recorded"].bars, lanes["Worn"].bars
    assert (recorded.x, recorded.width) == ("0.00%", "93.75%")
    assert (worn.x, worn.width, worn.what) == ("0.00%", "75.00%", "23:00–05:00")
    (mark,) = lanes["Cramp-like awakenings"].marks
    assert mark.x == f"{100 * (2 * 3600 + 13 * 60 + 62.5) / (8 * 3600):.2f}%"
    assert [tick.label for tick in drawn.ticks] == [
        "23", "00", "01", "02", "03", "04", "05", "06", "07"
    ]  # fmt: skip
    assert (drawn.ticks[0].x, drawn.ticks[1].x, drawn.ticks[-1].x) == ("0.00%", "12.50%", "100.00%")


def test_only_lanes_with_something_in_them_are_drawn(
    lay_out: LayOut, make_night: NightMaker
) -> None:
    faults = ((FaultKind.GAP, "03:00", "03:20"),)
    night = replace(make_night(episodes=0, worn_hours=0, faults=faults), sleeps=())
    assert [lane.name for lane in lay_out(night).lanes] == ["Recorded", "No data"]


def test_the_hour_that_comes_twice_has_two_places(lay_out: LayOut, make_night: NightMaker) -> None:
    labels = [tick.label for tick in lay_out(make_night(date(2026, 10, 24), hours=7)).ticks]
    assert labels == ["23", "00", "01", "02", "02", "03", "04", "05"]


def test_a_long_recording_gets_fewer_hours(lay_out: LayOut, make_night: NightMaker) -> None:
    labels = [tick.label for tick in lay_out(make_night(hours=12.5, worn_hours=12.5)).ticks]
    assert labels == ["00", "02", "04", "06", "08", "10", "12"]


def test_a_zone_off_the_full_hour_has_its_own_hours(
    lay_out: LayOut, make_night: NightMaker
) -> None:
    drawn = lay_out(make_night(timezone="Asia/Kathmandu"))
    assert drawn.ticks[0].label == "23"
    assert drawn.lanes[0].bars[0].x == "0.00%"


def test_every_sleep_is_drawn(lay_out: LayOut, make_night: NightMaker) -> None:
    night = make_night(episodes=0, hours=8, faults=((FaultKind.GAP, "05:00", "05:30"),))

    def after(hours: float) -> int:
        return night.start_ns + int(hours * 3600) * 10**9

    sleeps = (Sleep(after(1), after(2), 3000.0), Sleep(after(4), after(7.5), 9000.0))
    drawn = lay_out(replace(night, sleeps=sleeps))
    (asleep,) = (lane for lane in drawn.lanes if lane.name == "Sleep")
    # Neither over the awakening at half past midnight nor over the hole.
    assert [bar.what for bar in asleep.bars] == [
        "00:00–00:30",
        "00:31–01:00",
        "03:00–05:00",
        "05:30–06:30",
    ]


def test_the_end_of_the_night_before_does_not_stretch_the_line(
    lay_out: LayOut, make_night: NightMaker
) -> None:
    lay_out(make_night(date(2026, 11, 20), id="before", hours=14, worn_hours=10))
    drawn = lay_out(make_night(episodes=0))
    assert drawn.ticks[0].label == "23"
    assert drawn.text.startswith("Recorded: 23:00–06:30. Worn: 23:00–06:30.")
