"""Lays out the interval of a ratio for a page to draw; places are per cent of the drawing."""

from __future__ import annotations

import math
from dataclasses import dataclass

from server.associations.ratio import RateRatio

__all__ = ["TICKS", "IntervalPlot", "interval_plot"]

WIDEST = 8.0
"""Ratio at the right end, and one over it at the left: room beside the halving and the doubling
that people think in. What goes beyond is drawn as an arrow."""


@dataclass(frozen=True, slots=True)
class IntervalPlot:
    """A line from the least to the most with the median on it.

    Parameters
    ----------
    median
        None where that is beyond the drawing.
    beyond_left, beyond_right
        Whether the line goes on beyond it.
    """

    least: str
    most: str
    median: str | None
    beyond_left: bool
    beyond_right: bool


def interval_plot(ratio: RateRatio) -> IntervalPlot:
    """Lay out an interval on a logarithmic scale with 1 in the middle."""
    return IntervalPlot(
        least=_place(ratio.least),
        most=_place(ratio.most),
        median=_place(ratio.ratio) if 1 / WIDEST < ratio.ratio < WIDEST else None,
        beyond_left=ratio.least < 1 / WIDEST,
        beyond_right=ratio.most > WIDEST,
    )


def _place(ratio: float) -> str:
    within = min(max(ratio, 1 / WIDEST), WIDEST)
    return f"{50 + 50 * math.log(within) / math.log(WIDEST):.2f}%"


TICKS = {"half": _place(0.5), "equal": _place(1.0), "double": _place(2.0)}
"""Where a halving, no difference and a doubling are."""
