from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.native.compact import compact
from tests.ingest.native.made import (
    COUNTS_PER_G,
    a_night,
    acceleration,
    fault,
    mark,
    stored,
    write_night,
)

TEXT = (Path(__file__).parents[3] / "docs" / "recordings.md").read_text()
PROGRAMS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


def test_the_programs_in_the_document_read_a_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [mark(0), fault(0, 1), *a_night(20)]
    write_night(tmp_path / "recorded", records)
    write_night(tmp_path / "compacted", records)
    compact(tmp_path / "compacted")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for program in PROGRAMS:
        exec(program, names)
    assert len(PROGRAMS) == 3
    whole = acceleration(0, 20 * 50)
    np.testing.assert_array_equal(names["time_ns"], whole.times_ns)
    np.testing.assert_array_equal(names["x_g"], whole.xyz_g[:, 0])
    np.testing.assert_array_equal(names["segment_time_ns"], whole.times_ns)
    np.testing.assert_array_equal(names["segment_x"], whole.xyz_g[:, 0] * COUNTS_PER_G)


def test_the_tables_in_the_document_are_those_of_a_night(tmp_path: Path) -> None:
    write_night(tmp_path / "night", a_night(20))
    compact(tmp_path / "night")
    files = {path.stem for path in (tmp_path / "night" / "parquet-0001").iterdir()}
    assert {name for name in files if f"| `{name}` |" in TEXT} == files
    assert "events" in files
    assert stored(tmp_path / "night")[1].damage == []
