from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from crampwatch.bedside import for_a_wearer, unpack_samples
from ingest.errors import WearerError
from server.settings import database_url, load_settings
from server.store import Store
from tests.server.conftest import NightMaker
from tests.server.recordings import write_recording

LOADED = """
import sys
import crampwatch.bedside
from server.settings import database_url, load_settings

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


def test_whose_night_it_will_be_is_clear_in_the_evening(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, port=0)
    assert for_a_wearer(settings).wearer is None
    with Store.open(settings.database_url, home=tmp_path) as store:
        store.add_wearer("Anna", "Europe/Berlin")
        assert for_a_wearer(settings).wearer == "anna"
        store.add_wearer("Ben", "Europe/Berlin")
    with pytest.raises(WearerError, match="Say whose with CRAMPWATCH_WEARER"):
        for_a_wearer(settings)
    assert for_a_wearer(settings.model_copy(update={"wearer": "ben"})).wearer == "ben"


def test_a_store_that_cannot_be_opened_costs_no_night_in_the_evening(tmp_path: Path) -> None:
    letter = tmp_path / "letter"
    letter.write_text("a letter to my sister")
    settings = load_settings(database_url=database_url(letter), data_dir=tmp_path, port=0)
    assert for_a_wearer(settings) == settings


def test_the_samples_of_a_night_are_unpacked_in_the_morning(
    tmp_path: Path, make_night: NightMaker
) -> None:
    settings = load_settings(data_dir=tmp_path / "data", port=0)
    recording_id = write_recording(settings.recordings_dir / "tonight")
    unpack_samples(settings, recording_id)
    assert not (tmp_path / "data" / "samples").exists()
    with Store.open(settings.database_url, home=settings.data_dir) as store:
        store.save(make_night(date(2025, 11, 21), id=recording_id, name="tonight"))
    unpack_samples(settings, recording_id)
    (unpacked,) = (tmp_path / "data" / "samples").iterdir()
    assert (unpacked / "times.i8").stat().st_size == 8 * 180 * 50
