"""The night that goes on: what the collector said last, and when."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from zoneinfo import ZoneInfo

from server.wire import LiveReport

__all__ = ["FORGOTTEN_AFTER_S", "LATE_FOR_S", "SILENT_AFTER_S", "Live", "Tonight"]

SILENT_AFTER_S = 180.0
"""Seconds without a word from the collector after which the page says so: it reports once a minute,
and two words may be lost."""
FORGOTTEN_AFTER_S = 12 * 3600.0
"""Seconds after which a night that was never finished here is no longer tonight."""
LATE_FOR_S = 60.0
"""Seconds after the end of a night for which a word of it is late and not heard: the collector
gives one up after ten. One that goes on recording after all says so again a minute later."""


@dataclass(frozen=True, slots=True)
class Tonight:
    """What the collector said last.

    Parameters
    ----------
    heard
        When, UTC.
    silent
        Whether it should have said more by now.
    """

    report: LiveReport
    heard: datetime
    silent: bool

    @property
    def zone(self) -> ZoneInfo:
        """The wearer's zone."""
        return ZoneInfo(self.report.timezone)


@dataclass(frozen=True, slots=True)
class _Word:
    report: LiveReport
    heard: datetime
    at_s: float


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Live:
    """Keeps the last report; in memory, because it is sent again a minute later.

    Parameters
    ----------
    now
        The UTC time, to be shown and for nothing else.
    monotonic
        Seconds of a clock that nobody sets, for what is silent or late.
    """

    def __init__(
        self,
        now: Callable[[], datetime] = _utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = now
        self._monotonic = monotonic
        self._lock = Lock()
        self._last: _Word | None = None
        self._over: tuple[int, float] | None = None

    def tell(self, report: LiveReport) -> None:
        """Take a report; it takes the place of the one before."""
        with self._lock:
            at_s = self._monotonic()
            if self._over is not None:
                started_ns, over_s = self._over
                if report.started_ns == started_ns and at_s - over_s < LATE_FOR_S:
                    return
            self._last = _Word(report, self._now(), at_s)

    def over(self, started_ns: int) -> None:
        """Forget a night, by the start of its recording: it is finished and stored."""
        with self._lock:
            self._over = started_ns, self._monotonic()
            if self._last and self._last.report.started_ns == started_ns:
                self._last = None

    def tonight(self) -> Tonight | None:
        """Say what is known of the night that goes on; None where none does."""
        with self._lock:
            last = self._last
        if last is None:
            return None
        ago_s = self._monotonic() - last.at_s
        if ago_s > FORGOTTEN_AFTER_S:
            return None
        return Tonight(last.report, last.heard, ago_s > SILENT_AFTER_S)
