"""What judging a night costs, stage by stage: CPU time of the quickest of some rounds.

``python -m benchmarks.stages`` takes the night of `benchmarks.peers`, arrays in and night out.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, MutableMapping
from datetime import date
from typing import Any

from benchmarks.peers import DEVICE, HOURS
from detector import detector, reading, seconds
from detector.detector import Detector
from detector.identity import Identity
from detector.taps import TapFinder
from simulator.night import NightSettings, simulate

STAGES: tuple[tuple[str, Any, str], ...] = (
    ("level, spread and jerk of each second", seconds.Reducer, "_reduce_before"),
    ("of that the jerk", seconds, "_differences"),
    ("of that the jerk", seconds._Differences, "mean_squared_jerk"),
    ("taps on the watch", TapFinder, "feed"),
    ("the name of the night", Identity, "take_part"),
    ("calibration", reading, "fit_calibration"),
    ("heart rate in bins", reading, "bin_heart_rate"),
    ("rest by the arm's angle", reading, "find_sleeps"),
    ("movement across the wrist, in cells", reading, "_across_g"),
    ("sleep and wake by the model", reading, "stage_sleep"),
    ("features of the awakenings", detector, "measure"),
    ("probabilities and their reasons", detector, "judge"),
)
"""Each with the places where it is looked up when it is called."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=25)
    chosen = parser.parse_args()
    settings = NightSettings(date=date(2026, 11, 1), hours=HOURS, device=DEVICE, cramps=1)
    night = simulate(settings, 1)
    assert night.heart_rate is not None
    spent_s = defaultdict[str, float](float)
    for name, place, attribute in STAGES:
        setattr(place, attribute, _timed(name, getattr(place, attribute), spent_s))

    rounds: list[dict[str, float]] = []
    for _ in range(chosen.rounds + 1):
        spent_s.clear()
        began_s = time.thread_time()
        judging = Detector(night.info)
        judging.feed(night.heart_rate)
        judging.feed(night.acceleration)
        judging.finish()
        rounds.append({**spent_s, "all": time.thread_time() - began_s})
    # The first loads the models.
    least_s = {name: min(each[name] for each in rounds[1:]) for name in rounds[0]}

    print("| stage | CPU, ms | share |\n| --- | --- | --- |")
    for name in dict.fromkeys([*(name for name, _, _ in STAGES), "all"]):
        print(f"| {name} | {least_s[name] * 1e3:.1f} | {least_s[name] / least_s['all']:.0%} |")


def _timed(
    name: str, stage: Callable[..., Any], spent_s: MutableMapping[str, float]
) -> Callable[..., Any]:
    def timed(*given: Any, **named: Any) -> Any:
        began_s = time.thread_time()
        try:
            return stage(*given, **named)
        finally:
            spent_s[name] += time.thread_time() - began_s

    return timed


if __name__ == "__main__":
    main()
