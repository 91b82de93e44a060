"""The night that goes on: what the collector said last, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

from server.wire import LiveReport

__all__ = ["FORGOTTEN_AFTER", "SILENT_AFTER", "Live", "Tonight"]

SILENT_AFTER = timedelta(minutes=3)
"""Without a word from the collector for longer, the page says so: it reports once a minute, and
two words may be lost."""
FORGOTTEN_AFTER = timedelta(hours=12)
"""After which a night that was never finished here is no longer tonight."""


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


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Live:
    """Keeps the last report; in memory, because it is sent again a minute later."""

    def __init__(self, now: Callable[[], datetime] = _utc_now) -> None:
        self._now = now
        self._lock = Lock()
        self._last: tuple[LiveReport, datetime] | None = None

    def tell(self, report: LiveReport) -> None:
        """Take a report; it takes the place of the one before."""
        with self._lock:
            self._last = report, self._now()

    def over(self, started_ns: int) -> None:
        """Forget the night that began at an instant: it is finished and stored."""
        with self._lock:
            if self._last and self._last[0].started_ns == started_ns:
                self._last = None

    def tonight(self) -> Tonight | None:
        """Say what is known of the night that goes on; None where none does."""
        with self._lock:
            last = self._last
        if last is None:
            return None
        report, heard = last
        ago = self._now() - heard
        return None if ago > FORGOTTEN_AFTER else Tonight(report, heard, ago > SILENT_AFTER)
