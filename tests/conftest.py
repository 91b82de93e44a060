from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def reference_vectors() -> Path:
    root = Path(__file__).parents[1]
    named = os.environ.get("CRAMPWATCH_SHARED_REFERENCE")
    folder = Path(named) if named else root.parent / "shared" / "reference"
    path = folder / "ble_vectors.json"
    if not path.is_file():
        pytest.skip(
            f"reference vectors not here: no {path}; set CRAMPWATCH_SHARED_REFERENCE to its folder"
        )
    return path
