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
"""How far samples may be closer together or further apart than the rate says that was learnt."""
MIN_LEARNT, MAX_LEARNT = 0.25, 4.0
"""How far that may be from the nominal rate: some devices are set to twice their usual one, and one
that leaves out what has not changed seems slow."""
MAX_HASTE = 0.5
"""Least share of the nominal distance between two samples that come in a bunch after a silence."""
MAX_UNSTEADY_HASTE = 0.01
"""The same where there is no pace to keep: enough to tell two samples apart."""


@dataclass(slots=True)
class Pacer:
    """Gives the samples of one stream their times, bunch by bunch.

    Parameters
    ----------
    steady
        Whether the nominal distances hold; where not, a lone sample has the time of its arrival.
    """

    steady: bool = True
    _learnt: float = 1.0
    _last_ns: int | None = None

    def times_ns(
        self, apart_ns: npt.NDArray[np.float64], arrived_ns: int, *, prompt: bool = False
    ) -> Times:
        """Give the times of samples that have come together.

        Parameters
        ----------
        apart_ns : float64, shape (n,)
            Nominal distance of each from the one before, above 0.
        arrived_ns
            When the last of them came.
        prompt
            Whether nothing can have delayed it: the answer to a read, or the first that a
            connection brings.

        Returns
        -------
        int64, shape (n,)
            Rising, and after all before.
        """
        span_ns = float(apart_ns.sum())
        late_ns = self._late_ns(span_ns, arrived_ns)
        shares, end_ns = apart_ns * self._learnt, arrived_ns
        if self._last_ns is not None and late_ns is not None and not prompt:
            gain = LATE_GAIN if late_ns > 0 else EARLY_GAIN
            stretch = 1 + gain * late_ns / float(shares.sum())
            shares *= min(max(stretch, MIN_STRETCH), MAX_STRETCH)
            learnt = self._learnt + RATE_GAIN * late_ns / span_ns
            self._learnt = min(max(learnt, MIN_LEARNT), MAX_LEARNT)
            end_ns = self._last_ns + round(float(shares.sum()))
        # How long before the last one each sample was; whole numbers from here on.
        before_ns = np.rint(shares[::-1].cumsum()[::-1] - shares).astype(np.int64)
        times_ns = self._after_last(end_ns - before_ns, shares, arrived_ns)
        self._last_ns = int(times_ns[-1])
        return times_ns

    def _late_ns(self, span_ns: float, arrived_ns: int) -> float | None:
        """Tell how late the last sample is; None where that cannot be bridged."""
        if self._last_ns is None or not self.steady:
            return None
        late_ns = arrived_ns - self._last_ns - span_ns * self._learnt
        return late_ns if abs(late_ns) <= MAX_LATE_NS else None

    def _after_last(
        self, times_ns: Times, shares: npt.NDArray[np.float64], arrived_ns: int
    ) -> Times:
        """Push samples that would fall on those before, or together, just far enough."""
        if self._last_ns is None:
            return times_ns
        # Samples that are ahead of their arrival already may not run away from it.
        keeps_pace = self.steady and self._last_ns < arrived_ns
        haste = MAX_HASTE if keeps_pace else MAX_UNSTEADY_HASTE
        least = np.maximum(1, np.rint(shares * haste)).astype(np.int64)
        ahead = least.cumsum()
        pushed = np.maximum(times_ns - ahead, self._last_ns)
        return np.asarray(np.maximum.accumulate(pushed) + ahead, np.int64)
