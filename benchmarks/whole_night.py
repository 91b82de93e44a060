"""A whole night of a Polar sensor in fast forward, with mishaps: what is stored, and at what cost.

``python -m benchmarks.whole_night --hours 8 --mishaps 30``
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
import time
from pathlib import Path
from random import Random

import numpy as np

from detector.detector import Detector
from ingest.collector.night import collect_night
from ingest.collector.paired import PairedDevice
from ingest.native.night import read, read_faults
from ingest.samples import NS_PER_S, Acceleration, FaultKind, RecordingInfo
from simulator.wearable import (
    EVENING,
    MemoryAir,
    PolarSense,
    VirtualClock,
    draw_mishaps,
    run,
    suffer,
)

INFO = RecordingInfo("night", round(EVENING.timestamp()) * NS_PER_S, "Europe/Berlin")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--mishaps", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        _report(Path(place) / "night", chosen.hours, chosen.mishaps, chosen.seed)


def _report(folder: Path, hours: float, mishaps: int, seed: int) -> None:
    detector = Detector(INFO)
    polar = PolarSense(drift_ppm=60)

    async def night() -> tuple[VirtualClock, int, int]:
        air, clock = MemoryAir(), VirtualClock()
        await air.place(polar)

        async def story() -> None:
            began_s = asyncio.get_running_loop().time()
            await suffer(polar, draw_mishaps(seed, hours=hours, count=mishaps))
            await asyncio.sleep(began_s + hours * 3600 - asyncio.get_running_loop().time())

        final = await collect_night(
            [PairedDevice(polar.address, polar.name, "polar")],
            folder,
            INFO,
            scanner=air.host.new_scanner,
            client=air.host.new_client,
            clock=clock,
            until=story(),
            on_samples=detector.feed,
            rng=Random(seed),
            connected_devices=air.host.connected_devices,
        )
        return clock, final.links[0].connections, final.lost

    began_s, cpu_s = time.perf_counter(), time.process_time()
    clock, connections, lost = run(night())
    took_s, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_s

    replayed = Detector(INFO)
    parts = []
    for record in read(folder).samples():
        replayed.feed(record)
        if isinstance(record, Acceleration):
            parts.append(record)
    times_ns = np.concatenate([each.times_ns for each in parts])
    xyz_g = np.concatenate([each.xyz_g for each in parts])
    expected = polar.acc_g(polar.sent_acc).astype(np.float32)
    true_ns = np.array([clock.true_ns(polar.sample_time_s(each)) for each in polar.sent_acc])
    gaps = [each for each in read_faults(folder) if each.kind is FaultKind.GAP]
    holes = int((np.diff(times_ns) > NS_PER_S // 2).sum())
    same = np.array_equal(xyz_g, expected)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    print(f"{hours:g} h with {mishaps} mishaps, {connections} connections")
    print(f"{len(xyz_g):,} of {len(expected):,} samples sent are stored, once and in order: {same}")
    print(f"{len(gaps)} gaps recorded for {holes} holes; {lost} samples given up")
    if same:
        error_ms = np.abs(times_ns - true_ns) / 1e6
        print(
            f"times are off by {error_ms.max():.1f} ms at most, {np.median(error_ms):.1f} usually"
        )
    print(f"the same night live and replayed: {detector.finish() == replayed.finish()}")
    print(f"{took_s:.1f} s in all, {cpu_s:.1f} s of CPU: {cpu_s / hours / 36:.2f} % of a core")
    print(f"{peak_mb:.0f} MiB at most, with the simulation and the checks")


if __name__ == "__main__":
    main()
