"""Simple rules that a model has to beat, each as a score that ranks awakenings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from detector.features import FEATURE_UNITS
from models.study.table import Table

__all__ = ["BASELINES", "without"]

Doubles = npt.NDArray[np.float64]

ACTIVE_S = 30.0
"""Seconds of movement from which on the second rule looks at the heart."""


def _length(table: Table) -> Doubles:
    return _column(table, "length")


def _active_and_rise(table: Table) -> Doubles:
    rise = np.nan_to_num(_column(table, "heart_rate_rise"), nan=-np.inf)
    return np.where(_column(table, "moving") >= ACTIVE_S, rise, -np.inf)


def _rhythm(table: Table) -> Doubles:
    return table.rhythmic_s


BASELINES: dict[str, Callable[[Table], Doubles]] = {
    "any awakening, the longer the likelier": _length,
    f"{ACTIVE_S:g} s of movement, then the heart-rate rise": _active_and_rise,
    "seconds of rhythmic movement": _rhythm,
}
"""What ranks the awakenings of a table, by name."""


def without(table: Table, features: Iterable[str]) -> Table:
    """Return the table as if some features were the same in every awakening."""
    columns = list(FEATURE_UNITS)
    rows = table.rows.copy()
    rows[:, [columns.index(name) for name in features]] = 0.0
    return replace(table, rows=rows)


def _column(table: Table, name: str) -> Doubles:
    return table.rows[:, list(FEATURE_UNITS).index(name)]
