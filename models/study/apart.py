"""What is found of the cramps that are hard to see, told apart from all that a wrist can see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.study.breakdown import FAINT_BPM, SHORT_S, awakening_of, rise_bpm
from models.study.found import interval_of
from models.study.table import SILENT, KnownCramp, Table

__all__ = ["ALL", "GROUPS", "Group", "groups_of", "mean_share"]

ALL = "all visible"
LONG = f"{SHORT_S:g} s and more"
SHORT = f"under {SHORT_S:g} s"
RISEN = f"rise of {FAINT_BPM:g} bpm and more"
FAINT = f"rise under {FAINT_BPM:g} bpm"
NO_HEART = "heart rate not measured"
NO_AWAKENING = "no awakening seen"
REST = f"{LONG}, no {FAINT}"
GROUPS = (ALL, LONG, SHORT, RISEN, FAINT, NO_HEART, NO_AWAKENING, REST)
"""Every visible cramp is in the first, in one of two by its length and in one of four by what the
heart was measured to do; in the last is who is in none that is told apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """The visible cramps of one group.

    Parameters
    ----------
    rows : bool, shape (awakenings,)
        Those that belong to one of them.
    happened : int, shape (nights,)
        How many there were, with those that no awakening was found for.
    """

    rows: npt.NDArray[np.bool_]
    happened: npt.NDArray[np.intp]


def groups_of(table: Table) -> Mapping[str, Group]:
    """Tell the visible cramps of a table apart, by `GROUPS`."""
    groups = {
        name: Group(np.zeros(len(table), np.bool_), np.zeros(len(table.nights), np.intp))
        for name in GROUPS
    }
    rows = awakening_of(table)
    for number, night in enumerate(table.nights):
        for cramp in night.cramps:
            if cramp.kind == SILENT:
                continue
            row = rows.get((number, cramp.onset_s))
            for name in _groups(table, cramp, row):
                groups[name].happened[number] += 1
                if row is not None:
                    groups[name].rows[row] = True
    return groups


def mean_share(shares: Sequence[npt.NDArray[np.float64]]) -> tuple[float, float, float]:
    """Return the mean over sources of the share found, and its 95 % interval by people.

    Parameters
    ----------
    shares : each of shape (1 + RESAMPLES,)
        Of each source that has any such cramp, as `models.study.found.shares_drawn` gives them at
        one rate: of everybody, then of the people of each draw.
    """
    mean, *drawn = np.array(shares).T
    # Who was drawn may have had none: of that source, or of all.
    again = [float(np.nanmean(each)) for each in drawn if not np.isnan(each).all()]
    share = float(np.mean(mean))
    return share, *interval_of(share, again)


def _groups(table: Table, cramp: KnownCramp, row: int | None) -> Iterator[str]:
    length = SHORT if cramp.end_s - cramp.onset_s < SHORT_S else LONG
    heart = _heart(table, row)
    yield from (ALL, length, heart)
    if length == LONG and heart != FAINT:
        yield REST


def _heart(table: Table, row: int | None) -> str:
    if row is None:
        return NO_AWAKENING
    rise = rise_bpm(table, row)
    if np.isnan(rise):
        return NO_HEART
    return FAINT if rise < FAINT_BPM else RISEN
