"""A strap or watch with nothing but the Heart Rate Service and the Battery Service."""

from __future__ import annotations

from typing import Any

from ingest.devices.heart_rate_service import HEART_RATE_MEASUREMENT, HEART_RATE_SERVICE
from simulator.wearable.body import Body
from simulator.wearable.frames import heart_rate_measurement
from simulator.wearable.gatt import Characteristic, Service
from simulator.wearable.stream import Steps, Stream
from simulator.wearable.wearable import Wearable

__all__ = ["HeartRateStrap", "HeartRateWearable"]

RR_PER_MINUTE = 60 * 1024
"""RR units, 1/1024 s, in a minute."""


class HeartRateWearable(Wearable):
    """What every wearable with the Heart Rate Service does: a measurement a second.

    Takes the parameters of `Wearable`.
    """

    def __init__(self, name: str, address: str, body: Body, **kwargs: Any):
        super().__init__(name, address, body, **kwargs)
        self._streams[HEART_RATE_MEASUREMENT] = Stream(self._heart_rate)

    @property
    def hr_every_s(self) -> int:
        """Seconds between two measurements."""
        return 1

    @property
    def advertised(self) -> tuple[str, ...]:
        """The Heart Rate Service."""
        return (HEART_RATE_SERVICE,)

    def _heart_rate_service(self, *, readable: bool = False) -> Service:
        measurement = Characteristic(
            HEART_RATE_MEASUREMENT,
            ("read", "notify") if readable else ("notify",),
            read=(lambda: self._measurement(max(0, self._next_second() - 1))) if readable else None,
        )
        return Service(HEART_RATE_SERVICE, (measurement,))

    def _heart_rate(self) -> Steps:
        second = self._next_second()
        while True:
            yield self.second_time_s(second) + self._delay_s()
            if (second + 1) % self.hr_every_s == 0:
                self._tell_heart_rate(second)
            second += 1

    def _tell_heart_rate(self, second: int) -> None:
        if self._send(HEART_RATE_MEASUREMENT, self._measurement(second)):
            self.sent_hr.append(second)

    def _measurement(self, second: int) -> bytes:
        raise NotImplementedError


class HeartRateStrap(HeartRateWearable):
    """A chest strap: it sends RR intervals, and whether it touches the skin.

    Parameters
    ----------
    name, address, body, kwargs
        As `Wearable` has them.
    """

    def __init__(
        self,
        name: str = "HRM Strap",
        address: str = "C0:00:00:00:00:01",
        body: Body | None = None,
        **kwargs: Any,
    ):
        super().__init__(name, address, body or Body.asleep(rate_hz=1), **kwargs)

    @property
    def services(self) -> tuple[Service, ...]:
        """Heart rate and battery."""
        return (self._heart_rate_service(), self._battery_service())

    def rr_1024(self, second: int) -> tuple[int, ...]:
        """Return the RR intervals that end in a second: the heart beats evenly at its rate."""
        bpm = self.body.bpm_at(second)
        if not bpm:
            return ()
        beats = (second + 1) * bpm // 60 - second * bpm // 60
        return (round(RR_PER_MINUTE / bpm),) * beats

    def _measurement(self, second: int) -> bytes:
        worn = self.body.worn_at(second)
        return heart_rate_measurement(
            self.body.bpm_at(second) if worn else 0,
            contact=worn,
            rr_1024=self.rr_1024(second) if worn else (),
        )
