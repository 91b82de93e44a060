from __future__ import annotations

import numpy as np
import pytest

from detector.short_sums import sum_over_second


@pytest.mark.parametrize("shape", [(0, 3), (1, 3), (1000, 3), (200, 10, 3), (200, 5, 3)])
def test_the_sum_is_that_of_numpy_to_the_bit(shape: tuple[int, ...]) -> None:
    doubles = np.random.default_rng(1).normal(size=shape)
    doubles[::7] = np.nan
    singles = doubles.astype(np.float32)
    assert sum_over_second(doubles).tobytes() == doubles.sum(axis=1).tobytes()
    assert sum_over_second(singles).tobytes() == singles.sum(axis=1).tobytes()
