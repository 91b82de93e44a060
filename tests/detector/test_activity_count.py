from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, filtfilt

from detector.activity_count import activity_counts, smooth_counts
from detector.cells import cells_between
from ingest.samples import NS_PER_S, Acceleration

Doubles = npt.NDArray[np.float64]

START_S = 29_833_333 * 60
QUARTERS = 26
"""Whole counts in the raw excerpt."""


def z_in_cells(seconds: Doubles, z_g: Doubles) -> Doubles:
    times_ns = START_S * NS_PER_S + np.rint(seconds * NS_PER_S).astype(np.int64)
    xyz = np.zeros((len(z_g), 3), np.float32)
    xyz[:, 2] = z_g
    end_s = START_S + int(seconds[-1]) + 1
    return cells_between([Acceleration(times_ns, xyz)], START_S, end_s)[:, 2]


def published_counts(seconds: Doubles, z_g: Doubles) -> Doubles:
    """The method in its own words: a digital filter at 50 Hz, steps of 5/128 g, sums of 15 s."""
    at = np.arange(seconds[0], seconds[-1], 1 / 50)
    lower, upper = butter(5, [3 / 25, 11 / 25], "bandpass")
    filtered = np.abs(filtfilt(lower, upper, np.interp(at, seconds, z_g)))
    highest = filtered[: len(at) // 750 * 750].reshape(-1, 15, 50).max(axis=2)
    steps = 1 + np.floor(highest / (5 / 128))
    return np.asarray(np.maximum(steps.sum(axis=1) - 18, 0) * 3.07)


@pytest.fixture(scope="module")
def wrist(shared_data: Path) -> tuple[Doubles, Doubles]:
    raw = np.loadtxt(shared_data / "raw_excerpts" / "46343_acceleration_excerpt.txt")
    rising = np.diff(raw[:, 0], prepend=-np.inf) > 0
    return raw[rising, 0] - raw[0, 0], raw[rising, 3]


def resampled(wrist: tuple[Doubles, Doubles], rate_hz: float) -> Doubles:
    at = np.arange(0, wrist[0][-1], 1 / rate_hz)
    return z_in_cells(at, np.interp(at, *wrist))


def test_a_real_wrist_counts_as_by_the_published_method(wrist: tuple[Doubles, Doubles]) -> None:
    counts = activity_counts(z_in_cells(*wrist), 50)[:QUARTERS]
    published = published_counts(*wrist)
    assert np.corrcoef(counts, published)[0, 1] > 0.99
    assert counts.sum() == pytest.approx(published.sum(), rel=0.05)
    assert np.array_equal(counts > 0, published > 0)


def test_the_smoothed_count_is_on_the_scale_of_the_published_epochs(
    wrist: tuple[Doubles, Doubles], shared_data: Path
) -> None:
    # The first epoch of this person begins 390 s after the zero of the raw file, found by laying
    # the curves over each other; of the excerpt 235 s lie before it and 160 s after.
    table = pq.read_table(
        shared_data / "sleep_epochs" / "epochs_30s.parquet", filters=[("subject", "=", "46343")]
    )
    published = table["count"].to_numpy()[:2]
    skipped = round((390 - 155.32) % 30 * 25)
    smoothed = smooth_counts(activity_counts(z_in_cells(*wrist)[skipped:], 50))
    first_epoch = int((390 - 155.32) // 30)
    assert published == pytest.approx([38.6, 31.6], abs=0.1)
    assert smoothed[first_epoch : first_epoch + 2] == pytest.approx(published, rel=0.1)


@pytest.mark.parametrize(
    ("rate_hz", "alike"),
    [(5, 0.9), (10, 0.98), (12.5, 0.98), (25, 0.99), (50, 0.99), (100, 0.99), (200, 0.99)],
)
def test_every_rate_counts_a_real_wrist_about_alike(
    wrist: tuple[Doubles, Doubles], rate_hz: float, alike: float
) -> None:
    counts = activity_counts(resampled(wrist, rate_hz), rate_hz)[:QUARTERS]
    published = published_counts(*wrist)
    assert np.corrcoef(counts, published)[0, 1] > alike
    assert counts.sum() == pytest.approx(published.sum(), rel=0.1)


def test_a_swing_in_the_band_counts_its_height_in_steps() -> None:
    seconds = np.arange(0, 60, 1 / 100)
    counts = activity_counts(z_in_cells(seconds, np.sin(2 * np.pi * 6 * seconds)), 100)
    steps = np.floor(1.0 / (5 / 128)) + 1
    assert counts[1:-1] == pytest.approx((15 * steps - 18) * 3.07, rel=0.05)


@pytest.mark.parametrize("hertz", [0.2, 1.0])
def test_slow_turning_counts_nothing(hertz: float) -> None:
    seconds = np.arange(0, 60, 1 / 100)
    counts = activity_counts(z_in_cells(seconds, np.sin(2 * np.pi * hertz * seconds)), 100)
    assert counts[1:-1].tolist() == [0.0, 0.0]


def test_what_was_not_recorded_is_not_counted_and_moves_nothing_beside_it() -> None:
    seconds = np.arange(0, 150, 1 / 50)
    z_g = z_in_cells(seconds, np.sin(2 * np.pi * 6 * seconds))
    whole = activity_counts(z_g, 50)
    z_g[40 * 25 : 75 * 25] = np.nan
    counts = activity_counts(z_g, 50)
    assert np.flatnonzero(np.isnan(counts[:10])).tolist() == [3, 4]
    assert counts[[0, 1, 6, 7, 8]] == pytest.approx(whole[[0, 1, 6, 7, 8]])
    assert counts[2] == pytest.approx(whole[2], rel=0.02)


def test_the_smoothed_count_keeps_a_level_and_forgets_what_is_far() -> None:
    assert smooth_counts(np.full(40, 7.0)) == pytest.approx(np.full(20, 7.0))
    lone = np.zeros(120)
    lone[61] = 100.0
    smoothed = smooth_counts(lone)
    assert int(smoothed.argmax()) == 30
    assert smoothed[30] == pytest.approx(100 * 15 / (50 * np.sqrt(2 * np.pi)), rel=0.02)
    assert smoothed[:20].max() < 1e-4


def test_an_epoch_in_a_long_gap_is_not_known() -> None:
    counts = np.ones(120)
    counts[40:80] = np.nan
    smoothed = smooth_counts(counts)
    assert np.isnan(smoothed[22:38]).all()
    assert smoothed[:20] == pytest.approx(np.ones(20))


@given(
    st.integers(0, 4000),
    st.floats(5, 200),
    st.floats(0, 70),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(1, 900)), max_size=3),
)
@settings(max_examples=40, deadline=None)
def test_no_line_whatever_breaks_the_count(
    length: int, rate_hz: float, size: float, gaps: list[tuple[int, int]]
) -> None:
    z_g = (size * np.sin(np.arange(length) ** 2)).astype(np.float32)
    for start, cells in gaps:
        z_g[start : start + cells] = np.nan
    counts = activity_counts(z_g, rate_hz)
    assert len(counts) == length // 375
    known = counts[~np.isnan(counts)]
    assert ((known >= 0) & (known <= (15 * 129 - 18) * 3.07)).all()
    assert len(smooth_counts(counts)) == len(counts) // 2
