"""Simulated wearers for the alerts: how often they have cramps, what is seen of it and answered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from server.alerts.nightly import Counts

__all__ = ["STATED_A_WEEK", "Detector", "Life", "Lived", "Ups", "live"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LIKELY_FOUND, LIKELY_FALSE = 0.35, 0.1
"""Part of the cramps that the detector as it is calls likely, and likely false alarms a night."""
POSSIBLE_FOUND, POSSIBLE_FALSE = 0.75, 1.0
"""The same of at least possible."""

STATED_A_WEEK = 4.4
"""Cramps a week for which the detector states its probabilities, whoever the wearer is
(``models/CARD.md``)."""

LEAST_RATE = 1e-9
"""Cramps a night that stand in for none, where a distribution needs some."""


class Ups(StrEnum):
    """What makes the counts go up and down more than chance alone."""

    NONE = "none"
    NIGHTS = "within nights"
    """Cramps come in clusters within a night."""
    WEEKS = "between weeks"
    """There are good and bad weeks, which keep to no calendar."""


class Detector(StrEnum):
    """What is seen of the cramps."""

    PERFECT = "perfect"
    AS_IT_IS = "as it is"


@dataclass(frozen=True, slots=True)
class Life:
    """How a wearer lives, sleeps and answers.

    Parameters
    ----------
    ups
        Where there are any, the weekly counts have the variance `dispersion` times their mean.
    missing
        Part of the nights that are not recorded.
    answered
        Part of the mornings on which every episode is answered.
    adds
        Whether the wearer, on those mornings, also adds the cramps that were not seen.
    rebased
        Whether probabilities are carried to the rate that was usual for the wearer before any
        rise, as if that were known.
    """

    ups: Ups = Ups.NONE
    dispersion: float = 1.0
    missing: float = 0.0
    detector: Detector = Detector.PERFECT
    answered: float = 1.0
    adds: bool = False
    rebased: bool = False


@dataclass(frozen=True, slots=True)
class Lived:
    """Nights of people: what they count, and the true chance of a cramp night; both by night."""

    counts: Counts
    cramp_night: Floats


def live(
    rng: np.random.Generator,
    life: Life,
    people: int,
    nights: int,
    *,
    weekly: float,
    then_weekly: float,
    change: int,
) -> Lived:
    """Simulate nights of people who have the same rate of cramps, and another from a night on."""
    later = np.arange(nights)[:, None] >= change
    nightly = np.broadcast_to(np.where(later, then_weekly, weekly) / 7, (nights, people))
    spread = life.dispersion - 1
    match life.ups:
        case Ups.NONE:
            cramps, cramp_night = rng.poisson(nightly), -np.expm1(-nightly)
        case Ups.NIGHTS:
            clusters = np.maximum(nightly / spread, LEAST_RATE)
            cramps = rng.negative_binomial(clusters, 1 / life.dispersion)
            cramp_night = 1 - life.dispersion**-clusters
        case Ups.WEEKS:
            levels = [
                _weekly_levels(rng, rate / spread, nights, people) for rate in (weekly, then_weekly)
            ]
            nightly = nightly * np.where(later, levels[1], levels[0])
            cramps, cramp_night = rng.poisson(nightly), -np.expm1(-nightly)
    return Lived(_seen(rng, life, cramps, weekly), cramp_night)


def _weekly_levels(rng: np.random.Generator, shape: float, nights: int, people: int) -> Floats:
    begins = rng.integers(0, 7, people)
    weeks = (np.arange(nights)[:, None] + begins) // 7
    levels = rng.gamma(shape, 1 / shape, (nights // 7 + 2, people))
    return np.take_along_axis(levels, weeks, axis=0)


def _seen(rng: np.random.Generator, life: Life, cramps: Ints, weekly: float) -> Counts:
    valid = rng.random(cramps.shape) >= life.missing
    season = np.ones((len(cramps), 1))
    if life.detector is Detector.PERFECT:
        true = cramps.astype(float)
        answered = np.where(cramps > 0, 1.0, np.nan)
        return Counts(valid, true, (cramps > 0).astype(float), true, answered, season)
    likely = rng.binomial(cramps, LIKELY_FOUND)
    share = (POSSIBLE_FOUND - LIKELY_FOUND) / (1 - LIKELY_FOUND)
    possible = rng.binomial(cramps - likely, share)
    false_likely = rng.poisson(LIKELY_FALSE, cramps.shape)
    false_possible = rng.poisson(POSSIBLE_FALSE - LIKELY_FALSE, cramps.shape)
    answers = rng.random(cramps.shape) < life.answered
    confirmed = cramps if life.adds else likely + possible
    stated = weekly if life.rebased else STATED_A_WEEK
    sure = _calibrated(LIKELY_FOUND, LIKELY_FALSE, stated)
    unsure = _calibrated(POSSIBLE_FOUND - LIKELY_FOUND, POSSIBLE_FALSE - LIKELY_FALSE, stated)
    told_likely, told_possible = likely + false_likely, possible + false_possible
    expected = told_likely * sure + told_possible * unsure
    squares = told_likely * sure**2 + told_possible * unsure**2
    none = (1 - sure) ** told_likely * (1 - unsure) ** told_possible
    asked = told_likely + told_possible + answers * confirmed > 0
    return Counts(
        valid=valid,
        cramps=np.where(answers, confirmed, expected),
        cramp_night=np.where(answers, confirmed > 0, 1 - none),
        certain=np.where(answers, confirmed, squares),
        answered=np.where(asked, answers, np.nan),
        season=season,
    )


def _calibrated(found: float, false_a_night: float, weekly: float) -> float:
    true_a_night = found * weekly / 7
    return true_a_night / (true_a_night + false_a_night)
