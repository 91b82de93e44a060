from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sensor import to_counts, to_g


@given(
    counts=st.lists(st.integers(-32768, 32767), min_size=3, max_size=3),
    counts_per_g=st.sampled_from([250.0, 1000.0, 1024.0, 4096.0, 8192.0, 16384.0]),
)
def test_counts_come_back_from_g(counts: list[int], counts_per_g: float) -> None:
    given_counts = np.array([counts], np.int16)
    back = to_counts(to_g(given_counts, counts_per_g), counts_per_g)
    assert back is not None
    np.testing.assert_array_equal(back, given_counts)


@pytest.mark.parametrize("value", [0.1, -0.0, 33.0, 1 + 2**-20])
def test_what_counts_cannot_tell_is_not_told_in_counts(value: float) -> None:
    assert to_counts(np.array([[0.5, 0.25, value]], np.float32), 1024.0) is None


def test_no_samples_are_no_loss() -> None:
    counts = to_counts(np.empty((0, 3), np.float32), 1024.0)
    assert counts is not None
    assert counts.shape == (0, 3)
