from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from detector.trees import TreeEnsemble, side_by_side
from ingest.errors import ModelError


def arrays(**other: Any) -> dict[str, Any]:
    """Two stumps: on feature 0 at 0.5, where what is missing goes right, and on 1 at -1."""
    stumps = {
        "kind": "boosting",
        "features": 2,
        "baseline": [0.25],
        "roots": [0, 3],
        "feature": [0, 0, 0, 1, 0, 0],
        "threshold": [0.5, math.inf, math.inf, -1.0, math.inf, math.inf],
        "missing_left": [False, True, True, True, True, True],
        "left": [1, 1, 2, 4, 4, 5],
        "value": [[0.5], [-1.0], [2.0], [0.0], [-4.0], [4.0]],
    }
    return {name: np.array(value) for name, value in (stumps | other).items()}


def test_stumps_add_what_stands_in_their_leaves() -> None:
    trees = TreeEnsemble.from_arrays(arrays())
    rows = np.array([[0.5, -1.0], [0.6, 0.0], [math.nan, math.nan], [-math.inf, math.inf]])
    assert trees.raw(rows)[:, 0].tolist() == [-4.75, 6.25, -1.75, 3.25]
    assert trees.probability(rows)[1, 1] == 1 / (1 + math.exp(-6.25))


def test_ensembles_side_by_side_are_the_same_to_the_bit_however_many_trees_each_has() -> None:
    values = np.random.default_rng(3).normal(size=(4, 6, 1)).round(3)
    twice = {name: np.tile(arrays()[name], 2) for name in ("feature", "threshold", "missing_left")}
    left = arrays()["left"]
    three = [
        TreeEnsemble.from_arrays(arrays(value=values[0])),
        TreeEnsemble.from_arrays(arrays(value=values[1], roots=[3])),
        TreeEnsemble.from_arrays(
            arrays(
                value=values[2:].reshape(-1, 1),
                roots=[0, 3, 6, 9],
                left=[*left, *(left + 6)],
                baseline=[-1.5],
                **twice,
            )
        ),
    ]
    rows = np.array([[0.5, -1.0], [0.6, 0.0], [math.nan, math.nan], [-math.inf, math.inf]])
    together = side_by_side(three)
    start, added = together.contributions(rows)
    assert together.raw(rows).tolist() == np.hstack([each.raw(rows) for each in three]).tolist()
    for output, each in enumerate(three):
        alone_start, alone = each.contributions(rows)
        assert start[output] == alone_start[0]
        assert added[:, :, output].tolist() == alone[:, :, 0].tolist()


def test_log_odds_beyond_what_exp_can_hold_are_certain() -> None:
    values = [[0.0], [-800.0], [800.0], [0.0], [0.0], [0.0]]
    trees = TreeEnsemble.from_arrays(arrays(value=values))
    assert trees.probability(np.array([[0.0, 0.0], [1.0, 0.0]])).tolist() == [[1, 0], [0, 1]]


def test_a_forest_compares_in_single_precision() -> None:
    forest = TreeEnsemble.from_arrays(
        arrays(
            kind="forest",
            baseline=[0.0, 0.0],
            roots=[0],
            value=[[0.5, 0.5], [1.0, 0.0], [0.0, 1.0]] * 2,
        )
    )
    barely_above = np.array([[0.5 + 1e-9, 0.0]])
    assert forest.probability(barely_above).tolist() == [[1.0, 0.0]]
    assert TreeEnsemble.from_arrays(arrays()).raw(barely_above)[0, 0] == 6.25


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"kind": "pickle"}, "unknown kind, 'pickle'"),
        ({"left": [1, 1, 2, 4, 4, 3]}, "a path without an end"),
        ({"left": [5, 1, 2, 4, 4, 5]}, "a path without an end"),
        ({"left": [1, 1, 2, 1, 4, 5]}, "a path without an end"),
        ({"left": [1, 4, 2, 4, 4, 5]}, "share branches"),
        ({"roots": [0, 4]}, "share branches"),
        ({"roots": [0, 0]}, "share branches"),
        ({"roots": [0, 9]}, "point outside themselves"),
        ({"feature": [2, 0, 0, 1, 0, 0]}, "point outside themselves"),
        ({"threshold": [0.5] * 6}, "leaves that are left again"),
        ({"threshold": [math.nan, *[math.inf] * 5]}, "no number"),
        ({"value": [[math.nan]] * 6}, "no numbers"),
        ({"value": [[1.0]] * 5}, "how many nodes"),
        ({"baseline": []}, "are none"),
        ({"baseline": [0.0] * 3}, "not as many for each class"),
        ({"baseline": "abc"}, "cannot be read"),
        ({"baseline": [[0.25]]}, "not laid out on a line"),
        ({"roots": [[0, 3]]}, "not laid out on a line"),
        ({"left": [[1], [1], [2], [4], [4], [5]]}, "not laid out on a line"),
    ],
)
def test_damaged_arrays_are_refused_with_a_sentence(damage: dict[str, Any], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        TreeEnsemble.from_arrays(arrays(**damage))


def test_a_missing_array_is_named() -> None:
    left_out = arrays()
    del left_out["threshold"]
    with pytest.raises(ModelError, match="threshold"):
        TreeEnsemble.from_arrays(left_out)


def test_rows_of_another_width_are_a_defect_of_the_caller() -> None:
    with pytest.raises(ValueError, match="2 columns"):
        TreeEnsemble.from_arrays(arrays()).raw(np.zeros((3, 4)))
