"""What a feature is worth: how much more is found with it than without, on the same people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.errors import InputError
from models.study.found import RATES, interval_of, shares_drawn
from models.study.table import SILENT, Table

__all__ = ["HELPS_AT_HOME", "HURTS_ABROAD", "Difference", "Shares", "Worth", "shares_found"]

Doubles = npt.NDArray[np.float64]

HURTS_ABROAD = "hurts abroad"
HELPS_AT_HOME = "helps at home, hurts abroad"


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of two shares, and its 95 % interval by people."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:+.3f} ({self.low:+.3f} to {self.high:+.3f})"


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """What a score finds of the visible cramps at each of `RATES`, each source counting alike.

    Parameters
    ----------
    found : shape (rates,)
    drawn : shape (rates, RESAMPLES)
        With the people of each source drawn anew, the same ones for every score of a table.
    """

    found: Doubles
    drawn: Doubles

    def over(self, other: Shares) -> tuple[Difference, ...]:
        """Say how much more is found than by another score: at each rate, then in their mean."""
        found, drawn = self.found - other.found, self.drawn - other.drawn
        return tuple(
            Difference(float(mean), *interval_of(float(mean), again, least=-1.0))
            for mean, again in zip(
                (*found, found.mean()), (*drawn, drawn.mean(axis=0)), strict=True
            )
        )


@dataclass(frozen=True, slots=True)
class Worth:
    """What is found with a feature less what is found without it: at each rate, then in the mean.

    Parameters
    ----------
    abroad
        By models that have not seen the family.
    at_home
        By models of the same family that have not seen the person.
    """

    abroad: tuple[Difference, ...]
    at_home: tuple[Difference, ...]

    @property
    def follows(self) -> str:
        """What follows from the means of the rates: nothing where chance may have made them."""
        if self.abroad[-1].high >= 0:
            return ""
        return HELPS_AT_HOME if self.at_home[-1].low > 0 else HURTS_ABROAD


def shares_found(table: Table, score: Doubles, *, seed: int) -> Shares:
    """Read a score on each source where its clean nights have so many false alarms.

    Each time that people are drawn anew the threshold is read anew on their clean nights: which
    false alarms there were is as much chance as which cramps.

    Parameters
    ----------
    score : shape (awakenings,)
        The higher, the more like a cramp.

    Raises
    ------
    InputError
        Where there is no visible cramp to find.
    """
    parts = [table.of_source(source) for source in table.sources]
    having = [(theirs, score[rows]) for theirs, rows in parts if theirs.visible.any()]
    if not having:
        raise InputError(
            "There is no cramp to find that a wrist can see. Measure nights with some."
        )
    shares = np.array(
        [
            shares_drawn(
                theirs,
                of_source,
                RATES,
                theirs.cramp & (theirs.kind != SILENT),
                theirs.visible,
                seed=seed + number,
            )
            for number, (theirs, of_source) in enumerate(having)
        ]
    )
    known = ~np.isnan(shares)
    # Who was drawn of a source may have had no cramp; of all sources nobody has.
    mean = np.where(known, shares, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    mean[~known.any(axis=0)] = np.nan
    return Shares(mean[:, 0], mean[:, 1:])
