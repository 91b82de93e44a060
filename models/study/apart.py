"""What is found of the cramps that are hard to see, told apart from all that a wrist can see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from models.study.breakdown import FAINT_BPM, SHORT_S, awakening_of, rise_bpm
from models.study.found import INTERVAL, drawn_shares, find_at
from models.study.table import SILENT, KnownCramp, Table

__all__ = ["ALL", "GROUPS", "Counted", "counted", "counted_at", "mean_share"]

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

Counted = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]
"""Cramps found, and cramps that happened, in each night."""


def counted(table: Table, above: npt.NDArray[np.bool_]) -> Mapping[str, Counted]:
    """Count the visible cramps of each of `GROUPS`, found and all, night by night.

    Parameters
    ----------
    above : shape (awakenings,)
        Which of them are claimed.
    """
    counts = {
        group: (np.zeros(len(table.nights), np.intp), np.zeros(len(table.nights), np.intp))
        for group in GROUPS
    }
    rows = awakening_of(table)
    for number, night in enumerate(table.nights):
        for cramp in night.cramps:
            if cramp.kind == SILENT:
                continue
            row = rows.get((number, cramp.onset_s))
            for group in _groups(table, cramp, row):
                found, happened = counts[group]
                found[number] += row is not None and above[row]
                happened[number] += 1
    return counts


def counted_at(
    table: Table, score: npt.NDArray[np.float64], rate: float, *, seed: int
) -> Mapping[str, Counted]:
    """Count from the one threshold at which all clean nights have at most so many false alarms."""
    return counted(table, score >= find_at(table, score, rate, seed=seed).threshold)


def mean_share(
    tables: Sequence[Table], counts: Sequence[Counted], *, seed: int
) -> tuple[float, float, float]:
    """Return the mean over sources of the share found, and its 95 % interval by people.

    Parameters
    ----------
    tables, counts
        Of each source that has any such cramp; the people of each are drawn anew.
    """
    shares = [(found.sum() / happened.sum()) for found, happened in counts]
    drawn = np.array(
        [
            drawn_shares(table, *of_source, seed=seed + number)
            for number, (table, of_source) in enumerate(zip(tables, counts, strict=True))
        ]
    )
    # Who was drawn may have had none: of that source, or of all.
    any_known = ~np.isnan(drawn).all(axis=0)
    low, high = np.percentile(np.nanmean(drawn[:, any_known], axis=0), INTERVAL)
    return float(np.mean(shares)), float(low), float(high)


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
