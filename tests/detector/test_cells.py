from __future__ import annotations

import numpy as np
import pytest

from detector.cells import CELL_HZ, cells_between
from ingest.samples import NS_PER_S, Acceleration

START_S = 1_790_000_000


def sampled(rate_hz: float, seconds: float, frequency_hz: float) -> Acceleration:
    t = np.arange(round(rate_hz * seconds)) / rate_hz
    wave = np.sin(2 * np.pi * frequency_hz * t)
    times_ns = START_S * NS_PER_S + np.rint(t * NS_PER_S).astype(np.int64)
    return Acceleration(times_ns, np.column_stack([wave] * 3).astype(np.float32))


@pytest.mark.parametrize("rate_hz", [25, 50, 52, 100, 200])
def test_a_slow_movement_comes_out_as_it_is_at_every_rate(rate_hz: float) -> None:
    cells = cells_between([sampled(rate_hz, 20, 1.0)], START_S, START_S + 20)
    centres = (np.arange(20 * CELL_HZ) + 0.5) / CELL_HZ
    known = ~np.isnan(cells[:, 0])
    assert known.mean() > 0.98
    assert np.allclose(cells[known, 0], np.sin(2 * np.pi * centres[known]), atol=0.02)


def test_a_buzz_between_two_cells_does_not_fold_into_a_movement() -> None:
    cells = cells_between([sampled(200, 20, 25.0)], START_S, START_S + 20)
    assert float(np.nanmax(np.abs(cells))) < 0.2


def test_neighbours_that_share_samples_make_one_line() -> None:
    whole = sampled(25, 20, 1.0)
    halves = [
        Acceleration(whole.times_ns[rows], whole.xyz_g[rows])
        for rows in (slice(0, 252), slice(249, None))
    ]
    one = cells_between([whole], START_S, START_S + 20)
    assert np.allclose(cells_between(halves, START_S, START_S + 20), one, equal_nan=True)


def test_a_gap_and_what_was_not_kept_are_unknown() -> None:
    whole = sampled(25, 20, 1.0)
    kept = (whole.times_ns - START_S * NS_PER_S < 5 * NS_PER_S) | (
        whole.times_ns - START_S * NS_PER_S > 9 * NS_PER_S
    )
    cells = cells_between(
        [Acceleration(whole.times_ns[kept], whole.xyz_g[kept])], START_S - 3, START_S + 25
    )
    known = ~np.isnan(cells[:, 0]).reshape(-1, CELL_HZ)
    assert not known[:3].any()
    assert known[3:7].all()
    assert not known[8:12].any()
    assert known[13:22].all()
    assert not known[23:].any()
