"""How many episodes a second a store takes, each on the disk before it is acknowledged.

    python -m benchmarks.store_posts
    python -m benchmarks.store_posts --database-url postgresql://me@localhost/scratch
    python -m benchmarks.store_posts --over-http

Many posters at once, as that many collectors; each waits for its acknowledgement before it posts
the next. The store is a new one and is left behind where a URL is given. Over HTTP the server is a
process of its own, asked over loopback by connections that are kept.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.orm import Session

from benchmarks.processes import SERVER, cpu_s
from detector.night import Standing
from server.provisional import ProvisionalEpisode, provisional_episodes, tell_episode
from server.settings import database_url
from server.store import Store

NIGHT_NS = 1_795_298_400 * 10**9
"""2026-11-21 at 23:00 in Berlin, in UTC nanoseconds."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--database-url")
    parser.add_argument("--posters", type=int, default=64)
    parser.add_argument("--episodes", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--over-http", action="store_true")
    options = parser.parse_args()
    if options.over_http:
        with tempfile.TemporaryDirectory() as folder:
            url = options.database_url or database_url(Path(folder) / "posts.db")
            _over_http(url, options.posters, options.episodes, options.rounds)
        return
    with _store(options.database_url) as store:
        store.add_wearer("Me", "Europe/Berlin")
        for number in range(options.rounds):
            took_s, waits_s = _post(store, options.posters, options.episodes, number)
            _tell_figures(took_s, waits_s, options.posters)
        with store.reading() as session:
            kept = len(provisional_episodes(session, "me"))
        print(
            f"kept: {kept} of {options.rounds * options.episodes}; SQLite {sqlite3.sqlite_version}"
        )


def _tell_figures(took_s: float, waits_s: list[float], posters: int) -> None:
    p50, p99 = np.percentile(waits_s, [50, 99]) * 1000
    print(
        f"{len(waits_s)} episodes by {posters} posters in {took_s:.2f} s: "
        f"{len(waits_s) / took_s:.0f} a second, p50 {p50:.1f} ms, p99 {p99:.1f} ms"
    )


def _over_http(url: str, posters: int, episodes: int, rounds: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, url], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    port = int(process.stdout.readline().split("127.0.0.1:")[1].split("/")[0])
    try:
        for turn in range(rounds):
            before_s = cpu_s(process.pid)
            took_s, waits_s = asyncio.run(_ask(port, posters, episodes, turn))
            _tell_figures(took_s, waits_s, posters)
            each_ms = 1000 * (cpu_s(process.pid) - before_s) / episodes
            print(f"computing of the server for each: {each_ms:.2f} ms")
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


async def _ask(port: int, posters: int, episodes: int, turn: int) -> tuple[float, list[float]]:
    waits_s: list[float] = []

    async def post_share(poster: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in range(poster, episodes, posters):
            onset_ns = NIGHT_NS + number * 10**9
            body = (
                f'{{"started_ns":{NIGHT_NS},"timezone":"Europe/Berlin","onset_ns":{onset_ns},'
                f'"end_ns":{onset_ns + 90 * 10**9},"probability":0.7,"standing":"likely"}}'
            )
            began_s = time.perf_counter()
            writer.write(
                f"PUT /api/v1/provisional-episodes/{turn}-{number} HTTP/1.1\r\n"
                f"Host: 127.0.0.1\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
            )
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            assert head.startswith("http/1.1 201"), head
            await reader.readexactly(int(head.split("content-length: ")[1].split("\r")[0]))
            waits_s.append(time.perf_counter() - began_s)
        writer.close()

    began_s = time.perf_counter()
    await asyncio.gather(*(post_share(poster) for poster in range(posters)))
    return time.perf_counter() - began_s, waits_s


@contextmanager
def _store(url: str | None) -> Iterator[Store]:
    if url is not None:
        with Store.open(url, alone=True) as store:
            yield store
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.open(database_url(Path(folder) / "posts.db"), alone=True) as store,
    ):
        yield store


def _tell(session: Session, *, episode: ProvisionalEpisode, zone: ZoneInfo) -> bool:
    return tell_episode(session, "me", episode, zone, told_ns=NIGHT_NS)


def _post(store: Store, posters: int, episodes: int, turn: int) -> tuple[float, list[float]]:
    zone = ZoneInfo("Europe/Berlin")

    def post_share(poster: int) -> list[float]:
        waits_s = []
        for number in range(poster, episodes, posters):
            onset_ns = NIGHT_NS + number * 10**9
            episode = ProvisionalEpisode(
                f"{turn}-{number}", NIGHT_NS, onset_ns, onset_ns + 90 * 10**9, 0.7, Standing.LIKELY
            )
            began_s = time.perf_counter()
            store.write(partial(_tell, episode=episode, zone=zone))
            waits_s.append(time.perf_counter() - began_s)
        return waits_s

    began_s = time.perf_counter()
    with ThreadPoolExecutor(posters) as pool:
        shares = list(pool.map(post_share, range(posters)))
    return time.perf_counter() - began_s, [each for share in shares for each in share]


if __name__ == "__main__":
    main()
