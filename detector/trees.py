"""Tree ensembles from plain arrays, evaluated with numpy.

The prediction is bit for bit that of the scikit-learn model that was exported: the same
comparisons in the same precision, the same order of sums. `models.training.export` writes the
arrays; nothing here, and nothing else on the way from samples to a night, imports scikit-learn.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from detector.small_trees import SmallTrees, small_trees
from detector.tree_paths import TreePaths, tree_paths
from ingest.errors import ModelError

__all__ = ["BOOSTING", "FOREST", "TreeEnsemble", "side_by_side"]

Doubles = npt.NDArray[np.float64]
Places = npt.NDArray[np.integer]

BOOSTING, FOREST = "boosting", "forest"

BLOCK_PATHS = 1 << 14
"""Paths, a row in a tree each, that are followed together: their state stays in the cache."""
MANY_ROWS = 100
"""Rows from which on all decisions of small trees are taken faster than paths are followed."""
BLOCK_ENDS = 1 << 17
"""Ends of such paths that are found together where trees are small: 1 MB of them."""


@dataclass(frozen=True, eq=False)
class TreeEnsemble:
    """A classifier made of binary trees, all nodes of all trees on one line.

    A row is in a leaf where ``left`` points at the leaf itself. Elsewhere it goes to ``left`` if
    its feature is at most the threshold, or is NaN and ``missing_left`` is set, and to the node
    right after ``left`` otherwise.

    Parameters
    ----------
    kind
        ``"boosting"``: the trees add to the log-odds, tree ``i`` to those of class
        ``i % len(baseline)``, and features are compared in double precision. ``"forest"``: the
        trees' probabilities are averaged, and features are compared in single precision.
    features
        Columns that a row must have.
    baseline : float64, shape (outputs,)
        What the sum begins with: log-odds, one where there are two classes; zeros for a forest.
    roots : int32, shape (trees,)
        Node where each tree begins, in the order of the sum.
    feature : int16, shape (nodes,)
    threshold : float64, shape (nodes,)
    missing_left : bool, shape (nodes,)
    left : int32, shape (nodes,)
    value : float64, shape (nodes, 1) for boosting, (nodes, outputs) for a forest
        Of a leaf what it adds. Of any other node the mean of that over the rows it was trained on,
        which only `contributions` reads.

    Raises
    ------
    ModelError
        When the arrays are not such an ensemble.
    """

    kind: str
    features: int
    baseline: Doubles
    roots: npt.NDArray[np.int32]
    feature: npt.NDArray[np.int16]
    threshold: Doubles
    missing_left: npt.NDArray[np.bool_]
    left: npt.NDArray[np.int32]
    value: Doubles

    def __post_init__(self) -> None:
        problem = _problem(self)
        if problem:
            raise ModelError(f"The trees of the model {problem}. Install crampwatch again.")

    @property
    def trees(self) -> int:
        """How many there are."""
        return len(self.roots)

    @property
    def outputs(self) -> int:
        """Columns of `raw`: the classes, but one for two classes in log-odds."""
        return len(self.baseline)

    def raw(self, rows: Doubles) -> Doubles:
        """Return the sum that the trees make for each row.

        Parameters
        ----------
        rows : float64, shape (n, features)
            NaN where a feature is missing.

        Returns
        -------
        float64, shape (n, outputs)
            Log-odds for boosting, mean probabilities for a forest.
        """
        rows = self._as_compared(rows)
        total = np.empty((len(rows), self.outputs), order="F")
        total[:] = self.baseline
        for some, leaves in self._leaves(rows):
            if self.kind == BOOSTING:
                # A tree for each output in turn.
                rounds = len(leaves) // self.outputs, self.outputs, leaves.shape[1]
                added = self.value[:, 0].take(leaves).reshape(rounds)
            else:
                added = self.value.take(leaves, axis=0).swapaxes(1, 2)
            sums = total[some].T
            # One by one, in their order: any other order rounds differently.
            for each in added:
                sums += each
        if self.kind == FOREST:
            total /= self.trees
        return total

    def probability(self, rows: Doubles) -> Doubles:
        """Return the probability of each class for each row, shape (n, classes)."""
        raw = self.raw(rows)
        if self.kind == FOREST:
            return np.ascontiguousarray(raw)
        return _logistic(raw[:, 0]) if self.outputs == 1 else _softmax(raw)

    def contributions(self, rows: Doubles) -> tuple[Doubles, Doubles]:
        """Return what each feature adds to `raw`.

        Along the path of a row through a tree every step changes the mean value of the node; the
        change counts for the feature that decided the step (Saabas 2014, 'Interpreting random
        forests').

        Returns
        -------
        start : float64, shape (outputs,)
            What the ensemble says before it has seen any feature.
        contributions : float64, shape (n, features, outputs)
            ``start + contributions.sum(axis=1)`` is `raw`, but for rounding.
        """
        rows = self._as_compared(rows)
        start = self.baseline.copy()
        added = np.zeros((len(rows) * self.features, self.outputs))
        one_by_one = added.ravel()
        # `add.at` adds one by one, in their order: any other order rounds differently.
        if self.kind == BOOSTING:
            np.add.at(start, np.arange(self.trees) % self.outputs, self.value[self.roots, 0])
        else:
            np.add.at(start[None], np.zeros_like(self.roots), self.value[self.roots])
        number, paths = np.arange(len(rows)), self._paths
        for some, leaves in self._leaves(rows):
            # Tree after tree, and in each from its root to its leaf.
            leaf, row = leaves.ravel(), np.tile(number[some], len(leaves))
            count = paths.count.take(leaf)
            skipped = paths.first.take(leaf) - (np.cumsum(count) - count)
            step = np.arange(count.sum()) + skipped.repeat(count)
            place = (row * self.features).repeat(count) + paths.feature.take(step)
            change = paths.change.take(step, axis=0)
            if self.kind == BOOSTING or self.outputs == 1:
                # By one index, which numpy adds by ten times as fast as by three.
                place = place * self.outputs + paths.output.take(leaf).repeat(count)
                np.add.at(one_by_one, place, change[:, 0])
            else:
                np.add.at(added, place, change)
        contributions = added.reshape(len(rows), self.features, self.outputs)
        if self.kind == FOREST:
            return start / self.trees, contributions / self.trees
        return start, contributions

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the fields as plain arrays, for `numpy.savez`."""
        return {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> TreeEnsemble:
        """Read what `arrays` gave.

        Parameters
        ----------
        arrays
            Of a file opened with ``allow_pickle=False``.

        Raises
        ------
        ModelError
            When an array is missing or is not what it should be.
        """
        try:
            return cls(
                kind=str(arrays["kind"]),
                features=int(arrays["features"]),
                baseline=arrays["baseline"].astype(np.float64),
                roots=arrays["roots"].astype(np.int32),
                feature=arrays["feature"].astype(np.int16),
                threshold=arrays["threshold"].astype(np.float64),
                missing_left=arrays["missing_left"].astype(np.bool_),
                left=arrays["left"].astype(np.int32),
                value=arrays["value"].astype(np.float64),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(
                f"The trees of the model cannot be read: {error!r}. Install crampwatch again."
            ) from error

    def _as_compared(self, rows: Doubles) -> Doubles:
        """Give the rows in the precision in which they were compared in training."""
        if rows.ndim != 2 or rows.shape[1] != self.features:
            raise ValueError(f"rows must have {self.features} columns, not shape {rows.shape}")
        return rows.astype(np.float32).astype(np.float64) if self.kind == FOREST else rows

    def _leaves(self, rows: Doubles) -> Iterator[tuple[slice, npt.NDArray[np.intp]]]:
        """Give some rows, and of the next trees the leaves where they end, shape (k, n)."""
        if len(rows) < MANY_ROWS or self._small is None:
            yield from self._walked(rows)
            return
        together = max(BLOCK_ENDS // self.trees, 1)
        for begin in range(0, len(rows), together):
            some = slice(begin, begin + together)
            yield some, self._small.leaves(rows[some])

    def _walked(self, rows: Doubles) -> Iterator[tuple[slice, npt.NDArray[np.intp]]]:
        together = self._together(len(rows))
        columns = np.ascontiguousarray(rows.T).ravel()
        some_missing = bool(np.isnan(columns).any())
        # In the machine's own width, to which numpy would turn every index once more.
        left, first_of = self.left.astype(np.intp), self.feature.astype(np.intp) * len(rows)
        roots = self.roots.astype(np.intp)
        ends = left == np.arange(len(left))

        def child_of(node: npt.NDArray[np.intp], compared: Doubles) -> npt.NDArray[np.intp]:
            # NaN is above no threshold and so goes left, until it is looked at.
            right = compared > self.threshold.take(node)
            if some_missing:
                right |= np.isnan(compared) & ~self.missing_left.take(node)
            return np.asarray(left.take(node) + right)

        for first in range(0, self.trees, together):
            begin = roots[first : first + together, None]
            # All rows of a tree are at its root: whole columns are compared.
            leaves = child_of(begin, rows.T[self.feature[begin[:, 0]]]).ravel()
            path = np.flatnonzero(~ends.take(leaves))
            node, row = leaves.take(path), path % max(len(rows), 1)
            while len(path):
                node = child_of(node, columns.take(first_of.take(node) + row))
                leaves[path] = node
                going = np.flatnonzero(~ends.take(node))
                path, node, row = path.take(going), node.take(going), row.take(going)
            yield slice(None), leaves.reshape(len(begin), len(rows))

    @cached_property
    def _small(self) -> SmallTrees | None:
        return small_trees(self.roots, self.feature, self.threshold, self.missing_left, self.left)

    @cached_property
    def _paths(self) -> TreePaths:
        return tree_paths(self.roots, self.feature, self.left, self.value, self.outputs)

    def _together(self, rows: int) -> int:
        """How many trees are walked down together: as many of each output."""
        return max(BLOCK_PATHS // max(rows * self.outputs, 1), 1) * self.outputs


def side_by_side(ensembles: Sequence[TreeEnsemble]) -> TreeEnsemble:
    """Lay boosted ensembles of one output beside one another, so that all are walked at once.

    Parameters
    ----------
    ensembles
        Of the same features; at least one.

    Returns
    -------
    TreeEnsemble
        With an output for each, to the same bits.
    """
    most = max(each.trees for each in ensembles)
    equal = [_with_idle_trees(each, most) for each in ensembles]
    begins = np.cumsum([0, *(len(each.left) for each in equal[:-1])])
    return TreeEnsemble(
        kind=BOOSTING,
        features=equal[0].features,
        baseline=np.concatenate([each.baseline for each in equal]),
        # Tree after tree in turn, as trees go round the outputs.
        roots=np.column_stack(
            [begin + each.roots for begin, each in zip(begins, equal, strict=True)]
        )
        .ravel()
        .astype(np.int32),
        feature=np.concatenate([each.feature for each in equal]),
        threshold=np.concatenate([each.threshold for each in equal]),
        missing_left=np.concatenate([each.missing_left for each in equal]),
        left=np.concatenate(
            [begin + each.left for begin, each in zip(begins, equal, strict=True)]
        ).astype(np.int32),
        value=np.concatenate([each.value for each in equal]),
    )


def _with_idle_trees(ensemble: TreeEnsemble, trees: int) -> TreeEnsemble:
    """Let an ensemble have so many trees by adding some that add nothing."""
    idle = trees - ensemble.trees
    leaves = len(ensemble.left) + np.arange(idle, dtype=np.int32)
    return replace(
        ensemble,
        roots=np.concatenate([ensemble.roots, leaves]),
        feature=np.concatenate([ensemble.feature, np.zeros(idle, np.int16)]),
        threshold=np.concatenate([ensemble.threshold, np.full(idle, np.inf)]),
        missing_left=np.concatenate([ensemble.missing_left, np.ones(idle, np.bool_)]),
        left=np.concatenate([ensemble.left, leaves]),
        value=np.concatenate([ensemble.value, np.zeros((idle, ensemble.value.shape[1]))]),
    )


def _logistic(log_odds: Doubles) -> Doubles:
    """Probabilities of two classes; by the C library's exp, from which numpy's may differ."""
    probability = np.empty((len(log_odds), 2))
    probability[:, 1] = [_inverse_logit(one) for one in log_odds.tolist()]
    probability[:, 0] = 1 - probability[:, 1]
    return probability


def _inverse_logit(log_odds: float) -> float:
    try:
        return 1 / (1 + math.exp(-log_odds))
    except OverflowError:
        return 0.0


def _softmax(raw: Doubles) -> Doubles:
    powers = np.exp(raw - raw.max(axis=1)[:, None])
    return np.asarray(powers / powers.sum(axis=1)[:, None])


def _problem(trees: TreeEnsemble) -> str | None:
    """Say what keeps the arrays from being trees in which every path ends in a leaf."""
    if any(array.ndim != 1 for array in (trees.baseline, trees.roots, trees.left)):
        return "are not laid out on a line"
    nodes = len(trees.left)
    at = np.arange(nodes)
    if trees.kind not in (BOOSTING, FOREST):
        return f"are of an unknown kind, '{trees.kind}'"
    width = 1 if trees.kind == BOOSTING else len(trees.baseline)
    if trees.value.shape != (nodes, width) or any(
        array.shape != (nodes,) for array in (trees.feature, trees.threshold, trees.missing_left)
    ):
        return "do not agree on how many nodes they have"
    if not len(trees.baseline) or not len(trees.roots):
        return "are none"
    if trees.kind == BOOSTING and len(trees.roots) % len(trees.baseline):
        return "are not as many for each class"
    inside = (trees.roots >= 0) & (trees.roots < nodes)
    if not (inside.all() and ((trees.feature >= 0) & (trees.feature < trees.features)).all()):
        return "point outside themselves"
    leaf = trees.left == at
    # Children come after their parents, so no path can turn back.
    if not (leaf | ((trees.left > at) & (trees.left < nodes - 1))).all():
        return "have a path without an end"
    below = np.append(trees.left[~leaf], trees.left[~leaf] + 1)
    if np.bincount(np.append(trees.roots, below)).max() > 1:
        return "share branches"
    if not (np.isposinf(trees.threshold[leaf]).all() and trees.missing_left[leaf].all()):
        return "have leaves that are left again"
    if not (np.isfinite(trees.value).all() and np.isfinite(trees.baseline).all()):
        return "have values that are no numbers"
    return None if not np.isnan(trees.threshold).any() else "compare with what is no number"
