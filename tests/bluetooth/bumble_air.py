"""The air over bumble's virtual controllers: HCI, L2CAP, ATT, GATT and SMP between the same
wearables and the same backend of bleak as in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from bleak.exc import BleakBluetoothNotAvailableReason
from bleak.uuids import normalize_uuid_str
from bumble import att, core, gatt_client, hci
from bumble.controller import Controller
from bumble.device import Advertisement as HeardAdvertisement
from bumble.device import Connection, Device

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
from simulator.wearable.gatt import GattError, GattErrorCode
from simulator.wearable.wearable import Wearable
from tests.bluetooth.bumble_radio import (
    CENTRAL_ADDRESS,
    PROPERTIES,
    BumbleRadio,
    LossyLink,
    power_on,
)

T = TypeVar("T")

CENTRAL_MTU = 517

GENERIC_SERVICES = {normalize_uuid_str("1800"), normalize_uuid_str("1801")}
"""Services of every GATT server, which bleak does not show on BlueZ."""


class BumbleAir:
    """An air of virtual controllers; make it with `BumbleAir.open`."""

    def __init__(self, link: LossyLink, central: Device, controller: Controller) -> None:
        self.unavailable: BleakBluetoothNotAvailableReason | None = None
        self.host = Host(self)
        self.scanner: type[BedScanner] = self.host.scanner
        self.client: type[BedClient] = self.host.client
        self._link = link
        self._central = central
        self._controller = controller
        self._radios: dict[str, BumbleRadio] = {}

    @classmethod
    async def open(cls) -> BumbleAir:
        link = LossyLink()
        central, controller = await power_on(link, "host", CENTRAL_ADDRESS)
        air = cls(link, central, controller)
        await central.start_scanning()
        return air

    async def place(self, wearable: Wearable, *, rssi: int = -60) -> None:
        device, controller = await power_on(self._link, wearable.name, wearable.address)
        radio = BumbleRadio(wearable, device, controller, self._link, self._controller, rssi)
        self._radios[wearable.address] = radio
        wearable.placed(radio)
        await radio.advertise()

    def listen(self, heard: Callable[[Advertisement], None]) -> Callable[[], None]:
        def on_advertisement(advertisement: HeardAdvertisement) -> None:
            address = advertisement.address.to_string(False)
            # A virtual controller hears everything at the same strength.
            rssi = self._radios[address].rssi
            heard(_heard(address, advertisement.data, rssi))

        self._central.on(Device.EVENT_ADVERTISEMENT, on_advertisement)
        return lambda: self._central.remove_listener(Device.EVENT_ADVERTISEMENT, on_advertisement)

    async def connect(self, address: str, lost: Callable[[], None]) -> _Link:
        # bumble's controller does not forget a connection that was given up, so that it would
        # come about at the next advertisement: ask for one only when the wearable is there.
        there = asyncio.Event()

        def hear(advertisement: Advertisement) -> None:
            if advertisement.address == address:
                there.set()

        stop = self.listen(hear)
        try:
            await there.wait()
        finally:
            stop()
        try:
            connection = await self._central.connect(hci.Address(address))
        except asyncio.CancelledError:
            self._controller.pending_le_connection = None
            raise
        link = _Link(connection, lost)
        await link.open(self._radios[address])
        return link


class _Link:
    """The central's end of a connection."""

    def __init__(self, connection: Connection, lost: Callable[[], None]):
        self._connection = connection
        self._lost = lost
        self._gatt = gatt_client.Client(connection)
        connection.gatt_client = self._gatt
        self._closing = False
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._characteristics: dict[int, gatt_client.CharacteristicProxy[bytes]] = {}
        self._notified: dict[int, Notify] = {}
        connection.on(Connection.EVENT_DISCONNECTION, self._on_disconnection)

    async def open(self, radio: BumbleRadio) -> None:
        await self._answer(self._gatt.request_mtu(CENTRAL_MTU))
        self._radio = radio
        if CENTRAL_ADDRESS in radio.wearable.bonds and radio.keys_of_central:
            await self._answer(self._connection.encrypt())

    @property
    def mtu(self) -> int:
        return self._connection.att_mtu

    async def discover(self) -> Sequence[FoundService]:
        found = []
        for service in await self._answer(self._gatt.discover_services()):
            characteristics = await self._answer(service.discover_characteristics())
            self._characteristics |= {one.handle: one for one in characteristics}
            uuid = _uuid(service.uuid)
            if uuid not in GENERIC_SERVICES:
                described = [_found(one) for one in characteristics]
                found.append(FoundService(service.handle, uuid, described))
        return found

    async def read(self, handle: int) -> bytes:
        return await self._answer(self._gatt.read_value(handle))

    async def write(self, handle: int, data: bytes, *, response: bool) -> None:
        await self._answer(self._gatt.write_value(handle, data, with_response=response))

    async def subscribe(self, handle: int, notify: Notify) -> None:
        self._notified[handle] = notify
        await self._answer(self._gatt.subscribe(self._characteristics[handle], notify))

    async def unsubscribe(self, handle: int) -> None:
        characteristic = self._characteristics[handle]
        await self._answer(self._gatt.unsubscribe(characteristic, self._notified.pop(handle, None)))

    async def pair(self) -> None:
        try:
            await self._answer(self._connection.pair())
        except core.ProtocolError as error:
            raise PairingRefusedError from error
        self._radio.keys_of_central = True

    async def unpair(self) -> None:
        self._radio.keys_of_central = False

    async def close(self) -> None:
        self._closing = True
        if not self._ended.done():
            await self._connection.disconnect()

    def _on_disconnection(self, _reason: int) -> None:
        self._ended.set_result(None)
        if not self._closing:
            self._lost()

    async def _answer(self, operation: Awaitable[T]) -> T:
        """Wait for an answer of the wearable, or the end of the link."""
        asked = asyncio.ensure_future(operation)
        try:
            waited: set[asyncio.Future[Any]] = {asked, self._ended}
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            asked.cancel()
            raise
        if self._ended.done():
            asked.cancel()
            raise LinkLostError
        try:
            return asked.result()
        except att.ATT_Error as error:
            raise GattError(GattErrorCode(error.error_code)) from error
        except core.TimeoutError as error:
            # The protocol allows nothing more on a link after this.
            await self._connection.disconnect()
            raise SilentPeerError from error


def _heard(address: str, data: core.AdvertisingData, rssi: int) -> Advertisement:
    kind = core.AdvertisingData.Type
    uuids = data.get(kind.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS) or []
    name = data.get(kind.COMPLETE_LOCAL_NAME)
    return Advertisement(address, name, tuple(map(_uuid, uuids)), rssi)


def _found(characteristic: gatt_client.CharacteristicProxy[bytes]) -> FoundCharacteristic:
    names = tuple(name for name, bit in PROPERTIES.items() if bit & characteristic.properties)
    return FoundCharacteristic(characteristic.handle, _uuid(characteristic.uuid), names)


def _uuid(uuid: core.UUID) -> str:
    return normalize_uuid_str(uuid.to_hex_str("-"))
