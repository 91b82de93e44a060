"""Kills a recording process with -9 again and again, and says what each kill cost.

``python -m benchmarks.kill_writer --kills 50`` prints one JSON object and exits 1 where more than
2 s of received samples were missing.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.ingest.native.killed_writer import kill_many

MAX_MISSING_S = 2.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        kills = kill_many(Path(place) / "night", arguments.kills, arguments.seed)
    missing = [kill.missing_s for kill in kills]
    figures = {
        "kills": len(kills),
        "missing_s": {"largest": max(missing), "mean": round(sum(missing) / len(missing), 2)},
        "over_2_s": sum(each > MAX_MISSING_S for each in missing),
    }
    print(json.dumps(figures))
    return int(max(missing) > MAX_MISSING_S)


if __name__ == "__main__":
    sys.exit(main())
