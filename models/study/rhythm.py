"""How long a movement was rhythmic: the whole of a rule of the OpenSeizureDetector kind.

Windows of five seconds are an alarm where the band in question holds enough of the power of the
movement. That rule looks for shaking of 3 to 8 Hz; here the band is that of rubbing. It is no
feature of the model, because rhythm tells one generator of nights from another, but a baseline.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from detector.cells import CELL_HZ

__all__ = ["rhythmic_s"]

WINDOW_S = 5
"""Seconds that a spectrum is taken of."""
BAND_HZ = (0.5, 3.0)
"""Rubbing a calf, in Hz."""
BAND_SHARE = 0.6
"""Share of the power in that band from which on a window is rhythmic."""
LEAST_G = 0.02
"""Deviation of the magnitude, in g, below which there is no movement to speak of."""


def rhythmic_s(cells_g: npt.NDArray[np.float64]) -> float:
    """Return in how many seconds of a movement rubbing would be heard.

    Parameters
    ----------
    cells_g : shape (n, 3)
        At `detector.cells.CELL_HZ`; NaN where nothing moved or nothing was recorded.
    """
    each = WINDOW_S * CELL_HZ
    magnitude = np.sqrt((cells_g * cells_g).sum(axis=1))
    windows = magnitude[: len(magnitude) // each * each].reshape(-1, each)
    windows = windows[~np.isnan(windows).any(axis=1)]
    if not len(windows):
        return 0.0
    power = np.abs(np.fft.rfft(windows - windows.mean(axis=1)[:, None], axis=1)) ** 2
    frequency_hz = np.fft.rfftfreq(each, 1 / CELL_HZ)
    band = (frequency_hz >= BAND_HZ[0]) & (frequency_hz <= BAND_HZ[1])
    share = power[:, band].sum(axis=1) / np.maximum(power.sum(axis=1), 1e-12)
    return float(((share >= BAND_SHARE) & (windows.std(axis=1) >= LEAST_G)).sum() * WINDOW_S)
