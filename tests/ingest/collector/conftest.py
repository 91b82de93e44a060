from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Protocol

import pytest

from ingest.collector.night import collect_night
from ingest.collector.paired import PairedDevice
from ingest.collector.recorder import Written
from ingest.collector.status import NightStatus
from ingest.native.night import Reading, describe, read_faults
from ingest.samples import (
    Acceleration,
    Fault,
    FaultKind,
    HeartRate,
    RecordingInfo,
    RRIntervals,
    Samples,
)
from tests.ingest.collector.fake_air import Air
from tests.ingest.collector.fake_wearables import InfiniTime, Polar, Strap
from tests.ingest.collector.loop_clock import BEDTIME_NS, LoopClock

Wearable = Polar | InfiniTime | Strap
Story = Callable[[], Awaitable[object]]

INFO = RecordingInfo("night", BEDTIME_NS, "Europe/Berlin", source="crampwatch")
GIB = 2**30


@dataclass
class Bed:
    """A bed with wearables around it, and the night collected there."""

    folder: Path
    wearables: Sequence[Wearable]
    paired: Sequence[PairedDevice]
    clock: LoopClock = field(default_factory=LoopClock)
    heard: list[Samples] = field(default_factory=list)
    states: list[NightStatus] = field(default_factory=list)
    free_bytes: int = 100 * GIB
    recoveries: int = 0
    write_s: float = 0.0

    def __post_init__(self) -> None:
        self.air = Air([*self.wearables])

    async def sleep(self, story: Story) -> NightStatus:
        """Collect until the story is told."""
        living = [asyncio.ensure_future(each.live()) for each in self.wearables]
        try:
            return await collect_night(
                self.paired,
                self.folder,
                INFO,
                scanner=self.air.scanner,
                client=self.air.client,
                clock=self.clock,
                until=_told(story),
                on_samples=self.heard.append,
                on_status=self.states.append,
                rng=Random(7),
                recover=self._recover,
                free=lambda _: self.free_bytes,
                beside=self.write,
            )
        finally:
            for each in living:
                each.cancel()
                with suppress(asyncio.CancelledError):
                    await each

    @property
    def status(self) -> NightStatus:
        return self.states[-1]

    @property
    def faults(self) -> tuple[Fault, ...]:
        return read_faults(self.folder)

    def spans(self, kind: FaultKind) -> list[tuple[float, float]]:
        """Faults of a kind, in seconds of the loop."""
        zero_ns = BEDTIME_NS
        return [
            ((each.start_ns - zero_ns) / 1e9, (each.end_ns - zero_ns) / 1e9)
            for each in self.faults
            if each.kind is kind
        ]

    def stored(self, table: str = "acceleration_wrist") -> list[Samples]:
        found = describe(self.folder).records(Reading())
        return [
            each.record
            for each in found
            if each.table == table
            and isinstance(each.record, Acceleration | HeartRate | RRIntervals)
        ]

    def rows(self, table: str = "acceleration_wrist") -> list[tuple[int, tuple[int, int, int]]]:
        """Stored acceleration as time, in ns of the loop, and mg."""
        rows: list[tuple[int, tuple[int, int, int]]] = []
        for record in self.stored(table):
            assert isinstance(record, Acceleration)
            mg = (record.xyz_g * 1000).round().astype(int).tolist()
            times = (record.times_ns - BEDTIME_NS).tolist()
            rows += [(at, (x, y, z)) for at, (x, y, z) in zip(times, mg, strict=True)]
        return rows

    async def write(self, work: Callable[[], Written]) -> Written:
        """Write as in a thread, that takes as long in the time of the loop."""
        await asyncio.sleep(self.write_s)
        return work()

    async def _recover(self, _: bool) -> bool:
        self.recoveries += 1
        return True


async def _told(story: Story) -> object:
    return await story()


class MakeBed(Protocol):
    def __call__(self, *wearables: tuple[Wearable, PairedDevice]) -> Bed: ...


@pytest.fixture
def make_bed(tmp_path: Path) -> MakeBed:
    def make(*wearables: tuple[Wearable, PairedDevice]) -> Bed:
        return Bed(
            tmp_path / "night",
            [wearable for wearable, _ in wearables],
            [paired for _, paired in wearables],
        )

    return make


@pytest.fixture
def polar() -> Polar:
    return Polar()


@pytest.fixture
def bed(make_bed: MakeBed, polar: Polar) -> Bed:
    return make_bed((polar, PairedDevice(polar.address, polar.name, "polar")))
