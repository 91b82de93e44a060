"""The any-overlap score of the SzCORE convention, by the library that defines it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.study.table import Table

__all__ = ["Overlap", "score_overlap"]

MASK_HZ = 1
"""Labels a second that nights are handed over in; the library works in tenths of its own."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Sums over all nights.

    Parameters
    ----------
    events
        Cramps, those less than 90 s apart merged, those over five minutes split.
    """

    found: int
    events: int
    false_alarms: int
    worn_nights: float


def score_overlap(table: Table, claimed: npt.NDArray[np.bool_]) -> Overlap:
    """Score claims as any overlap with a cramp, 30 s before it to 60 s after it.

    A claim that reaches past that counts as false only where all of it lies outside, but it is cut
    at five minutes and each piece counts.

    Parameters
    ----------
    claimed : shape (awakenings,)
        Which awakenings are claimed to be cramps.

    References
    ----------
    Dan et al. 2024, SzCORE, Epilepsia; the package ``timescoring``.
    """
    from timescoring.annotations import Annotation
    from timescoring.scoring import EventScoring

    found = events = false_alarms = 0
    for number, night in enumerate(table.nights):
        length = math.ceil(night.length_s) + 1
        rows = claimed & (table.night == number)
        claims = [
            (round(start), max(round(end), round(start) + 1))
            for start, end in zip(
                table.onset_s[rows].tolist(), table.end_s[rows].tolist(), strict=True
            )
        ]
        cramps = [
            (max(round(each.onset_s), 0), min(max(round(each.end_s), 1), length))
            for each in night.cramps
            if each.end_s > 0 and each.onset_s < length - 1
        ]
        scored = EventScoring(
            Annotation(cramps, MASK_HZ, length), Annotation(claims, MASK_HZ, length)
        )
        found += scored.tp
        events += scored.refTrue
        false_alarms += scored.fp
    return Overlap(found, events, false_alarms, float(table.worn_nights.sum()))
