"""A whole collector that is killed with -9, and what its recording then lacks.

The child takes the road of ``crampwatch collect`` or ``night`` in real time, with a simulated
wearable that measures on while no collector runs. Every notification is told to the parent before
the collector gets it, so that the parent knows what was received. How often a kill tears a write
is for `tests.ingest.native.killed_writer`, which does nothing but write.
"""

from __future__ import annotations

import asyncio
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import httpx
import numpy as np

from crampwatch.keepers import Elsewhere, Here, Keeper
from crampwatch.night import Radio
from crampwatch.overnight import begin_evening, finish_earlier, spend_night
from ingest.collector.bluetooth import Client, ClientFactory
from ingest.collector.clock import SystemClock
from ingest.collector.paired import PairedDevice
from ingest.collector.wearables_file import save_paired
from ingest.devices.conversations.heart_rate import decode_heart
from ingest.devices.heart_rate_service import HEART_RATE_MEASUREMENT
from ingest.devices.polar_pmd.acceleration import decode_acc
from ingest.devices.polar_pmd.frame import DATA
from ingest.native.night import Reading, describe, read_faults
from ingest.samples import NS_PER_S, Acceleration, FaultKind, HeartRate
from server.client import ServerClient
from server.outbox import Outbox
from server.settings import Settings, load_settings
from simulator.wearable import MemoryAir, PolarSense

RATE_HZ = 52
CLOCK_NS = 800_000_000 * NS_PER_S
"""What the wearable's clock shows when it begins to measure, in nanoseconds since 2000."""
GAP_NS = NS_PER_S // 2
"""Nanoseconds between two samples from which on there has to be a recorded gap."""

HEAD = struct.Struct("<cH")
"""Before each word to the parent: its kind, and how many bytes follow."""
BEGUN, MOVEMENT, HEART = b"B", b"A", b"H"
KINDS = {DATA: MOVEMENT, HEART_RATE_MEASUREMENT: HEART}

ROOT = Path(__file__).parents[2]

Rows = list[tuple[int, ...]]


# The child.


def tell(kind: bytes, data: bytes = b"") -> None:
    """Tell the parent; a pipe takes so few bytes at once, and whole."""
    os.write(1, HEAD.pack(kind, len(data)) + data)


def telling(new_client: ClientFactory) -> ClientFactory:
    """Make clients that tell what they are notified of before they hand it over."""

    def make(*arguments: Any) -> Client:
        client = new_client(*arguments)
        start_notify = client.start_notify

        def listen(characteristic: Any, callback: Callable[[Any, Any], None]) -> Awaitable[None]:
            def notified(sender: Any, data: bytearray) -> None:
                if characteristic.uuid in KINDS:
                    tell(KINDS[characteristic.uuid], bytes(data))
                callback(sender, data)

            return start_notify(characteristic, notified)

        client.start_notify = listen  # type: ignore[assignment,method-assign]
        return client

    return make


def settings_in(folder: Path) -> Settings:
    """Keep everything in one folder, in a zone where it is not noon, when a night ends."""
    hour = time.gmtime().tm_hour
    zone = "UTC" if hour not in (11, 12) else "Asia/Tokyo"
    return load_settings(data_dir=folder, port=0, timezone=zone)


def away(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("away", request=request)


async def collect(folder: Path, road: str, frames: str, began_s: float) -> None:
    """Spend a night, until killed or told to end."""
    settings, clock, air = settings_in(folder), SystemClock(), MemoryAir()
    polar = PolarSense(frames=frames, clock_ns=CLOCK_NS, began_s=began_s)
    await air.place(polar)
    save_paired(settings.wearables_file, [PairedDevice(polar.address, polar.name, "polar")])
    evening = begin_evening(settings, clock.utc_ns(), None)

    def say(sentence: str) -> None:
        """Tell nobody."""

    client = ServerClient("http://pi.local", transport=httpx.MockTransport(away))
    elsewhere = Elsewhere(client, Outbox(settings.data_dir / "outbox"), say)
    keeper: Keeper = Here(settings, say) if road == "night" else elsewhere
    finish_earlier(settings.recordings_dir, evening.folder, keeper.keep, say)
    tell(BEGUN)
    await spend_night(
        evening,
        settings,
        keeper,
        radio=Radio(air.host.new_scanner, telling(air.host.new_client), air.host.connected_devices),
        clock=clock,
        say=say,
        show=lambda _: None,
    )


# The parent.

ENDED = b"", b""
"""Instead of a word, where the child is no more."""


def word_from(pipe: IO[bytes]) -> tuple[bytes, bytes]:
    """Take the next word of the child: its kind, and what was notified."""
    head = pipe.read(HEAD.size)
    if not head:
        return ENDED
    kind, size = HEAD.unpack(head)
    return kind, pipe.read(size)


@dataclass
class Received:
    """What one child was given, sample by sample: movement in mg, and heart rate."""

    movement: Rows = field(default_factory=list)
    true_ns: list[int] = field(default_factory=list)
    heart: Rows = field(default_factory=list)


@dataclass(frozen=True)
class Kill:
    """What one kill cost.

    Parameters
    ----------
    movement_s, heart_s
        Seconds of samples that this child received and that are not on the disk.
    """

    movement_s: float
    heart_s: float


@dataclass
class Night:
    """A night in which one collector after the other is killed.

    Parameters
    ----------
    folder
        For all that crampwatch keeps.
    road
        ``collect`` or ``night``.
    frames
        As `PolarSense` has it: ``"delta"`` brings nearly 2 s at once, ``"raw"`` 0.7 s.
    """

    folder: Path
    road: str
    frames: str
    began_s: float = field(default_factory=time.monotonic)
    kills: list[Kill] = field(default_factory=list)
    received: int = 0
    largest_error_s: float = 0.0
    _movement: Rows = field(default_factory=list)
    _heart: Rows = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ready = self._start()

    def kill_one(self, *, after_frames: int = 0, after_s: float = 0.0) -> None:
        """Let a collector hear so many frames, kill it so long after, and see what it left."""
        received = self._run(signal.SIGKILL, after_frames, after_s)
        movement, heart = self._stored()
        new, beats = movement[len(self._movement) :], heart[len(self._heart) :]
        # What was there is as it was, and what came is the first of what was received, in order.
        assert [row[1:] for row in new] == received.movement[: len(new)]
        assert [row[1:] for row in beats] == received.heart[: len(beats)]
        assert movement[: len(self._movement)] == self._movement
        assert heart[: len(self._heart)] == self._heart
        for row, true_ns in zip(new, received.true_ns, strict=False):
            self.largest_error_s = max(self.largest_error_s, abs(row[0] - true_ns) / NS_PER_S)
        self._movement, self._heart = movement, heart
        self.received += len(received.movement)
        self.kills.append(
            Kill(
                (len(received.movement) - len(new)) / RATE_HZ,
                float(len(received.heart) - len(beats)),
            )
        )

    def end(self) -> None:
        """Let a collector go on, end the night as systemd does, and look at the whole of it."""
        received = self._run(signal.SIGTERM, 1, 0.0)
        assert received.movement
        # One is always ready; without a word it ends.
        self._ready.communicate()
        movement, heart = self._stored()
        assert movement[: len(self._movement)] == self._movement
        assert [row[1:] for row in movement[len(self._movement) :]] == received.movement
        assert [row[1:] for row in heart[len(self._heart) :]] == received.heart
        assert list(self.recording.glob("*.arrows")) == []

    @property
    def recording(self) -> Path:
        """The one recording that there has to be."""
        (recording,) = settings_in(self.folder).recordings_dir.iterdir()
        return recording

    def _start(self) -> subprocess.Popen[bytes]:
        """Start a child, which imports what it needs and waits for a word."""
        what = (str(self.folder), self.road, self.frames, repr(self.began_s))
        return subprocess.Popen(
            [sys.executable, "-m", "tests.crampwatch.killed_collector", *what],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )

    def _run(self, how: signal.Signals, after_frames: int, after_s: float) -> Received:
        child, self._ready = self._ready, self._start()
        assert child.stdin is not None
        assert child.stdout is not None
        with child.stdout as pipe:
            with child.stdin as word:
                word.write(b"go")
            words = [word_from(pipe)]
            assert words[0] == (BEGUN, b"")
            while sum(kind == MOVEMENT for kind, _ in words) < after_frames:
                words.append(word_from(pipe))
                assert words[-1] != ENDED
            time.sleep(after_s)
            child.send_signal(how)
            words += iter(lambda: word_from(pipe), ENDED)
        assert child.wait() == (-how if how is signal.SIGKILL else 0)
        return self._received(words)

    def _received(self, words: list[tuple[bytes, bytes]]) -> Received:
        """Take what the child was notified of, decoded."""
        clock_ns = time.time_ns() - time.monotonic_ns()
        found = Received()
        previous_ns = None
        for kind, data in words:
            if kind == HEART:
                found.heart += [(round(each.bpm),) for each in decode_heart(data)]
            if kind != MOVEMENT:
                continue
            frame = decode_acc(data, rate_hz=RATE_HZ, previous_ns=previous_ns)
            assert frame.sample_ts_ns is not None
            previous_ns = frame.timestamp_ns
            found.movement += [tuple(row) for row in np.rint(frame.mg).astype(int).tolist()]
            since_ns = frame.sample_ts_ns - CLOCK_NS
            found.true_ns += (since_ns + round(self.began_s * NS_PER_S) + clock_ns).tolist()
        return found

    def _stored(self) -> tuple[Rows, Rows]:
        """Read the recording; what it holds has to be in order, and its holes recorded gaps."""
        if not settings_in(self.folder).recordings_dir.exists():
            return [], []
        movement: Rows = []
        heart: Rows = []
        reading = Reading()
        for _, record in describe(self.recording).records(reading):
            if isinstance(record, Acceleration):
                mg = np.rint(record.xyz_g * 1000).astype(int)
                movement += map(tuple, np.column_stack([record.times_ns, mg]).tolist())
            elif isinstance(record, HeartRate):
                bpm = record.bpm.astype(int)
                heart += map(tuple, np.column_stack([record.times_ns, bpm]).tolist())
        assert all(each.tail for each in reading.damage)
        times_ns = np.array([row[0] for row in movement], np.int64)
        assert (np.diff(times_ns) > 0).all()
        assert all(one[0] < two[0] for one, two in pairwise(heart))
        gaps = {
            (each.start_ns, each.end_ns)
            for each in read_faults(self.recording)
            if each.kind is FaultKind.GAP
        }
        holes = np.flatnonzero(np.diff(times_ns) > GAP_NS).tolist()
        assert {(int(times_ns[at]), int(times_ns[at + 1])) for at in holes} == gaps
        return movement, heart


if __name__ == "__main__":
    if sys.stdin.read():
        asyncio.run(collect(Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])))
