"""A lamp: what a scan finds beside wearables, and what speaks nothing that a night could use."""

from __future__ import annotations

import numpy as np

from simulator.wearable.body import Body
from simulator.wearable.gatt import Characteristic, Service
from simulator.wearable.wearable import DEVICE_INFORMATION, FIRMWARE_REVISION, Wearable

__all__ = ["Lamp"]


class Lamp(Wearable):
    """A lamp that nobody wears."""

    def __init__(self, name: str = "Lamp", address: str = "C0:00:00:00:00:05"):
        super().__init__(name, address, Body(np.zeros((1, 3)), np.zeros(1), np.zeros(1, bool)))

    @property
    def advertised(self) -> tuple[str, ...]:
        """Nothing that measures."""
        return (DEVICE_INFORMATION,)

    @property
    def services(self) -> tuple[Service, ...]:
        """What it is."""
        firmware = Characteristic(FIRMWARE_REVISION, ("read",), read=lambda: b"1.0")
        return (Service(DEVICE_INFORMATION, (firmware,)),)
