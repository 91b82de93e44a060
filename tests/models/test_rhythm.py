from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from detector.cells import CELL_HZ
from models.study.rhythm import rhythmic_s


def movement(frequency_hz: float, amplitude_g: float, length_s: int) -> npt.NDArray[np.float64]:
    at_s = np.arange(length_s * CELL_HZ) / CELL_HZ
    wave = 1 + amplitude_g * np.sin(2 * np.pi * frequency_hz * at_s)
    return np.column_stack([np.zeros_like(wave), np.zeros_like(wave), wave])


@pytest.mark.parametrize(
    ("frequency_hz", "amplitude_g", "seconds"),
    [(1.5, 0.2, 60), (2.8, 0.2, 60), (5.0, 0.2, 0), (1.5, 0.01, 0)],
)
def test_rubbing_is_rhythmic_and_shaking_or_breathing_is_not(
    frequency_hz: float, amplitude_g: float, seconds: int
) -> None:
    assert rhythmic_s(movement(frequency_hz, amplitude_g, 63)) == seconds


def test_what_was_not_kept_is_not_rhythmic() -> None:
    cells = movement(1.5, 0.2, 20)
    cells[: 7 * CELL_HZ] = np.nan
    assert rhythmic_s(cells) == 10
    assert rhythmic_s(np.full((100, 3), np.nan)) == 0
    assert rhythmic_s(cells[:0]) == 0
