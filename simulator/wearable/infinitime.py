"""A PineTime with InfiniTime: it notifies what has changed, and nothing else."""

from __future__ import annotations

from typing import Any

from ingest.devices.infinitime import MOTION_SERVICE, MOTION_VALUES
from simulator.wearable.body import Body
from simulator.wearable.frames import heart_rate_measurement, xyz_int16
from simulator.wearable.gatt import Characteristic, Service
from simulator.wearable.heart_rate_strap import HeartRateWearable
from simulator.wearable.stream import Steps, Stream
from simulator.wearable.wearable import DEVICE_INFORMATION, FIRMWARE_REVISION

__all__ = ["InfiniTimeWatch"]

RATE_HZ = 10.0
"""Samples in a second, as the firmware takes them."""


class InfiniTimeWatch(HeartRateWearable):
    """A PineTime.

    Parameters
    ----------
    name, address, body, kwargs
        As `Wearable` has them.
    background_heart_rate
        Whether it measures while its screen is off; the firmware's default is that it does not.
    firmware
        The version it tells.
    """

    counts_per_g = 1024
    range_g = 2.0

    def __init__(
        self,
        name: str = "InfiniTime",
        address: str = "C0:00:00:00:00:02",
        body: Body | None = None,
        *,
        background_heart_rate: bool = True,
        firmware: str = "1.15.0",
        **kwargs: Any,
    ):
        super().__init__(
            name, address, body or Body.asleep(rate_hz=RATE_HZ), rate_hz=RATE_HZ, **kwargs
        )
        self.background_heart_rate = background_heart_rate
        self._firmware = firmware
        self._streams[MOTION_VALUES] = Stream(self._motion)

    @property
    def services(self) -> tuple[Service, ...]:
        """Motion, heart rate, battery and what it is."""
        motion = Characteristic(
            MOTION_VALUES,
            ("read", "notify"),
            read=lambda: xyz_int16(self.acc_counts(self._next_sample() - 1)),
        )
        firmware = Characteristic(FIRMWARE_REVISION, ("read",), read=self._firmware.encode)
        return (
            Service(DEVICE_INFORMATION, (firmware,)),
            Service(MOTION_SERVICE, (motion,)),
            self._heart_rate_service(readable=True),
            self._battery_service(),
        )

    def _motion(self) -> Steps:
        sample = self._next_sample()
        while True:
            yield self.sample_time_s(sample) + self._delay_s()
            before, now = self.acc_counts([sample - 1, sample])
            changed = bool((now != before).any())
            if changed and self._send(MOTION_VALUES, xyz_int16(now)):
                self.sent_acc.append(sample)
            sample += 1

    def _bpm(self, second: int) -> int:
        worn = self.background_heart_rate and self.body.worn_at(second)
        return self.body.bpm_at(second) if worn else 0

    def _tell_heart_rate(self, second: int) -> None:
        if self._bpm(second) != self._bpm(second - 1):
            super()._tell_heart_rate(second)

    def _measurement(self, second: int) -> bytes:
        return heart_rate_measurement(self._bpm(second))
