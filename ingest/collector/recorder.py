"""Writes the night first, then hands on what is written; keeps what a full disk does not take."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ingest.errors import RecordingWriteError, SampleError
from ingest.native.writer import RecordingWriter
from ingest.samples import (
    NS_PER_S,
    Acceleration,
    Fault,
    FaultKind,
    HeartRate,
    Mark,
    RRIntervals,
    Samples,
)

__all__ = ["FLUSH_AFTER_NS", "MAX_WAITING_ROWS", "Recorder", "Written"]

log = logging.getLogger(__name__)

FLUSH_AFTER_NS = NS_PER_S
"""Nanoseconds between two writes: with what waits for its time before, at most 2 s are lost when
the process is killed."""

MAX_WAITING_ROWS = 1_000_000
"""Samples kept in memory while the disk takes none: five hours at 52 Hz, in about 35 MB."""


Waiting: TypeAlias = tuple[Samples | Fault, int]
"""A record, and the place of its sensor."""


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a write.

    Parameters
    ----------
    tried
        Records that no later write needs to be given.
    given
        Those of them that the writer has taken.
    safe
        Records on the disk, of those that the writer held before and these.
    problem
        Why the rest is not.
    """

    tried: int
    given: Sequence[Waiting]
    safe: int
    problem: RecordingWriteError | None


class Recorder:
    """Brings records to the disk, in their order.

    `flush` does it at once. Where a slow disk must hold up nothing, `write` may run in another
    thread, between `begin` and `settle` in this one; records are taken meanwhile.

    Parameters
    ----------
    writer
        Of the recording.
    hand_on
        Takes every sample that is on the disk, exactly as it is there, and the place of its sensor.
    max_rows
        Samples kept while the disk takes none; the oldest go first.
    """

    def __init__(
        self,
        writer: RecordingWriter,
        hand_on: Callable[[Samples, int], None],
        *,
        max_rows: int = MAX_WAITING_ROWS,
    ) -> None:
        self._writer = writer
        self._hand_on = hand_on
        self._max_rows = max_rows
        self._waiting: deque[Waiting] = deque()
        self._given: list[Waiting] = []
        self._rows = 0
        self._blocked = False
        self._lost_span: tuple[int, int] | None = None
        self.lost = 0
        """Samples given up, as the disk took none for too long."""
        self.written = 0
        """Samples on the disk."""

    @property
    def waiting(self) -> int:
        """Samples that are not on the disk yet."""
        return self._rows + sum(_rows(record) for record, _ in self._given)

    def take(self, record: Samples | Fault, sensor: int = 0) -> None:
        """Take a record; `flush` writes it."""
        self._waiting.append((record, sensor))
        self._rows += _rows(record)

    def flush(self) -> RecordingWriteError | None:
        """Write what waits, and hand it on.

        Returns
        -------
        Why it could not be written; it is kept then, and the next call tries again.
        """
        return self.settle(self.write(self.begin()))

    def begin(self) -> Sequence[Waiting]:
        """Give what waits, for `write`."""
        return tuple(self._waiting)

    def write(self, records: Sequence[Waiting]) -> Written:
        """Write records, and what the writer still holds; one call at a time."""
        held = len(self._given)
        given: list[Waiting] = []
        tried = safe = 0
        try:
            if self._blocked:
                # Nothing more goes to the writer before it is rid of what it holds.
                self._writer.flush()
                safe = held
            for record, sensor in records:
                tried += 1
                given.append((record, sensor))
                try:
                    self._writer.append(record, sensor)
                except SampleError as error:
                    # It would be a defect in how times are given; the night is worth more.
                    given.pop()
                    log.error("%d samples left out: %s", _rows(record), error)
            self._writer.flush()
        except RecordingWriteError as error:
            return Written(tried, given, safe, error)
        return Written(tried, given, held + len(given), None)

    def settle(self, written: Written) -> RecordingWriteError | None:
        """Hand on what is on the disk now, and keep the rest; gives what `flush` does."""
        for _ in range(written.tried):
            record, _sensor = self._waiting.popleft()
            self._rows -= _rows(record)
        self._given += written.given
        safe, self._given = self._given[: written.safe], self._given[written.safe :]
        for record, sensor in safe:
            self.written += _rows(record)
            if not isinstance(record, Fault):
                self._hand_on(record, sensor)
        self._blocked = written.problem is not None
        if written.problem is not None:
            self._give_up_oldest()
            return written.problem
        if self._lost_span is not None:
            self.take(Fault(*self._lost_span, FaultKind.GAP))
            self._lost_span = None
        return None

    def close(self) -> RecordingWriteError | None:
        """Write what waits, and end the segment."""
        problem = self.flush()
        if problem is None and self._waiting:
            # The gap that what was lost has left.
            problem = self.flush()
        try:
            self._writer.close()
        except RecordingWriteError as error:
            return problem or error
        return problem

    def _give_up_oldest(self) -> None:
        kept: deque[Waiting] = deque()
        while self._rows > self._max_rows and self._waiting:
            record, sensor = self._waiting.popleft()
            if isinstance(record, Fault | Mark):
                kept.append((record, sensor))
                continue
            if isinstance(record, Acceleration):
                start_ns, _ = self._lost_span or (int(record.times_ns[0]), 0)
                self._lost_span = start_ns, int(record.times_ns[-1])
            self.lost += _rows(record)
            self._rows -= _rows(record)
        self._waiting.extendleft(reversed(kept))


def _rows(record: Samples | Fault) -> int:
    return len(record) if isinstance(record, Acceleration | HeartRate | RRIntervals) else 0
