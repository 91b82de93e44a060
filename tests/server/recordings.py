"""Small recordings on the disk, for what is drawn of their samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from detector.traces import Tracer
from ingest import recording_folder
from ingest.samples import NS_PER_S, Acceleration, HeartRate, RecordingInfo

START_NS = 1_795_298_400 * NS_PER_S
"""2026-11-21 at 23:00 in Berlin, when the nights of `make_night` begin."""
RATE_HZ = 50


def samples_of(
    seconds: int, *, seed: int = 1, hole: tuple[int, int] | None = None
) -> tuple[Acceleration, HeartRate]:
    """An arm at rest that jerks once a minute; nothing between the seconds of a hole."""
    rng = np.random.default_rng(seed)
    count = seconds * RATE_HZ
    since_ns = np.arange(count, dtype=np.int64) * (NS_PER_S // RATE_HZ)
    xyz_g: npt.NDArray[np.float32] = rng.normal((0.1, 0.2, 0.97), 0.004, (count, 3)).astype("f4")
    xyz_g[30 * RATE_HZ :: 60 * RATE_HZ] += np.float32(1.5)
    if hole:
        there = (since_ns < hole[0] * NS_PER_S) | (since_ns >= hole[1] * NS_PER_S)
        since_ns, xyz_g = since_ns[there], xyz_g[there]
    pulse_ns = START_NS + np.arange(seconds, dtype=np.int64) * NS_PER_S
    return (
        Acceleration(START_NS + since_ns, xyz_g),
        HeartRate(pulse_ns, rng.integers(55, 75, seconds).astype("f4")),
    )


def write_recording(
    folder: Path, seconds: int = 180, *, seed: int = 1, hole: tuple[int, int] | None = None
) -> str:
    """Write a recording, and give its id."""
    samples = samples_of(seconds, seed=seed, hole=hole)
    info = RecordingInfo(folder.name, START_NS, "Europe/Berlin", "PineTime", "left")
    recording_folder.write(folder, info, samples, compress=False)
    tracer = Tracer()
    for each in samples:
        tracer.feed(each)
    return tracer.finish().id
