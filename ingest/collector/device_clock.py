"""From the clock of a wearable to that of the host: the lower envelope of the delays.

A frame reaches the host some time after its last sample, never before it. Of host time minus device
time only the smallest values tell the offset; how they move tells the drift. The line that lies
below all of them and is nearest to them on the whole is an edge of their lower convex hull, the one
over their mean time (S. B. Moon, P. Skelly, D. Towsley, 'Estimation and removal of clock skew from
network delay measurements', INFOCOM 1999).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ingest.samples import NS_PER_S

__all__ = ["DeviceClock"]

Times = npt.NDArray[np.int64]

BLOCK_NS = 20 * NS_PER_S
"""Nanoseconds of which only the least delayed frame is kept: some ten frames, of which one is
prompt."""
MAX_BLOCKS = 180
"""Blocks kept, an hour: a drift changes with temperature, and holds about that long."""
MIN_SPAN_NS = 300 * NS_PER_S
"""Nanoseconds before a drift is told: 10 ms of delay over them look like 33 ppm."""
MAX_DRIFT = 300e-6
"""Largest drift believed: 30 s a day; a quartz is off by less than a tenth of that."""

MAX_SLEW = 0.005
"""Share by which the time of samples may be stretched to follow a better estimate: 0.1 s is made up
in 20 s, and no spectrum shows half a percent."""

MAX_AHEAD_NS = NS_PER_S
"""Nanoseconds that the device's clock may run ahead of what it was thought to be before it counts
as set."""
MAX_LATE_NS = 60 * NS_PER_S
"""Nanoseconds that a frame may be late within a connection: the radio gives up after 32 s."""
MAX_JUMP_NS = 2 * NS_PER_S
"""Nanoseconds by which the clock may be off after a new connection, which nothing has delayed: more
than an hour's drift, and less than any restart takes."""


@dataclass(slots=True)
class DeviceClock:
    """Maps the times of one device, across its connections, to the monotonic time of the host.

    What it gives rises, whatever the delays, and is never moved afterwards. A clock that was set or
    began anew at zero starts a new mapping.
    """

    restarts: int = 0
    """How often a new mapping was begun, the first apart."""
    _blocks: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=MAX_BLOCKS))
    """Device time and delay of the least delayed frame of each block; the last one may change."""
    _block_start_ns: int = 0
    _offset_ns: float = 0.0
    """Host minus device, as shown with the last sample."""
    _fitted: tuple[int, float, float] | None = None
    """What `_line` gives, until the blocks change."""
    _device_ns: int | None = None
    _host_ns: int | None = None

    @property
    def drift(self) -> float:
        """How much faster host time passes than the device's: 1e-6 is 1 ppm."""
        return self._line()[1]

    def times_ns(self, device_ns: Times, arrived_ns: int, *, reconnected: bool = False) -> Times:
        """Give the host time of each sample of a frame.

        Parameters
        ----------
        device_ns : int64, shape (n,)
            Times of the device, rising.
        arrived_ns
            When the frame came.
        reconnected
            Whether it is the first of a connection.

        Returns
        -------
        int64, shape (n,)
            Rising, and after those of all frames before.
        """
        if self._device_ns is None or self._was_set(device_ns, arrived_ns, reconnected):
            self._begin(device_ns, arrived_ns)
        elif device_ns[0] <= self._device_ns:
            # The rate was a guess, and too low: the samples fill the time that there is.
            device_ns = _spread(self._device_ns, int(device_ns[-1]), len(device_ns))
        self._observe(int(device_ns[-1]), arrived_ns)
        offsets = self._slewed(device_ns)
        times_ns = self._rising(device_ns + np.rint(offsets).astype(np.int64))
        self._offset_ns = float(times_ns[-1] - device_ns[-1])
        self._device_ns, self._host_ns = int(device_ns[-1]), int(times_ns[-1])
        return times_ns

    def _was_set(self, device_ns: Times, arrived_ns: int, reconnected: bool) -> bool:
        assert self._device_ns is not None
        if device_ns[-1] - self._device_ns < len(device_ns):
            return True
        late_ns = arrived_ns - int(device_ns[-1]) - self._envelope_ns(int(device_ns[-1]))
        if reconnected:
            return abs(late_ns) > MAX_JUMP_NS
        return not -MAX_AHEAD_NS <= late_ns <= MAX_LATE_NS

    def _begin(self, device_ns: Times, arrived_ns: int) -> None:
        self.restarts += self._device_ns is not None
        self._blocks.clear()
        self._fitted = None
        self._offset_ns = float(arrived_ns - int(device_ns[-1]))
        if self._host_ns is not None:
            # What was shown before stays shown: a late estimate gives way as it does otherwise.
            first_ns = int(device_ns[0]) + self._offset_ns
            self._offset_ns += max(0.0, self._host_ns + 1 - first_ns)
        self._device_ns = None

    def _observe(self, device_ns: int, arrived_ns: int) -> None:
        delay_ns = arrived_ns - device_ns
        if not self._blocks or device_ns - self._block_start_ns >= BLOCK_NS:
            self._block_start_ns = device_ns
            self._blocks.append((device_ns, delay_ns))
            self._fitted = None
        elif delay_ns < self._blocks[-1][1]:
            self._blocks[-1] = (device_ns, delay_ns)
            self._fitted = None

    def _envelope_ns(self, device_ns: int) -> float:
        origin_ns, drift, offset_ns = self._line()
        return offset_ns + drift * (device_ns - origin_ns)

    def _line(self) -> tuple[int, float, float]:
        """Give a device time, the drift, and the offset at that time."""
        if self._fitted is None:
            self._fitted = self._fit()
        return self._fitted

    def _fit(self) -> tuple[int, float, float]:
        if not self._blocks:
            return 0, 0.0, self._offset_ns
        device = np.array([each[0] for each in self._blocks], np.int64)
        delay = np.array([each[1] for each in self._blocks], np.int64)
        # Around their own beginnings the times fit a float to the nanosecond.
        origin_ns, least_ns = int(device[0]), int(delay.min())
        at, above = (device - origin_ns).astype(np.float64), (delay - least_ns).astype(np.float64)
        drift, height = 0.0, 0.0
        if at[-1] >= MIN_SPAN_NS:
            drift = min(max(_supporting_slope(at, above), -MAX_DRIFT), MAX_DRIFT)
            height = float((above - drift * at).min())
        return origin_ns, drift, least_ns + height

    def _slewed(self, device_ns: Times) -> npt.NDArray[np.float64]:
        """Lead the offset from what was shown towards the estimate, over the samples of a frame."""
        last_ns = int(device_ns[-1])
        before_ns = self._device_ns if self._device_ns is not None else int(device_ns[0])
        passed = (device_ns - before_ns).astype(np.float64)
        drifted = self._offset_ns + self._line()[1] * passed
        missing_ns = self._envelope_ns(last_ns) - float(drifted[-1])
        most = MAX_SLEW * passed
        slewed: npt.NDArray[np.float64] = drifted + np.clip(missing_ns, -most, most)
        return slewed

    def _rising(self, times_ns: Times) -> Times:
        """Keep samples apart where rounding or a new mapping would bring them together."""
        first_ns = times_ns[0] if self._host_ns is None else max(times_ns[0], self._host_ns + 1)
        place = np.arange(len(times_ns))
        rising = np.maximum.accumulate(np.maximum(times_ns, first_ns) - place) + place
        return rising.astype(np.int64)


def _spread(before_ns: int, last_ns: int, n: int) -> Times:
    whole, rest = divmod(last_ns - before_ns, n)
    place = np.arange(1, n + 1, dtype=np.int64)
    return before_ns + whole * place + rest * place // n


def _supporting_slope(at: npt.NDArray[np.float64], above: npt.NDArray[np.float64]) -> float:
    """Return the slope of the edge of the lower convex hull that lies over the mean of ``at``."""
    hull: list[int] = []
    for point in range(len(at)):
        while len(hull) >= 2:
            a, b = hull[-2], hull[-1]
            rise_b = (above[b] - above[a]) * (at[point] - at[a])
            rise_point = (above[point] - above[a]) * (at[b] - at[a])
            if rise_b < rise_point:
                break
            hull.pop()
        hull.append(point)
    middle = at.mean()
    end = next(place for place in range(1, len(hull)) if at[hull[place]] >= middle)
    left, right = hull[end - 1], hull[end]
    return float((above[right] - above[left]) / (at[right] - at[left]))
