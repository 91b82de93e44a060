from __future__ import annotations

from ingest.collector.clock import NightClock, SystemClock
from ingest.samples import NS_PER_S

START_NS = 1_792_873_800 * NS_PER_S


class Clock:
    def __init__(self) -> None:
        self.now_ns = 77 * NS_PER_S
        self.offset_ns = START_NS

    def monotonic_ns(self) -> int:
        return self.now_ns

    def utc_ns(self) -> int:
        return self.now_ns + self.offset_ns


def test_setting_the_host_clock_moves_nothing_and_is_told_once() -> None:
    clock = Clock()
    night = NightClock(clock)
    before_ns = night.now_ns()
    assert night.stepped_ns() is None
    clock.offset_ns -= 3600 * NS_PER_S
    clock.now_ns += NS_PER_S
    assert night.now_ns() == before_ns + NS_PER_S
    assert night.stepped_ns() == (before_ns, before_ns + NS_PER_S)
    assert night.stepped_ns() is None


def test_corrections_of_less_than_a_second_are_not_told_but_add_up() -> None:
    clock = Clock()
    night = NightClock(clock)
    told = []
    for _ in range(5):
        clock.offset_ns += NS_PER_S // 4
        told.append(night.stepped_ns() is not None)
    assert told == [False, False, False, True, False]


def test_a_night_goes_on_after_what_it_has_reached_though_the_clock_was_set_back() -> None:
    clock = Clock()
    reached_ns = clock.utc_ns() + 600 * NS_PER_S
    night = NightClock(clock, reached_ns)
    assert night.now_ns() == reached_ns
    assert night.set_back_ns == 600 * NS_PER_S
    assert NightClock(clock, clock.utc_ns() - 1).set_back_ns == 0


def test_the_clocks_of_this_computer_run() -> None:
    clock = SystemClock()
    first_ns = clock.monotonic_ns()
    assert clock.monotonic_ns() >= first_ns
    assert clock.utc_ns() > START_NS - 100 * 365 * 86_400 * NS_PER_S
