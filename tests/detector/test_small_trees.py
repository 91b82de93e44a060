from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from detector.small_trees import MOST_LEAVES, small_trees

FEATURES = 5


def grown(rng: np.random.Generator, leaves: list[int]) -> dict[str, npt.NDArray[Any]]:
    """Trees with so many leaves each, cut at random whole numbers."""
    roots: list[int] = []
    feature: list[int] = []
    threshold: list[float] = []
    missing_left: list[bool] = []
    left: list[int] = []

    def node() -> int:
        feature.append(0)
        threshold.append(np.inf)
        missing_left.append(True)
        left.append(len(left))
        return left[-1]

    for wanted in leaves:
        roots.append(node())
        ends = [roots[-1]]
        while len(ends) < wanted:
            cut = ends.pop(int(rng.integers(len(ends))))
            feature[cut] = int(rng.integers(FEATURES))
            threshold[cut] = float(rng.integers(-2, 3))
            missing_left[cut] = bool(rng.integers(2))
            left[cut] = node()
            ends += [left[cut], node()]
    return {
        "roots": np.array(roots),
        "feature": np.array(feature),
        "threshold": np.array(threshold),
        "missing_left": np.array(missing_left),
        "left": np.array(left),
    }


def walked(trees: dict[str, npt.NDArray[Any]], row: list[float]) -> list[int]:
    ends = []
    for node in trees["roots"].tolist():
        while trees["left"][node] != node:
            value = row[trees["feature"][node]]
            right = (
                not trees["missing_left"][node]
                if np.isnan(value)
                else value > trees["threshold"][node]
            )
            node = int(trees["left"][node]) + int(right)
        ends.append(node)
    return ends


@pytest.mark.parametrize("seed", range(20))
def test_rows_end_where_a_walk_ends(seed: int) -> None:
    rng = np.random.default_rng(seed)
    trees = grown(rng, [MOST_LEAVES, *rng.integers(1, MOST_LEAVES + 1, 30).tolist()])
    rows = rng.integers(-3, 4, (40, FEATURES)).astype(np.float64)
    rows[rng.random(rows.shape) < 0.1] = np.nan
    rows[0], rows[1] = np.inf, -np.inf
    small = small_trees(**trees)
    assert small is not None
    assert small.leaves(rows).T.tolist() == [walked(trees, row) for row in rows.tolist()]


def test_trees_without_a_decision_and_larger_ones_are_not_for_this() -> None:
    rng = np.random.default_rng(0)
    assert small_trees(**grown(rng, [1, 1])) is None
    assert small_trees(**grown(rng, [2, MOST_LEAVES + 1])) is None
