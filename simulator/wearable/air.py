"""What lies between simulated wearables and the bleak backend: the air, and the links in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.exc import BleakBluetoothNotAvailableReason

__all__ = [
    "Advertisement",
    "Air",
    "CentralLink",
    "FoundCharacteristic",
    "FoundService",
    "LinkLostError",
    "Notify",
    "PairingRefusedError",
    "SilentPeerError",
]

Notify: TypeAlias = Callable[[bytes], None]


class LinkLostError(Exception):
    """The link was lost before the wearable answered."""


class SilentPeerError(Exception):
    """The wearable has not answered in the time that the protocol allows."""


class PairingRefusedError(Exception):
    """The wearable does not bond with this central."""


@dataclass(frozen=True, slots=True)
class Advertisement:
    """What a scanner hears of a wearable, the scan response included once that was heard."""

    address: str
    name: str | None
    service_uuids: tuple[str, ...]
    rssi: int


@dataclass(frozen=True, slots=True)
class FoundCharacteristic:
    """A characteristic as it was discovered."""

    handle: int
    uuid: str
    properties: tuple[CharacteristicPropertyName, ...]


@dataclass(frozen=True, slots=True)
class FoundService:
    """A service as it was discovered."""

    handle: int
    uuid: str
    characteristics: Sequence[FoundCharacteristic]


class CentralLink(Protocol):
    """The central's end of a connection.

    What waits for the wearable raises `GattError` where that refuses, `LinkLostError` where the
    link is lost meanwhile, and `SilentPeerError` where there is no answer.
    """

    @property
    def mtu(self) -> int:
        """The MTU in bytes."""

    async def discover(self) -> Sequence[FoundService]:
        """Discover all services."""

    async def read(self, handle: int) -> bytes:
        """Read a characteristic."""

    async def write(self, handle: int, data: bytes, *, response: bool) -> None:
        """Write a characteristic."""

    async def subscribe(self, handle: int, notify: Notify) -> None:
        """Have notifications or indications sent."""

    async def unsubscribe(self, handle: int) -> None:
        """Have them sent no more."""

    async def pair(self) -> None:
        """Bond; raises `PairingRefusedError`."""

    async def unpair(self) -> None:
        """Forget the bond on this side."""

    async def close(self) -> None:
        """End the connection."""


class Air(Protocol):
    """The host's Bluetooth, and what is around it."""

    unavailable: BleakBluetoothNotAvailableReason | None
    """Set it to take Bluetooth away from the host."""

    def listen(self, heard: Callable[[Advertisement], None]) -> Callable[[], None]:
        """Hear advertisements, until the function that is returned is called."""

    async def connect(self, address: str, lost: Callable[[], None]) -> CentralLink:
        """Connect to a wearable as soon as it advertises, however long that takes.

        Parameters
        ----------
        address
            Of the wearable.
        lost
            Called when the central's stack learns that the link is lost; not after `close`.
        """
