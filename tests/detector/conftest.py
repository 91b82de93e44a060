from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("CRAMPWATCH_SHARED_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    if not (SHARED / "sleep_epochs" / "epochs_30s.parquet").exists():
        pytest.skip(f"real nights not here: set CRAMPWATCH_SHARED_DATA ({SHARED} has no epochs)")
    return SHARED
