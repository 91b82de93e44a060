"""An event loop whose clock jumps to the next timer, so that a night passes as fast as it computes.

Nothing in it sleeps: when no callback is ready, the time of the loop is set forward to the next
timer. Work handed to the loop's threads (`asyncio.to_thread`) is waited for in real time, and the
virtual time stands still meanwhile.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar, TypeVarTuple, Unpack

from ingest.samples import NS_PER_S

__all__ = ["EVENING", "VirtualClock", "VirtualTimeLoop", "run"]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

EVENING = datetime(2026, 1, 15, 21, 0, tzinfo=UTC)
"""When virtual nights begin, where nobody says otherwise: a date without a clock change near."""

LOOP_START_S = 1000.0
"""Seconds on the clock of a new loop: not 0, so that no test takes a time for a duration."""

LONGEST_S = 7 * 86_400.0
"""Virtual seconds after which a loop has missed its end: no night takes a week."""

STUCK_S = 20.0
"""Real seconds after which a loop without timers, whose sockets are silent too, is stuck."""


class _JumpingSelector(selectors.DefaultSelector):
    """Waits for no timer: it sets the clock forward to it."""

    virtual_s = LOOP_START_S
    threads_busy = 0
    settle: Callable[[], object] | None = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.threads_busy and (timeout is None or timeout > 0):
            return super().select(STUCK_S)
        if timeout is None:
            events = super().select(STUCK_S)
            if not events:
                raise RuntimeError("the virtual night is stuck: nothing is left to wait for")
            return events
        events = super().select(0)
        if not events and timeout > 0 and self.settle is not None:
            self.settle()
            events = super().select(0)
        if not events and timeout > 0:
            self.virtual_s += timeout
            if self.virtual_s > LOOP_START_S + LONGEST_S:
                raise RuntimeError("the virtual night has no end: a week has passed")
        return events


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time.

    Parameters
    ----------
    settle
        Called before the time is set forward, where other processes answer as well: waits until
        what they have to say is there to be read.
    """

    def __init__(self, settle: Callable[[], object] | None = None) -> None:
        self._jumping = _JumpingSelector()
        self._jumping.settle = settle
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return the virtual time in seconds."""
        return self._jumping.virtual_s

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Run a function in a thread, while the virtual time stands still."""
        future = super().run_in_executor(executor, func, *args)
        self._jumping.threads_busy += 1
        future.add_done_callback(self._thread_done)
        return future

    async def shutdown_default_executor(self, *args: Any, **kwargs: Any) -> None:
        """Wait for the threads in real time."""
        self._jumping.threads_busy += 1
        try:
            await super().shutdown_default_executor(*args, **kwargs)
        finally:
            self._jumping.threads_busy -= 1

    def _thread_done(self, _: object) -> None:
        self._jumping.threads_busy -= 1


class VirtualClock:
    """The host's clocks in virtual time: one that never jumps, and one that can be set.

    Parameters
    ----------
    start
        What the wall clock shows when it is made.
    """

    def __init__(self, start: datetime = EVENING):
        self._loop = asyncio.get_running_loop()
        self._zero_s = self._loop.time()
        self._zero_ns = round(start.timestamp()) * NS_PER_S
        self._stepped_ns = 0

    def monotonic_ns(self) -> int:
        """Return the nanoseconds of the loop, which only rise."""
        return round(self._loop.time() * NS_PER_S)

    def utc_ns(self) -> int:
        """Return what the wall clock shows, in nanoseconds since 1970."""
        return self.true_ns(self._loop.time()) + self._stepped_ns

    def true_ns(self, loop_s: float) -> int:
        """Return the UTC nanoseconds at a time of the loop by a wall clock that was never set."""
        return self._zero_ns + round((loop_s - self._zero_s) * NS_PER_S)

    def step(self, seconds: float) -> None:
        """Set the wall clock forward, or back where negative."""
        self._stepped_ns += round(seconds * NS_PER_S)


def run(main: Coroutine[Any, Any, T], *, settle: Callable[[], object] | None = None) -> T:
    """Run a coroutine to its end in virtual time.

    Parameters
    ----------
    main
        What to run.
    settle
        As `VirtualTimeLoop` has it.

    Raises
    ------
    ExceptionGroup
        If an exception ended unseen in a callback or a task: it would only be logged otherwise.
    """
    unseen: list[Exception] = []

    def note(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        unseen.append(context.get("exception") or RuntimeError(context["message"]))

    with asyncio.Runner(loop_factory=partial(VirtualTimeLoop, settle)) as runner:
        runner.get_loop().set_exception_handler(note)
        result = runner.run(main)
    if unseen:
        raise ExceptionGroup("exceptions that nobody saw", unseen)
    return result
