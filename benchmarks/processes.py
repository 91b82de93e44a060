"""What the command costs as a process of its own: its time and its memory."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LAUNCHER = """
import json, os, subprocess, sys, time
began = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
took = time.perf_counter() - began
process.returncode = os.waitstatus_to_exitcode(status)
print(json.dumps([took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024]))
sys.exit(process.returncode)
"""


SERVER = """
import sys
from server.app import serve
from server.settings import load_settings
serve(load_settings(database_url=sys.argv[1], port=0), lambda text: print(text, flush=True))
"""
"""A server of the database that is named; it says where it is."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took, from its start to its end."""

    seconds: float
    cpu_s: float
    peak_mib: float


def cost_of_command(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> Cost:
    """Run ``crampwatch`` with these arguments and return what it cost.

    A small process starts it: until a child becomes another program it counts what its parent
    holds as its own, and this one holds nights. Python may keep what it compiled, as it does
    wherever nobody forbids it.
    """
    inherited = {name: os.environ[name] for name in os.environ if name != "PYTHONDONTWRITEBYTECODE"}
    ended = subprocess.run(
        [sys.executable, "-I", "-S", "-c", LAUNCHER, sys.executable, "-m", "crampwatch"]
        + [str(argument) for argument in arguments],
        stdout=subprocess.PIPE,
        env=inherited | dict(environment or {}),
        check=True,
    )
    return Cost(*json.loads(ended.stdout))


def cpu_s(pid: int) -> float:
    """Give the seconds that a process that goes on has computed, in all its threads."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system = map(int, after_name[11:13])
    return (user + system) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    """Give the memory that a process holds, in MiB."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) / 1024


@contextmanager
def running_app(url: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Serve a database meanwhile; gives the port on loopback, and the process."""
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
