"""How many episodes a second a store takes, each on the disk before it is acknowledged.

    python -m benchmarks.store_posts
    python -m benchmarks.store_posts --database-url postgresql://me@localhost/scratch

Many posters at once, as that many collectors; each waits for its acknowledgement before it posts
the next. The store is a new one and is left behind where a URL is given.
"""

from __future__ import annotations

import argparse
import sqlite3
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
    options = parser.parse_args()
    with _store(options.database_url) as store:
        store.add_wearer("Me", "Europe/Berlin")
        for number in range(options.rounds):
            took_s, waits_s = _post(store, options.posters, options.episodes, number)
            p50, p99 = np.percentile(waits_s, [50, 99]) * 1000
            print(
                f"{options.episodes} episodes by {options.posters} posters in {took_s:.2f} s: "
                f"{options.episodes / took_s:.0f} a second, p50 {p50:.1f} ms, p99 {p99:.1f} ms"
            )
        with store.reading() as session:
            kept = len(provisional_episodes(session, "me"))
        print(
            f"kept: {kept} of {options.rounds * options.episodes}; SQLite {sqlite3.sqlite_version}"
        )


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
