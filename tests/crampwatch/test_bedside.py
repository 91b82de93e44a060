from __future__ import annotations

import subprocess
import sys

LOADED = """
import sys
import crampwatch.bedside
from server.settings import load_settings

load_settings(port=0)
heavy = {"numpy", "pyarrow", "httpx", "fastapi", "sqlalchemy", "uvicorn", "scipy"}
print(*sorted(heavy & {*sys.modules}))
"""


def test_a_collector_for_a_server_elsewhere_loads_neither_page_nor_store() -> None:
    loaded = subprocess.run([sys.executable, "-c", LOADED], check=True, capture_output=True)
    assert loaded.stdout.split() == [b"httpx", b"numpy", b"pyarrow"]
