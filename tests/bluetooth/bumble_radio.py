"""Simulated wearables as GATT servers on bumble's virtual controllers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from bleak.assigned_numbers import CharacteristicPropertyName
from bumble import att, core, gatt, hci, ll
from bumble.controller import Controller
from bumble.device import Connection, Device, DeviceConfiguration
from bumble.link import LocalLink
from bumble.pairing import PairingConfig, PairingDelegate

from simulator.wearable.gatt import (
    ATT_HEADER_BYTES,
    Characteristic,
    GattError,
    GattErrorCode,
    Service,
)
from simulator.wearable.wearable import Wearable

T = TypeVar("T")

CENTRAL_ADDRESS = "F0:00:00:00:00:01"
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


class BumbleRadio:
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

    async def advertise(self) -> None:
        """Advertise whenever nobody is connected."""
        await self._device.start_advertising(
            auto_restart=True,
            advertising_data=_advertising_data(self.wearable),
            advertising_interval_min=ADVERTISING_MS,
            advertising_interval_max=ADVERTISING_MS,
        )

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

    def _left(self) -> None:
        for task in self._sending:
            task.cancel()
        if self._connection is not None:
            self._connection = None
            self.wearable.disconnected()

    def _service(self, service: Service) -> gatt.Service:
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


async def power_on(link: LossyLink, name: str, address: str) -> tuple[Device, Controller]:
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


def _answer(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except GattError as error:
        raise att.ATT_Error(error.code) from error
