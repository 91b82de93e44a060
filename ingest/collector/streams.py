"""From the frames of one stream to samples with the time of the night, each once and in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ingest.collector.clock import NightClock
from ingest.collector.device_clock import DeviceClock
from ingest.collector.pacer import Pacer
from ingest.collector.talk import Heard
from ingest.devices.conversation import AccelerationFrame, HeartFrame
from ingest.recording import part
from ingest.samples import MAX_RR_MS, NS_PER_S, Acceleration, HeartRate, RRIntervals

__all__ = ["AccelerationStream", "Counts", "HeartStream"]

Series = TypeVar("Series", bound=Acceleration | HeartRate | RRIntervals)
Times = npt.NDArray[np.int64]

REMEMBERED_FRAMES = 512
"""Frames of which the device's time is remembered, 10 min at least: BlueZ repeats within
milliseconds, a device that sends again what was not confirmed within seconds."""
REPEAT_SHARE = 0.5
"""Share of the time a frame covers within which an equal one, where the device sends no time, is
that frame again: copies come at once, and no device sends twice as fast as it measures."""
MAX_HELD_S = 30.0
"""Seconds that an unchanged value, confirmed by a read, stands for at most."""


@dataclass(slots=True)
class Counts:
    """What became of the frames of one stream."""

    frames: int = 0
    samples: int = 0
    repeats: int = 0
    """Frames that were there already."""
    overlaps: int = 0
    """Samples left out, as the recording had reached later ones before the collector started."""


def _continue_after(after_ns: int, series: Series, counts: Counts) -> Series:
    """Leave out what is not after a time that the recording has reached."""
    start = int(np.searchsorted(series.times_ns, after_ns, side="right"))
    counts.overlaps += start
    return part(series, start, len(series)) if start else series


@dataclass(slots=True)
class AccelerationStream:
    """Acceleration of one device, across its connections.

    Parameters
    ----------
    rate_hz
        Samples a second, for devices that send no time.
    after_ns
        UTC that the recording has reached.
    """

    rate_hz: float
    after_ns: int = 0
    counts: Counts = field(default_factory=Counts)
    device_clock: DeviceClock = field(default_factory=DeviceClock)
    _pacer: Pacer = field(default_factory=Pacer)
    _seen: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=REMEMBERED_FRAMES))
    _before: Heard | None = None

    def take(
        self, frames: Sequence[Heard], night: NightClock
    ) -> list[Acceleration | HeartRate | RRIntervals]:
        """Give the samples of frames, in the order they came."""
        parts: list[tuple[Times, npt.NDArray[np.float32]]] = []
        waiting: list[tuple[Heard, AccelerationFrame]] = []
        for heard in frames:
            frame = heard.frame
            if not isinstance(frame, AccelerationFrame) or not len(frame.xyz_g):
                continue
            if self._is_repeat(heard, frame):
                self.counts.repeats += 1
                continue
            self.counts.frames += 1
            if frame.device_ns is not None:
                parts.append((self._device_times(heard, frame.device_ns), frame.xyz_g))
            else:
                held = self._held(heard, frame)
                if heard.asked or self._is_first(heard):
                    # It is timed by itself, for it came at once; the others as a bunch.
                    parts += self._paced(waiting)
                    parts += self._paced([(heard, held)], prompt=len(held.xyz_g) == 1)
                    waiting = []
                else:
                    waiting.append((heard, held))
            self._before = heard
        parts += self._paced(waiting)
        if not parts:
            return []
        times_ns = np.concatenate([times for times, _ in parts])
        xyz_g = np.concatenate([values for _, values in parts])
        chunk = Acceleration(times_ns + night.offset_ns, xyz_g)
        kept = _continue_after(self.after_ns, chunk, self.counts)
        self.counts.samples += len(kept)
        return [kept] if len(kept) else []

    def _paced(
        self, bunch: Sequence[tuple[Heard, AccelerationFrame]], *, prompt: bool = False
    ) -> list[tuple[Times, npt.NDArray[np.float32]]]:
        """Time a bunch of frames without a time of their own."""
        if not bunch:
            return []
        xyz_g = np.concatenate([frame.xyz_g for _, frame in bunch])
        apart_ns = np.full(len(xyz_g), NS_PER_S / self.rate_hz)
        return [(self._pacer.times_ns(apart_ns, bunch[-1][0].received_ns, prompt=prompt), xyz_g)]

    def _is_first(self, heard: Heard) -> bool:
        """Tell whether a frame is the first of its connection."""
        return self._before is None or self._before.connection != heard.connection

    def _device_times(self, heard: Heard, device_ns: Times) -> Times:
        return self.device_clock.times_ns(
            device_ns, heard.received_ns, reconnected=self._is_first(heard)
        )

    def _is_repeat(self, heard: Heard, frame: AccelerationFrame) -> bool:
        if frame.device_ns is None:
            span_ns = len(frame.xyz_g) * NS_PER_S / self.rate_hz
            return _came_twice(self._before, heard, span_ns)
        # A clock that begins anew may give a time twice, but hardly with the same samples.
        key = (int(frame.device_ns[-1]), heard.data)
        if key in self._seen:
            return True
        self._seen.append(key)
        return False

    def _held(self, heard: Heard, frame: AccelerationFrame) -> AccelerationFrame:
        """Let a value that was asked for, and is unchanged, stand for the silence before it.

        Who notifies changes alone has measured all the time.
        """
        before = self._before
        if (
            not heard.asked
            or before is None
            or before.connection != heard.connection
            or before.data != heard.data
        ):
            return frame
        silence_s = min((heard.received_ns - before.received_ns) / NS_PER_S, MAX_HELD_S)
        count = max(1, round(silence_s * self.rate_hz))
        return AccelerationFrame(np.repeat(frame.xyz_g[-1:], count, axis=0))


@dataclass(slots=True)
class HeartStream:
    """Heart rate and RR intervals of one device.

    Parameters
    ----------
    rate_hz
        Readings a second; None where they come when they come.
    after_ns
        UTC that the recording has reached.
    """

    rate_hz: float | None
    after_ns: int = 0
    counts: Counts = field(default_factory=Counts)
    _pacer: Pacer = field(init=False)
    _beats: Pacer = field(default_factory=Pacer)
    _before: Heard | None = None

    def __post_init__(self) -> None:
        self._pacer = Pacer(steady=self.rate_hz is not None)

    def take(
        self, frames: Sequence[Heard], night: NightClock
    ) -> list[Acceleration | HeartRate | RRIntervals]:
        """Give the samples of frames, in the order they came."""
        span_ns = NS_PER_S / (self.rate_hz or 1.0)
        readings: list[HeartFrame] = []
        received_ns = 0
        for heard in frames:
            if not isinstance(heard.frame, HeartFrame):
                continue
            if _came_twice(self._before, heard, span_ns):
                self.counts.repeats += 1
                continue
            self.counts.frames += 1
            self._before = heard
            readings.append(heard.frame)
            received_ns = heard.received_ns
        if not readings:
            return []
        times_ns = self._pacer.times_ns(np.full(len(readings), span_ns), received_ns)
        rate = HeartRate(
            times_ns + night.offset_ns,
            np.array([each.bpm for each in readings], np.float32),
            _contacts(readings),
        )
        found: list[HeartRate | RRIntervals] = [rate]
        rr_ms = [rr for each in readings for rr in each.rr_ms if 0 < rr <= MAX_RR_MS]
        if rr_ms:
            apart_ns = np.array(rr_ms, np.float64) * 1e6
            beats_ns = self._beats.times_ns(apart_ns, received_ns) + night.offset_ns
            found.append(RRIntervals(beats_ns, np.array(rr_ms, np.float32)))
        kept = [_continue_after(self.after_ns, each, self.counts) for each in found]
        self.counts.samples += len(kept[0])
        return [each for each in kept if len(each)]


def _came_twice(before: Heard | None, heard: Heard, span_ns: float) -> bool:
    return (
        before is not None
        and not heard.asked
        and before.data == heard.data
        and heard.received_ns - before.received_ns < REPEAT_SHARE * span_ns
    )


def _contacts(readings: Sequence[HeartFrame]) -> npt.NDArray[np.int8] | None:
    if all(each.contact is None for each in readings):
        return None
    return np.array([-1 if each.contact is None else each.contact for each in readings], np.int8)
