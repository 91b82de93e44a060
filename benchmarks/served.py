"""How fast a server answers whose wearer has five years of nights, and what it holds of memory.

    python -m benchmarks.served
    python -m benchmarks.served --database-url postgresql://me@localhost/scratch

The server is a process of its own, asked over loopback by one connection that is kept, as a browser
does. The store is a new one, with a night a day of two awakenings, half of them answered, and an
alert that stands; it is left behind where a URL is given.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import numpy as np

from benchmarks.judge_alerts import FIRST, fill
from benchmarks.processes import SERVER
from server.alert_log import raise_alert
from server.settings import database_url
from server.store import Store

PATHS = ("/", "/calendar", "/diary", "/api/v1/nights?limit=30", "/api/v1/trends", "/api/v1/alerts")

NUMBERS = {
    "first": "2026-10-20",
    "last": "2026-11-19",
    "recorded": 28,
    "confirmed": 4,
    "open": 9,
    "found_nights": 11,
    "usual": {"mean": 2.1, "least": 0, "most": 5},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--database-url")
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--requests", type=int, default=300)
    options = parser.parse_args()
    nights = round(options.years * 365.25)
    with tempfile.TemporaryDirectory() as folder:
        url = options.database_url or database_url(Path(folder) / "years.db")
        with Store.open(url) as store:
            store.add_wearer("Me", "Europe/Berlin")
            store.write(lambda session: fill(session, nights))
            last = FIRST + timedelta(days=nights - 1)
            store.write(lambda s: raise_alert(s, "me", "creeping", last, NUMBERS, at_ns=1))
        with _server(url) as (port, process):
            before = _resident_mib(process.pid)
            with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
                for path in PATHS:
                    _tell(client, path, options.requests)
            after = _resident_mib(process.pid)
    print(f"memory: {before:.0f} MiB at the start, {after:.0f} MiB afterwards")


def _tell(client: httpx.Client, path: str, requests: int) -> None:
    waits_s = []
    for _ in range(requests):
        began_s = time.perf_counter()
        answer = client.get(path)
        waits_s.append(time.perf_counter() - began_s)
        if answer.status_code == 404:
            print(f"{path}: not on this server")
            return
        assert answer.status_code == 200, answer.text
    p50, p99 = np.percentile(waits_s, [50, 99]) * 1000
    print(f"{path}: {len(answer.content) / 1024:.0f} KiB, p50 {p50:.1f} ms, p99 {p99:.1f} ms")


@contextmanager
def _server(url: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, url], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline().split("127.0.0.1:")[1].split("/")[0]), process
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def _resident_mib(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) / 1024


if __name__ == "__main__":
    main()
