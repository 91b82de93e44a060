"""What a night counts: calibrated probabilities until the wearer has answered, answers after that.

A night in which too little was searched is missing exposure, never a zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from detector.night import Standing
from ingest.errors import InputError
from server.alerts.rules import RULES, Rules
from server.alerts.season import Season
from server.nights import ONE_DAY

__all__ = ["Answer", "AskedEpisode", "Counts", "NightCount", "WearerNight", "count_night", "counts"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Answer(StrEnum):
    """What the wearer said of an episode."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class AskedEpisode:
    """An episode, as the alerts see it.

    Parameters
    ----------
    probability
        Calibrated: of being a cramp, 0 to 1.
    answer
        None until the wearer has answered.
    """

    probability: float
    standing: Standing
    answer: Answer | None = None

    def __post_init__(self) -> None:
        """Refuse what is no probability."""
        if not 0 <= self.probability <= 1:
            raise InputError(
                f"An episode has the probability {self.probability}. Give one from 0 to 1."
            )

    @property
    def counts(self) -> float:
        """A confirmed one counts 1, a rejected one 0, any other its probability."""
        match self.answer:
            case Answer.YES:
                return 1.0
            case Answer.NO:
                return 0.0
        return self.probability

    @property
    def settled(self) -> bool:
        """Whether the wearer's word has taken the place of the probability."""
        return self.answer in (Answer.YES, Answer.NO)


@dataclass(frozen=True, slots=True)
class WearerNight:
    """A night of one wearer.

    Parameters
    ----------
    night
        The date on which it began.
    searched_s
        Seconds in which awakenings were looked for.
    missed
        Cramps the wearer added in the morning.
    marks
        Marks made in the night that are put down to no episode.
    """

    night: date
    searched_s: float
    episodes: tuple[AskedEpisode, ...] = ()
    missed: int = 0
    marks: int = 0


@dataclass(frozen=True, slots=True)
class NightCount:
    """What a night counts.

    Parameters
    ----------
    valid
        Whether enough of it was searched to count at all.
    cramps
        Expected number.
    cramp_night
        Probability that there was one at all.
    certain
        Sum of the squared probabilities: the same as `cramps` where all of it is the wearer's word.
    answered
        1 where the wearer's word settles every episode, 0 where it does not, nan where nothing was
        there to answer.
    """

    valid: bool
    cramps: float
    cramp_night: float
    certain: float
    answered: float


def count_night(night: WearerNight, rules: Rules = RULES) -> NightCount:
    """Count a night.

    A mark that the wearer also adds in the morning is one cramp. Whoever adds cramps but leaves
    some episode without an answer has not answered: its probability still stands.
    """
    chances = [episode.counts for episode in night.episodes]
    chances += [1.0] * night.missed
    chances += [rules.mark_counts] * max(night.marks - night.missed, 0)
    asked = bool(night.episodes or night.missed or night.marks)
    settled = all(e.settled for e in night.episodes) and night.marks <= night.missed
    return NightCount(
        valid=night.searched_s >= rules.valid_from_s,
        cramps=sum(chances),
        cramp_night=1 - math.prod(1 - chance for chance in chances),
        certain=sum(chance * chance for chance in chances),
        answered=float(settled) if asked else math.nan,
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """Nights in a row, of one wearer or of many at once; each array is ``[nights, people]``.

    What is not valid counts nothing, whatever stands in its place. `season` is what the usual is
    multiplied by in a night, ``[nights, 1]``.
    """

    valid: Flags
    cramps: Floats
    cramp_night: Floats
    certain: Floats
    answered: Floats
    season: Floats

    def __len__(self) -> int:
        """Count the nights."""
        return len(self.valid)


def counts(
    nights: Iterable[WearerNight],
    *,
    season: Season | None = None,
    rules: Rules = RULES,
) -> tuple[tuple[date, ...], Counts]:
    """Lay out the nights of a wearer, in whatever order they come, one after the other by date.

    Returns
    -------
    The dates, with those in between that nothing is known of, and what they count.

    Raises
    ------
    InputError
        Where a night is there twice.
    """
    by_date = _by_date(nights)
    if not by_date:
        return (), _laid_out((), ())
    first = min(by_date)
    dates = [first + number * ONE_DAY for number in range((max(by_date) - first).days + 1)]
    unknown = NightCount(False, 0.0, 0.0, 0.0, math.nan)
    rows = [count_night(by_date[day], rules) if day in by_date else unknown for day in dates]
    factors = [1.0 if season is None else season.factor(day) for day in dates]
    return tuple(dates), _laid_out(rows, factors)


def _laid_out(rows: Sequence[NightCount], factors: Sequence[float]) -> Counts:
    """Lay out what nights count, as arrays of one wearer."""

    def column(values: Iterable[float]) -> Floats:
        return np.fromiter(values, float, len(rows))[:, None]

    return Counts(
        valid=np.fromiter((row.valid for row in rows), bool, len(rows))[:, None],
        cramps=column(row.cramps for row in rows),
        cramp_night=column(row.cramp_night for row in rows),
        certain=column(row.certain for row in rows),
        answered=column(row.answered for row in rows),
        season=column(factors),
    )


def _by_date(nights: Iterable[WearerNight]) -> Mapping[date, WearerNight]:
    by_date: dict[date, WearerNight] = {}
    for each in nights:
        if each.night in by_date:
            raise InputError(f"The night of {each.night} is there twice. Give each night once.")
        by_date[each.night] = each
    return by_date
