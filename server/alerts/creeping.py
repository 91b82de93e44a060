"""*Creeping*: the usual has slowly become more, told by a cumulative sum (CUSUM).

The evidence of a night is the log-likelihood of the rise that is looked for against none. It is
the Poisson CUSUM of the reference where cramps do not bunch, and that of the negative binomial
where they do; divided by the swing, the bar is the reference's h times ln(ratio).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from server.alerts.rules import Rules
from server.alerts.usual import NightRow, Scale

__all__ = ["bar", "evidence"]

Floats = NDArray[np.float64]


def evidence(row: NightRow, by: Scale) -> Floats:
    """Give what a night adds to the sum; a night that is not valid adds nothing."""
    kinds = row.kinds * (row.valid & by.known)
    cramps = kinds * (row.first * by.first + row.further * by.further)
    return np.asarray((cramps - kinds * row.season * by.silent).sum(0))


def bar(by: Scale, rules: Rules) -> Floats:
    """Give the sum at which it fires.

    The more cramps there are to be told, the more often would the same sum be reached by chance.
    """
    of_rate = np.interp(
        np.log(np.maximum(by.information, rules.creeping_rates[0])),
        np.log(rules.creeping_rates),
        rules.creeping_bars,
    )
    unsteady = rules.creeping_swing * (by.swing - 1) + rules.creeping_unsure * by.unsure
    return np.asarray(of_rate + unsteady)
