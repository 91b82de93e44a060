"""A small made-up folder in the layout of the real nights, so that tests need none of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from ingest.recording_folder import write
from ingest.samples import NS_PER_S, Acceleration, RecordingInfo

MINUTES = 100
MIDNIGHT_S = 1_600_041_600
BURST_EVERY_S, BURST_S = 150.0, 6.0


def make_stand_in(folder: Path) -> Path:
    for seed, name in enumerate(("p1n1", "p1n2", "p2n1")):
        _wrist(folder / "wrist_5hz" / name, seed)
    _excerpt(folder / "raw_excerpts" / "1_acceleration_excerpt.txt")
    for seed in range(2):
        _heart(folder / "heart_24h" / f"subject_{seed}" / "actigraph.parquet", seed)
    _counts(folder / "counts_5s")
    return folder


def _wrist(folder: Path, seed: int) -> None:
    """Six seconds of movement now and then, into another pose."""
    rng = np.random.default_rng(seed)
    times_s = np.arange(0.0, MINUTES * 60.0, 0.2)
    poses = rng.normal(size=(int(MINUTES * 60 / BURST_EVERY_S) + 2, 3))
    poses /= np.linalg.norm(poses, axis=1, keepdims=True)
    place, within_s = np.divmod(times_s, BURST_EVERY_S)
    share = np.clip(within_s / BURST_S, 0.0, 1.0)[:, None]
    number = place.astype(np.int64)
    pose = (1.0 - share) * poses[number] + share * poses[number + 1]
    pose /= np.linalg.norm(pose, axis=1, keepdims=True)
    moving = (within_s < BURST_S)[:, None]
    size = rng.lognormal(-1.6, 0.5, len(poses))[number][:, None]
    read = pose + rng.normal(size=pose.shape) * np.where(moving, size, 0.002)
    xyz_g = np.round(read, 2).astype(np.float32)
    start_ns = 1_600_000_000 * NS_PER_S
    times_ns = start_ns + np.round(times_s * 1000).astype(np.int64) * 1_000_000
    info = RecordingInfo(folder.name, start_ns, "UTC")
    write(folder, info, [Acceleration(times_ns, xyz_g)], compress=True)


def _excerpt(path: Path) -> None:
    """A minute of movement, strongest below 1 Hz, and a minute of rest."""
    rng = np.random.default_rng(5)
    hz = np.fft.rfftfreq(6000, 0.02)
    shaped = np.fft.rfft(rng.normal(size=(6000, 3)), axis=0) / np.maximum(hz, 0.5)[:, None]
    movement = np.fft.irfft(shaped, 6000, axis=0)
    size = np.where(np.arange(6000) < 3000, 0.15, 0.001)[:, None]
    force_g = [0.0, 0.0, 1.0] + size * movement / movement.std()
    force_g += rng.normal(0.0, 0.0005, force_g.shape)
    path.parent.mkdir(parents=True)
    np.savetxt(path, np.c_[100.0 + np.arange(6000) * 0.02, force_g], fmt="%.6f")


def _heart(path: Path, seed: int) -> None:
    """A level with a rise every ten minutes, 8 to 30 bpm high."""
    rng = np.random.default_rng(10 + seed)
    seconds = np.arange(0, int(6.5 * 3600))
    bpm = 58.0 + 4.0 * seed + rng.normal(0.0, 0.5, len(seconds))
    for at, height in zip(range(300, 23000, 600), np.tile([8, 14, 20, 30], 10), strict=False):
        local = np.maximum(seconds - at, 0.0)
        bpm += height * 2.7 * (local / 15.0) * np.exp(-local / 15.0)
    path.parent.mkdir(parents=True)
    columns = {"t": MIDNIGHT_S + seconds, "hr": bpm, "steps": np.zeros(len(seconds), np.int64)}
    pa.parquet.write_table(pa.table(columns), path)


def _counts(folder: Path) -> None:
    """A movement every five minutes, which the heart answers with 25 bpm."""
    folder.mkdir(parents=True)
    rows = ["time,Vector Magnitude,HR"]
    for step in range(3600):
        hour, rest = divmod(step * 5, 3600)
        moving = step % 60 < 2 + step // 600
        bpm = 85.0 if moving or step % 60 < 8 else 60.0
        clock = f"{hour:02d}:{rest // 60:02d}:{rest % 60:02d}"
        rows.append(f"2020-Jan-02 {clock},{100.0 if moving else 0.0},{bpm}")
    (folder / "actigraph_1.csv").write_text("\n".join(rows) + "\n")
    diary = "pid,sleep_onset,sleep_offset\n1,2020-01-02 00:10:00,2020-01-02 04:50:00\n"
    (folder / "mmash_diary.csv").write_text(diary)
