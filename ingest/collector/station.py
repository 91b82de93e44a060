"""What one wearable brings into a night: its samples, its faults, its figures."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping

import numpy as np

from ingest.collector.clock import Clock, NightClock
from ingest.collector.faults import FaultLog
from ingest.collector.machine import CONNECTED, State
from ingest.collector.paired import PairedDevice
from ingest.collector.status import LinkStatus, StreamStatus
from ingest.collector.streams import AccelerationStream, HeartStream
from ingest.collector.talk import Heard
from ingest.devices.conversation import StreamKind, kind_of
from ingest.devices.heart_rate_service import BatteryLevel
from ingest.errors import DecodeError, SampleError
from ingest.samples import NS_PER_S, Acceleration, FaultKind, HeartRate, RRIntervals, Samples

__all__ = ["Station"]

log = logging.getLogger(__name__)

MIN_GAP_NS = NS_PER_S // 2
"""Nanoseconds between two samples of acceleration that are told as a gap: less than the shortest
frame of Polar's that can be lost, more than any rate leaves between samples."""

LOW_PERCENT = 20
"""Battery level in percent that begins 'low': some three hours of the 18 that a Polar lasts."""
FLAT_PERCENT = 5
"""Percent that begins 'flat': it ends within the hour."""
RISE_PERCENT = 5
"""Percent above these that end the fault again, as a level wavers."""

CALM_NS = 60 * NS_PER_S
"""Nanoseconds without a damaged frame that end the fault."""

RATE_WINDOW_NS = 30 * NS_PER_S
"""Nanoseconds over which the rate reached is told: some twenty frames of the longest."""


class Station:
    """Takes what one link says, as a `ingest.collector.link.LinkListener`.

    What the radio calls only puts things by; `collect` makes samples of them.

    Parameters
    ----------
    paired
        The wearable.
    clock, night
        The clocks of the host, and that of the night.
    faults
        Of the night.
    after_ns
        UTC that the recording has reached, by stream.
    judged
        Whether the night is judged by its acceleration: a hole in that is a gap of the night.
    """

    def __init__(
        self,
        paired: PairedDevice,
        clock: Clock,
        night: NightClock,
        faults: FaultLog,
        after_ns: Mapping[StreamKind, int],
        *,
        judged: bool = True,
    ) -> None:
        self.paired = paired
        self._clock = clock
        self._night = night
        self._faults = faults
        self._judged = judged
        wearable = paired.wearable
        self._streams: dict[StreamKind, AccelerationStream | HeartStream] = {}
        if StreamKind.ACCELERATION in paired.brings:
            self._streams[StreamKind.ACCELERATION] = AccelerationStream(
                wearable.rate_hz, after_ns.get(StreamKind.ACCELERATION, 0)
            )
        if StreamKind.HEART_RATE in paired.brings:
            self._streams[StreamKind.HEART_RATE] = HeartStream(
                wearable.heart_rate_hz, after_ns.get(StreamKind.HEART_RATE, 0)
            )
        self._last_ns = {kind: after_ns.get(kind) for kind in self._streams}
        self._rates = {kind: _Rate() for kind in self._streams}
        self._waiting: list[Heard] = []
        self._state = State.IDLE
        self._since_ns = self._heard_ns = night.now_ns()
        self._why = self._advice = ""
        self._connection = 0
        self._decode_errors = 0
        self._last_error_ns = 0
        self._battery: int | None = None
        self._bpm: float | None = None

    def heard(self, heard: Heard) -> None:
        """Put a frame by."""
        self._waiting.append(heard)

    def undecodable(self, error: DecodeError, received_ns: int) -> None:
        """Count a damaged frame."""
        self._decode_errors += 1
        self._last_error_ns = self._night.at_ns(received_ns)
        if not self._faults.is_open(FaultKind.DECODE_ERRORS, self._name):
            log.warning("%s: %s", self._name, error)
            self._faults.begin(FaultKind.DECODE_ERRORS, self._last_error_ns, self._name)

    def advised(self, advice: str) -> None:
        """Keep what the wearer can do."""
        if advice != self._advice:
            log.warning("%s: %s", self._name, advice)
        self._advice = advice

    def moved(self, state: State, why: str) -> None:
        """Take note of the state; a link that is not up is a fault from its last frame on."""
        now_ns = self._night.now_ns()
        self._state, self._since_ns = state, now_ns
        self._why = why or self._why
        if state in (State.DISCONNECTING, State.BACKING_OFF):
            for kind in self._streams:
                self._faults.end(FaultKind.SILENT_STREAM, now_ns, self._source(kind))
            self._faults.begin(FaultKind.LINK_LOST, self._latest_ns(), self._name)

    def silent(self, kind: StreamKind, since_ns: int) -> None:
        """Take note of a stream that stays silent."""
        self._faults.begin(FaultKind.SILENT_STREAM, self._night.at_ns(since_ns), self._source(kind))

    def collect(self, take: Callable[[Samples, PairedDevice], None]) -> None:
        """Hand on the samples of all that has come since the last call, with what was wrong."""
        frames, self._waiting = self._waiting, []
        for heard in frames:
            self._note(heard)
        for kind, stream in self._streams.items():
            of_kind = [heard for heard in frames if kind_of(heard.frame) is kind]
            if not of_kind:
                continue
            try:
                found = stream.take(of_kind, self._night)
            except SampleError as error:
                self.undecodable(
                    DecodeError(str(kind), str(error), of_kind[0].data), of_kind[0].received_ns
                )
                continue
            for record in found:
                self._follow(kind, record)
                take(record, self.paired)
        if self._night.now_ns() - self._last_error_ns >= CALM_NS:
            self._faults.end(FaultKind.DECODE_ERRORS, self._last_error_ns, self._name)

    def status(self) -> LinkStatus:
        """Give a picture of the moment."""
        now_ns = self._night.now_ns()
        acceleration = self._streams.get(StreamKind.ACCELERATION)
        restarts = (
            acceleration.device_clock.restarts
            if isinstance(acceleration, AccelerationStream)
            else 0
        )
        return LinkStatus(
            name=self._name,
            address=self.paired.address,
            kind=self.paired.kind,
            state=self._state,
            since_ns=self._since_ns,
            why="" if self._state in CONNECTED else self._why,
            connections=self._connection,
            decode_errors=self._decode_errors,
            clock_restarts=restarts,
            battery_percent=self._battery,
            bpm=self._bpm,
            streams=tuple(
                StreamStatus(
                    kind,
                    self._rates[kind].hz(now_ns),
                    stream.counts.frames,
                    stream.counts.samples,
                    stream.counts.repeats,
                    self._last_ns[kind],
                )
                for kind, stream in self._streams.items()
            ),
            advice=self._advice,
        )

    @property
    def _name(self) -> str:
        return self.paired.name

    def _source(self, kind: StreamKind) -> str:
        return f"{self._name} {kind}"

    def _latest_ns(self) -> int:
        """Tell when the device was heard last, or the collector started."""
        waiting = [self._night.at_ns(heard.received_ns) for heard in self._waiting]
        return max([self._heard_ns, *waiting])

    def _note(self, heard: Heard) -> None:
        """Take note of what a frame shows beside its samples."""
        received_ns = self._night.at_ns(heard.received_ns)
        self._heard_ns = max(self._heard_ns, received_ns)
        self._connection = max(self._connection, heard.connection)
        kind = kind_of(heard.frame)
        if isinstance(heard.frame, BatteryLevel):
            self._note_battery(heard.frame.percent, received_ns)
            return
        self._faults.heal(FaultKind.LINK_LOST, received_ns, self._name)
        self._faults.heal(FaultKind.SILENT_STREAM, received_ns, self._source(kind))
        if kind is StreamKind.ACCELERATION or StreamKind.ACCELERATION not in self._streams:
            self._advice = ""

    def _note_battery(self, percent: int, at_ns: int) -> None:
        self._battery = percent
        for kind, limit in (
            (FaultKind.BATTERY_LOW, LOW_PERCENT),
            (FaultKind.BATTERY_FLAT, FLAT_PERCENT),
        ):
            if percent <= limit:
                self._faults.begin(kind, at_ns, self._name)
            elif percent >= limit + RISE_PERCENT:
                self._faults.end(kind, at_ns, self._name)

    def _follow(self, kind: StreamKind, record: Acceleration | HeartRate | RRIntervals) -> None:
        """Take note of a gap before samples, and within them, and of how many they are."""
        if isinstance(record, RRIntervals):
            return
        if isinstance(record, HeartRate):
            self._bpm = float(record.bpm[-1])
        last_ns = self._last_ns[kind]
        if isinstance(record, Acceleration) and self._judged:
            times_ns = record.times_ns
            known = times_ns if last_ns is None else np.append(last_ns, times_ns)
            for place in np.flatnonzero(np.diff(known) > MIN_GAP_NS).tolist():
                self._faults.note(FaultKind.GAP, int(known[place]), int(known[place + 1]))
        self._last_ns[kind] = int(record.times_ns[-1])
        self._rates[kind].add(int(record.times_ns[0]), int(record.times_ns[-1]), len(record))


class _Rate:
    """Counts the samples of the last half minute."""

    def __init__(self) -> None:
        self._chunks: deque[tuple[int, int, int]] = deque()
        self._samples = 0

    def add(self, first_ns: int, last_ns: int, samples: int) -> None:
        """Take a chunk."""
        self._chunks.append((first_ns, last_ns, samples))
        self._samples += samples
        while last_ns - self._chunks[0][0] > RATE_WINDOW_NS and len(self._chunks) > 2:
            self._samples -= self._chunks.popleft()[2]

    def hz(self, now_ns: int) -> float | None:
        """Give samples a second, 0 where there are none of late; None before there are two."""
        if not self._chunks:
            return None
        first_ns, last_ns = self._chunks[0][0], self._chunks[-1][1]
        if now_ns - last_ns > RATE_WINDOW_NS:
            return 0.0
        return (self._samples - 1) * NS_PER_S / (last_ns - first_ns) if last_ns > first_ns else None
