"""Faults of a live night, from their beginning to their end, apart from anything found in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ingest.samples import Fault, FaultKind

__all__ = ["FaultLog", "OpenFault"]


@dataclass(frozen=True, slots=True)
class OpenFault:
    """A fault that goes on.

    Parameters
    ----------
    source
        What it concerns: the name of a wearable or of a stream; empty for the whole night.
    start_ns
        UTC nanoseconds.
    """

    kind: FaultKind
    source: str
    start_ns: int


class FaultLog:
    """Begins and ends faults, and hands each on at both times, as the recording takes them.

    Parameters
    ----------
    record
        Takes a fault when it begins, its end being its start, and again when it has ended.
    """

    def __init__(self, record: Callable[[Fault], None]) -> None:
        self._record = record
        self._open: dict[tuple[FaultKind, str], OpenFault] = {}
        self._starts: set[tuple[FaultKind, int]] = set()

    @property
    def open(self) -> tuple[OpenFault, ...]:
        """The faults that go on, in the order they began."""
        return tuple(self._open.values())

    def is_open(self, kind: FaultKind, source: str = "") -> bool:
        """Tell whether a fault goes on."""
        return (kind, source) in self._open

    def begin(self, kind: FaultKind, at_ns: int, source: str = "") -> None:
        """Begin a fault; nothing happens where it goes on already."""
        if (kind, source) in self._open:
            return
        start_ns = self._start(kind, at_ns)
        self._open[kind, source] = OpenFault(kind, source, start_ns)
        self._record(Fault(start_ns, start_ns, kind))

    def end(self, kind: FaultKind, at_ns: int, source: str = "") -> None:
        """End a fault; nothing happens where it does not go on."""
        fault = self._open.pop((kind, source), None)
        if fault is not None:
            self._record(_ended(fault.start_ns, at_ns, kind))

    def heal(self, kind: FaultKind, at_ns: int, source: str = "") -> None:
        """End a fault by what was received, unless that was received before it began."""
        fault = self._open.get((kind, source))
        if fault is not None and at_ns > fault.start_ns:
            self.end(kind, at_ns, source)

    def note(self, kind: FaultKind, start_ns: int, end_ns: int) -> None:
        """Hand on a fault that is over already."""
        self._record(_ended(self._start(kind, start_ns), end_ns, kind))

    def end_all(self, at_ns: int) -> None:
        """End every fault, as the night ends."""
        for kind, source in list(self._open):
            self.end(kind, at_ns, source)

    def _start(self, kind: FaultKind, at_ns: int) -> int:
        """Give a start that no other fault of the kind has: a recording tells them by it."""
        while (kind, at_ns) in self._starts:
            at_ns += 1
        self._starts.add((kind, at_ns))
        return at_ns


def _ended(start_ns: int, end_ns: int, kind: FaultKind) -> Fault:
    """Give a fault that is over; one that ends with its start is one that goes on."""
    return Fault(start_ns, max(start_ns + 1, end_ns), kind)
