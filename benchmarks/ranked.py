"""What a score finds at a rate of false alarms, the threshold read anew where people are drawn.

Of whole nights `models.study.found` says the same; here it is said of whatever has a score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.people_drawn import draw_people

__all__ = ["Ranked", "rank", "shares_at"]

Doubles = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """Awakenings by falling score: harmless ones, and cramps."""

    harmless: Doubles
    harmless_of: Indices
    """Whose they are."""
    cramps: Doubles
    cramps_of: Indices

    def hits(self, weight: Indices, allowed: float) -> int:
        """Count cramps above the first false alarm too many; each person counts so many times."""
        false_alarms = np.cumsum(weight[self.harmless_of])
        beyond = int(np.searchsorted(false_alarms, int(allowed), side="right"))
        least = self.harmless[beyond] if beyond < len(self.harmless) else -np.inf
        above = int(np.searchsorted(-self.cramps, -least))
        return int(weight[self.cramps_of[:above]].sum())


def rank(person: Indices, cramp: npt.NDArray[np.bool_], score: Doubles) -> Ranked:
    """Put awakenings in the order of their scores."""
    falling = np.argsort(-score, kind="stable")
    harmless, cramps = falling[~cramp[falling]], falling[cramp[falling]]
    return Ranked(score[harmless], person[harmless], score[cramps], person[cramps])


def shares_at(ranked: Ranked, rate: float, nights: Indices, cramps: Indices) -> Doubles:
    """Return the share found where so many false alarms a night are allowed.

    Parameters
    ----------
    nights, cramps : shape (people,)
        How many each person had.

    Returns
    -------
    shape (1 + RESAMPLES,)
        Of everybody, then of the people of each draw.
    """
    people = len(nights)
    drawn = [np.bincount(each, minlength=people) for each in draw_people(people)]
    return np.array(
        [
            ranked.hits(weight, rate * float(nights @ weight)) / max(int(cramps @ weight), 1)
            for weight in (np.ones(people, np.intp), *drawn)
        ]
    )
