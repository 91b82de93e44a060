from __future__ import annotations

import pytest

from ingest.collector.clock import NightClock
from ingest.collector.faults import FaultLog
from ingest.collector.machine import State
from ingest.collector.paired import PairedDevice
from ingest.collector.station import Station
from ingest.collector.talk import Heard
from ingest.devices.conversation import HeartFrame, StreamKind
from ingest.devices.heart_rate_service import BatteryLevel
from ingest.errors import DecodeError
from ingest.samples import NS_PER_S, Fault, FaultKind
from tests.ingest.collector.test_clock import Clock


class Life:
    """A station, and what it makes of what is said to it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.night = NightClock(self.clock)
        self.start_ns = self.night.now_ns()
        self.recorded: list[Fault] = []
        self.faults = FaultLog(self.recorded.append)
        strap = PairedDevice("CC:00", "Strap", "heart_rate")
        self.station = Station(strap, self.clock, self.night, self.faults, {})

    def after(self, seconds: float) -> None:
        self.clock.now_ns += round(seconds * NS_PER_S)

    def hears(self, frame: HeartFrame | BatteryLevel, *, collected: bool = True) -> None:
        data = bytes([len(self.recorded) % 256])
        self.station.heard(Heard(frame, data, self.clock.now_ns, 1))
        if collected:
            self.station.collect(lambda record, paired: None)

    def spans(self, kind: FaultKind) -> list[tuple[float, float]]:
        """Begin and end of faults in seconds, as a recording holds them."""
        return [
            ((each.start_ns - self.start_ns) / NS_PER_S, (each.end_ns - self.start_ns) / NS_PER_S)
            for each in self.recorded
            if each.kind is kind
        ]


@pytest.fixture
def life() -> Life:
    return Life()


def test_a_battery_is_low_and_flat_until_it_is_charged_and_wavering_ends_neither(
    life: Life,
) -> None:
    for percent in (21, 20, 22, 19, 5, 6, 3, 30):
        life.after(600)
        life.hears(BatteryLevel(percent))
    assert life.spans(FaultKind.BATTERY_LOW) == [(1200, 1200), (1200, 4800)]
    assert life.spans(FaultKind.BATTERY_FLAT) == [(3000, 3000), (3000, 4800)]
    assert life.station.status().battery_percent == 30


def test_a_lost_link_begins_with_the_last_frame_and_ends_with_the_next(life: Life) -> None:
    life.station.moved(State.STREAMING, "")
    life.after(10)
    life.hears(HeartFrame(60), collected=False)
    life.after(3)
    life.station.moved(State.DISCONNECTING, "the device disconnected")
    # What was received before, but looked at only now, does not end it.
    life.station.collect(lambda record, paired: None)
    assert life.faults.is_open(FaultKind.LINK_LOST, "Strap")
    assert life.station.status().why == "the device disconnected"
    life.after(20)
    life.station.moved(State.STREAMING, "")
    life.hears(HeartFrame(61))
    assert life.spans(FaultKind.LINK_LOST) == [(10, 10), (10, 33)]
    assert life.station.status().why == ""


def test_a_silent_stream_ends_with_the_link_or_when_it_speaks(life: Life) -> None:
    for end in ("speaks", "lost"):
        since_ns = life.clock.now_ns
        life.after(60)
        life.station.silent(StreamKind.HEART_RATE, since_ns)
        life.after(5)
        if end == "speaks":
            life.hears(HeartFrame(60))
        else:
            life.station.moved(State.DISCONNECTING, "")
    assert life.spans(FaultKind.SILENT_STREAM) == [(0, 0), (0, 65), (65, 65), (65, 130)]


def test_damaged_frames_are_one_fault_that_ends_with_the_last_of_them(life: Life) -> None:
    for _ in range(3):
        life.after(20)
        life.station.undecodable(DecodeError("frame", "is damaged", b"x"), life.clock.now_ns)
        life.station.collect(lambda record, paired: None)
    life.after(60)
    life.station.collect(lambda record, paired: None)
    assert life.spans(FaultKind.DECODE_ERRORS) == [(20, 20), (20, 60)]
    assert life.station.status().decode_errors == 3


def test_advice_stays_until_what_it_was_about_comes(life: Life) -> None:
    life.station.advised("Put it on.")
    life.hears(BatteryLevel(80))
    assert life.station.status().advice == "Put it on."
    life.hears(HeartFrame(60))
    assert life.station.status().advice == ""


def test_faults_of_a_kind_that_begin_at_once_are_kept_apart(life: Life) -> None:
    life.faults.begin(FaultKind.LINK_LOST, life.start_ns, "one")
    life.faults.begin(FaultKind.LINK_LOST, life.start_ns, "two")
    life.faults.begin(FaultKind.LINK_LOST, life.start_ns + 5, "two")
    assert [each.source for each in life.faults.open] == ["one", "two"]
    life.faults.end_all(life.start_ns + 9)
    ended = [each for each in life.recorded if each.end_ns > each.start_ns]
    assert [each.start_ns - life.start_ns for each in ended] == [0, 1]
    assert {each.end_ns - life.start_ns for each in ended} == {9}
