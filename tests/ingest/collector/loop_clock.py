"""Clocks that follow the virtual time of `simulator.wearable.run`, whenever they are made."""

from __future__ import annotations

import asyncio

from ingest.samples import NS_PER_S

BEDTIME_NS = 1_792_873_800 * NS_PER_S
"""UTC nanoseconds at which the loop is at 0."""


class LoopClock:
    """The clocks of a host that lives in the time of the running loop, asked by a thread too."""

    def __init__(self) -> None:
        self.stepped_ns = 0
        self._loop: asyncio.AbstractEventLoop | None = None

    def monotonic_ns(self) -> int:
        if self._loop is None or not self._loop.is_running():
            self._loop = asyncio.get_running_loop()
        return round(self._loop.time() * NS_PER_S)

    def utc_ns(self) -> int:
        return BEDTIME_NS + self.monotonic_ns() + self.stepped_ns
