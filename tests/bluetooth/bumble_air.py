"""The air over bumble's virtual controllers: HCI, L2CAP, ATT, GATT and SMP between the same
wearables and the same backend of bleak as in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.exc import BleakBluetoothNotAvailableReason
from bleak.uuids import normalize_uuid_str
from bumble import att, core, gatt, gatt_client, hci, ll
from bumble.controller import Controller
from bumble.device import Advertisement as HeardAdvertisement
from bumble.device import Connection, Device, DeviceConfiguration
from bumble.link import LocalLink
from bumble.pairing import PairingConfig, PairingDelegate

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
from simulator.wearable.gatt import ATT_HEADER_BYTES, Characteristic, GattError, GattErrorCode
from simulator.wearable.wearable import Wearable

T = TypeVar("T")

CENTRAL_ADDRESS = "F0:00:00:00:00:01"
CENTRAL_MTU = 517
ADVERTISING_MS = 500

NOTIFY, INDICATE = 1, 2
"""Bits of a client characteristic configuration."""

PROPERTIES: dict[CharacteristicPropertyName, gatt.Characteristic.Properties] = {
    "read": gatt.Characteristic.Properties.READ,
    "write": gatt.Characteristic.Properties.WRITE,
    "notify": gatt.Characteristic.Properties.NOTIFY,
    "indicate": gatt.Characteristic.Properties.INDICATE,
}


class LossyLink(LocalLink):
    """A link on which some controllers neither hear nor are heard."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.silent: set[Controller] = set()

    def _hears(self, sender: Controller | None, address: hci.Address) -> bool:
        return sender not in self.silent and self.find_le_controller(address) not in self.silent

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: hci.Address,
        transport: core.PhysicalTransport,
        data: bytes,
    ) -> None:
        if self._hears(sender_controller, destination_address):
            super().send_acl_data(sender_controller, destination_address, transport, data)

    def send_advertising_pdu(
        self, sender_controller: Controller, packet: ll.AdvertisingPdu
    ) -> None:
        if sender_controller not in self.silent:
            super().send_advertising_pdu(sender_controller, packet)

    def send_ll_control_pdu(
        self,
        sender_address: hci.Address,
        receiver_address: hci.Address,
        packet: ll.ControlPdu,
    ) -> None:
        if self._hears(self.find_le_controller(sender_address), receiver_address):
            super().send_ll_control_pdu(sender_address, receiver_address, packet)


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
        self._radios: dict[str, _Radio] = {}

    @classmethod
    async def open(cls) -> BumbleAir:
        link = LossyLink()
        central, controller = await _power_on(link, "host", CENTRAL_ADDRESS)
        air = cls(link, central, controller)
        await central.start_scanning()
        return air

    async def place(self, wearable: Wearable, *, rssi: int = -60) -> None:
        device, controller = await _power_on(self._link, wearable.name, wearable.address)
        radio = _Radio(wearable, device, controller, self._link, self._controller, rssi)
        self._radios[wearable.address] = radio
        wearable.placed(radio)
        await device.start_advertising(
            auto_restart=True,
            advertising_data=_advertising_data(wearable),
            advertising_interval_min=ADVERTISING_MS,
            advertising_interval_max=ADVERTISING_MS,
        )

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


class _Radio:
    """The radio of one wearable."""

    def __init__(
        self,
        wearable: Wearable,
        device: Device,
        controller: Controller,
        link: LossyLink,
        central: Controller,
        rssi: int,
    ):
        self.wearable = wearable
        self.rssi = rssi
        self.keys_of_central = False
        self._device = device
        self._controller = controller
        self._link = link
        self._central = central
        self._connection: Connection | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self._characteristics: dict[str, gatt.Characteristic[bytes]] = {}
        device.gatt_server.max_mtu = wearable.max_mtu
        device.add_services([self._service(service) for service in wearable.services])
        device.on(Device.EVENT_CONNECTION, self._on_connection)
        device.pairing_config_factory = lambda _: PairingConfig(delegate=_Delegate(wearable))

    @property
    def connected(self) -> bool:
        return self._connection is not None

    @property
    def mtu(self) -> int:
        return att.ATT_DEFAULT_MTU if self._connection is None else self._connection.att_mtu

    def send(self, uuid: str, data: bytes) -> bool:
        connection, server = self._connection, self._device.gatt_server
        if connection is None:
            return False
        characteristic = self._characteristics[uuid]
        cccd = server.subscribers.get(connection, {}).get(characteristic.handle, bytes(2))
        carried = data[: self.mtu - ATT_HEADER_BYTES]
        if cccd[0] & NOTIFY:
            notification = att.ATT_Handle_Value_Notification(
                attribute_handle=characteristic.handle, attribute_value=carried
            )
            server.send_gatt_pdu(connection, bytes(notification))
        elif cccd[0] & INDICATE:
            self._start(server.indicate_subscriber(connection, characteristic, carried))
        else:
            return False
        return carried == data

    def disconnect(self) -> None:
        if self._connection is not None:
            self._start(self._connection.disconnect())

    def vanish(self, noticed_after_s: float | None) -> None:
        self._link.silent.add(self._controller)
        was_connected = self._connection is not None
        self._left()
        if was_connected and noticed_after_s is not None:
            asyncio.get_running_loop().call_later(
                noticed_after_s, _supervision_timeout, self._central, self.wearable.address
            )

    def come_back(self) -> None:
        self._link.silent.discard(self._controller)
        _supervision_timeout(self._controller, CENTRAL_ADDRESS)

    def _start(self, operation: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(operation)
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    def _on_connection(self, connection: Connection) -> None:
        self._connection = connection
        connection.on(Connection.EVENT_DISCONNECTION, lambda _: self._left())
        self.wearable.connected()

    def _left(self) -> None:
        for task in self._sending:
            task.cancel()
        if self._connection is not None:
            self._connection = None
            self.wearable.disconnected()

    def _service(self, service: Any) -> gatt.Service:
        return gatt.Service(
            service.uuid, [self._characteristic(one) for one in service.characteristics]
        )

    def _characteristic(self, described: Characteristic) -> gatt.Characteristic[bytes]:
        properties = gatt.Characteristic.Properties(0)
        for name in described.properties:
            properties |= PROPERTIES[name]

        def permit(connection: Any) -> None:
            if described.needs_bond and not connection.is_encrypted:
                raise att.ATT_Error(GattErrorCode.INSUFFICIENT_AUTHENTICATION)

        def read(connection: Any) -> bytes:
            permit(connection)
            if described.read is None:
                raise att.ATT_Error(GattErrorCode.READ_NOT_PERMITTED)
            return _answer(described.read)

        def write(connection: Any, data: bytes) -> None:
            permit(connection)
            accept = described.write
            if accept is None:
                raise att.ATT_Error(GattErrorCode.WRITE_NOT_PERMITTED)
            _answer(lambda: accept(data))

        def configure(connection: Any, data: bytes) -> None:
            permit(connection)
            server.write_cccd(connection, characteristic, data)
            if any(data):
                self.wearable.subscribed(described.uuid)
            else:
                self.wearable.unsubscribed(described.uuid)

        server = self._device.gatt_server
        anyone = gatt.Characteristic.READABLE | gatt.Characteristic.WRITEABLE
        characteristic: gatt.Characteristic[bytes] = gatt.Characteristic(
            described.uuid, properties, anyone, gatt.CharacteristicValue(read=read, write=write)
        )
        if {"notify", "indicate"} & {*described.properties}:
            configuration = att.AttributeValueV2(
                read=lambda bearer: server.read_cccd(bearer, characteristic), write=configure
            )
            characteristic.descriptors = [
                gatt.Descriptor(
                    gatt.GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR, anyone, configuration
                )
            ]
        self._characteristics[described.uuid] = characteristic
        return characteristic


class _Delegate(PairingDelegate):
    """Lets the wearable say whether it bonds."""

    def __init__(self, wearable: Wearable):
        super().__init__()
        self._wearable = wearable

    async def accept(self) -> bool:
        return self._wearable.accepts_bond(CENTRAL_ADDRESS)


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

    async def open(self, radio: _Radio) -> None:
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


GENERIC_SERVICES = {normalize_uuid_str("1800"), normalize_uuid_str("1801")}
"""Services of every GATT server, which bleak does not show on BlueZ."""


async def _power_on(link: LossyLink, name: str, address: str) -> tuple[Device, Controller]:
    controller = Controller(name, link=link)
    config = DeviceConfiguration(name=name, address=hci.Address(address))
    device = Device.from_config_with_hci(config, controller, controller)
    await device.power_on()
    return device, controller


def _supervision_timeout(controller: Controller, peer_address: str) -> None:
    """Have a controller notice that its peer is gone."""
    connection = controller.le_connections.get(hci.Address(peer_address))
    if connection is not None:
        controller.on_le_disconnected(connection, hci.HCI_CONNECTION_TIMEOUT_ERROR)


def _advertising_data(wearable: Wearable) -> bytes:
    kind = core.AdvertisingData.Type
    # bumble repeats the advertisement as the scan response, so that the name is in it at once.
    uuids = b"".join(core.UUID(uuid[4:8]).to_pdu_bytes() for uuid in wearable.advertised)
    fields = [
        (kind.FLAGS, bytes([0x06])),
        (kind.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, uuids),
        (kind.COMPLETE_LOCAL_NAME, wearable.name.encode()),
    ]
    return bytes(core.AdvertisingData([(int(number), data) for number, data in fields]))


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


def _answer(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except GattError as error:
        raise att.ATT_Error(error.code) from error
