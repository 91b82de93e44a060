from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.collector.pacer import MAX_STRETCH, MIN_STRETCH, Pacer
from ingest.samples import NS_PER_S

Times = npt.NDArray[np.int64]

MS = 1_000_000
TICK_NS = 500 * MS


def paced(
    true_ns: Times, arrived_ns: Times, nominal_hz: float, *, steady: bool = True
) -> tuple[Times, Times]:
    """The times given to samples that are looked at twice a second, and their true ones."""
    pacer = Pacer(steady=steady)
    found, ticks = [], arrived_ns // TICK_NS
    for tick in np.unique(ticks):
        bunch = np.flatnonzero(ticks == tick)
        apart = np.full(len(bunch), NS_PER_S / nominal_hz)
        found.append(pacer.times_ns(apart, int(arrived_ns[bunch[-1]])))
    return np.concatenate(found), true_ns


def jittered(rate_hz: float, seconds: float, seed: int, jitter_ms: float) -> tuple[Times, Times]:
    rng = np.random.default_rng(seed)
    true = 10**15 + np.rint(np.arange(int(seconds * rate_hz)) * NS_PER_S / rate_hz).astype(np.int64)
    delays = (rng.uniform(0, jitter_ms, len(true)) * MS).astype(np.int64)
    return true, np.maximum.accumulate(true + delays)


@settings(max_examples=20)
@given(
    nominal=st.sampled_from([1.0, 10.0, 25.0, 50.0]),
    off=st.floats(-0.04, 0.04),
    seed=st.integers(0, 999),
    jitter_ms=st.floats(0, 300),
)
def test_jitter_and_a_wrong_rate_give_even_rising_times_near_the_true_ones(
    nominal: float, off: float, seed: int, jitter_ms: float
) -> None:
    true, arrived = jittered(nominal * (1 + off), 120, seed, jitter_ms)
    times, true = paced(true, arrived, nominal)
    assert (np.diff(times) > 0).all()
    error_ms = (times - true) / MS
    # Until the rate is learnt, some ten bunches of it are off by what the rate is off.
    bunch_ms = max(500.0, 1000 / nominal)
    assert np.abs(error_ms).max() < jitter_ms + 100 + 8 * abs(off) * bunch_ms
    apart = np.diff(times) * nominal / NS_PER_S
    assert apart.min() > MIN_STRETCH * 0.9
    assert apart.max() < MAX_STRETCH * 1.1
    late = np.diff(times[len(times) // 2 :]) * nominal / NS_PER_S
    assert np.std(late) < 0.1


def test_a_bunch_after_a_stall_of_the_radio_is_spread_over_it() -> None:
    true = np.arange(600) * 100 * MS + 10**12
    arrived = true.copy()
    arrived[300:315] = true[315]
    times, _ = paced(true, arrived, 10.0)
    assert np.abs(times - true).max() < 250 * MS
    assert np.diff(times).min() > 75 * MS


def test_samples_after_a_hole_have_the_time_of_their_arrival() -> None:
    true = np.concatenate([np.arange(100), np.arange(200, 300)]) * 100 * MS + 10**12
    times, _ = paced(true, true, 10.0)
    assert np.abs(times - true).max() < 50 * MS
    assert np.diff(times).max() > 9.9 * NS_PER_S


def test_a_lone_reading_without_a_rate_has_the_time_it_came() -> None:
    pacer = Pacer(steady=False)
    for arrived_ns in (5 * NS_PER_S, 17 * NS_PER_S, 17_300 * MS, 90 * NS_PER_S):
        assert pacer.times_ns(np.array([1e9]), arrived_ns).tolist() == [arrived_ns]
    spread = pacer.times_ns(np.full(3, 1e9), 100 * NS_PER_S)
    assert spread.tolist() == [98 * NS_PER_S, 99 * NS_PER_S, 100 * NS_PER_S]


@given(
    bunches=st.lists(
        st.tuples(st.integers(1, 8), st.integers(0, 5 * NS_PER_S)), min_size=1, max_size=40
    ),
    steady=st.booleans(),
)
def test_times_rise_whatever_comes(bunches: list[tuple[int, int]], steady: bool) -> None:
    pacer = Pacer(steady=steady)
    now_ns, times = 0, []
    for count, wait_ns in bunches:
        now_ns += wait_ns
        times += pacer.times_ns(np.full(count, 1e8), now_ns).tolist()
    assert all(later > earlier for earlier, later in pairwise(times))


@pytest.mark.parametrize("ratio", [0.3, 0.5, 2.0, 3.5])
def test_a_device_set_to_another_rate_is_learnt_and_never_far_off(ratio: float) -> None:
    true, arrived = jittered(25 * ratio, 600, 1, 40)
    times, true = paced(true, arrived, 25.0)
    assert (np.diff(times) > 0).all()
    error_ms = (times - true) / MS
    assert np.abs(error_ms).max() < 2_600
    late = len(times) // 2
    assert np.abs(error_ms[late:]).max() < 150
    assert np.std(np.diff(times[late:])) * 25 * ratio / NS_PER_S < 0.1
