"""A whole night of a Polar sensor in fast forward, with mishaps: what is stored, and at what cost.

``python -m benchmarks.whole_night --hours 8 --mishaps 30``
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from detector.detector import Detector
from ingest.collector.paired import PairedDevice
from ingest.native.night import read, read_faults
from simulator.wearable import MemoryAir, PolarSense, draw_mishaps, run
from tests.bluetooth.nights import INFO, gaps, holes, rough_night, stored


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

    story = rough_night(
        MemoryAir(),
        polar,
        PairedDevice(polar.address, polar.name, "polar"),
        folder,
        draw_mishaps(seed, hours=hours, count=mishaps),
        hours=hours,
        seed=seed,
        on_samples=detector.feed,
    )

    began_s, cpu_s = time.perf_counter(), time.process_time()
    clock, final = run(story)
    took_s, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_s

    replayed = Detector(INFO)
    for record in read(folder).samples():
        replayed.feed(record)
    times_ns, xyz_g = stored(folder)
    expected = polar.acc_g(polar.sent_acc).astype(np.float32)
    true_ns = np.array([clock.true_ns(polar.sample_time_s(each)) for each in polar.sent_acc])
    told, empty = gaps(read_faults(folder)), holes(times_ns)
    same = np.array_equal(xyz_g, expected)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    print(f"{hours:g} h with {mishaps} mishaps, {final.links[0].connections} connections")
    print(f"{len(xyz_g):,} of {len(expected):,} samples sent are stored, once and in order: {same}")
    print(f"{len(told)} gaps recorded for {len(empty)} holes; {final.lost} samples given up")
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
