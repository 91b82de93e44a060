"""The steps from the roots of trees to their leaves, and what each changes, laid out once.

A row takes the same steps to a leaf as every other that ends there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["TreePaths", "tree_paths"]

Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class TreePaths:
    """The steps to each leaf from its root on, leaf after leaf.

    Parameters
    ----------
    first, count, output : int64, shape (nodes,)
        Of a leaf: where its steps begin, how many there are, and the output that its tree adds to.
        Of any other node they say nothing.
    feature : int64, shape (steps,)
        What decides a step.
    change : float64, shape (steps, columns of the values)
        Of the mean value of the node.
    """

    first: npt.NDArray[np.int64]
    count: npt.NDArray[np.int64]
    output: npt.NDArray[np.int64]
    feature: npt.NDArray[np.int64]
    change: Doubles


def tree_paths(
    roots: Integers, feature: Integers, left: Integers, value: Doubles, outputs: int
) -> TreePaths:
    """Lay out the steps of trees as `detector.trees.TreeEnsemble` has them."""
    nodes = np.arange(len(left))
    inner = np.flatnonzero(left != nodes)
    above, output = np.full((2, len(nodes)), -1)
    above[left[inner]] = above[left[inner] + 1] = inner
    output[roots] = np.arange(len(roots)) % outputs
    leaf = node = np.flatnonzero(left == nodes)
    steps = [(leaf[:0], node[:0])]
    while len(leaf):
        at_root = above[node] < 0
        output[leaf[at_root]] = output[node[at_root]]
        leaf, node = leaf[~at_root], node[~at_root]
        steps.append((leaf, node))
        node = above[node]
    # From the leaves up they were found, and from the roots down they are taken.
    leaf, node = (np.concatenate(each) for each in zip(*reversed(steps), strict=True))
    order = np.argsort(leaf, kind="stable")
    node = node[order]
    count = np.bincount(leaf, minlength=len(nodes))
    return TreePaths(
        first=np.cumsum(count) - count,
        count=count,
        output=output,
        feature=feature[above[node]].astype(np.int64),
        change=value[node] - value[above[node]],
    )
