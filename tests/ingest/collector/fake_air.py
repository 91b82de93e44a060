"""Wearables in memory, reached through the part of bleak's API that the collector uses."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError

from ingest.collector.bluetooth import OnSeen

Notify = Callable[[BleakGATTCharacteristic, bytearray], None]


def services_of(uuids: Sequence[str]) -> BleakGATTServiceCollection:
    found = BleakGATTServiceCollection()
    service = BleakGATTService(None, 1, "0000180d-0000-1000-8000-00805f9b34fb")
    found.add_service(service)
    for place, uuid in enumerate(uuids):
        found.add_characteristic(
            BleakGATTCharacteristic(
                None, 10 + place, uuid, ["read", "write", "notify"], lambda: 244, service
            )
        )
    return found


@dataclass(eq=False)
class Device:
    """A wearable: what it advertises, what it offers, and how it takes what is said to it."""

    address: str
    name: str
    uuids: Sequence[str]
    advertised: Sequence[str] = ()
    values: dict[str, bytes] = field(default_factory=dict)
    on_write: Callable[[str, bytes], None] = lambda uuid, data: None
    in_range: bool = True
    clients: list[Client] = field(default_factory=list)
    refuses: list[Exception] = field(default_factory=list)
    """Raised by the next attempts to connect."""
    hangs: set[str] = field(default_factory=set)
    """Operations that never end: ``connect``, ``disconnect``, ``read``."""
    bonds: int = 0

    @property
    def client(self) -> Client | None:
        return next((each for each in self.clients if each.is_connected), None)

    def notify(self, uuid: str, data: bytes, times: int = 1) -> None:
        for client in self.clients:
            if client.is_connected and uuid in client.callbacks:
                for _ in range(times):
                    client.callbacks[uuid](client.find(uuid), bytearray(data))

    def drop(self) -> None:
        for client in self.clients:
            client.end()


class Client:
    def __init__(self, air: Air, device: Device, dropped: Callable[[Any], None]) -> None:
        self.air = air
        self.device = device
        self.dropped = dropped
        self.is_connected = False
        self.callbacks: dict[str, Notify] = {}
        self.services = services_of(device.uuids)
        self.disconnects = 0

    def find(self, uuid: str) -> BleakGATTCharacteristic:
        found = self.services.get_characteristic(uuid)
        assert found is not None
        return found

    async def connect(self) -> None:
        self.air.note(f"connect {self.device.name}")
        assert not self.air.scanning, "connects while it scans"
        assert not self.air.connecting, "connects twice at once"
        assert self.device.client is None, "connects before the old connection is given up"
        self.air.connecting = True
        try:
            await self._take_time("connect")
            if self.device.refuses:
                raise self.device.refuses.pop(0)
            if not self.device.in_range:
                raise BleakError("le-connection-abort-by-local")
        finally:
            self.air.connecting = False
        self.is_connected = True
        self.device.clients.append(self)

    async def disconnect(self) -> None:
        self.air.note(f"disconnect {self.device.name}")
        self.disconnects += 1
        await self._take_time("disconnect")
        self.end()

    def end(self) -> None:
        if self.is_connected:
            self.is_connected = False
            self.callbacks.clear()
            asyncio.get_running_loop().call_soon(self.dropped, self)

    async def pair(self) -> None:
        self.device.bonds += 1

    async def read_gatt_char(self, char_specifier: BleakGATTCharacteristic, /) -> bytearray:
        await self._take_time("read")
        return bytearray(self.device.values[char_specifier.uuid])

    async def write_gatt_char(
        self, char_specifier: BleakGATTCharacteristic, /, data: bytes, response: bool
    ) -> None:
        await self._take_time("write")
        self.air.note(f"write {self.device.name} {data.hex()}")
        self.device.on_write(char_specifier.uuid, data)

    async def start_notify(
        self, char_specifier: BleakGATTCharacteristic, /, callback: Notify
    ) -> None:
        await self._take_time("start_notify")
        if char_specifier.uuid in self.callbacks:
            raise BleakError("notifications are already on")
        self.callbacks[char_specifier.uuid] = callback

    async def stop_notify(self, char_specifier: BleakGATTCharacteristic, /) -> None:
        await self._take_time("stop_notify")
        del self.callbacks[char_specifier.uuid]

    async def _take_time(self, operation: str) -> None:
        if operation in self.device.hangs:
            # A stack that hangs does not even end when it is cancelled, but with its process.
            for _ in range(2):
                with suppress(asyncio.CancelledError):
                    await asyncio.sleep(1000)
            raise asyncio.CancelledError
        await asyncio.sleep(0.05)


class Scanner:
    def __init__(self, air: Air, seen: OnSeen) -> None:
        self.air = air
        self.seen = seen
        self._advertising: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await asyncio.sleep(0.01)
        if self.air.scan_errors:
            raise self.air.scan_errors.pop(0)
        assert not self.air.scanning, "scans twice at once"
        assert not self.air.connecting, "scans while it connects"
        self.air.scanning = True
        self._advertising = asyncio.ensure_future(self._advertise())

    async def stop(self) -> None:
        assert self._advertising is not None
        self._advertising.cancel()
        await asyncio.sleep(0.01)
        self.air.scanning = False

    async def _advertise(self) -> None:
        while True:
            await asyncio.sleep(0.3)
            for device in self.air.devices:
                if device.in_range and device.client is None:
                    found = BLEDevice(device.address, device.name, None)
                    told = AdvertisementData(
                        device.name, {}, {}, list(device.advertised), None, -60, ()
                    )
                    self.seen(found, told)


@dataclass(eq=False)
class Air:
    """All wearables around, and what was done to them, with the time."""

    devices: list[Device] = field(default_factory=list)
    scanning: bool = False
    connecting: bool = False
    scan_errors: list[Exception] = field(default_factory=list)
    log: list[tuple[float, str]] = field(default_factory=list)

    def note(self, what: str) -> None:
        self.log.append((asyncio.get_running_loop().time(), what))

    def scanner(self, seen: OnSeen) -> Scanner:
        return Scanner(self, seen)

    def client(self, device: BLEDevice, dropped: Callable[[Any], None]) -> Client:
        [found] = [each for each in self.devices if each.address == device.address]
        return Client(self, found, dropped)


async def until(condition: Callable[[], bool], seconds: float = 120.0) -> float:
    """Wait for something to become true, and tell how long it took."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    while not condition():
        assert loop.time() - start < seconds, "it never came"
        await asyncio.sleep(0.01)
    return loop.time() - start


Behaviour = Callable[[Device], Awaitable[None]]
