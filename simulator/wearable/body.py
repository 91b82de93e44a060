"""What a simulated wearable is worn on: the movement and the heart rate it will measure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingest.samples import NS_PER_S, Acceleration, HeartRate

__all__ = ["Body"]

POSTURE_S = 600.0
"""Seconds between two turns in `Body.asleep`; a turn takes one second."""
TREMOR_G = 0.004
"""Standard deviation of the movement at rest in g: the noise of a consumer accelerometer."""


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """The measurements of a night, sample by sample; they begin anew when they are used up.

    Parameters
    ----------
    xyz_g : float, shape (n, 3)
        Acceleration in g at the rate of the wearable.
    bpm : float, shape (m,)
        Heart rate once a second; 0 where none can be read.
    worn : bool, shape (m,)
        Whether the wearable touches the skin, once a second.
    """

    xyz_g: npt.NDArray[np.float64]
    bpm: npt.NDArray[np.float64]
    worn: npt.NDArray[np.bool_]

    @staticmethod
    def asleep(*, rate_hz: float, seconds: int = 3600, seed: int = 0) -> Body:
        """Return a sleeper who turns every ten minutes; no two samples in a row are the same."""
        random = np.random.default_rng(seed)
        n = round(rate_hz * seconds)
        turns = 1 + int(seconds // POSTURE_S)
        postures = random.normal(size=(turns + 1, 3))
        postures /= np.linalg.norm(postures, axis=1, keepdims=True)
        at = np.arange(n) / rate_hz / POSTURE_S
        into = np.clip((at - np.floor(at)) * POSTURE_S, 0, 1)[:, None]
        number = np.floor(at).astype(int)
        gravity = postures[number] * (1 - into) + postures[number + 1] * into
        second = np.arange(seconds)
        bpm = 58 + 4 * np.sin(second / 300) + random.normal(scale=1.5, size=seconds)
        return Body(
            xyz_g=gravity + random.normal(scale=TREMOR_G, size=(n, 3)),
            bpm=np.rint(bpm),
            worn=np.ones(seconds, bool),
        )

    @staticmethod
    def recorded(
        acceleration: Acceleration, heart_rate: HeartRate | None, *, rate_hz: float
    ) -> Body:
        """Return a night that was recorded or simulated, for a wearable of another rate.

        Parameters
        ----------
        acceleration, heart_rate
            Of the night; gaps are filled with a straight line, and with the last heart rate.
        rate_hz
            Rate of the wearable.
        """
        start_ns = acceleration.times_ns[0]
        at_s = (acceleration.times_ns - start_ns) / NS_PER_S
        taken_s = np.arange(0, at_s[-1], 1 / rate_hz)
        seconds = np.arange(int(at_s[-1]))
        bpm = np.zeros(len(seconds))
        if heart_rate is not None:
            read_s = (heart_rate.times_ns - start_ns) / NS_PER_S
            last = np.searchsorted(read_s, seconds + 1) - 1
            bpm[last >= 0] = heart_rate.bpm[last[last >= 0]]
        return Body(
            xyz_g=np.stack([np.interp(taken_s, at_s, axis) for axis in acceleration.xyz_g.T], 1),
            bpm=bpm,
            worn=np.ones(len(seconds), bool),
        )

    def bpm_at(self, second: int) -> int:
        """Return the heart rate in a second since the beginning."""
        return round(float(self.bpm[second % len(self.bpm)]))

    def worn_at(self, second: int) -> bool:
        """Tell whether it is worn in a second since the beginning."""
        return bool(self.worn[second % len(self.worn)])
