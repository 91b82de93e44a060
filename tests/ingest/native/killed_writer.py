"""A process that records and is killed with -9, and what the recording then lacks.

The child runs as fast as it can on a clock of its own, half a second of samples at a time, so that
the kill falls into writing and syncing more often than a real night would let it. It tells the
number of its last sample before it appends it.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ingest.native.night import Reading, describe
from ingest.native.writer import RecordingWriter
from ingest.samples import NS_PER_S, Acceleration
from tests.ingest.native.made import (
    INFO,
    RATE_HZ,
    SENSORS,
    START_NS,
    Clock,
    acceleration,
    is_part_of,
    rows_of_records,
)

CHUNK = RATE_HZ // 2
NUMBER_BYTES = 8
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Kill:
    """What one kill cost.

    Parameters
    ----------
    first, received
        Number of the first sample that this child was given, and of the one after its last.
    on_disk
        Number after the last sample in the recording, which may be of an earlier child.
    """

    first: int
    received: int
    on_disk: int

    @property
    def missing_s(self) -> float:
        """Seconds of samples that this child received and that are not on the disk."""
        return (self.received - max(self.first, self.on_disk)) / RATE_HZ


def record(folder: Path, first: int) -> None:
    """Append samples from a number on, until killed."""
    clock = Clock()
    writer = RecordingWriter.open(folder, INFO, SENSORS, clock_ns=clock)
    while True:
        clock.now_ns += NS_PER_S * CHUNK // RATE_HZ
        first += CHUNK
        os.write(1, first.to_bytes(NUMBER_BYTES, "little"))
        writer.append(acceleration(first - CHUNK, CHUNK))


def kill_one(folder: Path, first: int, chance: random.Random) -> Kill:
    """Let a child record into a folder, kill it at a random moment, and look at what is there."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.ingest.native.killed_writer", str(folder), str(first)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert child.stdout is not None
    told = b""
    for _ in range(chance.randrange(1, 60)):
        told = child.stdout.read(NUMBER_BYTES)
    # Somewhere between two chunks: a little work of our own, of random length, is no sleep.
    sum(range(chance.randrange(200_000)))
    child.send_signal(signal.SIGKILL)
    told = (told + child.stdout.read())[: -(len(told) % NUMBER_BYTES) or None]
    child.wait()
    child.stdout.close()
    return Kill(first, int.from_bytes(told[-NUMBER_BYTES:], "little"), last_number(folder))


def last_number(folder: Path) -> int:
    """Give the number of samples up to the last one in a recording."""
    reading = Reading()
    last_ns = START_NS - NS_PER_S // RATE_HZ
    for _, found in describe(folder).records(reading):
        if isinstance(found, Acceleration):
            last_ns = int(found.times_ns[-1])
    assert all(each.tail for each in reading.damage)
    return (last_ns - START_NS) * RATE_HZ // NS_PER_S + 1


def kill_many(folder: Path, kills: int, seed: int) -> list[Kill]:
    """Kill one child after the other in the same night, each going on where the last one ended."""
    chance = random.Random(seed)
    found: list[Kill] = []
    for _ in range(kills):
        found.append(kill_one(folder, found[-1].received if found else 0, chance))
    whole = rows_of_records([("acceleration_wrist", acceleration(0, found[-1].received))])
    assert is_part_of(rows_of_records(describe(folder).records(Reading())), whole)
    assert len(list(folder.glob("segment-*.arrows"))) == kills
    return found


if __name__ == "__main__":
    record(Path(sys.argv[1]), int(sys.argv[2]))
