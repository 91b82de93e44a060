"""What a simulated wearable offers over Bluetooth, and what it asks of the radio that carries it.

A wearable describes its services here and knows nothing of the stack below it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from bleak.assigned_numbers import CharacteristicPropertyName

__all__ = ["ATT_HEADER_BYTES", "Characteristic", "GattError", "GattErrorCode", "Radio", "Service"]

ATT_HEADER_BYTES = 3
"""Bytes of the MTU that a notification does not carry: operation and handle."""


class GattErrorCode(IntEnum):
    """The errors that the wearables answer with. Bluetooth Core Specification, Vol 3, Part F."""

    READ_NOT_PERMITTED = 0x02
    WRITE_NOT_PERMITTED = 0x03
    INSUFFICIENT_AUTHENTICATION = 0x05
    CCCD_IMPROPERLY_CONFIGURED = 0xFD
    PROCEDURE_ALREADY_IN_PROGRESS = 0xFE


class GattError(Exception):
    """A wearable refuses to read or write."""

    def __init__(self, code: GattErrorCode):
        self.code = code
        super().__init__(code.name)


@dataclass(frozen=True, slots=True)
class Characteristic:
    """A characteristic of a service.

    Parameters
    ----------
    uuid
        Its UUID in full.
    properties
        What can be done with it, by the names of bleak.
    read, write
        What happens then; either may raise `GattError`.
    needs_bond
        Whether reading, writing and subscribing need a bond.
    """

    uuid: str
    properties: tuple[CharacteristicPropertyName, ...]
    read: Callable[[], bytes] | None = None
    write: Callable[[bytes], None] | None = None
    needs_bond: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """A service and its characteristics."""

    uuid: str
    characteristics: tuple[Characteristic, ...]


class Radio(Protocol):
    """The radio of one wearable."""

    @property
    def mtu(self) -> int:
        """The MTU of the connection in bytes."""

    def send(self, uuid: str, data: bytes) -> bool:
        """Notify or indicate a value, as the central has subscribed.

        Returns
        -------
        Whether all of it goes to the central: it is in reach, has subscribed, and the MTU suffices.
        """

    def disconnect(self) -> None:
        """End the connection so that the central is told."""

    def vanish(self, noticed_after_s: float | None) -> None:
        """Fall silent in the midst of everything; the central's stack notices late or never."""

    def come_back(self) -> None:
        """Advertise again, without any connection."""
