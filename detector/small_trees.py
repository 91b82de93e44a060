"""Trees of a few leaves, judged without walking down them: all decisions of all trees at once.

Whoever takes the right side of a decision cannot end in a leaf on its left. Of the leaves that are
left the leftmost is where the row ends.

Method: Lucchese et al. 2015, SIGIR, "QuickScorer: a fast algorithm to rank documents with additive
ensembles of regression trees", doi:10.1145/2766462.2767733.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["MOST_LEAVES", "SmallTrees", "small_trees"]

Places = npt.NDArray[np.intp]
Integers = npt.NDArray[np.integer]
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Doubles = npt.NDArray[np.float64]

MOST_LEAVES = 8
"""Leaves of a small tree at most: each has a bit of a byte, the leftmost the lowest."""
LOWEST_UNSET = np.array([f"{byte:08b}"[::-1].find("0") for byte in range(256)], np.intp)
"""Which bit of a byte is the lowest that is not set; no row rules out the rightmost leaf."""


@dataclass(frozen=True, slots=True, eq=False)
class SmallTrees:
    """Trees of at most eight leaves, decision by decision.

    Parameters
    ----------
    asked
        Features in order, and of each the decisions that ask for it.
    threshold, missing_right : shape (decisions,)
        A decision takes the right side above the threshold, and of a NaN where `missing_right` is
        set.
    decision : shape (7, trees)
        The decisions of each tree. One that has fewer repeats some, to rule out nothing.
    ruled_out : uint8, shape (7, trees)
        Bits of the leaves to the left of each.
    leaf : shape (trees, 8)
        Node of each leaf.
    """

    asked: tuple[tuple[int, slice], ...]
    threshold: Doubles
    missing_right: Flags
    decision: Places
    ruled_out: Bytes
    leaf: Places

    def leaves(self, rows: Doubles) -> Places:
        """Return the nodes where rows of shape (n, features) end, shape (trees, n)."""
        right = np.empty((len(self.threshold), len(rows)), np.bool_)
        for feature, of_it in self.asked:
            compared = np.ascontiguousarray(rows[:, feature])
            np.greater(compared, self.threshold[of_it, None], out=right[of_it])
            missing = np.isnan(compared)
            if missing.any():
                right[of_it] |= missing & self.missing_right[of_it, None]
        gone = np.zeros((len(self.leaf), len(rows)), np.uint8)
        for decision, ruled_out in zip(self.decision, self.ruled_out, strict=True):
            gone |= right.take(decision, axis=0).view(np.uint8) * ruled_out[:, None]
        place = LOWEST_UNSET.take(gone)
        place += MOST_LEAVES * np.arange(len(self.leaf))[:, None]
        return self.leaf.ravel().take(place)


def small_trees(
    roots: Integers, feature: Integers, threshold: Doubles, missing_left: Flags, left: Integers
) -> SmallTrees | None:
    """Take trees apart, as `detector.trees.TreeEnsemble` has them; None where one is larger."""
    levels = _levels(roots, left)
    counts = _counts_of_leaves(levels)
    if counts[0].max() > MOST_LEAVES:
        return None
    leaf = np.zeros((len(roots), MOST_LEAVES), np.intp)
    leftmost, decisions = np.zeros(len(roots), np.intp), []
    for (node, tree, inner), below in zip(levels, [*counts[1:], counts[0][:0]], strict=True):
        leaf[tree[~inner], leftmost[~inner]] = node[~inner]
        on_left = below[0::2]
        bits = ((1 << on_left) - 1) << leftmost[inner]
        decisions.append((node[inner], tree[inner], bits))
        leftmost = np.repeat(leftmost[inner], 2)
        leftmost[1::2] += on_left
    node, tree, bits = map(np.concatenate, zip(*decisions, strict=True))
    if not len(node):
        return None

    by_feature = np.argsort(feature[node], kind="stable")
    node, tree, bits = node[by_feature], tree[by_feature], bits[by_feature]
    features, begins = np.unique(feature[node], return_index=True)
    ends = [*begins[1:].tolist(), len(node)]
    by_tree = np.argsort(tree, kind="stable")
    number = np.arange(len(tree)) - tree[by_tree].searchsorted(tree[by_tree])
    decision, ruled_out = np.zeros((2, MOST_LEAVES - 1, len(roots)), np.intp)
    decision[number, tree[by_tree]] = by_tree
    ruled_out[number, tree[by_tree]] = bits[by_tree]
    return SmallTrees(
        asked=tuple(zip(features.tolist(), map(slice, begins.tolist(), ends), strict=True)),
        threshold=threshold[node],
        missing_right=~missing_left[node],
        decision=decision,
        ruled_out=ruled_out.astype(np.uint8),
        leaf=leaf,
    )


Level: TypeAlias = tuple[Places, Places, Flags]
"""Nodes that are as far from their roots, their trees, and which of them are decisions."""


def _levels(roots: Integers, left: Integers) -> list[Level]:
    """Walk down all trees together.

    The two children of a decision lie side by side, in the order of the decisions.
    """
    levels = []
    node, tree = roots.astype(np.intp), np.arange(len(roots))
    while len(node):
        inner = left[node] != node
        levels.append((node, tree, inner))
        node = np.repeat(left[node[inner]], 2).astype(np.intp)
        node[1::2] += 1
        tree = np.repeat(tree[inner], 2)
    return levels


def _counts_of_leaves(levels: Sequence[Level]) -> list[Places]:
    """Count the leaves below each node; a leaf is its own."""
    counts = [np.ones(len(node), np.intp) for node, _, _ in levels]
    for level in range(len(levels) - 2, -1, -1):
        inner, below = levels[level][2], counts[level + 1]
        counts[level][inner] = below[0::2] + below[1::2]
    return counts
