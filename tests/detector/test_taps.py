from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.taps import FIRM_G, TAPPED, TapFinder
from ingest.samples import NS_PER_S, Acceleration, Mark

START_NS = 1_772_000_000 * NS_PER_S
PHASE_S = 0.008
"""From a full second to the first sample: 25 Hz samples meet a tap then near its peak."""

RATES = (25.0, 50.0, 52.0, 100.0, 200.0)

Doubles = npt.NDArray[np.float64]


def wrist(
    taps_s: Sequence[float],
    *,
    rate_hz: float = 50.0,
    seconds: float = 20.0,
    peaks_g: Sequence[float] = (3.0,) * 12,
    pushes: Sequence[Sequence[float]] = ((0.2, -0.1, -1.0),) * 12,
    ring_hz: float = 25.0,
    decay_s: float = 0.015,
    turn: tuple[float, float, float] | None = None,
    hole: tuple[float, float] | None = None,
    seed: int = 1,
) -> Acceleration:
    """A wrist at rest that is knocked; a turn is (from s, to s, degrees)."""
    rng = np.random.default_rng(seed)
    t = np.arange(0.0, seconds, 1.0 / rate_hz) + PHASE_S
    angle = np.zeros_like(t)
    if turn is not None:
        from_s, to_s, degrees = turn
        angle = np.radians(degrees) * np.clip((t - from_s) / (to_s - from_s), 0.0, 1.0)
    xyz = np.stack([np.sin(angle), 0.3 * np.ones_like(t), np.cos(angle)], axis=1)
    xyz += rng.normal(0.0, 0.002, xyz.shape)
    for at_s, peak_g, push in zip(taps_s, peaks_g, pushes, strict=False):
        since = np.maximum(t - at_s, 0.0)
        ring = np.exp(-since / decay_s) * np.sin(2 * np.pi * ring_hz * since) / 0.5
        gives = 0.05 * np.exp(-since / 0.08) * np.sin(2 * np.pi * 5.0 * since)
        line = np.asarray(push) / np.linalg.norm(push)
        xyz += peak_g * (ring + gives)[:, None] * line
    times_ns = START_NS + np.rint(t * NS_PER_S).astype(np.int64)
    kept = np.ones(len(t), np.bool_) if hole is None else (t < hole[0]) | (t > hole[1])
    return Acceleration(times_ns[kept], xyz[kept].astype(np.float32))


def marks(acceleration: Acceleration) -> tuple[Mark, ...]:
    return TapFinder().feed(acceleration)


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("apart_s", [0.2, 0.35, 0.8])
def test_three_taps_on_a_still_wrist_are_a_mark_at_the_first(
    rate_hz: float, apart_s: float
) -> None:
    first_s = 10.0
    found = marks(wrist([first_s, first_s + apart_s, first_s + 2 * apart_s], rate_hz=rate_hz))
    assert [mark.label for mark in found] == [TAPPED]
    assert 0.0 <= (found[0].time_ns - START_NS) / NS_PER_S - first_s <= 2.0 / rate_hz


@pytest.mark.parametrize("rate_hz", [5.0, 10.0, 12.5, 20.0])
def test_under_25_hz_nothing_is_said(rate_hz: float) -> None:
    assert marks(wrist([10.0, 10.4, 10.8], rate_hz=rate_hz, decay_s=0.1, ring_hz=4.0)) == ()


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("count", [1, 2, 4, 5, 8])
def test_fewer_or_more_than_three_are_no_mark(rate_hz: float, count: int) -> None:
    assert marks(wrist([10.0 + 0.35 * number for number in range(count)], rate_hz=rate_hz)) == ()


@pytest.mark.parametrize(
    "taps_s",
    [(10.0, 10.1, 10.2), (10.0, 10.96, 11.92), (10.0, 10.2, 10.9), (10.0, 10.7, 10.9)],
    ids=["too fast", "too slow", "late", "hurried"],
)
def test_what_is_not_in_a_beat_is_no_mark(taps_s: tuple[float, ...]) -> None:
    assert marks(wrist(taps_s, rate_hz=100.0)) == ()


@pytest.mark.parametrize(
    "turn",
    [(10.9, 13.0, 40.0), (9.4, 9.9, 30.0), (10.05, 10.6, 30.0)],
    ids=["after", "before", "meanwhile"],
)
def test_an_arm_that_turns_is_no_mark(turn: tuple[float, float, float]) -> None:
    assert marks(wrist([10.0, 10.35, 10.7], rate_hz=100.0, turn=turn)) == ()


def test_soft_knocks_are_no_mark() -> None:
    assert marks(wrist([10.0, 10.35, 10.7], rate_hz=100.0, peaks_g=[0.2] * 3)) == ()


@pytest.mark.parametrize("firm", [0, 1, 2])
def test_one_firm_tap_is_enough_whichever_chunk_it_comes_in(firm: int) -> None:
    peaks_g = tuple(0.45 if tap == firm else 0.2 for tap in range(3))
    row = wrist([10.0, 10.4, 10.8], rate_hz=200.0, peaks_g=peaks_g)
    soft = wrist([10.0, 10.4, 10.8], rate_hz=200.0, peaks_g=(0.2,) * 3)
    assert len(marks(row)) == 1
    assert not marks(soft)
    finder = TapFinder()
    cuts = [0, *np.searchsorted(row.times_ns - START_NS, [int(10.2e9), int(10.6e9)]), len(row)]
    chunks = [Acceleration(row.times_ns[a:b], row.xyz_g[a:b]) for a, b in pairwise(cuts)]
    assert tuple(mark for chunk in chunks for mark in finder.feed(chunk)) == marks(row)


def firmest_g(row: Acceleration) -> float:
    changes = np.diff(row.xyz_g.astype(np.float64), axis=0)
    return float(np.sqrt((changes * changes).sum(axis=1)).max())


def as_firm_as(jolt_g: float) -> Acceleration:
    """Three taps, of which the firmest makes a change of so many g from a sample to the next."""
    peak_g = 1.0
    for _ in range(20):
        row = wrist([10.0, 10.35, 10.7], rate_hz=100.0, peaks_g=[peak_g] * 3)
        peak_g *= jolt_g / firmest_g(row)
    assert firmest_g(row) == pytest.approx(jolt_g, rel=1e-4)
    return row


@pytest.mark.parametrize(("share", "found"), [(0.999, 0), (1.001, 1), (1.02, 1)])
def test_a_row_that_is_barely_firm_is_looked_at_and_one_that_is_not_quite_is_no_mark(
    share: float, found: int
) -> None:
    assert len(marks(as_firm_as(share * FIRM_G))) == found


def test_slow_knocks_as_of_an_arm_that_lands_are_no_mark() -> None:
    taps_s = [10.0, 10.5, 11.0]
    assert marks(wrist(taps_s, rate_hz=100.0, ring_hz=6.0, decay_s=0.08)) == ()


def test_knocks_from_three_sides_are_no_mark() -> None:
    assert marks(wrist([10.0, 10.35, 10.7], rate_hz=100.0, pushes=np.eye(3).tolist())) == ()


def test_knocks_without_a_second_of_rest_are_no_mark() -> None:
    assert marks(wrist([10.0, 10.35, 10.7, 11.65], rate_hz=100.0)) == ()
    assert marks(wrist([9.05, 10.0, 10.35, 10.7], rate_hz=100.0)) == ()
    assert len(marks(wrist([8.8, 10.0, 10.35, 10.7, 12.0], rate_hz=100.0))) == 1


def test_a_hole_in_which_a_tap_may_hide_leaves_it_unsaid() -> None:
    taps_s = [10.0, 10.35, 10.7]
    assert len(marks(wrist(taps_s, hole=(5.0, 8.0)))) == 1
    assert marks(wrist(taps_s, hole=(10.9, 11.1))) == ()


def test_without_a_second_before_and_after_nothing_is_said() -> None:
    assert marks(wrist([0.5, 0.85, 1.2], rate_hz=100.0)) == ()
    assert marks(wrist([18.5, 18.85, 19.2], rate_hz=100.0)) == ()
    assert len(marks(wrist([18.2, 18.55, 18.9], rate_hz=100.0))) == 1


def test_every_row_of_a_night_is_found() -> None:
    firsts_s = [5.0, 9.0, 14.0]
    taps_s = [first_s + 0.3 * number for first_s in firsts_s for number in range(3)]
    found = marks(wrist(taps_s, rate_hz=100.0))
    told_s = [(mark.time_ns - START_NS) / NS_PER_S for mark in found]
    assert told_s == pytest.approx(firsts_s, abs=0.02)


@settings(max_examples=60, deadline=None)
@given(
    rate_hz=st.sampled_from(RATES),
    seed=st.integers(0, 1000),
    cuts=st.lists(st.floats(0.0, 1.0), max_size=40)
    | st.just([number / 700 for number in range(701)]),
    taps_s=st.lists(st.floats(0.0, 20.0), max_size=12),
)
def test_how_the_samples_are_cut_does_not_show(
    rate_hz: float, seed: int, cuts: list[float], taps_s: list[float]
) -> None:
    rows_s = [5.0, 5.3, 5.6, 12.0, 12.5, 13.0]
    whole = wrist([*rows_s, *taps_s], rate_hz=rate_hz, peaks_g=(2.0,) * 18, seed=seed)
    places = sorted({0, len(whole), *(int(cut * len(whole)) for cut in cuts)})
    finder = TapFinder()
    in_pieces = [
        mark
        for start, end in pairwise(places)
        for mark in finder.feed(Acceleration(whole.times_ns[start:end], whole.xyz_g[start:end]))
    ]
    assert in_pieces == list(marks(whole))


def test_one_sample_at_a_time_finds_the_same() -> None:
    whole = wrist([5.0, 5.3, 5.6, 12.0, 12.5, 13.0], rate_hz=52.0)
    finder = TapFinder()
    found = [
        mark
        for at in range(len(whole))
        for mark in finder.feed(Acceleration(whole.times_ns[at : at + 1], whole.xyz_g[at : at + 1]))
    ]
    assert len(found) == 2
    assert found == list(marks(whole))


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    rate_hz=st.floats(5.0, 200.0),
    jitter=st.floats(0.0, 0.9),
    strength_g=st.sampled_from([0.0, 0.03, 0.3, 20.0]),
)
def test_whatever_comes_makes_no_error(
    seed: int, rate_hz: float, jitter: float, strength_g: float
) -> None:
    rng = np.random.default_rng(seed)
    steps_s = rng.uniform(1.0 - jitter, 1.0 + jitter, 1500) / rate_hz
    times_ns = START_NS + np.cumsum(np.maximum(np.rint(steps_s * 1e9), 1)).astype(np.int64)
    knocked = rng.random(1500) < 0.02
    xyz_g = np.clip(rng.normal(0.0, 1.0, (1500, 3)), -3, 3) * (knocked * strength_g)[:, None]
    finder = TapFinder()
    for start in range(0, 1500, 100):
        part = slice(start, start + 100)
        for mark in finder.feed(Acceleration(times_ns[part], xyz_g[part].astype(np.float32))):
            assert times_ns[0] < mark.time_ns < times_ns[-1]


def test_little_is_kept_however_long_the_night() -> None:
    finder = TapFinder()
    for number in range(50):
        rough = wrist([0.7 * tap for tap in range(12)], rate_hz=200.0, seconds=10.0)
        later_ns = rough.times_ns + number * 10 * NS_PER_S
        finder.feed(Acceleration(later_ns, rough.xyz_g))
    assert len(finder._kept) <= 200 * 4
