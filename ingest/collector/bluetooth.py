"""What the collector asks of Bluetooth: the part of bleak's public API that it uses, and no more.

`bleak.BleakClient` and `bleak.BleakScanner` fit as they are, and so does whatever a test puts in
their place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Protocol, TypeAlias, TypeVar

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.backends.service import BleakGATTServiceCollection

__all__ = [
    "Client",
    "ClientFactory",
    "OnSeen",
    "Recover",
    "Scanner",
    "ScannerFactory",
    "abandon",
    "within",
]

T = TypeVar("T")

CANCEL_S = 2.0
"""Seconds that a cancelled operation of a Bluetooth stack may take to end."""


class Client(Protocol):
    """A connection; see `bleak.BleakClient`."""

    @property
    def services(self) -> BleakGATTServiceCollection:
        """What the device offers, once connected."""

    async def connect(self) -> None:
        """Connect."""

    async def disconnect(self) -> None:
        """Disconnect."""

    async def pair(self) -> None:
        """Bond."""

    async def read_gatt_char(self, char_specifier: BleakGATTCharacteristic, /) -> bytearray:
        """Read."""

    async def write_gatt_char(
        self, char_specifier: BleakGATTCharacteristic, /, data: bytes, response: bool
    ) -> None:
        """Write."""

    async def start_notify(
        self,
        char_specifier: BleakGATTCharacteristic,
        /,
        callback: Callable[[BleakGATTCharacteristic, bytearray], None],
    ) -> None:
        """Subscribe."""

    async def stop_notify(self, char_specifier: BleakGATTCharacteristic, /) -> None:
        """Unsubscribe."""


class Scanner(Protocol):
    """A scan; see `bleak.BleakScanner`."""

    async def start(self) -> None:
        """Begin to hear."""

    async def stop(self) -> None:
        """End."""


OnSeen: TypeAlias = Callable[[BLEDevice, AdvertisementData], None]
ScannerFactory: TypeAlias = Callable[[OnSeen], Scanner]
ClientFactory: TypeAlias = Callable[[BLEDevice, Callable[[BleakClient], None]], Client]
Recover: TypeAlias = Callable[[bool], Awaitable[bool]]
"""Brings a Bluetooth adapter that hangs back to life: told whether the time before was in vain, it
tells whether there was one to reset."""


async def within(seconds: float, operation: Awaitable[T]) -> T:
    """Wait for an operation of the radio, and no longer than it may take.

    `asyncio.timeout` waits for what it has cancelled; a Bluetooth stack that hangs does not end
    then either, and has to be left behind.

    Raises
    ------
    TimeoutError
        If it takes longer.
    """
    task = asyncio.ensure_future(operation)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
        if not done:
            raise TimeoutError(f"no answer within {seconds:g} s")
        return task.result()
    finally:
        await abandon(task)


async def abandon(task: asyncio.Future[Any]) -> None:
    """Cancel an operation, and wait a moment for its end."""
    # Asking for the outcome, now or later, keeps asyncio from reporting it as forgotten.
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    if task.cancel():
        with suppress(asyncio.CancelledError):
            await asyncio.wait({task}, timeout=CANCEL_S)
