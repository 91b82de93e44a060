"""Times for samples that come without any: by arrival and nominal rate, smoothed.

A phase-locked loop of second order, critically damped: it follows the true rate of the device and
evens out the delays of the radio, and gives way to an early frame sooner than to a late one, as a
delay is never negative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.samples import NS_PER_S

__all__ = ["MAX_LATE_NS", "Pacer"]

Times = npt.NDArray[np.int64]

MAX_LATE_NS = 2 * NS_PER_S
"""Nanoseconds later than expected at which samples count as missing, not as late."""

LATE_GAIN = 0.1
"""Share of a delay that is taken for real at once."""
EARLY_GAIN = 0.3
"""Share of an early arrival that is: it shows that the frames before were late."""
RATE_GAIN = LATE_GAIN**2 / 4
"""Share that goes to the rate: what makes the loop critically damped."""

MIN_STRETCH, MAX_STRETCH = 0.8, 1.25
"""How far samples may be closer together or further apart than the nominal rate says: a device that
leaves out what has not changed seems slow."""
MAX_HASTE = 0.5
"""Least share of the nominal distance between two samples that come in a bunch after a silence."""
MAX_UNSTEADY_HASTE = 0.01
"""The same where there is no rate to keep: enough to tell two samples apart."""


@dataclass(slots=True)
class Pacer:
    """Gives the samples of one stream their times, bunch by bunch.

    Parameters
    ----------
    steady
        Whether the nominal distances hold; where not, a lone sample has the time of its arrival.
    """

    steady: bool = True
    _stretch: float = 1.0
    _last_ns: int | None = None

    def times_ns(self, apart_ns: npt.NDArray[np.float64], arrived_ns: int) -> Times:
        """Give the times of samples that have come together.

        Parameters
        ----------
        apart_ns : float64, shape (n,)
            Nominal distance of each from the one before, above 0.
        arrived_ns
            When the last of them came.

        Returns
        -------
        int64, shape (n,)
            Rising, and after all before.
        """
        span_ns = float(apart_ns.sum())
        late_ns = self._late_ns(span_ns, arrived_ns)
        shares = apart_ns * self._stretch
        if self._last_ns is not None and late_ns is not None:
            gain = LATE_GAIN if late_ns > 0 else EARLY_GAIN
            stretch = self._stretch + gain * late_ns / span_ns
            shares = apart_ns * min(max(stretch, MIN_STRETCH), MAX_STRETCH)
            slower = self._stretch + RATE_GAIN * late_ns / span_ns
            self._stretch = min(max(slower, MIN_STRETCH), MAX_STRETCH)
            arrived_ns = self._last_ns + round(float(shares.sum()))
        # How long before the last one each sample was; whole numbers from here on.
        before_ns = np.rint(shares[::-1].cumsum()[::-1] - shares).astype(np.int64)
        times_ns = self._after_last(arrived_ns - before_ns, apart_ns)
        self._last_ns = int(times_ns[-1])
        return times_ns

    def _late_ns(self, span_ns: float, arrived_ns: int) -> float | None:
        """Tell how late the last sample is; None where that cannot be bridged."""
        if self._last_ns is None or not self.steady:
            return None
        late_ns = arrived_ns - self._last_ns - span_ns * self._stretch
        return late_ns if abs(late_ns) <= MAX_LATE_NS else None

    def _after_last(self, times_ns: Times, apart_ns: npt.NDArray[np.float64]) -> Times:
        """Push samples that would fall on those before, or together, just far enough."""
        if self._last_ns is None:
            return times_ns
        haste = MAX_HASTE if self.steady else MAX_UNSTEADY_HASTE
        least = np.maximum(1, np.rint(apart_ns * haste)).astype(np.int64)
        ahead = least.cumsum()
        pushed = np.maximum(times_ns - ahead, self._last_ns)
        return np.asarray(np.maximum.accumulate(pushed) + ahead, np.int64)
