"""Tells by the steps between its samples whether a recording has a rate that can be judged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.errors import RecordingError
from ingest.extent import HOLE_NS
from ingest.samples import MAX_RATE_HZ, MIN_RATE_HZ, NS_PER_S

__all__ = ["Rate"]

TOLERANCE = 0.1
"""Part of a rate by which it may miss the limits: a nominal 5 Hz may be 4.6 Hz by the clock."""

MAX_STEP_NS = NS_PER_S / (MIN_RATE_HZ * (1 - TOLERANCE))
MIN_STEP_NS = NS_PER_S / (MAX_RATE_HZ * (1 + TOLERANCE))

SLOWEST_STEP_NS = 120 * NS_PER_S
"""Nanoseconds between the samples of the slowest export, a count a minute, with as much again."""

ADVICE = (
    f"Record or export it with {MIN_RATE_HZ:g} to {MAX_RATE_HZ:g} samples a second, and give times "
    "in seconds, not in milliseconds."
)


class Rate:
    """Adds up, step by step, the time recorded at a rate that can be used and the time that is not.

    Time and not samples are counted, so that a short burst of many samples does not outweigh a
    night of few. A step of more than a second is a gap and counts as neither, unless it follows
    one that was too long already: then the samples are slow.
    """

    def __init__(self) -> None:
        self._usable_ns = 0
        self._slow_ns = self._slow_steps = 0
        self._fast_ns = self._fast_steps = 0
        self._all_ns = self._all_steps = self._repeats = 0
        self._was_long = False

    def add(self, steps_ns: npt.NDArray[np.int64]) -> None:
        """Take the next steps, none of them negative; 0 is a repeated time."""
        rising = steps_ns[steps_ns > 0]
        self._repeats += len(steps_ns) - len(rising)
        if not len(rising):
            return
        long, fast = rising > MAX_STEP_NS, rising < MIN_STEP_NS
        after_long = np.concatenate([[self._was_long], long[:-1]])
        slow = long & ((rising <= HOLE_NS) | (after_long & (rising <= SLOWEST_STEP_NS)))
        self._was_long = bool(long[-1])
        self._usable_ns += int(rising[~long & ~fast].sum())
        self._slow_ns += int(rising[slow].sum())
        self._slow_steps += int(np.count_nonzero(slow))
        self._fast_ns += int(rising[fast].sum())
        self._fast_steps += int(np.count_nonzero(fast))
        self._all_ns += int(rising.sum())
        self._all_steps += len(rising)

    def require(self, path: Path) -> None:
        """Refuse the recording if it was not recorded at a usable rate for half of the time.

        Raises
        ------
        RecordingError
            With the rate found.
        """
        if self._usable_ns and self._usable_ns >= self._slow_ns + self._fast_ns:
            return
        if self._repeats > self._all_steps:
            raise RecordingError(
                path,
                f"repeats a time in {self._repeats} of {self._repeats + self._all_steps + 1} rows: "
                "its clock is too coarse",
                "Export it with times to the millisecond or finer.",
            )
        problem = f"has acceleration at {self._rate_hz():.3g} Hz"
        if self._usable_ns:
            problem += (
                f" for {_duration(max(self._slow_ns, self._fast_ns))}, and at a usable rate "
                f"for {_duration(self._usable_ns)} only"
            )
        raise RecordingError(path, problem, ADVICE)

    def _rate_hz(self) -> float:
        if self._slow_ns > self._fast_ns:
            return self._slow_steps * NS_PER_S / self._slow_ns
        if self._fast_ns:
            return self._fast_steps * NS_PER_S / self._fast_ns
        return self._all_steps * NS_PER_S / self._all_ns if self._all_ns else 0.0


def _duration(span_ns: int) -> str:
    minutes = span_ns / (60 * NS_PER_S)
    return f"{minutes / 60:.1f} h" if minutes >= 60 else f"{minutes:.1f} min"
