"""How long a night takes: 9 h at 50 Hz, as a whole process and stage by stage.

Figures, not tests: nothing here asserts a time. The peak memory of the whole process stands in
the extra information of its row (``peak_mb``) and is printed with ``-s``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.processes import cost_of_command
from detector.classifier import load_model
from detector.detector import Detector
from detector.night import Night
from ingest.recording_folder import read
from ingest.samples import RecordingInfo, Samples
from simulator.night import NightSettings, simulate, write

HOURS = 9.0


@pytest.fixture(scope="module", params=[True, False], ids=["gzip", "plain"])
def recording(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("benchmark") / "nine-hours"
    settings = NightSettings(date=date(2026, 11, 1), hours=HOURS, device="apple", cramps=1)
    write(simulate(settings, 1), folder)
    if not request.param:
        for packed in folder.glob("*.csv.gz"):
            subprocess.run(["gzip", "--decompress", packed], check=True)
    return folder


def run(*arguments: str | Path, environment: dict[str, str] | None = None) -> None:
    """Run the command as a process of its own."""
    subprocess.run(
        [sys.executable, "-m", "crampwatch", *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        env=os.environ | (environment or {}),
        check=True,
    )


def test_replay_as_a_process(benchmark: BenchmarkFixture, recording: Path) -> None:
    arguments = ("replay", "--json", "--no-store", recording)
    benchmark.pedantic(run, args=arguments, rounds=7, warmup_rounds=1)
    peak = cost_of_command(*arguments).peak_mib
    benchmark.extra_info["peak_mb"] = round(peak)
    print(f"\n{benchmark.name}: peak {peak:.0f} MB")


def test_replay_into_a_new_store_as_a_process(
    benchmark: BenchmarkFixture, recording: Path, tmp_path: Path
) -> None:
    number = iter(range(100))

    def new_store() -> dict[str, str]:
        return {"CRAMPWATCH_DATA_DIR": str(tmp_path / str(next(number)))}

    def into_a_new_store() -> None:
        run("replay", recording, environment=new_store())

    benchmark.pedantic(into_a_new_store, rounds=7, warmup_rounds=1)
    peak = cost_of_command("replay", recording, environment=new_store()).peak_mib
    benchmark.extra_info["peak_mb"] = round(peak)
    print(f"\n{benchmark.name}: peak {peak:.0f} MB")


def test_help_as_a_process(benchmark: BenchmarkFixture) -> None:
    benchmark.pedantic(run, args=("--help",), rounds=9, warmup_rounds=1)


def test_reading(benchmark: BenchmarkFixture, recording: Path) -> None:
    def read_all() -> int:
        return sum(1 for _ in read(recording).samples())

    assert benchmark.pedantic(read_all, rounds=5, warmup_rounds=1) > 0


@pytest.fixture(scope="module")
def in_memory(recording: Path) -> tuple[RecordingInfo, list[Samples]]:
    opened = read(recording)
    return opened.info, list(opened.samples())


def test_detector(
    benchmark: BenchmarkFixture, in_memory: tuple[RecordingInfo, list[Samples]]
) -> None:
    info, samples = in_memory
    model = load_model()

    def judge() -> Night:
        detector = Detector(info, model)
        for chunk in samples:
            detector.feed(chunk)
        return detector.finish()

    assert benchmark.pedantic(judge, rounds=7, warmup_rounds=1).recorded_s > 8 * 3600
