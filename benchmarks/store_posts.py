"""How many episodes a second a store takes, each on the disk before it is acknowledged.

    python -m benchmarks.store_posts
    python -m benchmarks.store_posts --postgresql

First by the store itself, in the threads of one process; then over HTTP, by a server that is a
process of its own, asked over loopback by connections that are kept. Many posters at once, as that
many collectors. Each waits for its acknowledgement before it posts the next; at a rate that is
given, each post has its moment, and how long it took is counted from there, late or not.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.orm import Session

from benchmarks.databases import new_database
from benchmarks.processes import cpu_s, running_app
from detector.night import Standing
from server.provisional import ProvisionalEpisode, provisional_episodes, tell_episode
from server.store import Store

NIGHT_NS = 1_795_298_400 * 10**9
"""2026-11-21 at 23:00 in Berlin, in UTC nanoseconds."""

POSTERS = 64

CROWDS: Sequence[tuple[int, int | None]] = (
    (8, None), (16, None), (32, None), (POSTERS, None), (POSTERS, 1500), (POSTERS, 1000),
)  # fmt: skip
"""How many ask over HTTP at once, and at how many posts a second; None is as many as they can."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What some posts took: all of them, and each."""

    took_s: float
    waits_s: list[float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL as well")
    parser.add_argument("--episodes", type=int, default=20_000)
    options = parser.parse_args()
    # A collection of its own rubbish would count as waiting for the server.
    gc.freeze()
    print("| | Posters | Episodes a second | Half within | 99 % within | Computing each |")
    print("| --- | --- | --- | --- | --- | --- |")
    for kind in ("SQLite", "PostgreSQL")[: 1 + options.postgresql]:
        with new_database(kind) as url:
            _directly(kind, url, options.episodes)
        with new_database(kind) as url:
            _over_http(kind, url, options.episodes)


def _tell_figures(name: str, posters: str, posted: Posted, each_ms: float) -> None:
    p50, p99 = np.percentile(posted.waits_s, [50, 99]) * 1000
    rate = len(posted.waits_s) / posted.took_s
    print(
        f"| {name} | {posters} | {rate:,.0f} | {p50:.0f} ms | {p99:.0f} ms | {each_ms:.2f} ms |",
        flush=True,
    )


def _directly(kind: str, url: str, episodes: int) -> None:
    with Store.open(url, alone=True) as store:
        store.add_wearer("Me", "Europe/Berlin")
        before_s = time.process_time()
        posted = _post(store, episodes)
        each_ms = 1000 * (time.process_time() - before_s) / episodes
        _tell_figures(f"{kind}, the store", str(POSTERS), posted, each_ms)
        with store.reading() as session:
            assert len(provisional_episodes(session, "me")) == episodes


def _over_http(kind: str, url: str, episodes: int) -> None:
    with running_app(url) as (port, process):
        # What is done for the first time takes longer, and is not what is asked about.
        asyncio.run(_ask(port, POSTERS, None, episodes // 10, "first"))
        for posters, rate in CROWDS:
            before_s = cpu_s(process.pid)
            posted = asyncio.run(_ask(port, posters, rate, episodes, f"{posters}-{rate}"))
            each_ms = 1000 * (cpu_s(process.pid) - before_s) / episodes
            told = f"{posters}" if rate is None else f"{posters}, at {rate:,} a second"
            _tell_figures(f"{kind}, over HTTP", told, posted, each_ms)


async def _ask(port: int, posters: int, rate: int | None, episodes: int, turn: str) -> Posted:
    waits_s: list[float] = []
    began_s = time.perf_counter()

    async def post_share(poster: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in range(poster, episodes, posters):
            asked_s = time.perf_counter()
            if rate is not None:
                moment_s = began_s + number / rate
                await asyncio.sleep(moment_s - asked_s)
                asked_s = moment_s
            onset_ns = NIGHT_NS + number * 10**9
            body = (
                f'{{"started_ns":{NIGHT_NS},"timezone":"Europe/Berlin","onset_ns":{onset_ns},'
                f'"end_ns":{onset_ns + 90 * 10**9},"probability":0.7,"standing":"likely"}}'
            )
            writer.write(
                f"PUT /api/v1/provisional-episodes/{turn}-{number} HTTP/1.1\r\n"
                f"Host: 127.0.0.1\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
            )
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            assert head.startswith("http/1.1 201"), head
            await reader.readexactly(int(head.split("content-length: ")[1].split("\r")[0]))
            waits_s.append(time.perf_counter() - asked_s)
        writer.close()

    await asyncio.gather(*(post_share(poster) for poster in range(posters)))
    return Posted(time.perf_counter() - began_s, waits_s)


def _tell(session: Session, *, episode: ProvisionalEpisode, zone: ZoneInfo) -> bool:
    return tell_episode(session, "me", episode, zone, told_ns=NIGHT_NS)


def _post(store: Store, episodes: int) -> Posted:
    zone = ZoneInfo("Europe/Berlin")

    def post_share(poster: int) -> list[float]:
        waits_s = []
        for number in range(poster, episodes, POSTERS):
            onset_ns = NIGHT_NS + number * 10**9
            episode = ProvisionalEpisode(
                f"{number}", NIGHT_NS, onset_ns, onset_ns + 90 * 10**9, 0.7, Standing.LIKELY
            )
            began_s = time.perf_counter()
            store.write(partial(_tell, episode=episode, zone=zone))
            waits_s.append(time.perf_counter() - began_s)
        return waits_s

    began_s = time.perf_counter()
    with ThreadPoolExecutor(POSTERS) as pool:
        shares = list(pool.map(post_share, range(POSTERS)))
    return Posted(time.perf_counter() - began_s, [each for share in shares for each in share])


if __name__ == "__main__":
    main()
