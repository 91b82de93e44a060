"""A real PostgreSQL server for the tests, on a socket in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

__all__ = ["binaries", "running_server"]

DEBIAN = Path("/usr/lib/postgresql")
"""Where Debian puts each version, out of the way of the path."""

QUICK = {
    # Nothing of it outlives the tests.
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "40",
    "shared_buffers": "32MB",
    # The store has to set it right by itself.
    "synchronous_commit": "off",
}


def binaries() -> Path | None:
    """Give the folder of initdb and pg_ctl; None where there is none, or nobody to run it as."""
    if os.geteuid() == 0 and not shutil.which("runuser"):
        return None
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    versions = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return versions[-1].parent if versions else None


@contextmanager
def running_server(settings: Mapping[str, str] = QUICK) -> Iterator[str]:
    """Run a server meanwhile; gives the beginning and the end of a URL, '{}' for the database."""
    where = Path(tempfile.mkdtemp(prefix="crampwatch-pg-"))  # A socket's path has to be short.
    commands = binaries()
    assert commands is not None
    # PostgreSQL refuses to run as root.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(where, "postgres")
    data = where / "data"
    options = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in settings.items())

    def run(*command: str) -> None:
        done = subprocess.run(
            [*as_user, *command], cwd=where, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr + done.stdout

    try:
        run(
            f"{commands}/initdb", "--pgdata", str(data), "--username", "me", "--auth", "trust",
            "--encoding", "UTF8", "--no-sync", "--no-instructions",
        )  # fmt: skip
        run(
            f"{commands}/pg_ctl", "--pgdata", str(data), "--silent", "--wait", "--log",
            str(where / "log"), "--options", f"{options} -k {where}", "start",
        )  # fmt: skip
        yield f"postgresql://me@/{{}}?host={quote(str(where), safe='')}"
    finally:
        if (data / "postmaster.pid").exists():
            run(f"{commands}/pg_ctl", "--pgdata", str(data), "--mode", "immediate", "stop")
        shutil.rmtree(where)
