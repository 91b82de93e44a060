"""One live night without the radio: what links bring goes to the recording, then to who listens."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from ingest.collector.clock import Clock, NightClock
from ingest.collector.faults import FaultLog
from ingest.collector.paired import PairedDevice, require_one_night, sensors_of
from ingest.collector.recorder import FLUSH_AFTER_NS, Recorder, Written
from ingest.collector.resume import Resumed, resume
from ingest.collector.station import Station
from ingest.collector.status import NightStatus
from ingest.devices.conversation import StreamKind
from ingest.native.night import main_sensor
from ingest.native.writer import RecordingWriter
from ingest.samples import NS_PER_S, Acceleration, FaultKind, Mark, RecordingInfo, Samples

__all__ = ["Beside", "OnSamples", "Session", "free_bytes"]

log = logging.getLogger(__name__)

OnSamples = Callable[[Samples], Iterable[Mark] | None]
"""Takes samples that are on the disk, and may give marks that it found in them, to be recorded with
them; the live detector's `feed`."""

Beside = Callable[[Callable[[], Written]], Awaitable[Written]]
"""Writes without holding up the radio: a card can take seconds to say that it has taken a batch."""

LOW_DISK_BYTES = 200 * 1024 * 1024
"""Free bytes below which the disk counts as low: some nights, and room to compact one."""
DISK_LOOK_NS = 60 * NS_PER_S
"""Nanoseconds between two looks at the free room."""


def free_bytes(folder: Path) -> int:
    """Tell how much room there is on the disk of a folder."""
    return shutil.disk_usage(folder).free


class Session:
    """A live night.

    Parameters
    ----------
    paired
        The wearables.
    folder
        Of the recording; one that is there is continued.
    info
        What is known of the night; a recording that is there keeps what it says of itself.
    clock
        The clocks of the host.
    on_samples
        Takes every sample of the night once it is on the disk: those that the recording already
        holds at once, then those that come. It gets what a replay of the recording would: the
        acceleration of the main sensor, heart rate, RR intervals and marks. The marks that it
        gives are recorded, unless they are already.
    free
        Tells how much room there is on the disk of a folder.
    beside
        Writes, beside the loop.

    Raises
    ------
    SettingsError
        If the wearables do not make a night.
    RecordingError
        If the folder is another recording, or cannot be written.
    """

    def __init__(
        self,
        paired: Sequence[PairedDevice],
        folder: Path,
        info: RecordingInfo,
        *,
        clock: Clock,
        on_samples: OnSamples | None = None,
        free: Callable[[Path], int] = free_bytes,
        beside: Beside = asyncio.to_thread,
    ) -> None:
        require_one_night(paired)
        sensors = sensors_of(paired)
        self._folder = folder
        self._on_samples = on_samples
        self._free = free
        self._beside = beside
        self._writing: asyncio.Future[None] | None = None
        self._places = {address: place for place, address in enumerate(sensors)}
        self._main = main_sensor(tuple(sensors.values()))
        self._found: list[Mark] = []
        self._recorded: set[Mark] = set()
        resumed = resume(folder, tuple(sensors.values()), self._hand_on)
        writer = RecordingWriter.open(
            folder, info, tuple(sensors.values()), contact=True, clock_ns=clock.monotonic_ns
        )
        self._clock = NightClock(clock, resumed.reached_ns)
        self._recorder = Recorder(writer, self._hand_on)
        self._faults = FaultLog(self._recorder.take)
        self.stations = [
            Station(
                each,
                clock,
                self._clock,
                self._faults,
                self._reached(each, resumed),
                judged=self._places.get(each.address) == self._main,
            )
            for each in paired
        ]
        self._take_up(resumed)
        self._flushed_ns = self._looked_at_disk_ns = clock.monotonic_ns()
        self._host = clock
        self._look_at_disk()

    def mark(self, label: str) -> None:
        """Keep the wearer's own mark, at this moment."""
        self._recorder.take(Mark(self._clock.now_ns(), label))

    def tick(self) -> None:
        """Make samples of what has come, and have them written; to be called twice a second."""
        stepped = self._clock.stepped_ns()
        if stepped is not None:
            self._faults.note(FaultKind.CLOCK_STEPPED, *stepped)
            log.warning("the clock of this computer was set; the night keeps its own time")
        for station in self.stations:
            station.collect(self._take)
        now_ns = self._host.monotonic_ns()
        if now_ns - self._looked_at_disk_ns >= DISK_LOOK_NS:
            self._looked_at_disk_ns = now_ns
            self._look_at_disk()
        if self._writing is not None and self._writing.done():
            # What the disk refuses is no exception; a defect is one, and is told as one.
            self._writing.result()
            self._writing = None
        if self._writing is None and now_ns - self._flushed_ns >= FLUSH_AFTER_NS:
            self._flushed_ns = now_ns
            self._writing = asyncio.ensure_future(self._write())

    async def close(self) -> None:
        """Write all there is, end every fault, and end the segment.

        Raises
        ------
        RecordingWriteError
            If the disk does not take the last of it.
        """
        if self._writing is not None:
            await asyncio.wait({self._writing})
        for station in self.stations:
            station.collect(self._take)
        self._faults.end_all(self._clock.now_ns())
        self._recorder.flush()
        self._record_found()
        problem = self._recorder.close()
        if problem is not None:
            raise problem

    def status(self) -> NightStatus:
        """Give a picture of the moment."""
        return NightStatus(
            folder=self._folder,
            now_ns=self._clock.now_ns(),
            links=tuple(station.status() for station in self.stations),
            written=self._recorder.written,
            waiting=self._recorder.waiting,
            lost=self._recorder.lost,
            faults=self._faults.open,
        )

    def _take(self, record: Samples, paired: PairedDevice) -> None:
        self._recorder.take(record, self._places.get(paired.address, 0))

    def _hand_on(self, record: Samples, sensor: int) -> None:
        if isinstance(record, Mark):
            self._recorded.add(record)
        if self._on_samples is None:
            return
        if isinstance(record, Acceleration) and sensor != self._main:
            return
        try:
            self._found += self._on_samples(record) or ()
        except Exception:
            # Who listens can look at the recording later; the recording can't be made later.
            log.exception("what listens to the night has failed; the recording goes on without it")
            self._on_samples = None

    def _record_found(self) -> None:
        """Record the marks that who listens has found, but for those that a restart finds again."""
        for mark in self._found:
            if mark not in self._recorded:
                self._recorder.take(mark)
        self._found.clear()

    async def _write(self) -> None:
        self._record_found()
        records = self._recorder.begin()
        problem = self._recorder.settle(await self._beside(partial(self._recorder.write, records)))
        now_ns = self._clock.now_ns()
        if problem is None:
            self._faults.end(FaultKind.DISK_FULL, now_ns)
            return
        if not self._faults.is_open(FaultKind.DISK_FULL):
            log.error("%s", problem)
        self._faults.begin(FaultKind.DISK_FULL, now_ns)

    def _look_at_disk(self) -> None:
        now_ns = self._clock.now_ns()
        try:
            free = self._free(self._folder)
        except OSError as error:
            log.warning("%s: %s", self._folder, error)
            return
        if free < LOW_DISK_BYTES:
            self._faults.begin(FaultKind.DISK_LOW, now_ns)
        else:
            self._faults.end(FaultKind.DISK_LOW, now_ns)

    def _reached(self, paired: PairedDevice, resumed: Resumed) -> dict[StreamKind, int]:
        reached = dict(resumed.readings_ns)
        place = self._places.get(paired.address)
        if place in resumed.sensors_ns:
            reached[StreamKind.ACCELERATION] = resumed.sensors_ns[place]
        return reached

    def _take_up(self, resumed: Resumed) -> None:
        """End what a collector that was cut off had left open, and say whether time went back."""
        for fault in resumed.unended:
            self._recorder.take(fault)
        if self._clock.set_back_ns:
            now_ns = self._clock.now_ns()
            self._faults.note(FaultKind.CLOCK_STEPPED, resumed.reached_ns, now_ns)
