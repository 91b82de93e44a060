from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.grid import CELL_NS, CELLS_PER_BLOCK, GAP_NS, GRID_HZ, Block, Grid
from ingest.samples import NS_PER_S, Acceleration

MINUTE = 29_833_333
MINUTE_NS = 60 * NS_PER_S


def blocks_of(*chunks: Acceleration) -> list[Block]:
    grid = Grid()
    return [block for chunk in chunks for block in grid.feed(chunk)] + list(grid.finish())


def samples(rate_hz: float, seconds: float, *, jitter: float = 0.0, seed: int = 0) -> Acceleration:
    rng = np.random.default_rng(seed)
    steps = np.arange(round(rate_hz * seconds)) + rng.uniform(-jitter / 2, jitter / 2)
    times_ns = MINUTE * MINUTE_NS + np.rint(steps * NS_PER_S / rate_hz).astype(np.int64)
    return Acceleration(times_ns, rng.normal(0, 1, (len(steps), 3)).astype(np.float32))


def ramp(rate_hz: float, seconds: float) -> Acceleration:
    t = np.arange(round(rate_hz * seconds)) / rate_hz
    times_ns = MINUTE * MINUTE_NS + np.rint(t * NS_PER_S).astype(np.int64)
    xyz = np.column_stack([t / 100, 1 - t / 100, np.full_like(t, 0.5)])
    return Acceleration(times_ns, xyz.astype(np.float32))


@pytest.mark.parametrize("rate_hz", [5, 10, 12.5, 25, 50, 52, 100, 200])
def test_a_straight_line_stays_a_straight_line_at_every_rate(rate_hz: float) -> None:
    first = blocks_of(ramp(rate_hz, 130))[0]
    centres = (np.arange(CELLS_PER_BLOCK) + 0.5) / GRID_HZ
    assert first.minute == MINUTE
    assert np.allclose(first.xyz_g[:, 0], centres / 100, atol=1e-6)
    assert np.allclose(first.xyz_g[:, 2], 0.5)


def test_a_fast_device_is_averaged_over_the_cell() -> None:
    t = np.arange(200 * 61) / 200
    times_ns = MINUTE * MINUTE_NS + np.rint(t * NS_PER_S).astype(np.int64)
    buzz = np.sin(2 * np.pi * 75 * t)  # would fold to 0 Hz on the grid if cells were just picked
    block = blocks_of(Acceleration(times_ns, np.column_stack([buzz] * 3).astype(np.float32)))[0]
    assert float(np.abs(block.xyz_g).max()) < 0.1


def test_what_lies_in_a_gap_is_unknown_and_what_borders_it_is_known() -> None:
    chunk = ramp(25, 60)
    t = (chunk.times_ns - MINUTE * MINUTE_NS) / NS_PER_S
    kept = (t <= 20) | (t >= 30)
    block = blocks_of(Acceleration(chunk.times_ns[kept], chunk.xyz_g[kept]))[0]
    missing = np.isnan(block.xyz_g[:, 0])
    assert missing[20 * GRID_HZ : 30 * GRID_HZ].all()
    assert not missing[: 20 * GRID_HZ].any()
    assert not missing[30 * GRID_HZ : -1].any()


def test_up_to_a_second_is_bridged() -> None:
    base = MINUTE * MINUTE_NS
    times_ns = np.array([0, GAP_NS, 2 * GAP_NS + 1, 2 * GAP_NS + CELL_NS * 3]) + base
    block = blocks_of(Acceleration(times_ns, np.ones((4, 3), np.float32)))[0]
    known = ~np.isnan(block.xyz_g[:, 0])
    assert known[:GRID_HZ].all()
    assert not known[GRID_HZ : 2 * GRID_HZ].any()


def test_minutes_without_samples_make_no_block() -> None:
    early, late = ramp(10, 30), ramp(10, 30)
    late = Acceleration(late.times_ns + 7 * MINUTE_NS, late.xyz_g)
    assert [block.minute - MINUTE for block in blocks_of(early, late)] == [0, 7]


@settings(max_examples=60)
@given(
    rate_hz=st.sampled_from([5.0, 10.0, 26.0, 52.0, 200.0]),
    seconds=st.integers(1, 200),
    jitter=st.floats(0, 0.9),
    seed=st.integers(0, 2**32 - 1),
    cuts=st.lists(st.floats(0, 1), max_size=12),
)
def test_any_chunking_gives_the_same_bits(
    rate_hz: float, seconds: int, jitter: float, seed: int, cuts: list[float]
) -> None:
    whole = samples(rate_hz, seconds, jitter=jitter, seed=seed)
    holes = np.random.default_rng(seed).random(len(whole)) > 0.02
    whole = Acceleration(whole.times_ns[holes], whole.xyz_g[holes])
    edges = [0, *sorted(round(cut * len(whole)) for cut in cuts), len(whole)]
    parts = [Acceleration(whole.times_ns[a:b], whole.xyz_g[a:b]) for a, b in pairwise(edges)]
    one, many = blocks_of(whole), blocks_of(*parts)
    assert [block.minute for block in one] == [block.minute for block in many]
    for left, right in zip(one, many, strict=True):
        assert left.xyz_g.tobytes() == right.xyz_g.tobytes()
