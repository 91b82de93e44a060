from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import throttle
from server.throttle import Throttle

HOME, STRANGER = "192.168.1.20", "203.0.113.7"


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slow(clock: Clock) -> Throttle:
    return Throttle(clock)


def test_six_tries_of_an_address_then_one_a_minute(slow: Throttle, clock: Clock) -> None:
    assert [slow.wait_s(STRANGER, "owner") for _ in range(6)] == [0.0] * 6
    assert slow.wait_s(STRANGER, "owner") == 60.0
    clock.now_s += 59
    assert slow.wait_s(STRANGER, "owner") == 1.0
    clock.now_s += 1
    assert slow.wait_s(STRANGER, "owner") == 0.0
    assert slow.wait_s(STRANGER, "owner") == 60.0


def test_a_try_that_has_to_wait_makes_the_wait_no_longer(slow: Throttle) -> None:
    for _ in range(6):
        slow.wait_s(STRANGER, "owner")
    assert {slow.wait_s(STRANGER, "owner") for _ in range(50)} == {60.0}


def test_an_account_is_slowed_down_whatever_the_address(slow: Throttle) -> None:
    told = [slow.wait_s(f"203.0.113.{n}", "owner") for n in range(25)]
    assert told == [0.0] * 20 + [30.0] * 5


def test_strangers_lock_nobody_out_who_has_logged_in_from_home(slow: Throttle) -> None:
    assert slow.wait_s(HOME, "owner") == 0.0
    slow.succeeded(HOME, "owner")
    for n in range(200):
        slow.wait_s(f"203.0.113.{n}", "owner")
    assert slow.wait_s(STRANGER, "owner") > 0
    assert slow.wait_s(HOME, "owner") == 0.0


def test_whoever_has_an_account_gets_no_more_guesses_at_another_by_logging_in(
    slow: Throttle,
) -> None:
    guesses = 0
    for _ in range(100):
        if slow.wait_s(STRANGER, "carer") == 0.0:
            slow.succeeded(STRANGER, "carer")
        guesses += slow.wait_s(STRANGER, "owner") == 0.0
    assert guesses == 6


def test_a_home_is_all_its_addresses_of_ipv6(slow: Throttle) -> None:
    told = [slow.wait_s(f"2001:db8:0:1::{n:x}", "owner") for n in range(1, 9)]
    assert told == [0.0] * 6 + [60.0] * 2
    assert slow.wait_s("2001:db8:0:2::1", "owner") == 0.0
    assert slow.wait_s("::ffff:192.0.2.1", "owner") == 0.0
    assert slow.wait_s("::ffff:192.0.2.2", "owner") == 0.0


def test_what_is_remembered_is_bounded(slow: Throttle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MOST_REMEMBERED", 50)
    for n in range(500):
        address = f"10.0.{n // 250}.{n % 250}"
        slow.wait_s(address, f"account {n}")
        slow.succeeded(address, f"account {n}")
    assert len(slow._full_again_s) == 50
    assert len(slow._known) == 50


@given(waits_s=st.lists(st.floats(0, 600), min_size=1, max_size=60))
def test_no_address_ever_gets_more_than_its_rate(waits_s: list[float]) -> None:
    clock = Clock()
    slow = Throttle(clock)
    began_s = clock.now_s
    tries = 0
    for wait_s in waits_s:
        clock.now_s += wait_s
        tries += slow.wait_s(STRANGER, "owner") == 0.0
        assert tries <= 6 + (clock.now_s - began_s) / 60 + 1e-6
