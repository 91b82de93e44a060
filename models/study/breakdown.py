"""Which cramps are found and what is taken for one: by phenotype, length, heart and device."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from detector.evaluate import Tally
from detector.features import FEATURE_UNITS
from models.study.found import INTERVAL, share_by_people
from models.study.table import PART_OF_CRAMP, SILENT, KnownCramp, Table

__all__ = [
    "CAUSES",
    "FAINT_BPM",
    "SHORT_S",
    "Counted",
    "awakening_of",
    "cramps_found",
    "missed_by_cause",
    "rise_bpm",
    "taken_for_cramps",
]

Counts: TypeAlias = npt.NDArray[np.int64]

SHORT_S, LONG_S = 60.0, 180.0
"""Seconds that part short cramps from usual ones, and those from long ones."""
FAINT_BPM = 5.0
"""Rise in bpm below which the heart says next to nothing."""

NO_AWAKENING = "no awakening seen"
SHORT = f"under {SHORT_S:g} s"
FAINT = f"heart rose less than {FAINT_BPM:g} bpm"
NO_HEART = "heart not measured"
NONE_OF_THESE = "none of these"
CAUSES = (NO_AWAKENING, SHORT, FAINT, NO_HEART, NONE_OF_THESE)
"""Why a cramp that a wrist can see may be missed, in this order: the first that holds is told."""


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """What was claimed of a group, and how much there was.

    Parameters
    ----------
    claimed, of : int64, shape (nights,)
        In each night.
    """

    claimed: Counts
    of: Counts

    @property
    def tally(self) -> Tally:
        """Both in all nights together."""
        return Tally(int(self.claimed.sum()), int(self.of.sum()))

    def share(self, table: Table, *, seed: int) -> tuple[float, float, float]:
        """Return the share claimed with its 95 % interval by people, exact where none was."""
        claimed, of = self.tally.found, self.tally.of
        if not claimed:
            return 0.0, 0.0, 1.0 - ((100.0 - INTERVAL[1]) / 100.0) ** (1.0 / of)
        return share_by_people(table, self.claimed, self.of, seed)


def cramps_found(table: Table, above: npt.NDArray[np.bool_]) -> dict[str, Counted]:
    """Count the cramps found of those that happened, in groups that overlap.

    Parameters
    ----------
    above : shape (awakenings,)
        Which of them are claimed.
    """
    rows_of = awakening_of(table)
    pairs = [
        (group, number, row is not None and bool(above[row]))
        for number, night in enumerate(table.nights)
        for cramp in night.cramps
        for row in [rows_of.get((number, cramp.onset_s))]
        for group in _groups(table, night.device, cramp, row)
    ]
    return _counted(table, pairs)


def _counted(table: Table, pairs: Iterable[tuple[str, int, bool]]) -> dict[str, Counted]:
    """Count by group and night what there was, and what of it was claimed."""
    of: defaultdict[str, Counts] = defaultdict(lambda: np.zeros(len(table.nights), np.int64))
    claimed: defaultdict[str, Counts] = defaultdict(lambda: np.zeros(len(table.nights), np.int64))
    for group, night, counts in pairs:
        of[group][night] += 1
        claimed[group][night] += counts
    return {group: Counted(claimed[group], of[group]) for group in sorted(of)}


def missed_by_cause(table: Table, above: npt.NDArray[np.bool_]) -> Counter[str]:
    """Count the visible cramps that are not claimed, each put down to the first of `CAUSES`.

    Parameters
    ----------
    above : shape (awakenings,)
        Which of them are claimed.
    """
    rows_of = awakening_of(table)
    return Counter(
        _cause(table, cramp, row)
        for number, night in enumerate(table.nights)
        for cramp in night.cramps
        for row in [rows_of.get((number, cramp.onset_s))]
        if cramp.kind != SILENT and (row is None or not above[row])
    )


def taken_for_cramps(table: Table, above: npt.NDArray[np.bool_]) -> dict[str, Counted]:
    """Count what is claimed of the awakenings that were something else, by what they were."""
    harmless = ~table.cramp & (table.kind != PART_OF_CRAMP)
    columns = (table.kind, table.night, above)
    return _counted(table, zip(*(each[harmless].tolist() for each in columns), strict=True))


def awakening_of(table: Table) -> dict[tuple[int, float], int]:
    """Give the awakening of each cramp that has one, by its night and onset."""
    rows: dict[tuple[int, float], int] = {}
    for row in np.flatnonzero(table.cramp).tolist():
        night = int(table.night[row])
        onset_s = float(table.onset_s[row])
        nearest = min(table.nights[night].cramps, key=lambda cramp: abs(cramp.onset_s - onset_s))
        rows[night, nearest.onset_s] = row
    return rows


def _groups(table: Table, device: str, cramp: KnownCramp, row: int | None) -> Iterator[str]:
    if cramp.kind == SILENT:
        yield "silent"
        return
    length_s = cramp.end_s - cramp.onset_s
    yield f"visible: {cramp.kind}"
    yield f"device: {device}"
    if length_s < SHORT_S:
        yield f"length: under {SHORT_S:g} s"
    elif length_s < LONG_S:
        yield f"length: {SHORT_S:g} to {LONG_S:g} s"
    else:
        yield f"length: {LONG_S:g} s and more"
    if row is None:
        yield "heart: no awakening seen"
        return
    rise = rise_bpm(table, row)
    if np.isnan(rise):
        yield "heart: not measured"
    elif rise < FAINT_BPM:
        yield f"heart: rise under {FAINT_BPM:g} bpm"
    else:
        yield f"heart: rise of {FAINT_BPM:g} bpm and more"


def _cause(table: Table, cramp: KnownCramp, row: int | None) -> str:
    if row is None:
        return NO_AWAKENING
    if cramp.end_s - cramp.onset_s < SHORT_S:
        return SHORT
    rise = rise_bpm(table, row)
    if np.isnan(rise):
        return NO_HEART
    return FAINT if rise < FAINT_BPM else NONE_OF_THESE


def rise_bpm(table: Table, row: int) -> float:
    """Return how far the heart rate rose in an awakening, NaN where it was not measured."""
    return float(table.rows[row, list(FEATURE_UNITS).index("heart_rate_rise")])
