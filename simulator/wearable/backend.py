"""A backend of bleak whose radio is an `Air`: the public API of bleak, and no Bluetooth.

It behaves as the BlueZ backend does where a collector could notice: errors, the order of callbacks,
and old clients that go on hearing notifications until they are disconnected.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
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
    LinkLostError,
    PairingRefusedError,
    SilentPeerError,
)
from simulator.wearable.gatt import ATT_HEADER_BYTES, GattError

__all__ = ["BedClient", "BedScanner", "Host", "client_of", "scanner_of"]

T = TypeVar("T")

ALREADY_CONNECTED = "org.bluez.Error.AlreadyConnected"
FAILED = "org.bluez.Error.Failed"
IN_PROGRESS = "org.bluez.Error.InProgress"
AUTHENTICATION_REJECTED = "org.bluez.Error.AuthenticationRejected"
"""Errors of BlueZ."""


class Host:
    """What the clients and scanners of one host share.

    Parameters
    ----------
    air
        What they hear.

    Attributes
    ----------
    keeps_old_callbacks
        Whether a client that lost its link, and was not disconnected, hears the notifications of
        the next one too, as on BlueZ.
    failing_connects
        How many of the next connections fail as on a busy BlueZ.
    disconnect_hangs
        Whether `BleakClient.disconnect` never returns, as when the daemon is hung.
    """

    def __init__(self, air: Air):
        self.air = air
        self.keeps_old_callbacks = True
        self.failing_connects = 0
        self.disconnect_hangs = False
        self.scanning = False
        self.connecting = False
        self.connected: set[str] = set()
        self.seen: set[str] = set()
        self._callbacks: dict[tuple[str, str], dict[BedClient, NotifyCallback]] = {}

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
        """Hand a notification to all who hear it."""
        for callback in [*self._callbacks.get((address, uuid), {}).values()]:
            callback(bytearray(data))


class BedScanner(BaseBleakScanner):
    """A scanner; make it with `scanner_of`."""

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
        self.host.seen.add(heard.address)
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
    """A client; make it with `client_of`."""

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
        self._link: CentralLink | None = None

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
        return self._link is not None

    async def connect(self, pair: bool, **kwargs: Any) -> None:
        """Connect and discover the services."""
        self.host.require_bluetooth()
        if self._link is not None:
            raise BleakError("Client is already connected")
        timeout_s = kwargs.get("timeout", self._timeout)
        if not self._found and self.address not in self.host.seen:
            await self._look(timeout_s)
        if self.host.failing_connects:
            self.host.failing_connects -= 1
            raise BleakDBusError(FAILED, ["le-connection-abort-by-local"])
        if self.host.connecting:
            raise BleakDBusError(IN_PROGRESS, ["Operation already in progress"])
        if self.address in self.host.connected:
            raise BleakDBusError(ALREADY_CONNECTED, ["Already Connected"])
        self.host.connecting = True
        try:
            async with asyncio.timeout(timeout_s):
                self._link = await self.host.air.connect(self.address, self._lost)
                self.host.connected.add(self.address)
                if pair:
                    await self.pair()
                self.services = await self._discover()
        except BaseException:
            await self._give_up()
            raise
        finally:
            self.host.connecting = False

    async def disconnect(self) -> None:
        """Disconnect; whatever happens, this client is free of its link afterwards."""
        self.host.ignore(self)
        link, self._link, self.services = self._link, None, None
        if link is None:
            return
        try:
            if self.host.disconnect_hangs:
                await asyncio.get_running_loop().create_future()
            await link.close()
            self.host.connected.discard(self.address)
        finally:
            if self._disconnected_callback is not None:
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

    def _require_link(self) -> CentralLink:
        if self._link is None:
            raise BleakError("Not connected")
        return self._link

    async def _look(self, timeout_s: float) -> None:
        """Scan for an address that no scan has found yet."""
        found = asyncio.Event()

        def hear(heard: Advertisement) -> None:
            self.host.seen.add(heard.address)
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

    async def _discover(self) -> BleakGATTServiceCollection:
        collection = BleakGATTServiceCollection()
        link = self._require_link()
        for found in await self._do(link.discover()):
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

    async def _give_up(self) -> None:
        """Leave nothing behind of a connection that failed halfway."""
        link, self._link = self._link, None
        if link is not None:
            self.host.connected.discard(self.address)
            await link.close()

    def _lost(self) -> None:
        self._link = self.services = None
        self.host.connected.discard(self.address)
        if not self.host.keeps_old_callbacks:
            self.host.ignore(self)
        if self._disconnected_callback is not None:
            self._disconnected_callback()


def scanner_of(host: Host) -> type[BedScanner]:
    """Return what `bleak.BleakScanner` takes as its backend."""
    return type("BedScanner", (BedScanner,), {"host": host})


def client_of(host: Host) -> type[BedClient]:
    """Return what `bleak.BleakClient` takes as its backend."""
    return type("BedClient", (BedClient,), {"host": host})


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
