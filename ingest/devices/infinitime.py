"""A PineTime with InfiniTime: its motion values.

Its heart rate is the Heart Rate Service in the shortest form, read by
`ingest.devices.heart_rate_service`. Both notify only when a value changes. Layout: InfiniTime,
doc/MotionService.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import unpack

from ingest.devices.packed import require_size

__all__ = ["MOTION_SERVICE", "MOTION_VALUES", "Motion", "decode_motion"]

MOTION_SERVICE = "00030000-78fc-48fe-8e23-433b3a1942d0"
"""UUID of the service."""
MOTION_VALUES = "00030002-78fc-48fe-8e23-433b3a1942d0"
"""UUID of the characteristic that notifies the acceleration, and can be read."""

COUNTS_PER_G = 1024
"""Counts in one g."""


@dataclass(frozen=True, slots=True)
class Motion:
    """One sample of acceleration, without a time of its own.

    Parameters
    ----------
    xyz_counts
        Acceleration along x, y and z, 1024 to the g.
    """

    xyz_counts: tuple[int, int, int]

    @property
    def xyz_mg(self) -> tuple[float, float, float]:
        """Acceleration along x, y and z in thousandths of a g."""
        x, y, z = (1000 * count / COUNTS_PER_G for count in self.xyz_counts)
        return x, y, z


def decode_motion(data: bytes) -> Motion:
    """Decode the value of the characteristic 00030002.

    Raises
    ------
    DecodeError
        If it is not 6 bytes.
    """
    require_size("InfiniTime motion values", data, 6)
    x, y, z = unpack("<3h", data)
    return Motion((x, y, z))
