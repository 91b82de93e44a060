from __future__ import annotations

import asyncio
import threading
import time

import pytest

from simulator.wearable import EVENING, VirtualClock, run

NIGHT_S = 8 * 3600


def test_a_night_of_sleep_takes_its_virtual_time_and_no_real_one() -> None:
    async def night() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.sleep(NIGHT_S)
        return loop.time() - began

    assert run(night()) == pytest.approx(NIGHT_S)


def test_timers_fire_in_order_each_at_its_time() -> None:
    async def race() -> list[tuple[str, float]]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        fired: list[tuple[str, float]] = []

        async def runner(name: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            fired.append((name, round(loop.time() - began, 6)))

        await asyncio.gather(runner("late", 7200), runner("early", 0.5), runner("noon", 60))
        return fired

    assert run(race()) == [("early", 0.5), ("noon", 60), ("late", 7200)]


def test_a_timeout_comes_in_virtual_time() -> None:
    async def wait() -> None:
        async with asyncio.timeout(3600):
            await asyncio.get_running_loop().create_future()

    with pytest.raises(TimeoutError):
        run(wait())


def test_virtual_time_stands_still_while_a_thread_works() -> None:
    async def work() -> tuple[float, bool]:
        loop = asyncio.get_running_loop()
        timer_fired = False

        def fire() -> None:
            nonlocal timer_fired
            timer_fired = True

        loop.call_later(1, fire)
        began = loop.time()
        may_end = threading.Event()
        job = asyncio.ensure_future(asyncio.to_thread(may_end.wait, 5))
        await asyncio.sleep(0)
        may_end.set()
        assert await job
        return loop.time() - began, timer_fired

    assert run(work()) == (0, False)


def test_nothing_left_to_wait_for_is_an_error_and_no_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.wearable.virtual_time.STUCK_S", 0.01)

    async def forever() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(RuntimeError, match="nothing is left to wait for"):
        run(forever())


def test_an_exception_in_a_callback_is_seen() -> None:
    async def careless() -> None:
        asyncio.get_running_loop().call_later(1, lambda: [][0])
        await asyncio.sleep(2)

    with pytest.raises(ExceptionGroup) as caught:
        run(careless())
    assert caught.group_contains(IndexError)


def test_the_wall_clock_follows_and_can_be_set_while_the_true_time_cannot() -> None:
    async def clocks() -> tuple[int, int, int]:
        clock = VirtualClock()
        began = clock.monotonic_ns()
        await asyncio.sleep(NIGHT_S)
        clock.step(-3600)
        return (
            clock.utc_ns(),
            clock.true_ns(asyncio.get_running_loop().time()),
            clock.monotonic_ns() - began,
        )

    shown_ns, true_ns, passed_ns = run(clocks())
    assert true_ns == (int(EVENING.timestamp()) + NIGHT_S) * 10**9
    assert shown_ns == true_ns - 3600 * 10**9
    assert passed_ns == NIGHT_S * 10**9


def test_real_time_is_not_spent() -> None:
    began = time.perf_counter()
    run(asyncio.sleep(500_000))
    assert time.perf_counter() - began < 5
