"""The core beside the fastest open packages: the same night, each in an environment of its own.

``python -m benchmarks.peers`` makes one simulated night of 9 h at 50 Hz and an environment for each
peer under ``build/``, and lets all take turns. Timed is the judging alone: packages are imported,
and the night lies in memory in the form that each takes, before the clock starts. Every process may
use one thread. ``--rounds 15`` gives steadier figures on a busy machine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any

import numpy as np

from benchmarks.processes import Cost, cost_of_command
from simulator.night import NightSettings, SimulatedNight, simulate, write

HOURS = 9.0
DEVICE = "apple"
"""50 Hz, with a heart rate about every 5 s, which only crampwatch uses."""
MIN_ROUNDS = 3
"""Rounds below which a median says nothing."""

FEED_MS, REPLAY_S, REPLAY_MIB, CORE_MS = 0.3, 0.6, 200.0, 60.0
"""Goals: one second of one wearer, the whole command and its peak, arrays in and night out."""

ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMBA_NUM_THREADS",
        "POLARS_MAX_THREADS",
        "RAYON_NUM_THREADS",
    ),
    "1",
)

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parent / "build" / "peers"
ROUNDS_FILE = HERE / "peer_rounds.py"


@dataclass(frozen=True, slots=True)
class Peer:
    """A package to compare with, and the versions that it is compared in."""

    name: str
    pins: tuple[str, ...]
    contestants: tuple[tuple[str, str], ...]
    """Names in `benchmarks.peer_rounds` and in the table."""

    @property
    def package(self) -> str:
        return self.pins[0].replace("==", " ")


SHARED_PINS = ("numpy==2.4.6", "scipy==1.17.1")
PEERS = (
    Peer(
        "skdh",
        (
            "scikit-digital-health==0.17.18",
            *SHARED_PINS,
            "pandas==3.1.1",
            "scikit-learn==1.9.1",
            "lightgbm==4.7.0",
        ),
        (("skdh", "scikit-digital-health"),),
    ),
    Peer(
        "wristpy",
        (
            "wristpy==0.2.10",
            *SHARED_PINS,
            "polars==1.44.2",
            "pyarrow==24.0.0",
            "scikit-learn==1.9.1",
            "pydantic==2.14.3",
        ),
        (("wristpy", "wristpy"), ("wristpy-uncalibrated", "wristpy, calibration off")),
    ),
    Peer(
        "actipy",
        ("actipy==3.8.3", *SHARED_PINS, "pandas==3.1.1", "statsmodels==0.15.0"),
        (("actipy", "actipy"), ("actipy-uncalibrated", "actipy, calibration off")),
    ),
)
OURS, STREAMING = "crampwatch", "crampwatch-by-the-second"

WHAT_EACH_DOES = (
    "| | calibration | worn or not | sleep | heart rate | awakenings, episodes |",
    "| --- | --- | --- | --- | --- | --- |",
    "| crampwatch | yes | yes | windows by the arm's angle, wake by a trained model, 30 s | yes "
    "| yes, with probabilities |",
    "| scikit-digital-health | only from 12 h on, so not here | yes "
    "| one window by the arm's angle, wake by Cole-Kripke, 1 min | no | counts wake bouts |",
    "| wristpy | yes | yes | windows by the arm's angle, 5 s; activity levels | no | no |",
    "| actipy | yes | yes | no; low-pass filter and even sampling instead | no | no |",
)


@dataclass(slots=True)
class Contestant:
    """A process that judges the night once for every line it is sent."""

    title: str
    process: subprocess.Popen[str]
    log: Path
    found: str = ""
    held_mib: float = float("nan")
    peak_mib: float = float("nan")
    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    failed: bool = False

    def __enter__(self) -> Contestant:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        if error is not None:
            self.process.kill()
        self.process.wait()

    def warm_up(self) -> None:
        answer = self._answer()
        if not self.failed:
            self.held_mib = answer["held_mib"]

    def take_turn(self) -> None:
        assert self.process.stdin is not None
        if self.failed:
            return
        # One that has ended does not take it, and gives no answer either.
        with suppress(BrokenPipeError):
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        answer = self._answer()
        if not self.failed:
            self.found, self.peak_mib = answer["found"], answer["peak_mib"]
            self.wall_s.append(answer["wall_s"])
            self.cpu_s.append(answer["cpu_s"])

    def _answer(self) -> dict[str, Any]:
        """Return the next answer; one that does not come is said, and ends its part in this."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if line:
            answer: dict[str, Any] = json.loads(line)
            return answer
        self.failed = True
        print(f"{self.title} is left out: it stopped. {_last_line(self.log.read_text())}")
        return {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    if chosen.rounds < MIN_ROUNDS:
        parser.error(f"at least {MIN_ROUNDS} rounds are needed")
    pythons = {peer.name: _environment(peer) for peer in PEERS}
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        folder = Path(place)
        settings = NightSettings(date=date(2026, 11, 1), hours=HOURS, device=DEVICE, cramps=1)
        night = simulate(settings, chosen.seed)
        recording = _recorded(night, folder)
        arrays = _arrays(night, folder)

        def begin(name: str, title: str, python: Path) -> Contestant:
            return stack.enter_context(_begin(name, title, python, arrays, folder))

        ours = begin(OURS, "crampwatch", Path(sys.executable))
        streaming = begin(STREAMING, "crampwatch, by the second", Path(sys.executable))
        peers = [
            begin(name, title, python)
            for peer in PEERS
            if (python := pythons[peer.name]) is not None
            for name, title in peer.contestants
        ]
        everybody = [ours, *peers, streaming]
        for contestant in everybody:
            contestant.warm_up()
        replays = []
        for _ in range(chosen.rounds):
            for contestant in everybody:
                contestant.take_turn()
            replays.append(_replay(recording))
        _report(len(night.acceleration), chosen.rounds, ours, peers, streaming, replays)


def _environment(peer: Peer) -> Path | None:
    """Make the environment of a peer, if it is not there; say a sentence where that fails."""
    folder = ENVIRONMENTS / peer.name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp, pinned = folder / "pins.txt", "\n".join(peer.pins)
    if python.exists() and stamp.exists() and stamp.read_text() == pinned:
        return python
    print(f"installing {peer.package} into build/peers/{peer.name} ...", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        venv.create(folder, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"{peer.package} is left out: no environment could be made for it ({error}).")
        return None
    ended = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *peer.pins],
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        version = ".".join(map(str, sys.version_info[:2]))
        print(
            f"{peer.package} is left out: pip could not install it on Python {version}. "
            f"{_last_line(ended.stderr)}"
        )
        return None
    stamp.write_text(pinned)
    return python


def _recorded(night: SimulatedNight, folder: Path) -> Path:
    """Write the night as it is kept: Parquet."""
    plain, native = folder / "plain", folder / "night"
    write(night, plain)
    cost_of_command("import", plain, native)
    return native


def _arrays(night: SimulatedNight, folder: Path) -> Path:
    """Write the night for every environment to load."""
    assert night.heart_rate is not None
    path = folder / "night.npz"
    np.savez(
        path,
        times_ns=night.acceleration.times_ns,
        xyz_g=night.acceleration.xyz_g,
        heart_ns=night.heart_rate.times_ns,
        bpm=night.heart_rate.bpm,
    )
    return path


def _begin(name: str, title: str, python: Path, arrays: Path, folder: Path) -> Contestant:
    log = folder / f"{name}.log"
    with log.open("w") as said:
        process = subprocess.Popen(
            [python, "-P", ROUNDS_FILE, name, arrays],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            env=os.environ | ONE_THREAD,
        )
    return Contestant(title, process, log)


def _replay(recording: Path) -> Cost:
    return cost_of_command("replay", "--json", "--no-store", recording, environment=ONE_THREAD)


def _report(
    samples: int,
    rounds: int,
    ours: Contestant,
    peers: Sequence[Contestant],
    streaming: Contestant,
    replays: Sequence[Cost],
) -> None:
    print(f"\nA simulated night of {HOURS:g} h at 50 Hz, {samples:,} samples, {rounds} rounds in")
    print("turn, one thread each, arrays in memory. Peak memory is that of the whole process with")
    print("the night in it; 'before' is with packages imported and the night in memory.\n")
    print("| | minimum, ms | median, ms | CPU, ms | to ours: each of these | peak (before), MiB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for each in (ours, *peers):
        if not each.failed and not ours.failed:
            print(_row(each, ours))
    print("\nWhat they found:\n")
    for each in (ours, *peers):
        if not each.failed:
            print(f"- {each.title}: {each.found}")
    print("\nWhat they do:\n")
    print("\n".join(WHAT_EACH_DOES))
    print()
    if not ours.failed:
        print(f"- The core: {min(ours.wall_s) * 1e3:.0f} ms; the goal is {CORE_MS:g} ms.")
    if not streaming.failed:
        print(
            f"- Fed by the second, in the last round: {streaming.found}; "
            f"the goal is {FEED_MS:g} ms. Peak {streaming.peak_mib:.0f} MiB, "
            "all the chunks held beforehand among them."
        )
    seconds = [replay.seconds for replay in replays]
    print(
        f"- `crampwatch replay` from Parquet, as a whole process: {min(seconds):.2f} s at least, "
        f"{median(seconds):.2f} s usually, {min(replay.cpu_s for replay in replays):.2f} s of CPU; "
        f"the goal is {REPLAY_S:g} s. "
        f"Peak {max(replay.peak_mib for replay in replays):.0f} MiB; the goal is {REPLAY_MIB:g} MB."
    )


def _row(one: Contestant, ours: Contestant) -> str:
    of_one, of_ours = (
        (min(each.wall_s), median(each.wall_s), min(each.cpu_s)) for each in (one, ours)
    )
    figures = (
        *(f"{seconds * 1e3:.0f}" for seconds in of_one),
        ", ".join(f"{one_s / ours_s:.1f}" for one_s, ours_s in zip(of_one, of_ours, strict=True)),
        f"{one.peak_mib:.0f} ({one.held_mib:.0f})",
    )
    return f"| {one.title} | {' | '.join(figures)} |"


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "It said nothing."


if __name__ == "__main__":
    main()
