from __future__ import annotations

import numpy as np
import pytest

from detector.short_sums import running_mean, sum_over_second


@pytest.mark.parametrize("shape", [(0, 3), (1, 3), (1000, 3), (200, 10, 3), (200, 5, 3)])
def test_the_sum_is_that_of_numpy_to_the_bit(shape: tuple[int, ...]) -> None:
    doubles = np.random.default_rng(1).normal(size=shape)
    doubles[::7] = np.nan
    singles = doubles.astype(np.float32)
    assert sum_over_second(doubles).tobytes() == doubles.sum(axis=1).tobytes()
    assert sum_over_second(singles).tobytes() == singles.sum(axis=1).tobytes()


@pytest.mark.parametrize("shape", [(3,), (1000,), (1000, 3)])
def test_the_running_mean_is_that_of_numpy_to_the_bit(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(1).normal(size=shape)
    values[::7] = np.nan
    windows = np.lib.stride_tricks.sliding_window_view(values, 3, axis=0)
    assert running_mean(values, 3).tobytes() == windows.mean(axis=-1).tobytes()
