"""*Sudden*: the last seven nights had more than the wearer's own usual explains."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from server.alerts.chances import at_least, ratio_above
from server.alerts.rules import Rules

__all__ = ["sudden"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def sudden(
    recent: Floats, past: Floats, exposure: Floats, past_exposure: Floats, rules: Rules
) -> Flags:
    """Tell whether the last nights had more than the usual explains.

    Parameters
    ----------
    recent, past
        Cramps, in units in which their variance is their mean.
    exposure, past_exposure
        Weeks in which they were seen, at the usual of those nights.
    """
    prior, prior_weeks = rules.prior_cramps, rules.prior_nights / 7
    shape, known = prior + past, prior_weeks + past_exposure
    by_chance = at_least(recent, shape, exposure / known)
    # The recent rate takes only the shape of the prior: half a week more would thin out one week.
    risen = ratio_above(rules.sudden_ratio, prior + recent, exposure, shape, known)
    return (by_chance < rules.sudden_chance) & (risen > rules.sudden_certainty)
