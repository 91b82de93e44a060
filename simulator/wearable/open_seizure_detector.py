"""A Bangle.js 2 with the OpenSeizureDetector widget."""

from __future__ import annotations

from typing import Any

import numpy as np

from ingest.devices import open_seizure_detector as osd
from ingest.devices.heart_rate_service import HEART_RATE_SERVICE
from simulator.wearable.body import Body
from simulator.wearable.frames import heart_rate_measurement, xyz_int16
from simulator.wearable.gatt import Characteristic, Service
from simulator.wearable.heart_rate_strap import HeartRateWearable
from simulator.wearable.stream import Steps, Stream

__all__ = ["BangleWatch"]

RATE_HZ = 25.0
"""Samples in a second, as the widget takes them."""
MAGNITUDES_PER_G = 64
"""Counts in one g of format 0."""
NO_CONFIDENCE = 255
"""Heart rate of a reading that the watch does not trust."""

SAMPLES_PER_FRAME = {0: 20, 3: 3}
"""Samples in a notification, by format: 20 bytes of magnitudes, or 18 of three axes."""


class BangleWatch(HeartRateWearable):
    """A Bangle.js 2.

    Parameters
    ----------
    name, address, body, kwargs
        As `Wearable` has them; where the body has no heart rate, the watch has no confidence.
    format_code
        What it sends: 0 magnitudes, 3 three axes.
    full_buffer
        Whether it sends its whole buffer of 20 bytes, as the widgets 0.14 and 0.16 do.
    """

    battery_uuid = osd.BATTERY

    def __init__(
        self,
        name: str = "Bangle.js a1b2",
        address: str = "C0:00:00:00:00:03",
        body: Body | None = None,
        *,
        format_code: int = 3,
        full_buffer: bool = False,
        **kwargs: Any,
    ):
        super().__init__(
            name, address, body or Body.asleep(rate_hz=RATE_HZ), rate_hz=RATE_HZ, **kwargs
        )
        self.status = 0
        self._format = format_code
        self._full_buffer = full_buffer
        self._streams[osd.ACCELERATION] = Stream(self._acceleration)

    @property
    def advertised(self) -> tuple[str, ...]:
        """Its own service and the heart rate."""
        return (osd.SERVICE, HEART_RATE_SERVICE)

    @property
    def services(self) -> tuple[Service, ...]:
        """Its own service and the heart rate."""
        own = (
            Characteristic(osd.ACCELERATION, ("notify",)),
            self._battery_level(),
            Characteristic(osd.WATCH_ID, ("read",), read=lambda: b"BangleJs"),
            Characteristic(osd.FIRMWARE, ("read",), read=lambda: b"0.16"),
            Characteristic(osd.FORMAT, ("read",), read=lambda: bytes([self._format])),
            Characteristic(
                osd.STATUS, ("read", "write"), read=lambda: bytes([self.status]), write=self._set
            ),
        )
        return (Service(osd.SERVICE, own), self._heart_rate_service())

    def _set(self, data: bytes) -> None:
        self.status = data[0]

    def _acceleration(self) -> Steps:
        n = SAMPLES_PER_FRAME[self._format]
        first = self._next_sample()
        while True:
            yield self.sample_time_s(first + n - 1) + self._delay_s()
            samples = range(first, first + n)
            if self._format == 0:
                lengths = np.linalg.norm(self.acc_g(samples), axis=1)
                data = np.rint(lengths * MAGNITUDES_PER_G).astype(np.uint8).tobytes()
            else:
                data = xyz_int16(self.acc_counts(samples)) + bytes(2 * self._full_buffer)
            if self._send(osd.ACCELERATION, data):
                self.sent_acc.extend(samples)
            first += n

    def _measurement(self, second: int) -> bytes:
        bpm = self.body.bpm_at(second) if self.body.worn_at(second) else 0
        return heart_rate_measurement(bpm or NO_CONFIDENCE, contact=True)
