from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.seconds import GAP_NS, JERK_HZ, MINUTE_S, Part, Reducer, Seconds, join_parts
from ingest.samples import NS_PER_S, Acceleration

MINUTE = 29_833_333
START_S = MINUTE * 60
START_NS = START_S * NS_PER_S
MINUTE_NS = 60 * NS_PER_S


def parts_of(*chunks: Acceleration) -> list[Part]:
    reducer = Reducer()
    parts = [*(reducer.feed(chunk) for chunk in chunks), reducer.finish()]
    return [part for part in parts if part is not None]


def seconds_of(*chunks: Acceleration) -> Seconds:
    return join_parts(parts_of(*chunks))


def samples(rate_hz: float, seconds: float, *, jitter: float = 0.0, seed: int = 0) -> Acceleration:
    rng = np.random.default_rng(seed)
    steps = np.arange(round(rate_hz * seconds)) + rng.uniform(-jitter / 2, jitter / 2)
    times_ns = START_NS + np.rint(steps * NS_PER_S / rate_hz).astype(np.int64)
    return Acceleration(times_ns, rng.normal(0, 1, (len(steps), 3)).astype(np.float32))


def ramp(rate_hz: float, seconds: float) -> Acceleration:
    t = np.arange(round(rate_hz * seconds)) / rate_hz
    times_ns = START_NS + np.rint(t * NS_PER_S).astype(np.int64)
    xyz = np.column_stack([t / 100, 1 - t / 100, np.full_like(t, 0.5)])
    return Acceleration(times_ns, xyz.astype(np.float32))


def variance_of(chunk: Acceleration, second: int) -> npt.NDArray[np.float64]:
    inside = chunk.times_ns // NS_PER_S == START_S + second
    return np.asarray(chunk.xyz_g[inside].astype(np.float64).var(axis=0))


@pytest.mark.parametrize("rate_hz", [5, 10, 12.5, 25, 50, 52, 100, 200])
def test_a_straight_line_has_its_level_and_its_slope_at_every_rate(rate_hz: float) -> None:
    seconds = seconds_of(ramp(rate_hz, 130))
    inside = slice(1, 129)
    middles = (np.arange(1, 129) + 0.5) / 100
    assert seconds.start_s == START_S
    assert np.allclose(seconds.mean_g[inside, 0], middles, atol=0.5 / rate_hz / 100 + 1e-6)
    assert np.allclose(seconds.mean_g[inside, 2], 0.5)
    assert np.allclose(np.sqrt(seconds.jerk2[inside, 0]), 0.01, rtol=0.01)
    assert np.allclose(seconds.jerk2[inside, 2], 0.0)


@pytest.mark.parametrize("rate_hz", [50, 100, 200])
def test_the_noise_of_a_fast_device_is_no_more_jerk_than_that_of_a_slower_one(
    rate_hz: float,
) -> None:
    jerk = np.nanmedian(seconds_of(samples(rate_hz, 130)).jerk_g_per_s)
    slower = np.nanmedian(seconds_of(samples(25, 130)).jerk_g_per_s)
    assert jerk == pytest.approx(slower, rel=0.1)


def test_minutes_of_several_rates_that_are_reduced_together_are_each_as_alone() -> None:
    slow, fast = samples(25, 120), samples(100, 180, seed=1)
    together, _ = parts_of(
        Acceleration(
            np.concatenate([slow.times_ns, fast.times_ns + 2 * MINUTE_NS]),
            np.concatenate([slow.xyz_g, fast.xyz_g]),
        )
    )
    of_slow, of_fast = seconds_of(slow), seconds_of(fast)
    for name in ("mean_g", "variance_g2", "jerk2"):
        found = getattr(together, name)
        assert np.array_equal(found[:119], getattr(of_slow, name)[:119])
        # The first of the faster ones has differences to the last of the slower ones.
        assert np.array_equal(found[121:], getattr(of_fast, name)[1:120])


def test_the_spread_of_a_still_second_keeps_its_digits() -> None:
    rng = np.random.default_rng(3)
    chunk = samples(100, 60)
    still = (np.array([0.1, -0.3, 0.95]) + rng.normal(0, 0.0005, (len(chunk), 3))).astype(
        np.float32
    )
    quiet = Acceleration(chunk.times_ns, still)
    seconds = seconds_of(quiet)
    for second in range(5, 55):
        assert np.allclose(seconds.variance_g2[second], variance_of(quiet, second), rtol=1e-3)


def test_what_lies_in_a_gap_is_unknown_and_what_borders_it_is_known() -> None:
    chunk = ramp(25, 60)
    t = (chunk.times_ns - START_NS) / NS_PER_S
    kept = (t <= 20.9) | (t >= 30.15)
    recorded = seconds_of(Acceleration(chunk.times_ns[kept], chunk.xyz_g[kept])).recorded
    assert not recorded[21:30].any()
    assert recorded[:21].all()
    assert recorded[30:59].all()


def test_a_second_that_a_gap_takes_a_third_of_is_unknown() -> None:
    chunk = ramp(25, 60)
    t = (chunk.times_ns - START_NS) / NS_PER_S
    kept = (t <= 20.5) | (t >= 30.35)
    recorded = seconds_of(Acceleration(chunk.times_ns[kept], chunk.xyz_g[kept])).recorded
    assert not recorded[20:31].any()
    assert recorded[31]


@pytest.mark.parametrize("chunk", [1000, 15_000])
def test_a_second_that_is_just_covered_is_known_wherever_its_part_begins(chunk: int) -> None:
    """Seconds since the part began would round to less than enough of it, or not."""
    whole = samples(50, 300)
    begun_ns = (whole.times_ns - START_NS) % (5 * NS_PER_S)
    kept = (begun_ns <= 800_000_000) | (begun_ns >= 2 * NS_PER_S)
    whole = Acceleration(whole.times_ns[kept], whole.xyz_g[kept])
    edges = range(0, len(whole), chunk)
    chunks = [
        Acceleration(whole.times_ns[a : a + chunk], whole.xyz_g[a : a + chunk]) for a in edges
    ]
    assert not np.flatnonzero(seconds_of(*chunks).recorded[::5] == 0).size
    assert not seconds_of(*chunks).recorded[1::5].any()


def test_up_to_a_second_is_bridged() -> None:
    base = START_NS + np.array([0, 0.1, 1.1, 1.9, 2.0, 3.0, 3.9, 4.0]) * NS_PER_S
    times_ns = np.rint(base).astype(np.int64)
    bridged = seconds_of(Acceleration(times_ns, np.ones((8, 3), np.float32)))
    assert bridged.recorded[:2].all()
    times_ns[2:] += GAP_NS // 4
    apart = seconds_of(Acceleration(times_ns, np.ones((8, 3), np.float32)))
    assert not apart.recorded[0]


def test_silent_minutes_lie_between_parts() -> None:
    early, late = ramp(10, 30), ramp(10, 30)
    late = Acceleration(late.times_ns + 7 * MINUTE_NS, late.xyz_g)
    assert [part.start_s - START_S for part in parts_of(early, late)] == [0, 420]
    assert np.flatnonzero(seconds_of(early, late).recorded).tolist() == [
        *range(30),
        *range(420, 450),
    ]


def test_only_minutes_with_movement_are_kept_for_a_closer_look() -> None:
    chunk = samples(25, 300)
    moves = (chunk.times_ns - START_NS) // MINUTE_NS == 2
    quiet = np.where(moves[:, None], chunk.xyz_g, np.float32(0.5))
    (kept,) = [
        moving for part in parts_of(Acceleration(chunk.times_ns, quiet)) for moving in part.moving
    ]
    assert kept.times_ns.tolist() == chunk.times_ns[moves.nonzero()[0][0] - 1 :][:1502].tolist()


@pytest.mark.parametrize("together", [1, 700, 10_000])
def test_how_many_samples_are_reduced_together_does_not_show(together: int) -> None:
    whole = samples(25, 300, jitter=0.5)
    chunks = [
        Acceleration(whole.times_ns[at : at + 40], whole.xyz_g[at : at + 40])
        for at in range(0, len(whole), 40)
    ]
    reducer = Reducer(together)
    found = [reducer.feed(chunk) for chunk in chunks[:100]]
    found.append(reducer.complete())
    assert reducer.complete() is None
    given_so_far = [part for part in found if part is not None]
    assert sum(len(part.mean_g) for part in given_so_far) == 120
    found += [*(reducer.feed(chunk) for chunk in chunks[100:]), reducer.finish()]
    one, many = seconds_of(whole), join_parts([part for part in found if part is not None])
    for name in ("mean_g", "variance_g2", "jerk2"):
        assert getattr(one, name).tobytes() == getattr(many, name).tobytes()


def test_fewer_samples_than_are_reduced_together_wait_to_be_asked_for() -> None:
    whole = samples(25, 150)
    reducer = Reducer(len(whole) + 1)
    assert reducer.complete() is None
    assert reducer.feed(whole) is None
    part = reducer.complete()
    assert part is not None
    assert len(part.mean_g) == 120


@settings(max_examples=60, deadline=None)
@given(
    rate_hz=st.sampled_from([5.0, 10.0, 26.0, 52.0, 200.0]),
    seconds=st.integers(1, 200),
    jitter=st.floats(0, 0.9),
    seed=st.integers(0, 2**32 - 1),
    cuts=st.lists(st.floats(0, 1), max_size=12),
    pause_s=st.sampled_from([0, 3, 200, 4000]),
)
def test_any_chunking_gives_the_same_bits(
    rate_hz: float, seconds: int, jitter: float, seed: int, cuts: list[float], pause_s: int
) -> None:
    whole = samples(rate_hz, seconds, jitter=jitter, seed=seed)
    times_ns = whole.times_ns.copy()
    times_ns[len(whole) // 2 :] += pause_s * NS_PER_S
    kept = np.random.default_rng(seed).random(len(whole)) > 0.02
    whole = Acceleration(times_ns[kept], whole.xyz_g[kept])
    edges = [0, *sorted(round(cut * len(whole)) for cut in cuts), len(whole)]
    chunks = [Acceleration(whole.times_ns[a:b], whole.xyz_g[a:b]) for a, b in pairwise(edges)]
    one, many = parts_of(whole), parts_of(*chunks)
    left, right = join_parts(one), join_parts(many)
    assert left.start_s == right.start_s
    for name in ("mean_g", "variance_g2", "jerk2"):
        assert getattr(left, name).tobytes() == getattr(right, name).tobytes()
    stretches = [[moving for part in parts for moving in part.moving] for parts in (one, many)]
    for first, second in zip(*stretches, strict=True):
        assert first.times_ns.tobytes() == second.times_ns.tobytes()
        assert first.xyz_g.tobytes() == second.xyz_g.tobytes()


def minutes_of(rates_hz: Sequence[float], *, seed: int) -> Acceleration:
    """Minutes of one recording, each at a rate of its own, and a pause of three seconds in each."""
    rng = np.random.default_rng(seed)
    each_ns = []
    for number, rate_hz in enumerate(rates_hz):
        t = (np.arange(int(rate_hz * MINUTE_S)) + rng.uniform(0.0, 0.9)) / rate_hz
        t = t[(t < 30.2) | (t > 33.3)]
        each_ns.append(START_NS + number * MINUTE_NS + np.rint(t * NS_PER_S).astype(np.int64))
    times_ns = np.concatenate(each_ns)
    return Acceleration(times_ns, rng.normal(0, 1, (len(times_ns), 3)).astype(np.float32))


def plain_jerk2(whole: Acceleration, second: int) -> npt.NDArray[np.float64]:
    """Mean squared jerk of a second, one sample after the other."""
    of_second = whole.times_ns // NS_PER_S - START_S
    minute = second // MINUTE_S
    counts = np.bincount(of_second[of_second // MINUTE_S == minute] % MINUTE_S)
    held = np.sort(counts[counts > 0])
    step = max(1, round(held[len(held) // 2] / JERK_HZ))
    squared = []
    for at in np.flatnonzero(of_second == second):
        apart_ns = whole.times_ns[at] - whole.times_ns[at - step] if at >= step else GAP_NS + 1
        if apart_ns <= GAP_NS:
            change = whole.xyz_g[at].astype(np.float64) - whole.xyz_g[at - step]
            squared.append((change / (apart_ns / NS_PER_S)) ** 2)
    return np.asarray(np.mean(squared, axis=0))


@settings(max_examples=15, deadline=None)
@given(
    rates_hz=st.lists(st.sampled_from([5.0, 12.5, 52.0, 100.0, 200.0]), min_size=2, max_size=5),
    seed=st.integers(0, 2**32 - 1),
    cuts=st.lists(st.floats(0, 1), max_size=12),
)
def test_minutes_of_several_rates_are_reduced_together_as_each_by_itself(
    rates_hz: list[float], seed: int, cuts: list[float]
) -> None:
    whole = minutes_of(rates_hz, seed=seed)
    edges = [0, *sorted(round(cut * len(whole)) for cut in cuts), len(whole)]
    chunks = [Acceleration(whole.times_ns[a:b], whole.xyz_g[a:b]) for a, b in pairwise(edges)]
    together = Reducer(len(whole) + 1)
    assert together.feed(whole) is None
    (one,) = [part for part in (together.finish(),) if part is not None]
    many = seconds_of(*chunks)
    for name in ("mean_g", "variance_g2", "jerk2"):
        assert getattr(join_parts([one]), name).tobytes() == getattr(many, name).tobytes()
    for second in np.flatnonzero(many.recorded).tolist():
        assert np.allclose(many.variance_g2[second], variance_of(whole, second), rtol=1e-4)
        assert np.allclose(many.jerk2[second], plain_jerk2(whole, second), rtol=1e-4)


def spoilt(reducer: Reducer, after: Acceleration) -> None:
    """Go on with something else, so that whatever is shared with a copy shows."""
    later = Acceleration(after.times_ns + 4 * MINUTE_NS, after.xyz_g * np.float32(2))
    reducer.feed(later)
    reducer.finish()


@settings(max_examples=40, deadline=None)
@given(
    together=st.sampled_from([1, 900, 4000]),
    size=st.sampled_from([13, 40, 1501]),
    place=st.floats(0, 1),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_copy_that_is_taken_anywhere_goes_on_as_if_it_were_the_only_one(
    together: int, size: int, place: float, seed: int
) -> None:
    whole = minutes_of([12.5, 5.0, 25.0, 5.0], seed=seed)
    edges = range(0, len(whole), size)
    chunks = [Acceleration(whole.times_ns[a:][:size], whole.xyz_g[a:][:size]) for a in edges]
    at = round(place * len(chunks))
    alone, copied_from = Reducer(together), Reducer(together)
    expected = [*map(alone.feed, chunks), alone.finish()]
    for chunk in chunks[:at]:
        copied_from.feed(chunk)
    twin = copied_from.copied()
    spoilt(copied_from, whole)
    found = [*map(twin.feed, chunks[at:]), twin.finish()]
    for one, other in zip(expected[at:], found, strict=True):
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            assert one.start_s == other.start_s
            assert one.mean_g.tobytes() == other.mean_g.tobytes()
            assert one.jerk2.tobytes() == other.jerk2.tobytes()


def test_after_some_samples_were_reduced_as_many_wait_again() -> None:
    whole = samples(25, 1500)
    reducer = Reducer(4500)
    given = [
        reducer.feed(Acceleration(whole.times_ns[at : at + 40], whole.xyz_g[at : at + 40]))
        for at in range(0, len(whole), 40)
    ]
    lengths = [len(part.mean_g) for part in given if part is not None]
    assert len(lengths) > 5
    assert min(lengths) >= 120
