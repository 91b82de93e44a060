"""Tells which stream of a link is silent, by the monotonic clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ingest.devices.conversation import Stream, StreamKind
from ingest.samples import NS_PER_S

__all__ = ["Watchdog"]

LONGEST_PATIENCE_S = 600.0
"""Seconds between two questions to a stream that stays silent, at most."""


@dataclass(slots=True)
class _Watched:
    stream: Stream
    heard_ns: int
    deadline_ns: int
    patience_s: float
    silent: bool = False


class Watchdog:
    """Watches the streams of one connection.

    Parameters
    ----------
    streams
        Those to watch.
    now_ns
        Monotonic nanoseconds, as everywhere here.
    """

    def __init__(self, streams: Iterable[Stream], now_ns: int) -> None:
        self._watched = {
            each.kind: _Watched(each, now_ns, now_ns + _ns(each.silence_s), each.silence_s)
            for each in streams
        }

    @property
    def silent(self) -> frozenset[StreamKind]:
        """The streams that stay silent."""
        return frozenset(kind for kind, each in self._watched.items() if each.silent)

    @property
    def deadline_ns(self) -> int:
        """When the next stream has been silent for too long."""
        return min(each.deadline_ns for each in self._watched.values())

    def stream(self, kind: StreamKind) -> Stream | None:
        """Give a stream; None where it is not watched."""
        return self._watched[kind].stream if kind in self._watched else None

    def heard_ns(self, kind: StreamKind) -> int:
        """Tell when a stream was last heard, or began to be watched."""
        return self._watched[kind].heard_ns

    def heard(self, kind: StreamKind, now_ns: int) -> bool:
        """Note that a stream brings something; True where it had been silent."""
        each = self._watched.get(kind)
        if each is None:
            return False
        was_silent, each.silent = each.silent, False
        each.heard_ns, each.patience_s = now_ns, each.stream.silence_s
        each.deadline_ns = now_ns + _ns(each.patience_s)
        return was_silent

    def grant(self, kind: StreamKind, now_ns: int) -> None:
        """Give a stream its time anew, as it has answered."""
        each = self._watched.get(kind)
        if each is not None:
            each.deadline_ns = now_ns + _ns(each.stream.silence_s)

    def overdue(self, now_ns: int) -> Stream | None:
        """Give a stream that has been silent for too long, a vital one first; None where none."""
        late = [each for each in self._watched.values() if each.deadline_ns <= now_ns]
        first = min(late, key=lambda each: (not each.stream.vital, each.deadline_ns), default=None)
        return None if first is None else first.stream

    def stays_silent(self, kind: StreamKind, now_ns: int) -> None:
        """Note that nothing helped; it is asked again after twice the time."""
        each = self._watched[kind]
        each.silent = True
        each.patience_s = min(2 * each.patience_s, max(LONGEST_PATIENCE_S, each.stream.silence_s))
        each.deadline_ns = now_ns + _ns(each.patience_s)


def _ns(seconds: float) -> int:
    return round(seconds * NS_PER_S)
