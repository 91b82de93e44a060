"""Scores judged nights against what really happened.

The event is the awakening: an episode and a cramp are one where their onsets lie within 120 s,
one to one. False alarms are counted per night of valid wear, eight hours each.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from detector.night import Night, Standing
from ingest.samples import NS_PER_S

__all__ = [
    "CLAIMED_A_NIGHT",
    "MATCH_S",
    "NIGHT_H",
    "NOTHING",
    "Score",
    "Tally",
    "Truth",
    "match_onsets",
    "put_down_to",
    "score_nights",
    "upper_rate",
]

MATCH_S = 120
"""Seconds between the onsets of an episode and a cramp that make them one."""
NIGHT_H = 8.0
"""Hours of wear that count as a night."""
NOTHING = "nothing"
"""What a false alarm is put down to where nothing is known to have happened."""
NEAR_S = 30
"""Seconds around something that happened in which a false alarm is put down to it."""
UPPER_QUANTILE = 0.975
"""Upper end of a two-sided 95 % interval."""

CLAIMED_A_NIGHT = {Standing.LIKELY: 0.1, Standing.POSSIBLE: 1.0}
"""False alarms a night that a standing claims to stay under; see `Standing`."""


@dataclass(frozen=True, slots=True)
class Truth:
    """Something that really happened.

    Parameters
    ----------
    kind
        What a false alarm is put down to, or the phenotype of a cramp.
    cramp
        Whether it was one.
    """

    onset_ns: int
    end_ns: int
    kind: str
    cramp: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of how many."""

    found: int
    of: int


@dataclass(frozen=True, slots=True)
class Score:
    """The outcome at one operating point.

    Parameters
    ----------
    cramps
        Found, by phenotype.
    false_alarms
        By what they are put down to.
    worn_nights
        Hours of wear over eight.
    """

    cramps: Mapping[str, Tally]
    false_alarms: Mapping[str, int]
    worn_nights: float

    @property
    def false_alarms_a_night(self) -> float:
        """False alarms per night of wear."""
        return sum(self.false_alarms.values()) / self.worn_nights if self.worn_nights else math.nan

    @property
    def false_alarms_a_night_upper(self) -> float:
        """Upper end of the 95 % interval of that rate."""
        return upper_rate(sum(self.false_alarms.values()), self.worn_nights)


def score_nights(
    nights: Iterable[tuple[Night, Sequence[Truth]]], standings: Sequence[Standing]
) -> Score:
    """Score the episodes of the given standings over many nights.

    Parameters
    ----------
    nights
        Each with all that really happened in it.
    standings
        Which episodes count as a claim.
    """
    found: Counter[str] = Counter()
    happened: Counter[str] = Counter()
    false_alarms: Counter[str] = Counter()
    worn_h = 0.0
    for night, truths in nights:
        worn_h += night.worn_s / 3600
        claims = [episode for episode in night.episodes if episode.standing in standings]
        cramps = [truth for truth in truths if truth.cramp]
        pairs = match_onsets(
            [claim.onset_ns for claim in claims], [cramp.onset_ns for cramp in cramps]
        )
        happened.update(cramp.kind for cramp in cramps)
        found.update(cramps[truth].kind for _, truth in pairs)
        matched = {claim for claim, _ in pairs}
        others = [truth for truth in truths if not truth.cramp]
        false_alarms.update(
            put_down_to(claim.onset_ns, claim.end_ns, others)
            for number, claim in enumerate(claims)
            if number not in matched
        )
    return Score(
        cramps={kind: Tally(found[kind], count) for kind, count in sorted(happened.items())},
        false_alarms=dict(false_alarms.most_common()),
        worn_nights=worn_h / NIGHT_H,
    )


def match_onsets(found_ns: Sequence[int], true_ns: Sequence[int]) -> list[tuple[int, int]]:
    """Pair found and true onsets one to one, the closest first.

    Returns
    -------
    list of (index into found_ns, index into true_ns)
        None further apart than 120 s.
    """
    distances = sorted(
        (abs(one - other), at, to)
        for at, one in enumerate(found_ns)
        for to, other in enumerate(true_ns)
        if abs(one - other) <= MATCH_S * NS_PER_S
    )
    pairs: list[tuple[int, int]] = []
    taken_found: set[int] = set()
    taken_true: set[int] = set()
    for _, at, to in distances:
        if at not in taken_found and to not in taken_true:
            pairs.append((at, to))
            taken_found.add(at)
            taken_true.add(to)
    return sorted(pairs)


def upper_rate(count: int, exposure: float) -> float:
    """Return the upper end of the exact 95 % interval of a Poisson rate.

    Zero in 100 nights leaves 0.037 a night.
    """
    if exposure <= 0:
        return math.nan
    # Imported here: judging a night needs no scipy, and its import takes longer than the night.
    from scipy.special import gammaincinv

    return float(gammaincinv(count + 1, UPPER_QUANTILE)) / exposure


def put_down_to(onset_ns: int, end_ns: int, others: Sequence[Truth]) -> str:
    """Return the kind of the longest thing that happened around a stretch of time."""
    near_ns = NEAR_S * NS_PER_S
    overlapping = [
        truth
        for truth in others
        if truth.onset_ns <= end_ns + near_ns and truth.end_ns >= onset_ns - near_ns
    ]
    if not overlapping:
        return NOTHING
    return max(overlapping, key=lambda truth: truth.end_ns - truth.onset_ns).kind
