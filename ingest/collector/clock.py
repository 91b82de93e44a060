"""The clocks of the host, and the time of a night that no setting of them moves."""

from __future__ import annotations

import time
from typing import Protocol

from ingest.samples import NS_PER_S

__all__ = ["MIN_STEP_NS", "Clock", "NightClock", "SystemClock"]

MIN_STEP_NS = NS_PER_S
"""Nanoseconds that UTC has to jump to count as set: time services correct less by slewing."""


class Clock(Protocol):
    """The clocks of the host, in nanoseconds."""

    def monotonic_ns(self) -> int:
        """Give the time since some moment; it never falls, and goes on while the host sleeps."""

    def utc_ns(self) -> int:
        """Give the time since 1970; it jumps when the clock is set."""


class SystemClock:
    """The clocks of this computer."""

    # Linux stops CLOCK_MONOTONIC while a laptop sleeps; that would date the rest of a night wrong.
    _monotonic = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))

    def monotonic_ns(self) -> int:
        """Give the time since some moment."""
        if self._monotonic is None:
            return time.monotonic_ns()
        return time.clock_gettime_ns(self._monotonic)

    def utc_ns(self) -> int:
        """Give the time since 1970."""
        return time.time_ns()


class NightClock:
    """UTC as it was when the night began, carried on by the monotonic clock.

    Parameters
    ----------
    clock
        The clocks of the host.
    not_before_ns
        UTC nanoseconds that the night has reached already. Where the host's clock was set back
        since, time goes on from there, as samples may not go back.
    """

    def __init__(self, clock: Clock, not_before_ns: int = 0) -> None:
        self._clock = clock
        self._offset_ns = self._host_offset_ns()
        self._seen_offset_ns = self._offset_ns
        self._looked_ns = self.now_ns()
        behind_ns = not_before_ns - self.now_ns()
        self.set_back_ns = max(0, behind_ns)
        """Nanoseconds by which the clock was behind what the night had reached."""
        self._offset_ns += self.set_back_ns

    @property
    def offset_ns(self) -> int:
        """UTC minus monotonic time, the same all night."""
        return self._offset_ns

    def now_ns(self) -> int:
        """Give UTC nanoseconds."""
        return self.at_ns(self._clock.monotonic_ns())

    def at_ns(self, monotonic_ns: int) -> int:
        """Give UTC nanoseconds of a moment of the monotonic clock."""
        return monotonic_ns + self._offset_ns

    def stepped_ns(self) -> tuple[int, int] | None:
        """Tell whether the host's UTC was set since the last look.

        Returns
        -------
        The moments of the last look and of this one, between which it was; None where it was not.
        """
        offset_ns, before_ns = self._host_offset_ns(), self._looked_ns
        self._looked_ns = self.now_ns()
        if abs(offset_ns - self._seen_offset_ns) < MIN_STEP_NS:
            return None
        self._seen_offset_ns = offset_ns
        return before_ns, self._looked_ns

    def _host_offset_ns(self) -> int:
        return self._clock.utc_ns() - self._clock.monotonic_ns()
