"""Writes the night first, then hands on what is written; keeps what a full disk does not take."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

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

__all__ = ["FLUSH_AFTER_NS", "MAX_WAITING_ROWS", "Recorder"]

log = logging.getLogger(__name__)

FLUSH_AFTER_NS = NS_PER_S
"""Nanoseconds between two writes: with what waits for its time before, at most 2 s are lost when
the process is killed."""

MAX_WAITING_ROWS = 1_000_000
"""Samples kept in memory while the disk takes none: five hours at 52 Hz, in about 25 MB."""


class Recorder:
    """Brings records to the disk, in their order.

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
        self._waiting: deque[tuple[Samples | Fault, int]] = deque()
        self._given: list[tuple[Samples | Fault, int]] = []
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
        try:
            if self._blocked:
                # Nothing more goes to the writer before it is rid of what it holds.
                self._finish()
            while self._waiting:
                self._give(*self._waiting.popleft())
            self._finish()
        except RecordingWriteError as error:
            self._blocked = True
            self._give_up_oldest()
            return error
        self._blocked = False
        if self._lost_span is None:
            return None
        self.take(Fault(*self._lost_span, FaultKind.GAP))
        self._lost_span = None
        return self.flush()

    def close(self) -> RecordingWriteError | None:
        """Write what waits, and end the segment."""
        problem = self.flush()
        try:
            self._writer.close()
        except RecordingWriteError as error:
            return problem or error
        return problem

    def _give(self, record: Samples | Fault, sensor: int) -> None:
        self._rows -= _rows(record)
        self._given.append((record, sensor))
        try:
            self._writer.append(record, sensor)
        except SampleError as error:
            # It would be a defect in how times are given; the rest of the night is worth more.
            self._given.pop()
            log.error("%d samples left out: %s", _rows(record), error)

    def _finish(self) -> None:
        self._writer.flush()
        given, self._given = self._given, []
        for record, sensor in given:
            self.written += _rows(record)
            if not isinstance(record, Fault):
                self._hand_on(record, sensor)

    def _give_up_oldest(self) -> None:
        kept: deque[tuple[Samples | Fault, int]] = deque()
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
