"""Which night each part of a recording is of.

A sleep is never torn: with all that was recorded and found in it, it is of the night in which it
began, though the sleeper be a shift worker who sleeps across noon. The rest is cut at local noon;
but the hour after a sleep in which the wearable was still worn makes no night of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

from detector.night import Night, Sleep
from ingest.samples import NS_PER_S
from server import nights

__all__ = ["BESIDE_NS", "Dating"]

BESIDE_NS = 4 * 3600 * NS_PER_S
"""Nanoseconds (4 h) before and after a sleep that go with it where noon would make them a night
without one: more is worth being told as worn without sleep."""


@dataclass(frozen=True, slots=True)
class Dating:
    """Names the nights of a recording.

    Parameters
    ----------
    zone
        The wearer's.
    sleeps
        Of the recording, by time.
    """

    zone: ZoneInfo
    sleeps: tuple[Sleep, ...]

    @classmethod
    def of(cls, night: Night) -> Dating:
        """Date a judged recording."""
        return cls(night.info.zone, night.sleeps)

    def night_of(self, instant_ns: int) -> date:
        """Name the night that an instant of the recording is of."""
        for sleep in self.sleeps:
            if sleep.onset_ns <= instant_ns < sleep.wake_ns:
                return self._night_of(sleep)
        return self._beside(nights.night_of(instant_ns, self.zone), instant_ns)

    def by_night(self, start_ns: int, end_ns: int) -> Iterator[tuple[date, int, int]]:
        """Cut a span where its night changes: the night, the start and the end of each piece."""
        edges = {
            edge
            for sleep in self.sleeps
            for edge in (
                sleep.onset_ns - BESIDE_NS,
                sleep.onset_ns,
                sleep.wake_ns,
                sleep.wake_ns + BESIDE_NS,
            )
        }
        cuts = [start_ns, *sorted(edge for edge in edges if start_ns < edge < end_ns), end_ns]
        held: tuple[date, int, int] | None = None
        for cut_ns, next_ns in pairwise(cuts):
            for night, piece_start_ns, piece_end_ns in self._uncut(cut_ns, next_ns):
                if held is not None and held[0] == night:
                    held = (night, held[1], piece_end_ns)
                    continue
                if held is not None:
                    yield held
                held = (night, piece_start_ns, piece_end_ns)
        if held is not None:
            yield held

    def _uncut(self, start_ns: int, end_ns: int) -> Iterator[tuple[date, int, int]]:
        """Date a span without an edge of a sleep, or of what is beside it, inside."""
        for sleep in self.sleeps:
            if sleep.onset_ns <= start_ns < sleep.wake_ns:
                if start_ns < end_ns:
                    yield self._night_of(sleep), start_ns, end_ns
                return
        for night, piece_start_ns, piece_end_ns in nights.by_night(start_ns, end_ns, self.zone):
            yield self._beside(night, piece_start_ns), piece_start_ns, piece_end_ns

    def _beside(self, night: date, instant_ns: int) -> date:
        """Name the night of a waking instant that noon would give to `night`."""
        if night in {self._night_of(sleep) for sleep in self.sleeps}:
            return night
        beside = [
            sleep
            for sleep in self.sleeps
            if sleep.onset_ns - BESIDE_NS <= instant_ns < sleep.wake_ns + BESIDE_NS
        ]
        return self._night_of(beside[-1]) if beside else night

    def _night_of(self, sleep: Sleep) -> date:
        return nights.night_of(sleep.onset_ns, self.zone)
