from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import RecordingError
from ingest.rate import Rate
from ingest.samples import NS_PER_S

PATH = Path("accelerometer.csv")

cuts = st.lists(st.integers(0, 100_000), max_size=6)


def judge(steps_s: list[float] | list[int], cut_at: list[int] | None = None) -> str | None:
    """Give what is wrong with a recording of these steps, however they come in."""
    steps_ns = np.rint(np.array(steps_s) * NS_PER_S).astype(np.int64)
    rate = Rate()
    for part in np.split(steps_ns, sorted(at % (len(steps_ns) + 1) for at in cut_at or [])):
        rate.add(part)
    try:
        rate.require(PATH)
    except RecordingError as error:
        return error.problem
    return None


@given(
    fast_s=st.integers(1, 300),
    slow_s=st.integers(1, 300),
    fast_hz=st.sampled_from([5, 25, 50, 200]),
    slow_step_s=st.sampled_from([0.25, 0.5, 1.0]),
    fast_first=st.booleans(),
    cut_at=cuts,
)
def test_more_than_half_of_the_time_has_to_be_fast_enough(
    fast_s: int,
    slow_s: int,
    fast_hz: int,
    slow_step_s: float,
    fast_first: bool,
    cut_at: list[int],
) -> None:
    fast = [1 / fast_hz] * (fast_s * fast_hz)
    slow = [slow_step_s] * round(slow_s / slow_step_s)
    problem = judge(fast + slow if fast_first else slow + fast, cut_at)
    if slow_s <= fast_s:
        assert problem is None
    else:
        assert problem is not None
        assert problem.startswith(f"has acceleration at {1 / slow_step_s:.3g} Hz for ")


@given(
    parts=st.lists(
        st.tuples(st.integers(1, 60), st.floats(1.000001, 12 * 3600)), min_size=1, max_size=20
    ),
    hz=st.sampled_from([5, 25, 50]),
    cut_at=cuts,
)
def test_a_night_with_gaps_is_accepted_however_many_and_long(
    parts: list[tuple[int, float]], hz: int, cut_at: list[int]
) -> None:
    steps = [step for length_s, gap_s in parts for step in [*[1 / hz] * (length_s * hz), gap_s]]
    assert judge(steps, cut_at) is None


@given(
    step_s=st.floats(1.001, 110), burst_s=st.integers(1, 60), slow=st.integers(62, 80), cut_at=cuts
)
def test_samples_far_apart_are_no_row_of_gaps(
    step_s: float, burst_s: int, slow: int, cut_at: list[int]
) -> None:
    problem = judge([0.02] * (burst_s * 50) + [step_s] * slow, cut_at)
    assert problem is not None
    assert f"at {1 / step_s:.3g} Hz for" in problem


def test_a_lone_sample_between_two_long_gaps_is_no_slow_recording() -> None:
    assert judge([0.02] * 500 + [7200, 9000] + [0.02] * 500) is None


@pytest.mark.parametrize("jitter_s", [0.001, 0.02, 0.05])
@pytest.mark.parametrize("hz", [5, 10, 50])
def test_jitter_is_not_slowness(hz: int, jitter_s: float) -> None:
    jitter = np.random.default_rng(1).uniform(-1, 1, 5000) * min(jitter_s, 0.49 / hz)
    assert judge(np.diff(np.arange(5000) / hz + jitter).tolist()) is None


@pytest.mark.parametrize(
    ("step_s", "accepted"),
    [(0.2222, True), (0.2223, False), (1 / 220, True), (1 / 221, False), (1.0, False), (2, False)],
)
def test_where_the_limits_lie(step_s: float, accepted: bool) -> None:
    assert (judge([step_s] * 100) is None) is accepted


def test_without_a_step_there_is_no_rate() -> None:
    assert judge([]) == "has acceleration at 0 Hz"
