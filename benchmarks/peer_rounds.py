"""One contestant of `benchmarks.peers`, in a process and an environment of its own.

``python benchmarks/peer_rounds.py CONTESTANT NIGHT.npz`` prepares the night in the form that the
contestant takes, runs once to warm up, then once for every line it reads, and writes a line of JSON
for each. Nothing here may import crampwatch but the contestants that are crampwatch.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

RATE_HZ = 50.0
EPOCH_S = 5
"""Seconds of wristpy's epochs: its default."""
ENMO_G = (0.0563, 0.1916, 0.6958)
"""Cut points of activity that wristpy starts from, in g."""
NS_PER_S = 1_000_000_000

Night = Mapping[str, Any]
Round = Callable[[], str]
"""Judges the night once and says what was found."""


def crampwatch(night: Night) -> Round:
    from detector.classifier import load_model
    from detector.detector import Detector
    from ingest.samples import Acceleration, HeartRate, RecordingInfo

    acceleration = Acceleration(night["times_ns"], night["xyz_g"])
    heart_rate = HeartRate(night["heart_ns"], night["bpm"])
    info = RecordingInfo("night", int(night["times_ns"][0]), "Europe/Berlin")
    model = load_model()

    def judge() -> str:
        detector = Detector(info, model)
        detector.feed(heart_rate)
        detector.feed(acceleration)
        found = detector.finish()
        asleep_min = sum(sleep.asleep_s for sleep in found.sleeps) / 60
        return (
            f"{asleep_min:.0f} min asleep, {len(found.awakenings)} awakenings judged, "
            f"{len(found.episodes)} told"
        )

    return judge


def crampwatch_by_the_second(night: Night) -> Round:
    """Feed what a radio would bring in each second, without the end of the night.

    Each minute a copy is made that would be judged, as in a night that goes on.
    """
    from detector.classifier import load_model
    from detector.detector import Detector
    from ingest.samples import Acceleration, HeartRate, RecordingInfo, Samples

    def cut(times_ns: Any) -> Iterator[slice]:
        edges = np.searchsorted(times_ns, np.arange(first_ns, last_ns + NS_PER_S, NS_PER_S))
        return (slice(*pair) for pair in pairwise(edges))

    first_ns, last_ns = int(night["times_ns"][0]), int(night["times_ns"][-1])
    seconds: list[list[Samples]] = [
        [
            Acceleration(night["times_ns"][moved], night["xyz_g"][moved]),
            HeartRate(night["heart_ns"][beat], night["bpm"][beat]),
        ]
        for moved, beat in zip(cut(night["times_ns"]), cut(night["heart_ns"]), strict=True)
    ]
    info = RecordingInfo("night", first_ns, "Europe/Berlin")
    model = load_model()

    def feed() -> str:
        detector = Detector(info, model)
        took_s = []
        for number, second in enumerate(seconds, start=1):
            began_s = time.perf_counter()
            for samples in second:
                detector.feed(samples)
            if number % 60 == 0:
                detector.snapshot()
            took_s.append(time.perf_counter() - began_s)
        mean, high, most = np.mean(took_s), np.quantile(took_s, 0.99), max(took_s)
        return (
            f"{mean * 1e3:.3f} ms a second on average, 99 of 100 within {high * 1e3:.2f} ms, "
            f"the longest {most * 1e3:.1f} ms"
        )

    return feed


def skdh(night: Night) -> Round:
    from skdh import Pipeline
    from skdh.preprocessing import (
        AccelThresholdWearDetection,
        CalibrateAccelerometer,
        GetDayWindowIndices,
    )
    from skdh.sleep import Sleep

    time_s = night["times_ns"] / NS_PER_S
    accel_g = night["xyz_g"].astype(np.float64)

    def judge() -> str:
        pipeline = Pipeline()
        pipeline.add(GetDayWindowIndices(bases=[12], periods=[24]))
        pipeline.add(CalibrateAccelerometer(min_hours=12))
        pipeline.add(AccelThresholdWearDetection())
        pipeline.add(Sleep(day_window=(12, 24)))
        found = pipeline.run(time=time_s, accel=accel_g, fs=RATE_HZ, tz_name="Europe/Berlin")
        slept = found["Sleep"]
        calibrated = "" if "scale" in found["CalibrateAccelerometer"] else "not "
        return (
            f"{calibrated}calibrated, {slept['total sleep time'][0]} min asleep, "
            f"{slept['number of wake bouts'][0]} wake bouts"
        )

    return judge


def wristpy(night: Night, *, calibrated: bool = True) -> Round:
    """Do what its orchestrator does between reading a file of its kinds and writing one."""
    import polars as pl
    from wristpy.core.models import Measurement
    from wristpy.processing import analytics, calibration, metrics, processing_utils

    raw = Measurement(
        measurements=night["xyz_g"],
        time=pl.Series("time", night["times_ns"]).cast(pl.Datetime("ns")),
    )

    def judge() -> str:
        moved = raw
        if calibrated:
            moved = calibration.CalibrationDispatcher("gradient").run(
                raw, return_input_on_error=True
            )
        angle = metrics.angle_relative_to_horizontal(moved, epoch_length=EPOCH_S)
        activity = metrics.euclidean_norm_minus_one(moved, epoch_length=EPOCH_S)
        analytics.compute_physical_activty_categories(activity, ENMO_G)
        off_wrist = processing_utils.synchronize_measurements(
            data_measurement=processing_utils.get_nonwear_measurements(
                calibrated_acceleration=moved, temperature=None, non_wear_algorithms=["ggir"]
            ),
            reference_measurement=angle,
            epoch_length=EPOCH_S,
        )
        found = analytics.GgirSleepDetection(angle).run_sleep_detection()
        _, off_wrist = analytics.sleep_cleanup(
            sleep_windows=found.sleep_windows, nonwear_measurement=off_wrist, adaptive=True
        )
        for periods in (found.spt_windows, found.sib_periods):
            analytics.sleep_bouts_cleanup(
                sleep_parameter=periods,
                nonwear_measurement=off_wrist,
                time_reference_measurement=angle,
                epoch_length=EPOCH_S,
            )
        slept_min = sum(
            (window.wakeup - window.onset).total_seconds() / 60 for window in found.sleep_windows
        )
        told = "" if moved is not raw else "not "
        return f"{told}calibrated, {slept_min:.0f} min of sleep windows"

    return judge


def actipy(night: Night, *, calibrated: bool = True) -> Round:
    import actipy as package
    import pandas as pd

    index = pd.DatetimeIndex(night["times_ns"], name="time")
    axes = {axis: night["xyz_g"][:, column].copy() for column, axis in enumerate("xyz")}
    data = pd.DataFrame(axes, index=index)

    def judge() -> str:
        _, found = package.process(data, RATE_HZ, calibrate_gravity=calibrated, verbose=False)
        told = "not calibrated"
        if calibrated:
            told = (
                f"calibrated in {found['CalibNumIters']} steps"
                if found["CalibOK"]
                else "calibration failed"
            )
        return f"{told}, {found['NonwearTime(days)'] * 24:.1f} h not worn"

    return judge


CONTESTANTS: dict[str, Callable[[Night], Round]] = {
    "crampwatch": crampwatch,
    "crampwatch-by-the-second": crampwatch_by_the_second,
    "skdh": skdh,
    "wristpy": wristpy,
    "wristpy-uncalibrated": lambda night: wristpy(night, calibrated=False),
    "actipy": actipy,
    "actipy-uncalibrated": lambda night: actipy(night, calibrated=False),
}


def memory_mib(field: str) -> float:
    """Read a figure of this process from Linux; of other systems it is not known."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) / 1024
    return float("nan")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contestant", choices=CONTESTANTS)
    parser.add_argument("night", type=Path, metavar="NIGHT.npz")
    chosen = parser.parse_args()
    # Packages write to standard output what they are doing; the answers get one of their own.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    with np.load(chosen.night) as arrays:
        night = {key: arrays[key] for key in arrays.files}
    judge = CONTESTANTS[chosen.contestant](night)
    held_mib = memory_mib("VmRSS")
    found = judge()
    print(json.dumps({"found": found, "held_mib": held_mib}), file=answers)
    for _ in sys.stdin:
        began_s, cpu_s = time.perf_counter(), time.process_time()
        found = judge()
        wall_s, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_s
        answer = {"found": found, "wall_s": wall_s, "cpu_s": cpu_s, "peak_mib": memory_mib("VmHWM")}
        print(json.dumps(answer), file=answers)


if __name__ == "__main__":
    main()
