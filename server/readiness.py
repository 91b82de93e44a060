"""Whether the server can do its work: the questions of ``/readyz``, each answered for itself."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import TimeoutError as TooLateError
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import StoreError
from server.store import Store

__all__ = ["LEAST_FREE_BYTES", "Check", "checks"]

PATIENCE_S = 2.0
"""Seconds that the writer may take to write nothing: hundreds of grouped commits, and less than
the time after which whoever asks for readiness commonly gives up."""

LEAST_FREE_BYTES = 200 * 1024 * 1024
"""Free bytes of the disk, 200 MiB, below which the server is not ready: ten nights of recording,
so that there is time to make room."""


@dataclass(frozen=True, slots=True)
class Check:
    """An answer: what is wrong and what to do, without paths or names; empty where all is well."""

    name: str
    problem: str

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problem


def checks(store: Store, folder: Path) -> tuple[Check, ...]:
    """Ask everything that the server needs; what fails hides nothing of the rest.

    Parameters
    ----------
    folder
        On the disk that has to have room.
    """
    questions: dict[str, Callable[[], str]] = {
        "database": lambda: _database(store),
        "migrations": lambda: _migrations(store),
        "writer": lambda: _writer(store),
        "disk": lambda: _disk(folder),
    }
    return tuple(Check(name, ask()) for name, ask in questions.items())


def _database(store: Store) -> str:
    try:
        store.require_readable()
    except StoreError:
        return "It does not answer; `crampwatch summary` on its machine says why."
    return ""


def _migrations(store: Store) -> str:
    try:
        current = store.is_up_to_date()
    except StoreError:
        return "It cannot be seen which version of crampwatch the tables are of."
    return "" if current else "The tables are of another version of crampwatch. Start it again."


def _writer(store: Store) -> str:
    waiting = store.submit(lambda session: None)
    try:
        waiting.result(PATIENCE_S)
    except TooLateError:
        waiting.cancel()
        return f"Nothing was written for {PATIENCE_S:g} s. Another program may hold the database."
    except StoreError:
        return "It cannot write. Check who owns the database, and whether its disk is full."
    return ""


def _disk(folder: Path) -> str:
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return "" if free >= LEAST_FREE_BYTES else "It is nearly full. Free some space."
