"""A program that writes to a store until it is killed, and what a kill may leave behind."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path
from random import Random
from threading import Thread

from sqlalchemy.orm import Session

from server.diary import DiaryEntry, entries, put_entry
from server.store import Store

__all__ = ["kill_one", "missing_and_torn", "write_until_killed"]

POSTERS = 8
"""Threads that write at once, so that pairs share their commits."""
HALVES = ("a", "b")

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from tests.server.killed_writer import write_until_killed
write_until_killed(*sys.argv[1:])
"""


def write_until_killed(url: str, first: str) -> None:
    """Write pairs of entries, and print the name of each pair once it is acknowledged."""
    store = Store.open(url, alone=True)

    def post(poster: int) -> None:
        number = 0
        while True:
            name = f"{first}-{poster}-{number}"

            def work(session: Session, name: str = name) -> None:
                for half in HALVES:
                    entry = DiaryEntry(f"{name}-{half}", date(2026, 11, 21), "x", {}, 1, "me")
                    put_entry(session, "me", entry)

            store.write(work)
            sys.stdout.write(f"{name}\n")
            sys.stdout.flush()
            number += 1

    for poster in range(POSTERS):
        Thread(target=post, args=(poster,)).start()


def kill_one(url: str, number: int, chance: Random) -> set[str]:
    """Kill a writer with -9 somewhere in its work; gives the pairs that were acknowledged."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, url, f"{number}"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(chance.randint(1, 200))]
    process.kill()
    told += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    # The last line may be cut off: then nobody was told.
    return {line.strip() for line in told if line.endswith("\n")}


def missing_and_torn(url: str, acknowledged: set[str]) -> tuple[int, int]:
    """Count the acknowledged pairs that are not there, and those of which only half is."""
    with Store.open(url) as store, store.reading() as session:
        found = {each.id for each in entries(session, "me")}
    names = {entry.rpartition("-")[0] for entry in found}
    torn = sum(not {f"{name}-{half}" for half in HALVES} <= found for name in names)
    return len(acknowledged - names), torn
