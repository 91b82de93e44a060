"""How fast a server answers whose wearer has five years of nights, and what it holds of memory.

    python -m benchmarks.served
    python -m benchmarks.served --postgresql

The server is a process of its own, asked over loopback by one connection that is kept, as a browser
does. The store is a new one, with a night a day of two awakenings, half of them answered, and an
alert that stands. Answers are given before some requests: that night is counted anew, and while the
request waits for it the alerts are judged.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable
from datetime import timedelta

import httpx
import numpy as np

from benchmarks.databases import new_database
from benchmarks.judge_alerts import FIRST, fill
from benchmarks.processes import resident_mib, running_app
from server.alert_log import raise_alert
from server.store import Store

ALL_TRENDS = f"/api/v1/trends?from={FIRST}"

YEAR = timedelta(days=365)

PAGES = {
    "the morning page": "/",
    "the calendar": "/calendar",
    "a day of the diary": "/diary",
    "the report of the last year": "/report?from={year}&until={last}",
    "`/api/v1/nights`, thirty": "/api/v1/nights?limit=30",
    "`/api/v1/alerts`": "/api/v1/alerts",
    "`/api/v1/trends`, a year": "/api/v1/trends",
    "the same, {years} years": ALL_TRENDS,
}

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
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL as well")
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--requests", type=int, default=300)
    options = parser.parse_args()
    # A collection of its own rubbish would count as waiting for the server.
    gc.freeze()
    for kind in ("SQLite", "PostgreSQL")[: 1 + options.postgresql]:
        with new_database(kind) as url:
            _time(kind, url, options.years, options.requests)


def _time(kind: str, url: str, years: int, requests: int) -> None:
    nights = round(years * 365.25)
    with Store.open(url) as store:
        store.add_wearer("Me", "Europe/Berlin")
        store.write(lambda session: fill(session, nights))
        last = FIRST + timedelta(days=nights - 1)
        store.write(lambda s: raise_alert(s, "me", "creeping", last, NUMBERS, at_ns=1))
    print(f"| {kind}, {years} years of nights | Size | The first | Half within | 99 % within |")
    print("| --- | --- | --- | --- | --- |")
    with running_app(url) as (port, process):
        before_mib = resident_mib(process.pid)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            for name, path in PAGES.items():
                path = path.format(year=last - YEAR, last=last)
                _tell(client, name.format(years=years), path, requests)
            path = f"/api/v1/episodes/{nights - 1}-5/answer"

            def answer(number: int) -> None:
                said = ("yes", "no")[number % 2]
                client.put(path, json={"said": said}).raise_for_status()

            _tell(client, "the same, after an answer", ALL_TRENDS, requests // 10, answer)
        after_mib = resident_mib(process.pid)
    print(f"\nMemory: {before_mib:.0f} MiB at the start, {after_mib:.0f} MiB afterwards.\n")


def _tell(
    client: httpx.Client,
    name: str,
    path: str,
    requests: int,
    before: Callable[[int], None] = lambda _: None,
) -> None:
    waits_s = []
    for number in range(requests):
        before(number)
        began_s = time.perf_counter()
        answer = client.get(path).raise_for_status()
        waits_s.append(time.perf_counter() - began_s)
    p50, p99 = np.percentile(waits_s, [50, 99]) * 1000
    print(
        f"| {name} | {len(answer.content) / 1024:.0f} KiB | {1000 * waits_s[0]:.0f} ms "
        f"| {p50:.1f} ms | {p99:.1f} ms |",
        flush=True,
    )


if __name__ == "__main__":
    main()
