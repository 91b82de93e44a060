"""The Heart Rate Service and the Battery Service, as any strap or watch may speak them.

Layouts: Bluetooth SIG, GATT Specification Supplement, 'Heart Rate Measurement' and 'Battery
Level'.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from struct import unpack_from

from ingest.devices.packed import require_size
from ingest.errors import DecodeError

__all__ = [
    "BATTERY_LEVEL",
    "BATTERY_SERVICE",
    "HEART_RATE_MEASUREMENT",
    "HEART_RATE_SERVICE",
    "BatteryLevel",
    "HeartRateMeasurement",
    "decode_battery_level",
    "decode_measurement",
]

HEART_RATE_SERVICE = "0000180d-0000-1000-8000-00805f9b34fb"
"""UUID of the service that is advertised."""
HEART_RATE_MEASUREMENT = "00002a37-0000-1000-8000-00805f9b34fb"
"""UUID of the characteristic that notifies."""
BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"
"""UUID of the service."""
BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"
"""UUID of the characteristic, read and often notified."""

RR_UNITS_PER_S = 1024
"""RR intervals are counted in 1/1024 of a second."""

LOW_CONFIDENCE_HR = 255
"""Beats per minute in the 8-bit form that are a -1: the OpenSeizureDetector widget of Bangle.js
sends it while its confidence is low. No sleeping heart beats that fast."""

FULL_PERCENT = 100
"""Battery level in percent beyond which there is none."""


class _Flags(IntFlag):
    HR_IS_16_BIT = 1
    CONTACT = 2
    CONTACT_SUPPORTED = 4
    ENERGY = 8
    RR = 16


@dataclass(frozen=True, slots=True)
class HeartRateMeasurement:
    """One Heart Rate Measurement (0x2A37).

    Parameters
    ----------
    hr
        Beats per minute as sent.
    has_reading
        False where the device says with ``hr`` that it has none.
    contact_supported
        Whether the device can tell if it touches the skin.
    contact
        Whether it does; None where it cannot tell.
    energy
        Kilojoules since they were reset; None where not sent.
    rr_1024
        RR intervals in 1/1024 s, oldest first.
    """

    hr: int
    has_reading: bool
    contact_supported: bool
    contact: bool | None
    energy: int | None
    rr_1024: tuple[int, ...]

    @property
    def rr_ms(self) -> tuple[float, ...]:
        """RR intervals in milliseconds, oldest first."""
        return tuple(rr * 1000 / RR_UNITS_PER_S for rr in self.rr_1024)


@dataclass(frozen=True, slots=True)
class BatteryLevel:
    """How full the battery is, in percent."""

    percent: int


def decode_measurement(data: bytes) -> HeartRateMeasurement:
    """Decode the value of the characteristic 0x2A37.

    Raises
    ------
    DecodeError
        If there are fewer or more bytes than the flags say.
    """
    frame = "heart rate measurement"
    require_size(frame, data, 2, len(data))
    flags = _Flags(data[0])
    is_16_bit = _Flags.HR_IS_16_BIT in flags
    energy_at = 3 if is_16_bit else 2
    rr_at = energy_at + 2 * (_Flags.ENERGY in flags)
    require_size(frame, data, rr_at, len(data) if _Flags.RR in flags else None)
    if (len(data) - rr_at) % 2:
        raise DecodeError(frame, "ends within an RR interval", data)

    hr = unpack_from("<H", data, 1)[0] if is_16_bit else data[1]
    contact_supported = _Flags.CONTACT_SUPPORTED in flags
    return HeartRateMeasurement(
        hr=hr,
        has_reading=hr != 0 and (is_16_bit or hr != LOW_CONFIDENCE_HR),
        contact_supported=contact_supported,
        contact=_Flags.CONTACT in flags if contact_supported else None,
        energy=unpack_from("<H", data, energy_at)[0] if _Flags.ENERGY in flags else None,
        rr_1024=unpack_from(f"<{(len(data) - rr_at) // 2}H", data, rr_at),
    )


def decode_battery_level(data: bytes) -> BatteryLevel:
    """Decode the value of the characteristic 0x2A19.

    Raises
    ------
    DecodeError
        If it is not one byte of 0 to 100.
    """
    frame = "battery level"
    require_size(frame, data, 1)
    if data[0] > FULL_PERCENT:
        raise DecodeError(frame, f"says {data[0]} %", data)
    return BatteryLevel(data[0])
