"""An event loop whose time jumps to the next thing to do, and clocks that follow it."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from ingest.samples import NS_PER_S

T = TypeVar("T")

BEDTIME_NS = 1_792_873_800 * NS_PER_S


class _Selector(selectors.SelectSelector):
    """Never waits: it moves the time of the loop on instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 1_000.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "everything waits, and nothing will ever come"
            # The loop sleeps in whole steps of its resolution, and so never quite long enough.
            self.now_s += max(timeout, 1e-9)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now_s


class LoopClock:
    """The clocks of a host that lives in the time of the running loop."""

    def __init__(self) -> None:
        self.stepped_ns = 0

    def monotonic_ns(self) -> int:
        return round(asyncio.get_running_loop().time() * NS_PER_S)

    def utc_ns(self) -> int:
        return BEDTIME_NS + self.monotonic_ns() + self.stepped_ns


def run(main: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
