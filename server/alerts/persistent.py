"""*Persistent*: three or more cramp nights in seven, whatever was usual before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from server.alerts.chances import beta_below
from server.alerts.rules import Rules

__all__ = ["ends", "starts"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def starts(cramp_nights: Floats, valid_nights: Floats, rules: Rules) -> Flags:
    """Tell by the last two weeks whether it fires."""
    return (valid_nights >= rules.frequent_least_valid) & (
        _frequent(cramp_nights, valid_nights, rules) > rules.frequent_from
    )


def ends(cramp_nights: Floats, valid_nights: Floats, rules: Rules) -> Flags:
    """Tell by the last eight weeks whether it clears."""
    needed = rules.frequent_least_valid * rules.frequent_ends_nights / rules.frequent_nights
    return (valid_nights >= needed) & (
        _frequent(cramp_nights, valid_nights, rules) < rules.frequent_ends_below
    )


def _frequent(cramp_nights: Floats, valid_nights: Floats, rules: Rules) -> Floats:
    """Give P(three nights in seven or more), from cramp nights of valid nights."""
    with_cramp, without = rules.frequent_prior
    clear_nights = np.maximum(valid_nights - cramp_nights, 0.0)
    share = rules.frequent_share
    return 1 - beta_below(share, with_cramp + cramp_nights, without + clear_nights)
