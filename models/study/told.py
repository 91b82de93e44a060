"""What an awakening that was no cramp is told to look like, against what it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.study.breakdown import Counted
from models.study.found import INTERVAL, people_drawn
from models.study.reliability import BINS
from models.study.table import Table

__all__ = ["Sureness", "ToldOf", "likeliest", "sureness", "told_of_each"]

Kinds = npt.NDArray[np.str_]
Doubles = npt.NDArray[np.float64]


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


def likeliest(kinds: tuple[str, ...], probable: Doubles) -> Kinds:
    """Return the likeliest of some kinds for each awakening.

    Parameters
    ----------
    probable : shape (awakenings, kinds)
    """
    told: Kinds = np.array(kinds)[probable.argmax(axis=1)]
    return told


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


@dataclass(frozen=True, slots=True)
class Sureness:
    """Whether the likeliest kind is right as often as its probability says.

    Parameters
    ----------
    said, right
        Mean probability of the likeliest kind, and share in which it was that.
    error, low, high
        Expected calibration error over bins of equal width, with its 95 % interval by people, as
        `models.study.reliability.error_by_people` has it; the interval is NaN for one person.
    """

    said: float
    right: float
    error: float
    low: float
    high: float


def sureness(
    table: Table, was: Kinds, kinds: tuple[str, ...], probable: Doubles, *, seed: int
) -> Sureness:
    """Hold how probable the likeliest kind of each awakening is said to be against what it was.

    Parameters
    ----------
    was : shape (awakenings,)
        Empty for a cramp, and where nobody knows.
    probable : shape (awakenings, kinds)
        By the order of ``kinds``.
    """
    known = was != ""
    said = probable[known].max(axis=1)
    right = likeliest(kinds, probable[known]) == was[known]
    place = np.minimum((said * BINS).astype(np.intp), BINS - 1)
    held = float(np.abs(np.bincount(place, said - right, BINS)).sum() / len(said))
    person, drawn = people_drawn(table, seed=seed)
    low = high = np.nan
    if person.max():
        over, of = np.zeros((person.max() + 1, BINS)), np.bincount(person[table.night[known]])
        np.add.at(over, (person[table.night[known]], place), said - right)
        of = np.pad(of, (0, len(over) - len(of)))
        errors = np.abs(over[drawn].sum(axis=1)).sum(axis=1) / np.maximum(of[drawn].sum(axis=1), 1)
        high, low = 2 * held - np.percentile(errors, INTERVAL)
    return Sureness(
        said=float(said.mean()),
        right=float(right.mean()),
        error=held,
        low=float(np.clip(low, 0.0, held)),
        high=float(np.maximum(high, held)),
    )
