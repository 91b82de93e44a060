"""A new database of each kind to measure a store on."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.settings import database_url
from tests.server.postgres import running_server

__all__ = ["new_database"]


@contextmanager
def new_database(kind: str) -> Iterator[str]:
    """Give the URL of a new database, of SQLite or of a PostgreSQL server started for it."""
    if kind == "PostgreSQL":
        # As it is set when it is installed, but for where it listens.
        with running_server({"listen_addresses": ""}) as url:
            yield url.format("postgres")
        return
    with tempfile.TemporaryDirectory() as folder:
        yield database_url(Path(folder) / "new.db")
