"""What a feature is worth: how much more is found with it than without, on the same people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.errors import InputError
from models.study.found import INTERVAL, RATES, RESAMPLES, false_alarms_of, people_drawn
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
            Difference(float(mean), *map(float, np.nanpercentile(again, INTERVAL)))
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
            _shares(theirs, of_source, seed=seed + number)
            for number, (theirs, of_source) in enumerate(having)
        ]
    )
    known = ~np.isnan(shares)
    # Who was drawn of a source may have had no cramp; of all sources nobody has.
    mean = np.where(known, shares, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    mean[~known.any(axis=0)] = np.nan
    return Shares(mean[:, 0], mean[:, 1:])


def _shares(table: Table, score: Doubles, *, seed: int) -> Doubles:
    """Shares of one source at each rate: of everybody, then of the people of each draw."""
    person, drawn = people_drawn(table, seed=seed)
    people = drawn.shape[1]
    times = np.ones((1 + RESAMPLES, people))
    times[1:] = [np.bincount(each, minlength=people) for each in drawn]
    night_times = times[:, person]
    harmless, nights = false_alarms_of(table)
    falling = np.argsort(-score, kind="stable")
    counts = falling[harmless[falling]]
    seen = falling[(table.cramp & (table.kind != SILENT))[falling]]
    false_alarms = night_times[:, table.night[counts]].cumsum(axis=1)
    hits = np.pad(night_times[:, table.night[seen]].cumsum(axis=1), ((0, 0), (1, 0)))
    happened = night_times @ table.visible
    worn_nights = night_times[:, nights] @ table.worn_nights[nights]
    # Above the score of the first false alarm too many; a lowest one lets all through.
    bars = np.append(score[counts], -np.inf)
    shares = []
    for rate in RATES:
        allowed = np.floor(rate * worn_nights)
        first_too_many = (false_alarms <= allowed[:, None]).sum(axis=1)
        above = np.searchsorted(-score[seen], -bars[first_too_many], side="left")
        found = np.take_along_axis(hits, above[:, None], axis=1)[:, 0]
        known = (happened > 0) & (worn_nights > 0)
        shares.append(np.where(known, found / np.maximum(happened, 1), np.nan))
    return np.array(shares)
