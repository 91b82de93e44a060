"""Kills a whole collector with -9 again and again, and says what each kill cost.

``python -m benchmarks.kill_collector --kills 50 --seed 1`` prints one JSON object and exits 1 where
more than 2 s of received samples were missing. It takes some minutes, as the collectors run in real
time; the wearable is a simulation in the same process.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from random import Random
from statistics import mean

from tests.crampwatch.killed_collector import Night

MAX_MISSING_S = 2.0
LATEST_S = 12.0
"""Seconds after a collector began in which it is killed: in the first 3 s it looks for the wearable
and connects, then come some frames."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--road", choices=("collect", "night"), default="collect")
    parser.add_argument("--frames", choices=("delta", "raw"), default="delta")
    chosen = parser.parse_args()
    chance = Random(chosen.seed)
    with tempfile.TemporaryDirectory() as place:
        night = Night(Path(place), chosen.road, chosen.frames)
        for _ in range(chosen.kills):
            night.kill_one(after_s=chance.uniform(0, LATEST_S))
        night.end()
    movement_s = [kill.movement_s for kill in night.kills]
    heart_s = [kill.heart_s for kill in night.kills]
    missing = [max(kill.movement_s, kill.heart_s) for kill in night.kills]
    figures: dict[str, object] = {
        "kills": len(night.kills),
        "samples_received": night.received,
        "missing_movement_s": {
            "largest": round(max(movement_s), 2),
            "mean": round(mean(movement_s), 2),
        },
        "missing_heart_rate_s": {"largest": max(heart_s), "mean": round(mean(heart_s), 2)},
        "largest_error_of_a_time_ms": round(night.largest_error_s * 1000),
        "over_2_s": sum(each > MAX_MISSING_S for each in missing),
    }
    print(json.dumps(figures))
    return int(max(missing) > MAX_MISSING_S)


if __name__ == "__main__":
    sys.exit(main())
