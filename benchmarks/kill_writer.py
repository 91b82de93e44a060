"""Kills a server's writer with -9 again and again, and says what each kill cost.

``python -m benchmarks.kill_writer --kills 200`` prints one JSON object and exits 1 where anything
that was acknowledged is missing, or anything is half written. It takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from random import Random

from server.settings import database_url
from server.store import Store
from tests.server.killed_writer import kill_one, missing_and_torn


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database-url")
    chosen = parser.parse_args()
    chance = Random(chosen.seed)
    with tempfile.TemporaryDirectory() as folder:
        url = chosen.database_url or database_url(Path(folder) / "killed.db")
        with Store.open(url) as store:
            store.add_wearer("Me", "Europe/Berlin")
        acknowledged: set[str] = set()
        missing = torn = 0
        for number in range(chosen.kills):
            acknowledged |= kill_one(url, number, chance)
            missing, torn = missing_and_torn(url, acknowledged)
            if missing or torn:
                break
    print(
        json.dumps(
            {
                "kills": number + 1,
                "acknowledged": len(acknowledged),
                "missing": missing,
                "half_written": torn,
            }
        )
    )
    return int(bool(missing or torn))


if __name__ == "__main__":
    sys.exit(main())
