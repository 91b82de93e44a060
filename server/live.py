"""The night that goes on: what the collector said last, and when."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from zoneinfo import ZoneInfo

from ingest.samples import NS_PER_S
from server.events import EventKind, Events
from server.wearer_id import FIRST
from server.wire import LiveReport

__all__ = ["FORGOTTEN_AFTER_S", "LATE_FOR_S", "SILENT_AFTER_S", "Live", "Tonight"]

LIVE = "/api/v1/live"
"""Where the night that goes on can be read."""

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
    unheard_s
        Seconds since then, or since this server was started, if that was later: before, it could
        not have been heard.
    """

    report: LiveReport
    heard: datetime
    silent: bool
    unheard_s: float = 0.0

    @property
    def heard_ns(self) -> int:
        """When it was said, in UTC nanoseconds, to the second."""
        return int(self.heard.timestamp()) * NS_PER_S

    @property
    def zone(self) -> ZoneInfo:
        """The wearer's zone."""
        return ZoneInfo(self.report.timezone)


@dataclass(frozen=True, slots=True)
class _Word:
    report: LiveReport
    heard: datetime
    at_s: float
    silent: bool = False


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Live:
    """Keeps the last report of each wearer; in memory, because it is sent again a minute later.

    That a night goes on at all is kept by `server.going_on`: who has fallen silent sends nothing.

    Parameters
    ----------
    now
        The UTC time, to be shown and for nothing else.
    monotonic
        Seconds of a clock that nobody sets, for what is silent or late.

    Attributes
    ----------
    events
        Where listeners are told that something is new.
    """

    def __init__(
        self,
        now: Callable[[], datetime] = _utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now = now
        self._monotonic = monotonic
        self._lock = Lock()
        self._last: dict[str, _Word] = {}
        self._over: dict[tuple[str, int], float] = {}
        self.events = Events()

    def tell(self, report: LiveReport, wearer: str = FIRST) -> bool:
        """Take a report of a wearer's night; it takes the place of the one before.

        Returns
        -------
        bool
            False where it is late: the night is over.
        """
        with self._lock:
            at_s = self._monotonic()
            late = self._is_over(wearer, report.started_ns, at_s)
            if not late:
                self._last[wearer] = _Word(report, self._now(), at_s)
        self.events.publish(wearer, EventKind.LIVE, LIVE)
        return not late

    def expect(self, report: LiveReport, wearer: str, heard: datetime) -> None:
        """Know of a night that went on when the server before was stopped."""
        with self._lock:
            self._last[wearer] = _Word(report, heard, self._monotonic(), silent=True)

    def over(self, started_ns: int, wearer: str = FIRST) -> None:
        """Forget a wearer's night, by the start of its recording: it is finished and stored."""
        with self._lock:
            at_s = self._monotonic()
            recent = {night: s for night, s in self._over.items() if at_s - s < LATE_FOR_S}
            self._over = recent | {(wearer, started_ns): at_s}
            last = self._last.get(wearer)
            gone = last is not None and last.report.started_ns == started_ns
            if gone:
                del self._last[wearer]
        if gone:
            self.events.publish(wearer, EventKind.LIVE, LIVE)

    def is_over(self, started_ns: int, wearer: str = FIRST) -> bool:
        """Tell whether a wearer's night was over lately, by the start of its recording."""
        with self._lock:
            return self._is_over(wearer, started_ns, self._monotonic())

    def _is_over(self, wearer: str, started_ns: int, at_s: float) -> bool:
        over_s = self._over.get((wearer, started_ns))
        return over_s is not None and at_s - over_s < LATE_FOR_S

    def tonight(self, wearer: str = FIRST) -> Tonight | None:
        """Say what is known of a wearer's night that goes on; None where none does."""
        with self._lock:
            last = self._last.get(wearer)
        if last is None:
            return None
        ago_s = self._monotonic() - last.at_s
        if ago_s > FORGOTTEN_AFTER_S:
            return None
        return Tonight(last.report, last.heard, last.silent or ago_s > SILENT_AFTER_S, ago_s)
