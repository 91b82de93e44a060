"""A backend of bleak whose radio is an `Air`: the public API of bleak, and no Bluetooth.

It behaves as the BlueZ backend does where a collector could notice: errors, the order of callbacks,
a connection that outlives the client that made it, and notifications that come once more for each
old client that was not disconnected.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bleak import BleakClient, BleakScanner
from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import (
    AdvertisementData,
    AdvertisementDataCallback,
    BaseBleakScanner,
)
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)

from simulator.wearable.air import (
    Advertisement,
    Air,
    CentralLink,
    FoundService,
    LinkLostError,
    PairingRefusedError,
    SilentPeerError,
)
from simulator.wearable.gatt import ATT_HEADER_BYTES, GattError

__all__ = ["BedClient", "BedScanner", "Host"]

T = TypeVar("T")

FAILED = "org.bluez.Error.Failed"
IN_PROGRESS = "org.bluez.Error.InProgress"
AUTHENTICATION_REJECTED = "org.bluez.Error.AuthenticationRejected"
"""Errors of BlueZ."""


@dataclass(eq=False)
class _Connection:
    """A connection of the host, and the clients that use it."""

    link: CentralLink
    services: Sequence[FoundService] | None = None
    clients: set[BedClient] = field(default_factory=set)


class Host:
    """What the clients and scanners of one host share.

    Parameters
    ----------
    air
        What they hear.

    Attributes
    ----------
    scanner, client
        Backends for `bleak.BleakScanner` and `bleak.BleakClient`.
    failing_connects
        How many of the next connections fail as on a busy BlueZ.
    disconnect_hangs
        Whether `BleakClient.disconnect` never returns, as when the daemon is hung.
    """

    def __init__(self, air: Air):
        self.air = air
        self.scanner: type[BedScanner] = type("BedScanner", (BedScanner,), {"host": self})
        self.client: type[BedClient] = type("BedClient", (BedClient,), {"host": self})
        self.failing_connects = 0
        self.disconnect_hangs = False
        self.scanning = False
        self.connecting = False
        self.connections: dict[str, _Connection] = {}
        self.seen: dict[str, str | None] = {}
        self._callbacks: dict[tuple[str, str], dict[BedClient, NotifyCallback]] = {}

    def new_scanner(self, seen: AdvertisementDataCallback) -> BleakScanner:
        """Return a scanner of bleak."""
        return BleakScanner(seen, backend=self.scanner)

    def new_client(self, device: BLEDevice, lost: Callable[[BleakClient], None]) -> BleakClient:
        """Return a client of bleak."""
        return BleakClient(device, lost, backend=self.client)

    async def connected_devices(self) -> list[BLEDevice]:
        """Return the wearables that the host holds a connection with, whoever made it."""
        return [BLEDevice(address, self.seen.get(address), None) for address in self.connections]

    def require_bluetooth(self) -> None:
        """Raise what bleak raises without Bluetooth."""
        reason = self.air.unavailable
        if reason is not None:
            raise BleakBluetoothNotAvailableError(f"no Bluetooth: {reason.name}", reason)

    def listen(self, client: BedClient, uuid: str, callback: NotifyCallback) -> None:
        """Have a client hear a characteristic of its wearable."""
        self._callbacks.setdefault((client.address, uuid), {})[client] = callback

    def ignore(self, client: BedClient, uuid: str | None = None) -> None:
        """Have a client hear one characteristic no more, or none."""
        for (_, heard), callbacks in self._callbacks.items():
            if uuid in (None, heard):
                callbacks.pop(client, None)

    def notify(self, address: str, uuid: str, data: bytes) -> None:
        """Hand a notification to all who hear it, as often as clients have asked for it.

        It comes once more for each client that lost its link and was not disconnected, as on BlueZ
        (bleak, issue 2002).
        """
        callbacks = self._callbacks.get((address, uuid), {})
        for client, callback in [*callbacks.items()]:
            for _ in range(len(callbacks) if client.is_connected else 0):
                callback(bytearray(data))

    async def connect(self, address: str) -> _Connection:
        """Connect, or share a connection that is there, alive or not."""
        if address in self.connections:
            return self.connections[address]
        if self.failing_connects:
            self.failing_connects -= 1
            raise BleakDBusError(FAILED, ["Software caused connection abort"])
        if self.connecting:
            raise BleakDBusError(IN_PROGRESS, ["Operation already in progress"])
        self.connecting = True
        try:
            link = await self.air.connect(address, lambda: self.lost(address))
        finally:
            self.connecting = False
        self.connections[address] = _Connection(link)
        return self.connections[address]

    def lost(self, address: str) -> None:
        """Take note that a connection is no more, and tell its clients."""
        connection = self.connections.pop(address, None)
        for client in [*connection.clients] if connection else []:
            client.lost()


class BedScanner(BaseBleakScanner):
    """A scanner; `Host.scanner` is one of a host."""

    host: Host

    def __init__(
        self,
        detection_callback: Any = None,
        service_uuids: list[str] | None = None,
        scanning_mode: str = "active",
        **kwargs: Any,
    ):
        super().__init__(detection_callback, service_uuids)
        self._stop: Callable[[], None] | None = None

    async def start(self) -> None:
        """Begin to scan; one scanner at a time."""
        self.host.require_bluetooth()
        if self.host.scanning:
            raise BleakDBusError(IN_PROGRESS, ["Operation already in progress"])
        self.host.scanning = True
        self.seen_devices = {}
        self._stop = self.host.air.listen(self._hear)

    async def stop(self) -> None:
        """Stop, if begun."""
        if self._stop is not None:
            self._stop()
            self._stop = None
            self.host.scanning = False

    def _hear(self, heard: Advertisement) -> None:
        self.host.seen[heard.address] = heard.name
        data = AdvertisementData(
            local_name=heard.name,
            manufacturer_data={},
            service_data={},
            service_uuids=list(heard.service_uuids),
            tx_power=None,
            rssi=heard.rssi,
            platform_data=(),
        )
        if self.is_allowed_uuid(data.service_uuids):
            device = self.create_or_update_device(
                heard.address, heard.address, heard.name, None, data
            )
            self.call_detection_callbacks(device, data)


class BedClient(BaseBleakClient):
    """A client; `Host.client` is one of a host."""

    host: Host

    def __init__(self, address_or_ble_device: BLEDevice | str, **kwargs: Any):
        super().__init__(
            address_or_ble_device,
            disconnected_callback=kwargs["disconnected_callback"],
            timeout=kwargs["timeout"],
        )
        self._name: str | None = None
        self._found = False
        if isinstance(address_or_ble_device, BLEDevice):
            self._name = address_or_ble_device.name
            self._found = True
        self._connection: _Connection | None = None

    @property
    def name(self) -> str:
        """The name of the wearable, or its address."""
        return self._name or self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        """The MTU of the connection."""
        return self._require_link().mtu

    @property
    def is_connected(self) -> bool:
        """Whether the host's stack believes so."""
        return self._connection is not None

    async def connect(self, pair: bool, **kwargs: Any) -> None:
        """Connect and discover the services."""
        self.host.require_bluetooth()
        if self._connection is not None:
            raise BleakError("Client is already connected")
        timeout_s = kwargs.get("timeout", self._timeout)
        if not self._found and self.address not in self.host.seen:
            await self._look(timeout_s)
        try:
            async with asyncio.timeout(timeout_s):
                with _bleak_errors():
                    connection = self._connection = await self.host.connect(self.address)
                connection.clients.add(self)
                if pair:
                    await self.pair()
                self.services = await self._discover(connection)
        except BaseException:
            await self._leave()
            raise

    async def disconnect(self) -> None:
        """Disconnect; whatever happens, this client is free of its connection afterwards."""
        self.host.ignore(self)
        was_connected = self.is_connected
        try:
            await self._leave(hangs=self.host.disconnect_hangs)
        finally:
            if was_connected and self._disconnected_callback is not None:
                self._disconnected_callback()

    async def pair(self, *args: Any, **kwargs: Any) -> None:
        """Bond with the wearable."""
        try:
            await self._do(self._require_link().pair())
        except PairingRefusedError as error:
            raise BleakDBusError(AUTHENTICATION_REJECTED, ["Authentication Rejected"]) from error

    async def unpair(self) -> None:
        """Forget the bond and disconnect."""
        await self._do(self._require_link().unpair())
        await self.disconnect()

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        """Read a characteristic from the wearable."""
        return bytearray(await self._do(self._require_link().read(characteristic.handle)))

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool
    ) -> None:
        """Write a characteristic."""
        link = self._require_link()
        await self._do(link.write(characteristic.handle, bytes(data), response=response))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **kwargs: Any
    ) -> None:
        """Hear a characteristic."""
        link, uuid = self._require_link(), characteristic.uuid

        def notify(data: bytes) -> None:
            self.host.notify(self.address, uuid, data)

        self.host.listen(self, uuid, callback)
        try:
            await self._do(link.subscribe(characteristic.handle, notify))
        except BaseException:
            self.host.ignore(self, uuid)
            raise

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Hear it no more."""
        self.host.ignore(self, characteristic.uuid)
        await self._do(self._require_link().unsubscribe(characteristic.handle))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        """Refuse: the wearables here have no descriptors."""
        raise BleakError("there are no descriptors in this air")

    async def write_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, data: SizedBuffer
    ) -> None:
        """Refuse: the wearables here have no descriptors."""
        raise BleakError("there are no descriptors in this air")

    def lost(self) -> None:
        """Take note that the connection is no more."""
        self._connection = self.services = None
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    def _require_link(self) -> CentralLink:
        if self._connection is None:
            raise BleakError("Not connected")
        return self._connection.link

    async def _look(self, timeout_s: float) -> None:
        """Scan for an address that no scan has found yet."""
        found = asyncio.Event()

        def hear(heard: Advertisement) -> None:
            self.host.seen[heard.address] = heard.name
            if heard.address == self.address:
                found.set()

        stop = self.host.air.listen(hear)
        try:
            async with asyncio.timeout(timeout_s):
                await found.wait()
        except TimeoutError:
            raise BleakDeviceNotFoundError(
                self.address, f"Device with address {self.address} was not found."
            ) from None
        finally:
            stop()

    async def _discover(self, connection: _Connection) -> BleakGATTServiceCollection:
        link = connection.link
        if connection.services is None:
            connection.services = await self._do(link.discover())
        collection = BleakGATTServiceCollection()
        for found in connection.services:
            service = BleakGATTService(None, found.handle, found.uuid)
            collection.add_service(service)
            for characteristic in found.characteristics:
                collection.add_characteristic(
                    BleakGATTCharacteristic(
                        None,
                        characteristic.handle,
                        characteristic.uuid,
                        list(characteristic.properties),
                        lambda: link.mtu - ATT_HEADER_BYTES,
                        service,
                    )
                )
        return collection

    async def _do(self, operation: Awaitable[T]) -> T:
        with _bleak_errors():
            return await operation

    async def _leave(self, *, hangs: bool = False) -> None:
        """End the connection, for all who share it."""
        connection, self._connection, self.services = self._connection, None, None
        if connection is None:
            return
        connection.clients.discard(self)
        if hangs:
            await asyncio.get_running_loop().create_future()
        try:
            await connection.link.close()
        finally:
            self.host.lost(self.address)


@contextlib.contextmanager
def _bleak_errors() -> Iterator[None]:
    """Raise bleak's errors in place of the air's."""
    try:
        yield
    except GattError as error:
        raise BleakGATTProtocolError(error.code) from error
    except LinkLostError as error:
        raise BleakError("disconnected") from error
    except SilentPeerError as error:
        raise BleakDBusError(FAILED, ["Operation failed with ATT error: 0x0e"]) from error
