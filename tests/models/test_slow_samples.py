from __future__ import annotations

import numpy as np

from benchmarks.slow_samples import averaged, report
from detector.classifier import load_model
from ingest.samples import Acceleration
from models.study.table import concatenate
from tests.models.sources import a_source

STEP_NS = 20_000_000


def test_five_samples_of_50_hz_make_one_of_10_hz_and_a_gap_stays_a_gap() -> None:
    numbers = np.arange(100)
    kept = (numbers < 30) | (numbers >= 60)
    xyz_g = np.stack([numbers / 100, np.ones(100), -numbers / 100], axis=1).astype(np.float32)
    slow = averaged(Acceleration(numbers[kept] * STEP_NS, xyz_g[kept]), 10)
    np.testing.assert_allclose(
        slow.xyz_g[:, 0], [*np.arange(0.02, 0.3, 0.05), *np.arange(0.62, 1, 0.05)]
    )
    np.testing.assert_allclose(slow.xyz_g[:, 1], 1.0)
    assert slow.times_ns[:2].tolist() == [50_000_000, 150_000_000]
    assert np.diff(slow.times_ns).max() == 700_000_000


def test_the_same_nights_twice_differ_by_nothing() -> None:
    table = concatenate([a_source("one", nights=8), a_source("two", nights=8)])
    lines = report(table, table, load_model())
    assert lines[0].startswith("SIMULATION. 16 nights with 1 devices, 8 visible cramps")
    rows = [line for line in lines if line.startswith("| ")][2:]
    assert len(rows) == 5
    assert all(row.endswith("| +0.000 (+0.000 to +0.000) |") for row in rows)
