"""The seconds of all awakenings, one awakening behind the other, to count in all of them at once.

A night has a dozen awakenings and more of a minute or two: numpy takes as long to be called for
one as for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Features", "Line", "line_of", "share_of"]

Doubles = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

Features: TypeAlias = dict[str, npt.NDArray[Any]]
"""By the name of each feature its values, one for each awakening."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Ranges of seconds, laid one behind the other.

    Parameters
    ----------
    seconds, which : int64, shape (n,)
        The second of the night, and the number of the range that it is of.
    ranges
        How many there are.
    """

    seconds: Places
    which: Places
    ranges: int

    def count(self, flags: npt.NDArray[np.bool_]) -> Places:
        """Count what is true in each range."""
        return np.bincount(self.which[flags], minlength=self.ranges)

    def largest(self, values: npt.NDArray[Any]) -> Doubles:
        """Return the largest known value in each range, NaN where there is none."""
        highest = np.full(self.ranges, np.nan)
        np.fmax.at(highest, self.which, values.astype(np.float64, copy=False))
        return highest


def line_of(start: Places, end: Places) -> Line:
    """Lay out half-open ranges of seconds, in their order."""
    length = np.maximum(end - start, 0)
    which = np.repeat(np.arange(len(start)), length)
    first = np.cumsum(length) - length
    return Line(np.arange(len(which)) + (start - first)[which], which, len(start))


def share_of(part: Places, whole: Places) -> Doubles:
    """Return what share of each whole a part is, NaN of nothing."""
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
