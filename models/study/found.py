"""How many cramps a score finds at given rates of false alarms, with intervals by people.

Where a threshold is read from the false alarms of clean nights, it is read anew on the people of
each draw: at 0.1 a night fifty nights allow five, and which they were is as much chance as which
cramps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan

import numpy as np
import numpy.typing as npt

from detector.evaluate import upper_rate
from models.study.table import SILENT, UNLABELLED, Table

__all__ = [
    "CURVE",
    "INTERVAL",
    "RATES",
    "RESAMPLES",
    "Found",
    "drawn_shares",
    "false_alarms_of",
    "find_at",
    "find_at_each",
    "find_from",
    "interval_of",
    "people_drawn",
    "share_by_people",
    "shares_drawn",
    "shares_read_anew",
    "threshold_at",
    "times_drawn",
]

Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

RATES = (0.1, 0.3, 1.0)
"""False alarms a clean night at which scores are compared."""
CURVE = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
"""False alarms a clean night at which the whole curve is read."""
RESAMPLES = 1000
"""Bootstrap samples of people."""
INTERVAL = (2.5, 97.5)
"""Percentiles of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is found from a threshold on.

    Parameters
    ----------
    threshold
        Lowest score that counts.
    false_alarms_a_night, upper_a_night
        Per eight hours of wear in nights without a cramp; in all nights where each has some. And
        the upper end of the exact 95 % interval of that rate.
    unlabelled_a_night
        What more is claimed in them of which nobody knows what it was.
    share, low, high
        Of the visible cramps found, and its 95 % interval by people; NaN without a cramp, the
        interval also where fewer than two people had any. The interval of `find_at` has the
        threshold read anew in each draw, that of `find_from` does not.
    kinds
        Phenotypes: found, of how many.
    false_alarms
        What they were.
    """

    threshold: float
    false_alarms_a_night: float
    upper_a_night: float
    unlabelled_a_night: float
    share: float
    low: float
    high: float
    kinds: Mapping[str, tuple[int, int]]
    false_alarms: Mapping[str, int]


def find_at(table: Table, score: Doubles, rate: float, *, seed: int) -> Found:
    """Read a score where clean nights have at most so many false alarms.

    Parameters
    ----------
    score : shape (awakenings,)
        The higher, the more like a cramp.
    """
    return find_at_each(table, score, (rate,), seed=seed)[0]


def find_at_each(table: Table, score: Doubles, rates: Sequence[float], *, seed: int) -> list[Found]:
    """Read a score at several rates, as `find_at` does at one: people are drawn once for all."""
    visible = table.cramp & (table.kind != SILENT)
    all_drawn = shares_drawn(table, score, rates, visible, table.visible, seed=seed)
    read = []
    for rate, (_, *drawn) in zip(rates, all_drawn, strict=True):
        found = find_from(table, score, threshold_at(table, score, rate), seed=seed)
        if not isnan(found.low):
            low, high = interval_of(found.share, drawn)
            found = replace(found, low=low, high=high)
        read.append(found)
    return read


def threshold_at(table: Table, score: Doubles, rate: float) -> float:
    """Return the lowest score from which on clean nights have at most so many false alarms."""
    harmless, nights = false_alarms_of(table)
    ordered = np.sort(score[harmless])[::-1]
    allowed = int(rate * table.worn_nights[nights].sum())
    return float(np.nextafter(ordered[allowed], np.inf)) if allowed < len(ordered) else -np.inf


def find_from(table: Table, score: Doubles, threshold: float, *, seed: int) -> Found:
    """Read a score from a threshold on."""
    above = score >= threshold
    harmless, nights = false_alarms_of(table)
    unlabelled = nights[table.night] & (table.kind == UNLABELLED)
    seen = table.cramp & (table.kind != SILENT)
    hits = np.bincount(table.night[above & seen], minlength=len(table.nights))
    share, low, high = share_by_people(table, hits, table.visible, seed)
    happened = Counter(one.kind for night in table.nights for one in night.cramps)
    found = Counter(table.kind[above & table.cramp].tolist())
    false_alarms = Counter(table.kind[above & harmless].tolist())
    worn = table.worn_nights[nights].sum()
    return Found(
        threshold=threshold,
        false_alarms_a_night=false_alarms.total() / worn if worn else np.nan,
        upper_a_night=upper_rate(false_alarms.total(), float(worn)),
        unlabelled_a_night=int((unlabelled & above).sum()) / worn if worn else np.nan,
        share=share,
        low=low,
        high=high,
        kinds={kind: (found[kind], count) for kind, count in sorted(happened.items())},
        false_alarms=dict(false_alarms.most_common()),
    )


def false_alarms_of(table: Table) -> tuple[Flags, Flags]:
    """Return which awakenings are false alarms where they are claimed, and which nights count."""
    nights = table.clean if table.clean.any() else np.ones(len(table.nights), np.bool_)
    return nights[table.night] & table.harmless, nights


def share_by_people(
    table: Table, hits: Sequence[int] | npt.NDArray[np.intp], of: npt.NDArray[np.intp], seed: int
) -> tuple[float, float, float]:
    """Share of what happened that was found, and its 95 % interval, people drawn anew."""
    if not of.sum():
        return np.nan, np.nan, np.nan
    share = float(np.sum(hits) / of.sum())
    had_any = {
        (night.source, night.person) for night, count in zip(table.nights, of, strict=True) if count
    }
    if len(had_any) < 2:
        return share, np.nan, np.nan
    low, high = np.nanpercentile(drawn_shares(table, hits, of, seed=seed), INTERVAL)
    return share, float(low), float(high)


def shares_drawn(
    table: Table,
    score: Doubles,
    rates: Sequence[float],
    rows: Flags,
    happened: npt.NDArray[np.intp],
    *,
    seed: int,
) -> Doubles:
    """Return the share found at each rate: of everybody, then of the people of each draw.

    Parameters
    ----------
    score : shape (awakenings,)
        The higher, the more like a cramp.
    rows : shape (awakenings,)
        Those of the cramps that are looked for.
    happened : shape (nights,)
        How many there were, with those that no awakening was found for.

    Returns
    -------
    shape (rates, 1 + RESAMPLES)
        NaN where those who were drawn had no such cramp, or no night to read a threshold on.
    """
    person, drawn = people_drawn(table, seed=seed)
    harmless, nights = false_alarms_of(table)
    return shares_read_anew(
        score,
        table.night,
        harmless,
        rows,
        rates,
        times_drawn(drawn)[:, person],
        worn_nights=np.where(nights, table.worn_nights, 0.0),
        happened=happened,
    )


def shares_read_anew(
    score: Doubles,
    part: npt.NDArray[np.intp],
    harmless: Flags,
    rows: Flags,
    rates: Sequence[float],
    times: Doubles,
    *,
    worn_nights: Doubles,
    happened: npt.NDArray[np.intp],
) -> Doubles:
    """Return the share found at each rate, the threshold read anew in each draw of parts.

    Parameters
    ----------
    score : shape (awakenings,)
        The higher, the more like a cramp.
    part : shape (awakenings,)
        Night, or person, that it belongs to.
    harmless, rows : shape (awakenings,)
        False alarms where they are claimed, and the cramps that are looked for.
    times : shape (draws, parts)
        How many times each part was drawn.
    worn_nights, happened : shape (parts,)
        In which those false alarms may come, and how many such cramps there were.

    Returns
    -------
    shape (rates, draws)
        NaN where those who were drawn had no such cramp, or no night to read a threshold on.
    """
    falling = np.argsort(-score, kind="stable")
    counts, seen = falling[harmless[falling]], falling[rows[falling]]
    # Above the score of the first false alarm too many; a lowest one lets all through.
    bars = np.append(score[counts], -np.inf)
    of, worn = times @ happened, times @ worn_nights
    shares = np.full((len(rates), len(times)), np.nan)
    for draw in np.flatnonzero((of > 0) & (worn > 0)):
        allowed = np.floor(np.multiply(rates, worn[draw]))
        false_alarms = times[draw, part[counts]].cumsum()
        first_too_many = np.searchsorted(false_alarms, allowed, side="right")
        above = np.searchsorted(-score[seen], -bars[first_too_many], side="left")
        hits = np.append(0.0, times[draw, part[seen]].cumsum())
        shares[:, draw] = hits[above] / of[draw]
    return shares


def times_drawn(drawn: npt.NDArray[np.int64]) -> Doubles:
    """Say how many times each person counts: all once, then as they were drawn.

    Parameters
    ----------
    drawn : shape (draws, people)

    Returns
    -------
    shape (1 + draws, people)
    """
    people = drawn.shape[1]
    times = [np.ones(people), *(np.bincount(each, minlength=people) for each in drawn)]
    return np.array(times, np.float64)


def interval_of(
    share: float, drawn: Sequence[float] | Doubles, *, least: float = 0.0
) -> tuple[float, float]:
    """Return the 95 % interval of a share whose threshold was read anew in each draw.

    Or of a difference of two, which is -1 at the least. Draws find more on the average than was
    found, the fewer false alarms are allowed: those without the one person who had them are read
    from far lower on. So they are moved to where their mean is what was found.
    """
    low, high = np.nanpercentile(drawn, INTERVAL) - np.nanmean(drawn) + share
    return min(max(float(low), least), share), max(min(float(high), 1.0), share)


def drawn_shares(
    table: Table,
    hits: Sequence[int] | npt.NDArray[np.intp],
    of: npt.NDArray[np.intp],
    *,
    seed: int,
) -> Doubles:
    """Return the share found with people drawn anew, `RESAMPLES` times; NaN where none had any.

    Parameters
    ----------
    hits, of : shape (nights,)
        Cramps found in each night, and cramps that happened.
    """
    person, drawn = people_drawn(table, seed=seed)
    hits_by, of_by = np.bincount(person, hits), np.bincount(person, of)
    happened = of_by[drawn].sum(axis=1)
    return np.where(happened, hits_by[drawn].sum(axis=1) / np.maximum(happened, 1), np.nan)


def people_drawn(table: Table, *, seed: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int64]]:
    """Draw as many people as there are, `RESAMPLES` times.

    Returns
    -------
    person : shape (nights,)
        Who slept.
    drawn : shape (RESAMPLES, people)
        Who was drawn, some of them more than once.
    """
    person = np.unique(
        [f"{night.source} {night.person}" for night in table.nights], return_inverse=True
    )[1]
    people = len(np.unique(person))
    return person, np.random.default_rng(seed).integers(0, people, (RESAMPLES, people))
