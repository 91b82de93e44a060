from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from server.alerts.chances import at_least, beta_below, log_gamma, ratio_above

counts = st.floats(0.01, 2000)


@given(st.just(0.0) | st.floats(1e-9, 1), counts, counts)
def test_the_beta_distribution_is_scipys(share: float, a: float, b: float) -> None:
    assert float(beta_below(share, a, b)) == pytest.approx(special.betainc(a, b, share), abs=1e-9)


@given(st.floats(0.001, 5000))
def test_the_gamma_function_is_scipys(x: float) -> None:
    assert float(log_gamma(x)) == pytest.approx(special.gammaln(x), rel=1e-10, abs=1e-11)


@given(st.integers(0, 60), st.integers(0, 40), st.floats(0.02, 5))
def test_the_predictive_chance_is_that_of_the_negative_binomial(
    count: int, past: int, odds: float
) -> None:
    expected = stats.nbinom.sf(count - 1, 1 + past, 1 / (1 + odds))
    assert float(at_least(count, 1 + past, odds)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("past", "threshold"), [(0, 3), (1, 4), (2, 5), (4, 6), (8, 8), (12, 9), (20, 12)]
)
def test_the_one_week_thresholds_of_the_reference(past: int, threshold: int) -> None:
    # Prior Gamma(1, half a week), a baseline of four weeks, one week that is asked about.
    week = np.arange(40)
    unusual = at_least(week, 1 + past, 1 / 4.5) < 0.01
    risen = ratio_above(1.5, 1 + week, 1.0, 1 + past, 4.5) > 0.9
    assert int(np.flatnonzero(unusual & risen)[0]) == threshold
    assert int(np.flatnonzero(unusual)[0]) == threshold


def test_the_ratio_of_two_rates_by_drawing_them() -> None:
    rng = np.random.default_rng(3)
    recent, past = rng.gamma(7, 1, 200_000), rng.gamma(10, 1 / 8, 200_000)
    drawn = (recent / past > 3).mean()
    assert float(ratio_above(3, 7, 1.0, 10, 8.0)) == pytest.approx(drawn, abs=0.005)


@given(counts, counts, st.floats(0.01, 10), st.floats(0.01, 3))
def test_more_is_never_more_usual(count: float, past: float, odds: float, more: float) -> None:
    assert at_least(count + more, past, odds) <= at_least(count, past, odds) + 1e-12


def test_many_at_once_are_as_one_by_one() -> None:
    share, a, b = np.array([0.1, 0.5, 1.0]), np.array([1.0, 30.0, 2.0]), np.array([6.0, 5.0, 3.0])
    each = [float(beta_below(*one)) for one in zip(share, a, b, strict=True)]
    assert beta_below(share, a, b).tolist() == pytest.approx(each, abs=1e-12)
