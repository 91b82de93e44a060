"""What an awakening that was no cramp is told to look like, against what it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.study.breakdown import Counted
from models.study.table import Table

__all__ = ["ToldOf", "told_of_each"]

Kinds = npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class ToldOf:
    """What the awakenings of one kind are told to look like.

    Parameters
    ----------
    rightly
        Those told as what they were, of all of the kind.
    taken_for
        Kinds that the others are told as, the commonest first, and how many.
    """

    rightly: Counted
    taken_for: Mapping[str, int]


def told_of_each(table: Table, was: Kinds, told: Kinds) -> dict[str, ToldOf]:
    """Hold what awakenings are told to look like against what they were, kind by kind.

    Parameters
    ----------
    was, told : shape (awakenings,)
        By the names that the wearer reads; ``was`` is empty for a cramp, and where nobody knows.
    """
    return {
        kind: _told_of(table, was == kind, told, kind) for kind in sorted({*was.tolist()} - {""})
    }


def _told_of(table: Table, theirs: npt.NDArray[np.bool_], told: Kinds, kind: str) -> ToldOf:
    rightly = theirs & (told == kind)
    right, of = (
        np.bincount(table.night[rows], minlength=len(table.nights)) for rows in (rightly, theirs)
    )
    return ToldOf(Counted(right, of), dict(Counter(told[theirs & ~rightly].tolist()).most_common()))
