"""How much more usual cramps are in some nights of the year than in others."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

__all__ = ["Season"]

SUMMER_TO_WINTER = 2.0
"""Mid-summer over mid-winter: new quinine prescriptions and searches for leg cramps are about twice
as frequent (Garrison, CMAJ 2015)."""

A_PEAK = date(2000, 7, 15).toordinal()
"""A day of mid-summer in the north, from which the years are counted."""

YEAR_DAYS = 365.2425
"""Days of a year, the leap days shared out."""


@dataclass(frozen=True, slots=True)
class Season:
    """A yearly wave that keeps the mean of its logarithm.

    Parameters
    ----------
    south
        Whether the wearer lives south of the equator, where mid-summer is in January.
    ratio
        Mid-summer over mid-winter.
    """

    south: bool = False
    ratio: float = SUMMER_TO_WINTER

    def factor(self, night: date) -> float:
        """Give what the usual is multiplied by in a night."""
        years = (night.toordinal() - A_PEAK) / YEAR_DAYS + (0.5 if self.south else 0.0)
        return float(self.ratio ** (0.5 * math.cos(2 * math.pi * years)))
