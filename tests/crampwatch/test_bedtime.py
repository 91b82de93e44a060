from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crampwatch.bedtime import NightOverError, ending, night_folder, parse_until
from ingest.errors import SettingsError
from ingest.samples import NS_PER_S
from simulator.wearable import VirtualClock, run

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()) * NS_PER_S


@pytest.mark.parametrize(
    ("now", "folder"),
    [
        ("2026-11-21T22:40", "2026-11-21"),
        ("2026-11-22T00:10", "2026-11-21"),
        ("2026-11-22T11:59", "2026-11-21"),
        ("2026-11-22T12:00", "2026-11-22"),
    ],
)
def test_a_night_begun_again_after_midnight_is_the_same_night(now: str, folder: str) -> None:
    assert night_folder(Path("r"), at(now), BERLIN) == Path("r") / folder


@pytest.mark.parametrize(
    ("now", "until", "end"),
    [
        ("2026-11-21T22:40", "08:00", "2026-11-22T08:00"),
        ("2026-11-22T00:10", "8:00", "2026-11-22T08:00"),
        ("2026-10-24T22:00", "08:00", "2026-10-25T08:00"),
        ("2026-03-28T22:00", "08:00", "2026-03-29T08:00"),
        ("2026-11-21T22:40", "23:00", "2026-11-21T23:00"),
    ],
)
def test_the_end_is_the_next_time_the_clock_shows_it(now: str, until: str, end: str) -> None:
    assert parse_until(until, at(now), BERLIN) == at(end)


@pytest.mark.parametrize("until", ["", "8", "24:00", "08:60", "eight", "08:00:00", "-8:00"])
def test_what_is_no_time_of_day_is_told(until: str) -> None:
    with pytest.raises(SettingsError, match="Write it as 08:00"):
        parse_until(until, at("2026-11-21T22:40"), BERLIN)


def test_an_end_that_is_just_over_does_not_begin_a_day() -> None:
    with pytest.raises(NightOverError, match="past 09:00 already"):
        parse_until("09:00", at("2026-11-22T09:00"), BERLIN)


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def handlers() -> list[object]:
    return [signal.getsignal(each) for each in SIGNALS]


@pytest.fixture(autouse=True)
def heard_as_in_a_terminal() -> Iterator[None]:
    """Whoever starts the tests with nohup, or in the background, has some signals ignored."""
    before = handlers()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for number, handler in zip(SIGNALS, before, strict=True):
        signal.signal(number, handler)  # type: ignore[arg-type]


def test_a_night_ends_at_its_time() -> None:
    async def night() -> float:
        clock = VirtualClock()
        began_ns = clock.utc_ns()
        with ending(began_ns + 3600 * NS_PER_S, clock) as over:
            await over
        return (clock.utc_ns() - began_ns) / NS_PER_S

    assert run(night()) == pytest.approx(3600, abs=5)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_night_and_a_second_one_the_command_even_if_the_loop_hangs(
    number: signal.Signals,
) -> None:
    async def night() -> None:
        before = handlers()
        with ending(None, VirtualClock()) as over:
            signal.raise_signal(number)
            # The loop has not gone on since, and what a second signal does is settled already.
            assert handlers() == [signal.default_int_handler, signal.SIG_DFL, signal.SIG_IGN]
            async with asyncio.timeout(1):
                await over
        assert handlers() == before

    before = handlers()
    run(night())
    assert handlers() == before


def test_a_closed_terminal_ends_nothing_that_was_started_to_outlive_it() -> None:
    async def night() -> None:
        with ending(None, VirtualClock()) as over:
            signal.raise_signal(signal.SIGHUP)
            done, _ = await asyncio.wait({over}, timeout=60)
            assert done == set()

    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        run(night())
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_night_that_fails_leaves_the_signals_as_they_were() -> None:
    async def failing() -> None:
        with ending(None, VirtualClock()):
            raise OSError("the disk is gone")

    async def night() -> None:
        before = handlers()
        with pytest.raises(OSError, match="the disk is gone"):
            await failing()
        assert handlers() == before

    run(night())
