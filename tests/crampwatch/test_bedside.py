from __future__ import annotations

import subprocess
import sys

import pytest

LOADED = """
import sys
import crampwatch.bedside
from server.settings import load_settings

load_settings(port=0)
heavy = {"numpy", "pyarrow", "pyarrow.parquet", "scipy"}
heavy |= {"httpx", "fastapi", "sqlalchemy", "uvicorn"}
print(*sorted(heavy & {*sys.modules}))
"""

FREED = """
import numpy as np
import pyarrow as pa
from pathlib import Path
from crampwatch.lean import keep_small

def memory_mib():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20

keep_small()
print(pa.default_memory_pool().backend_name)
np.ones(2**21)
before_mib = memory_mib()
arrays = [np.ones(2**17) for _ in range(40)]
kept = arrays[-1]
full_mib = memory_mib()
del arrays
print(round(full_mib - before_mib), round(memory_mib() - before_mib))
"""


def output(program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return done.stdout.split()


def test_a_collector_for_a_server_elsewhere_loads_neither_page_nor_store() -> None:
    assert output(LOADED) == ["httpx", "numpy", "pyarrow"]


@pytest.mark.skipif(sys.platform != "linux", reason="malloc is glibc's on Linux alone")
def test_what_a_night_frees_goes_back_to_the_system() -> None:
    assert output(FREED) == ["system", "40", "1"]
