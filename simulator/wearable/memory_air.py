"""The air without a Bluetooth stack: notifications are handed over in memory.

Cheap enough for whole nights of wearables that notify ten times a second. What wearables do is the
same as over a real stack; what is left out is the stack's own behaviour.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from bleak.exc import BleakBluetoothNotAvailableReason

from simulator.wearable.air import (
    Advertisement,
    FoundCharacteristic,
    FoundService,
    LinkLostError,
    Notify,
    PairingRefusedError,
    SilentPeerError,
)
from simulator.wearable.backend import BedClient, BedScanner, Host
from simulator.wearable.gatt import (
    ATT_HEADER_BYTES,
    Characteristic,
    GattError,
    GattErrorCode,
)
from simulator.wearable.stream import Steps, Stream
from simulator.wearable.wearable import Wearable

__all__ = ["MemoryAir"]

ADVERTISING_S = 0.5
"""Seconds between two advertisements: common intervals are 0.1 to 1 s."""
CONNECT_S = 0.15
"""Seconds that a connection takes."""
DISCOVER_S = 0.8
"""Seconds to discover the services."""
ROUND_TRIP_S = 0.06
"""Seconds until an answer: two connection intervals."""
ANSWER_TIMEOUT_S = 30.0
"""Seconds after which a request without an answer has failed. Core Specification, Vol 3, Part F,
3.3.3."""
CENTRAL_MTU = 517
"""Largest MTU that the central asks for: BlueZ's."""
CENTRAL_NAME = "this host"
"""How the wearables know the central."""


class MemoryAir:
    """An air in memory.

    Attributes
    ----------
    host
        What the backend of bleak can be made to do.
    scanner, client
        Backends for `bleak.BleakScanner` and `bleak.BleakClient`.
    """

    def __init__(self) -> None:
        self.unavailable: BleakBluetoothNotAvailableReason | None = None
        self.host = Host(self)
        self.scanner: type[BedScanner] = self.host.scanner
        self.client: type[BedClient] = self.host.client
        self._radios: dict[str, _Radio] = {}

    async def place(self, wearable: Wearable, *, rssi: int = -60) -> None:
        """Put a wearable into reach.

        Parameters
        ----------
        wearable
            Begins to measure.
        rssi
            How strong it is heard in dBm.
        """
        radio = self._radios[wearable.address] = _Radio(wearable, rssi)
        wearable.placed(radio)

    def listen(self, heard: Callable[[Advertisement], None]) -> Callable[[], None]:
        """Hear advertisements, first without and then with the name in the scan response."""

        def steps() -> Steps:
            while True:
                yield asyncio.get_running_loop().time() + ADVERTISING_S
                for radio in [*self._radios.values()]:
                    if radio.advertising:
                        heard(radio.advertisement(None))
                        heard(radio.advertisement(radio.wearable.name))

        stream = Stream(steps)
        stream.start()
        return stream.stop

    async def connect(self, address: str, lost: Callable[[], None]) -> _Link:
        """Connect to a wearable as soon as it advertises."""
        radio = self._radios.get(address)
        while radio is None or not radio.advertising:
            await asyncio.sleep(ADVERTISING_S)
            radio = self._radios.get(address)
        await asyncio.sleep(CONNECT_S)
        return _Link(radio, lost)


class _Radio:
    """The radio of one wearable."""

    def __init__(self, wearable: Wearable, rssi: int):
        self.wearable = wearable
        self.advertising = True
        self.link: _Link | None = None
        self._rssi = rssi

    @property
    def mtu(self) -> int:
        return min(CENTRAL_MTU, self.wearable.max_mtu)

    def advertisement(self, name: str | None) -> Advertisement:
        wearable = self.wearable
        return Advertisement(wearable.address, name, wearable.advertised, self._rssi)

    def send(self, uuid: str, data: bytes) -> bool:
        notify = None if self.link is None else self.link.subscriptions.get(uuid)
        if notify is None:
            return False
        notify(data[: self.mtu - ATT_HEADER_BYTES])
        return len(data) <= self.mtu - ATT_HEADER_BYTES

    def disconnect(self) -> None:
        if self.link is not None:
            self.end()
            self.advertising = True

    def vanish(self, noticed_after_s: float | None) -> None:
        self.advertising = False
        link = self.link
        if link is not None:
            self.leave()
            if noticed_after_s is not None:
                asyncio.get_running_loop().call_later(noticed_after_s, link.lose)

    def come_back(self) -> None:
        self.leave()
        self.advertising = True

    def end(self) -> None:
        """End the connection so that both sides know."""
        link = self.link
        self.leave()
        if link is not None:
            link.lose()

    def leave(self) -> None:
        """Forget the connection on the wearable's side."""
        if self.link is not None:
            self.link = None
            self.wearable.disconnected()


class _Link:
    """The central's end of a connection."""

    def __init__(self, radio: _Radio, lost: Callable[[], None]):
        self.subscriptions: dict[str, Notify] = {}
        self._radio = radio
        self._lost = lost
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._bonded = CENTRAL_NAME in radio.wearable.bonds
        self._table = {
            10 * number + place: characteristic
            for number, service in enumerate(radio.wearable.services, start=1)
            for place, characteristic in enumerate(service.characteristics, start=1)
        }
        if not radio.advertising:
            raise LinkLostError
        radio.advertising = False
        radio.link = self

    @property
    def mtu(self) -> int:
        return self._radio.mtu

    async def discover(self) -> Sequence[FoundService]:
        await self._answer(DISCOVER_S)
        return [
            FoundService(
                10 * number,
                service.uuid,
                [
                    FoundCharacteristic(10 * number + place, found.uuid, found.properties)
                    for place, found in enumerate(service.characteristics, start=1)
                ],
            )
            for number, service in enumerate(self._radio.wearable.services, start=1)
        ]

    async def read(self, handle: int) -> bytes:
        await self._answer()
        characteristic = self._permitted(handle)
        if characteristic.read is None:
            raise GattError(GattErrorCode.READ_NOT_PERMITTED)
        return characteristic.read()

    async def write(self, handle: int, data: bytes, *, response: bool) -> None:
        await self._answer()
        characteristic = self._permitted(handle)
        if characteristic.write is None:
            raise GattError(GattErrorCode.WRITE_NOT_PERMITTED)
        characteristic.write(data)

    async def subscribe(self, handle: int, notify: Notify) -> None:
        await self._answer()
        uuid = self._permitted(handle).uuid
        self.subscriptions[uuid] = notify
        self._radio.wearable.subscribed(uuid)

    async def unsubscribe(self, handle: int) -> None:
        await self._answer()
        uuid = self._table[handle].uuid
        self.subscriptions.pop(uuid, None)
        self._radio.wearable.unsubscribed(uuid)

    async def pair(self) -> None:
        await self._answer()
        if not self._radio.wearable.accepts_bond(CENTRAL_NAME):
            raise PairingRefusedError
        self._bonded = True

    async def unpair(self) -> None:
        self._bonded = False

    async def close(self) -> None:
        self._end()
        if self._radio.link is self:
            self._radio.leave()
            self._radio.advertising = True
        await asyncio.sleep(ROUND_TRIP_S)

    def lose(self) -> None:
        """Tell the central that the link is lost."""
        if not self._ended.done():
            self._end()
            self._lost()

    def _end(self) -> None:
        if not self._ended.done():
            self._ended.set_result(None)

    def _permitted(self, handle: int) -> Characteristic:
        characteristic = self._table[handle]
        if characteristic.needs_bond and not self._bonded:
            raise GattError(GattErrorCode.INSUFFICIENT_AUTHENTICATION)
        return characteristic

    async def _answer(self, after_s: float = ROUND_TRIP_S) -> None:
        """Wait until the wearable answers."""
        await self._wait(after_s)
        if self._radio.link is not self:
            await self._wait(ANSWER_TIMEOUT_S - after_s)
            # The protocol allows nothing more on a link after this.
            self.lose()
            raise SilentPeerError

    async def _wait(self, seconds: float) -> None:
        await asyncio.wait([self._ended], timeout=seconds)
        if self._ended.done():
            raise LinkLostError
