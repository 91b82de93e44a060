"""The three chances that the alerts are made of, for one wearer or many at once.

All of them are the regularised incomplete beta function. The server does without scipy, which
would cost a small computer more memory than everything else that serves the page.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["at_least", "beta_below", "log_gamma", "ratio_above"]

Floats = NDArray[np.float64]

TOLERANCE = 1e-10
"""Relative change, per step of the continued fraction, below which it has converged."""

MOST_STEPS = 400
"""Steps of the continued fraction at the most: it takes some tens for counts of five years."""

TINY = 1e-300
"""What stands in for zero in a denominator of the continued fraction."""

SMALLEST = 1e-9
"""Count below which any count reaches it: the gamma function has no value at zero."""

LANCZOS = (
    0.99999999999980993,
    676.5203681218851,
    -1259.1392167224028,
    771.32342877765313,
    -176.61502916214059,
    12.507343278686905,
    -0.13857109526572012,
    9.9843695780195716e-6,
    1.5056327351493116e-7,
)
"""Coefficients for g = 7 (Lanczos 1964), good to 15 digits for arguments above a half."""


def log_gamma(x: ArrayLike) -> Floats:
    """Give the logarithm of the gamma function of numbers above zero."""
    less_one = np.asarray(x, float) - 1.0
    series = np.full_like(less_one, LANCZOS[0])
    for place, coefficient in enumerate(LANCZOS[1:], start=1):
        series += coefficient / (less_one + place)
    base = less_one + 7.5
    return np.asarray(
        0.5 * np.log(2 * np.pi) + (less_one + 0.5) * np.log(base) - base + np.log(series)
    )


def beta_below(share: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """Give P(X <= share) for X ~ Beta(a, b), with a and b above zero.

    By the continued fraction in its modified form (Lentz 1976), on the side of the mean where it
    converges fast.
    """
    x, a, b = np.broadcast_arrays(np.asarray(share, float), a, b)
    x, a, b = np.clip(x, 0.0, 1.0), a.astype(float), b.astype(float)
    swapped = x > (a + 1) / (a + b + 2)
    x, a, b = np.where(swapped, 1 - x, x), np.where(swapped, b, a), np.where(swapped, a, b)
    inside = np.clip(x, TINY, 1 - 1e-16)
    front = a * np.log(inside) + b * np.log1p(-inside)
    front += log_gamma(a + b) - log_gamma(a) - log_gamma(b)
    below = np.exp(front) * _fraction(inside, a, b) / a
    below = np.where(x <= 0, 0.0, below)
    return np.asarray(np.clip(np.where(swapped, 1 - below, below), 0.0, 1.0))


def at_least(count: ArrayLike, shape: ArrayLike, odds: ArrayLike) -> Floats:
    """Give P(Y >= count) where Y is Poisson with a mean that is Gamma distributed.

    Parameters
    ----------
    count
        May be a sum of probabilities, and is then no whole number.
    shape
        Of the Gamma distribution: the events seen, and those of the prior.
    odds
        The exposure asked about, in units of the exposure (with that of the prior) in which the
        events were seen.
    """
    count = np.asarray(count, float)
    odds = np.asarray(odds, float)
    tail = beta_below(odds / (1 + odds), np.maximum(count, SMALLEST), shape)
    return np.where(count <= SMALLEST, 1.0, tail)


def ratio_above(
    ratio: float,
    recent: ArrayLike,
    recent_exposure: ArrayLike,
    past: ArrayLike,
    past_exposure: ArrayLike,
) -> Floats:
    """Give P(recent rate / past rate > ratio) of two rates, each Gamma(events, exposure)."""
    recent_exposure, past_exposure = np.asarray(recent_exposure), np.asarray(past_exposure)
    share = ratio * recent_exposure / (ratio * recent_exposure + past_exposure)
    return 1 - beta_below(share, recent, past)


def _fraction(x: Floats, a: Floats, b: Floats) -> Floats:
    c = np.ones_like(x)
    d = 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value = d.copy()
    for step in range(1, MOST_STEPS):
        even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
        for part in (even, odd):
            d = 1 / _away_from_zero(1 + part * d)
            c = _away_from_zero(1 + part / c)
            value = value * d * c
        if np.all(np.abs(d * c - 1) < TOLERANCE):
            break
    return value


def _away_from_zero(x: Floats) -> Floats:
    return np.where(np.abs(x) < TINY, TINY, x)
