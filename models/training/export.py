"""From fitted scikit-learn ensembles to the plain arrays of `detector.trees`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)

from detector.trees import TreeEnsemble

__all__ = ["export_share", "export_trees"]

Doubles = npt.NDArray[np.float64]


def export_trees(
    fitted: HistGradientBoostingClassifier | ExtraTreesClassifier | RandomForestClassifier,
) -> TreeEnsemble:
    """Return the ensemble that predicts, bit for bit, what a fitted classifier predicts.

    Raises
    ------
    ValueError
        When the classifier splits by category, or is of another kind.
    """
    if isinstance(fitted, HistGradientBoostingClassifier):
        trees = [
            _boosted_tree(predictor.nodes)
            for iteration in fitted._predictors
            for predictor in iteration
        ]
        return _joined("boosting", fitted, np.ravel(fitted._baseline_prediction), trees)
    if isinstance(fitted, ExtraTreesClassifier | RandomForestClassifier):
        trees = [_forest_tree(each.tree_) for each in fitted.estimators_]
        return _joined("forest", fitted, np.zeros(len(fitted.classes_)), trees)
    raise ValueError(f"no trees can be exported from a {type(fitted).__name__}")


def export_share(fitted: ExtraTreesClassifier | RandomForestClassifier) -> TreeEnsemble:
    """Return the forest that gives, bit for bit, the probability of the second of two classes.

    Raises
    ------
    ValueError
        When there are not two.
    """
    if len(fitted.classes_) != 2:
        raise ValueError(f"a share is of two classes, not of {len(fitted.classes_)}")
    trees = export_trees(fitted)
    return replace(trees, baseline=trees.baseline[1:], value=trees.value[:, 1:])


class _Tree:
    """One tree, its nodes from the root down and siblings next to each other."""

    def __init__(
        self,
        children: npt.NDArray[np.int64],
        feature: npt.NDArray[np.int64],
        threshold: Doubles,
        missing_left: npt.NDArray[np.bool_],
        value: Doubles,
        count: Doubles,
    ) -> None:
        """Take a tree whose leaves have themselves as both children."""
        order = [0]
        for node in order:
            if children[node, 0] != node:
                order += children[node].tolist()
        place = np.empty(len(children), np.int64)
        place[order] = np.arange(len(order))
        leaf = children[:, 0] == np.arange(len(children))
        value = value.copy()
        for node in reversed(order):
            if not leaf[node]:
                below = children[node]
                value[node] = count[below] @ value[below] / count[below].sum()
        self.left = place[children[order, 0]]
        self.feature = np.where(leaf, 0, feature)[order]
        self.threshold = np.where(leaf, np.inf, threshold)[order]
        self.missing_left = (leaf | missing_left)[order]
        self.value = value[order]


def _boosted_tree(nodes: npt.NDArray[Any]) -> _Tree:
    if nodes["is_categorical"].any():
        raise ValueError("a tree that splits by category cannot be exported")
    itself = np.arange(len(nodes))
    leaf = nodes["is_leaf"].astype(np.bool_)
    return _Tree(
        children=np.column_stack(
            [np.where(leaf, itself, nodes[side].astype(np.int64)) for side in ("left", "right")]
        ),
        feature=nodes["feature_idx"].astype(np.int64),
        threshold=nodes["num_threshold"].astype(np.float64),
        missing_left=nodes["missing_go_to_left"].astype(np.bool_),
        value=nodes["value"].astype(np.float64)[:, None],
        count=nodes["count"].astype(np.float64),
    )


def _forest_tree(tree: Any) -> _Tree:
    itself = np.arange(tree.node_count)
    leaf = tree.children_left == -1
    return _Tree(
        children=np.column_stack(
            [np.where(leaf, itself, side) for side in (tree.children_left, tree.children_right)]
        ),
        feature=tree.feature.astype(np.int64),
        threshold=tree.threshold.astype(np.float64),
        missing_left=tree.missing_go_to_left.astype(np.bool_),
        value=tree.value[:, 0, :].astype(np.float64),
        count=tree.weighted_n_node_samples.astype(np.float64),
    )


def _joined(kind: str, fitted: Any, baseline: Doubles, trees: list[_Tree]) -> TreeEnsemble:
    sizes = [len(tree.left) for tree in trees]
    roots = np.cumsum([0, *sizes[:-1]])
    return TreeEnsemble(
        kind=kind,
        features=int(fitted.n_features_in_),
        baseline=baseline.astype(np.float64),
        roots=roots.astype(np.int32),
        feature=np.concatenate([tree.feature for tree in trees]).astype(np.int16),
        threshold=np.concatenate([tree.threshold for tree in trees]),
        missing_left=np.concatenate([tree.missing_left for tree in trees]),
        left=np.concatenate(
            [tree.left + root for tree, root in zip(trees, roots, strict=True)]
        ).astype(np.int32),
        value=np.concatenate([tree.value for tree in trees]),
    )
