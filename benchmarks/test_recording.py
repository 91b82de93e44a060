"""How long the native recording takes: writing, reading and replaying 9 h at 50 Hz.

Figures, not tests: nothing here asserts a time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from ingest.discover import find_recordings
from ingest.extent import measure
from ingest.native.compact import compact
from ingest.native.convert import import_recording
from ingest.native.night import read
from ingest.native.writer import RecordingWriter
from ingest.recording import part
from ingest.samples import NS_PER_S, Acceleration, RecordingInfo, Samples
from ingest.sensor import Sensor
from simulator.night import NightSettings, simulate, write

HOURS = 9.0
CHUNK = 25
"""Samples that arrive at once: half a second."""


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("benchmark") / "nine-hours"
    settings = NightSettings(date=date(2026, 11, 1), hours=HOURS, device="apple", cramps=1)
    write(simulate(settings, 1), folder)
    return folder


@pytest.fixture(scope="module")
def compacted(plain: Path) -> Path:
    folder = plain.with_name("compacted")
    import_recording(find_recordings(plain)[0], folder)
    return folder


@pytest.fixture(scope="module")
def night(plain: Path) -> tuple[RecordingInfo, list[Samples]]:
    (found,) = find_recordings(plain)
    recording = found.open()
    pieces: list[Samples] = []
    for record in recording.samples():
        if isinstance(record, Acceleration):
            pieces += [part(record, at, at + CHUNK) for at in range(0, len(record), CHUNK)]
        else:
            pieces.append(record)
    return recording.info, pieces


def record(folder: Path, info: RecordingInfo, pieces: list[Samples]) -> Path:
    """Write a night as a collector does, on the clock of its samples."""
    now_ns = 0
    with RecordingWriter.open(folder, info, [Sensor()], clock_ns=lambda: now_ns) as writer:
        for piece in pieces:
            if isinstance(piece, Acceleration):
                now_ns = int(piece.times_ns[-1])
            writer.append(piece)
    return folder


def test_writing_segments_synced_to_the_disk(
    benchmark: BenchmarkFixture, night: tuple[RecordingInfo, list[Samples]], tmp_path: Path
) -> None:
    number = iter(range(100))
    folder = benchmark.pedantic(
        lambda: record(tmp_path / str(next(number)), *night), rounds=3, warmup_rounds=0
    )
    size = sum(path.stat().st_size for path in folder.iterdir())
    benchmark.extra_info["megabytes"] = round(size / 1e6, 1)
    print(f"\n{benchmark.name}: {size / 1e6:.1f} MB")


@pytest.fixture(scope="module")
def segments(
    night: tuple[RecordingInfo, list[Samples]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    return record(tmp_path_factory.mktemp("segments") / "night", *night)


def test_reading_segments(benchmark: BenchmarkFixture, segments: Path) -> None:
    extent = benchmark.pedantic(lambda: measure(read(segments)), rounds=3, warmup_rounds=1)
    assert extent.recorded_ns > 8 * 3600 * NS_PER_S


def test_compacting(benchmark: BenchmarkFixture, segments: Path, tmp_path: Path) -> None:
    number = iter(range(100))

    def copy() -> tuple[tuple[Path], dict[str, object]]:
        folder = tmp_path / str(next(number))
        folder.mkdir()
        for path in segments.iterdir():
            os.link(path, folder / path.name)
        return (folder,), {}

    benchmark.pedantic(compact, setup=copy, rounds=3)
    folder = tmp_path / "0"
    size = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
    benchmark.extra_info["megabytes"] = round(size / 1e6, 1)
    print(f"\n{benchmark.name}: {size / 1e6:.1f} MB")


def test_reading_parquet(benchmark: BenchmarkFixture, compacted: Path) -> None:
    extent = benchmark.pedantic(lambda: measure(read(compacted)), rounds=7, warmup_rounds=1)
    assert extent.recorded_ns > 8 * 3600 * NS_PER_S


def test_replaying_parquet_as_a_process(benchmark: BenchmarkFixture, compacted: Path) -> None:
    command = [sys.executable, "-m", "crampwatch", "replay", "--json", "--no-store", str(compacted)]
    ended = benchmark.pedantic(
        lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL),
        rounds=9,
        warmup_rounds=1,
    )
    assert ended.returncode == 0
