"""What is worth waking the owner for, and how: once, calmly, and only what can be helped."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from zoneinfo import ZoneInfo

from ingest.collector.faults import OpenFault
from ingest.samples import NS_PER_S, FaultKind
from server import words
from server.wire import FaultReport

__all__ = ["LASTING_NS", "NightNotices", "sentence"]

LASTING_NS = 600 * NS_PER_S
"""Nanoseconds (10 min) a fault lasts before it is told: most mend themselves sooner."""

AGAIN_NS = 3600 * NS_PER_S
"""Nanoseconds (1 h) between two notices of a kind from one wearable: nobody is to be woken all
night long."""


class NightNotices:
    """Picks, of the faults that go on, those to tell of now.

    Parameters
    ----------
    kinds
        Which the owner wants to hear of at night.
    """

    def __init__(self, kinds: Collection[FaultKind]) -> None:
        self._kinds = frozenset(kinds)
        self._told: dict[tuple[FaultKind, str], int] = {}

    def due(self, faults: Sequence[OpenFault], now_ns: int) -> list[OpenFault]:
        """Give the faults to tell of now; each counts as told then."""
        found = []
        for fault in faults:
            key = fault.kind, fault.source
            lasting = now_ns - fault.start_ns >= LASTING_NS
            told_ns = self._told.get(key)
            again = told_ns is None or (fault.start_ns > told_ns and now_ns - told_ns >= AGAIN_NS)
            if fault.kind in self._kinds and lasting and again:
                self._told[key] = now_ns
                found.append(fault)
        return found


def sentence(fault: OpenFault | FaultReport, zone: ZoneInfo) -> str:
    """Write a notice: what, of which wearable, since when, and what to do."""
    told = words.open_fault(fault.kind, fault.source, fault.start_ns, zone)
    return f"{told} {words.fault_advice(fault.kind)}"
