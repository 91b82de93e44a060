from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.like_real import row
from models.study.table import Table
from tests.models.sources import COLUMNS, a_source


@pytest.fixture
def table() -> Table:
    """Eight hours with 30, 50 and 90 s of movement in an awakening each, and 90 on lying down."""
    night, _ = a_source("one", nights=2).of_nights(np.array([True, False]))
    rows = night.rows[:4].copy()
    for feature, values in (
        ("moving", (30.0, 50.0, 90.0, 90.0)),
        ("moving_share", (0.1, 0.4, 0.8, 0.9)),
        ("longest_burst", (9.0, 20.0, 40.0, 60.0)),
        ("since_onset", (5000.0, 6000.0, 7000.0, 100.0)),
    ):
        rows[:, COLUMNS.index(feature)] = values
    return replace(night, rows=rows)


def test_awakenings_are_counted_by_their_movement_and_the_long_ones_told_of(table: Table) -> None:
    assert row("one", table) == (
        "| one | 8 | 0.38 | 0.25 | 0.12 | 0.60 (0.50 to 0.70) | 30 (25 to 35) |"
    )


def test_of_nights_without_anything_long_nothing_is_told(table: Table) -> None:
    table.rows[:, COLUMNS.index("moving")] = 25.0
    assert row("one", table) == "| one | 8 | 0.38 | 0.00 | 0.00 |  |  |"
