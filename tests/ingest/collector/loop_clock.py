"""Clocks that follow the virtual time of `simulator.wearable.run`, whenever they are made."""

from __future__ import annotations

import asyncio

from ingest.samples import NS_PER_S

BEDTIME_NS = 1_792_873_800 * NS_PER_S
"""UTC nanoseconds at which the loop is at 0."""


class LoopClock:
    """The clocks of a host that lives in the time of the running loop."""

    def __init__(self) -> None:
        self.stepped_ns = 0

    def monotonic_ns(self) -> int:
        return round(asyncio.get_running_loop().time() * NS_PER_S)

    def utc_ns(self) -> int:
        return BEDTIME_NS + self.monotonic_ns() + self.stepped_ns
