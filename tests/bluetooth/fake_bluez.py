"""A stand-in for bluetoothd on a private D-Bus: simulated wearables behind bleak's own backend.

It knows as much of ``org.bluez`` as bleak asks for. Interfaces and errors: BlueZ, doc/org.bluez.*
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from bleak.backends.bluezdbus import manager
from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from simulator.wearable import Wearable, run
from simulator.wearable.gatt import ATT_HEADER_BYTES, Characteristic, GattError, GattErrorCode
from simulator.wearable.stream import Steps, Stream
from tests.bluetooth.private_bus import Bus

T = TypeVar("T")

ADAPTER_PATH = "/org/bluez/hci0"
ADAPTER, DEVICE = "org.bluez.Adapter1", "org.bluez.Device1"
SERVICE, CHARACTERISTIC = "org.bluez.GattService1", "org.bluez.GattCharacteristic1"
PROPERTIES = "org.freedesktop.DBus.Properties"
OBJECTS = "org.freedesktop.DBus.ObjectManager"
UNKNOWN_OBJECT = "org.freedesktop.DBus.Error.UnknownObject"

ADVERTISING_S = 0.5

ABORTED = "le-connection-abort-by-local"
"""The error after which BlueZ says for a moment that the device is connected."""


class FakeBlueZ:
    """A bluetoothd.

    Parameters
    ----------
    address
        Of the bus.
    adapter, powered
        Whether there is an adapter, and whether it is on.

    Attributes
    ----------
    fails
        Errors that the next calls of a method give, as name and text; None for one that works.
    hangs
        Methods that are never answered.
    hung
        Whether the adapter refuses every connection until its power has been off.
    deaf
        Whether the adapter hears nothing until its power has been off.
    resolves
        Whether the services of a device are found once it is connected.
    """

    def __init__(self, address: str, *, adapter: bool = True, powered: bool = True):
        self.fails: dict[str, list[tuple[str, str] | None]] = defaultdict(list)
        self.hangs: set[str] = set()
        self.calls: list[str] = []
        self.hung = self.deaf = False
        self.resolves = True
        self._address = address
        self._bus = MessageBus(bus_address=address)
        self._objects: dict[str, dict[str, dict[str, Variant]]] = {}
        self._radios: dict[str, _Radio] = {}
        self._notified: dict[str, list[str]] = defaultdict(list)
        self._answering: set[asyncio.Task[None]] = set()
        self._discovery = Stream(self._discover)
        if adapter:
            self._objects[ADAPTER_PATH] = {ADAPTER: _adapter(powered=powered)}

    async def __aenter__(self) -> FakeBlueZ:
        await self._serve()
        return self

    async def _serve(self) -> None:
        await self._bus.connect()
        self._bus.add_message_handler(self._on_message)
        await self._bus.call(
            Message(
                destination="org.freedesktop.DBus",
                path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus",
                member="AddMatch",
                signature="s",
                body=["type='signal',member='NameOwnerChanged'"],
            )
        )
        await self._bus.request_name("org.bluez")

    async def __aexit__(self, *_: object) -> None:
        self.die()
        await _leave(self._bus)
        # bleak keeps one connection to the bus for each loop, and never closes it.
        used = manager._global_instances.pop(asyncio.get_running_loop(), None)
        if used is not None and used._bus is not None:
            await _leave(used._bus)

    def place(self, wearable: Wearable) -> None:
        """Put a wearable into reach."""
        path = f"{ADAPTER_PATH}/dev_{wearable.address.replace(':', '_')}"
        self._radios[path] = _Radio(self, path, wearable)
        wearable.placed(self._radios[path])

    def die(self) -> None:
        """End without a word, as when killed."""
        self._discovery.stop()
        for task in self._answering:
            task.cancel()
        for radio in self._radios.values():
            radio.cut()
        self._bus.disconnect()

    async def start_again(self) -> None:
        """Come back as a new process: no device is known or connected any more."""
        await _leave(self._bus)
        self._bus = MessageBus(bus_address=self._address)
        self._objects.clear()
        self._notified.clear()
        await self._serve()
        for radio in self._radios.values():
            radio.forget()
        self.add(ADAPTER_PATH, ADAPTER, _adapter(powered=True))

    async def hold(self, wearable: Wearable) -> None:
        """Be connected with a wearable for a process that is gone."""
        radio = next(each for each in self._radios.values() if each.wearable is wearable)
        radio.advertise()
        await radio.connect()

    def power(self, *, on: bool) -> None:
        """Switch the adapter on or off."""
        self.set_property(ADAPTER_PATH, ADAPTER, "Powered", Variant("b", on))
        if not on:
            self._discovery.stop()
            self.hung = self.deaf = False
            for radio in self._radios.values():
                radio.disconnect()

    @property
    def powered(self) -> bool:
        """Whether the adapter is on."""
        return bool(self._objects[ADAPTER_PATH][ADAPTER]["Powered"].value)

    # What the wearables' radios say.

    def set_property(self, path: str, interface: str, name: str, value: Variant) -> None:
        self._objects[path][interface][name] = value
        self._signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", interface, {name: value})

    def notify(self, path: str, data: bytes) -> bool:
        """Tell a value once for each client that asked for it: that is what BlueZ does."""
        asked = self._notified[path]
        for _ in asked:
            self.set_property(path, CHARACTERISTIC, "Value", Variant("ay", data))
        return bool(asked)

    def add(self, path: str, interface: str, properties: dict[str, Variant]) -> None:
        self._objects[path] = {interface: properties}
        self._signal("/", OBJECTS, "InterfacesAdded", "oa{sa{sv}}", path, self._objects[path])

    def remove(self, path: str) -> None:
        gone = [*self._objects.pop(path)]
        self._signal("/", OBJECTS, "InterfacesRemoved", "oas", path, gone)

    def _signal(self, path: str, interface: str, member: str, signature: str, *body: Any) -> None:
        if member == "PropertiesChanged":
            body = (*body, [])
        # The wearables do not know it when the bus has died.
        if self._bus.connected:
            self._bus.send(Message.new_signal(path, interface, member, signature, [*body]))

    # What it is asked.

    def _discover(self) -> Steps:
        while True:
            yield asyncio.get_running_loop().time() + ADVERTISING_S
            for radio in self._radios.values():
                if not self.deaf:
                    radio.advertise()

    def _on_message(self, message: Message) -> bool | None:
        if message.message_type is MessageType.SIGNAL:
            if message.member == "NameOwnerChanged" and not message.body[2]:
                self._forget(message.body[0])
            return None
        if message.message_type is not MessageType.METHOD_CALL:
            return None
        task = asyncio.ensure_future(self._answer(message))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
        return True

    def _forget(self, client: str) -> None:
        """Stop notifying a client that has left the bus."""
        for clients in self._notified.values():
            if client in clients:
                clients.remove(client)

    async def _answer(self, message: Message) -> None:
        member = message.member or ""
        self.calls.append(member)
        if member in self.hangs:
            return
        refusal = self.fails[member].pop(0) if self.fails[member] else None
        if refusal is not None:
            name, text = refusal
            if text == ABORTED:
                self._radios[message.path or ""].flicker()
            await self._refuse(message, name, text)
            return
        try:
            signature, body = await self._obey(message, member)
        except GattError as error:
            await self._refuse(message, *_named(error.code))
        except BlueZError as error:
            await self._refuse(message, *error.args)
        except KeyError:
            await self._refuse(message, UNKNOWN_OBJECT, "no such object")
        else:
            await self._bus.send(Message.new_method_return(message, signature, body))

    async def _refuse(self, message: Message, name: str, text: str) -> None:
        await self._bus.send(Message.new_error(message, name, text))

    async def _obey(self, message: Message, member: str) -> tuple[str, list[Any]]:
        path = message.path or ""
        if member == "GetManagedObjects":
            return "a{oa{sa{sv}}}", [self._objects]
        if member == "Set":
            self.power(on=message.body[2].value)
        elif member == "StartDiscovery":
            self._require_power()
            self._discovery.start()
        elif member == "StopDiscovery":
            self._discovery.stop()
        elif member in ("Connect", "Disconnect", "Pair"):
            radio = self._radios[path]
            if member == "Connect":
                self._require_power()
            obey: dict[str, Callable[[], Awaitable[None]]] = {
                "Connect": radio.connect,
                "Disconnect": radio.close,
                "Pair": radio.pair,
            }
            await obey[member]()
        elif message.interface == CHARACTERISTIC:
            return self._characteristic(path, member, message)
        return "", []

    def _require_power(self) -> None:
        if not self.powered:
            raise BlueZError("org.bluez.Error.NotReady", "Resource Not Ready")

    def _characteristic(self, path: str, member: str, message: Message) -> tuple[str, list[Any]]:
        radio = self._radios[path.rsplit("/", 2)[0]]
        described = radio.permitted(path)
        client = message.sender or ""
        if member == "ReadValue":
            if described.read is None:
                raise GattError(GattErrorCode.READ_NOT_PERMITTED)
            return "ay", [described.read()]
        if member == "WriteValue":
            if described.write is None:
                raise GattError(GattErrorCode.WRITE_NOT_PERMITTED)
            described.write(bytes(message.body[0]))
        elif member == "StartNotify":
            self._notified[path].append(client)
            radio.wearable.subscribed(described.uuid)
        elif member == "StopNotify":
            self._notified[path].remove(client)
            if not self._notified[path]:
                radio.wearable.unsubscribed(described.uuid)
        return "", []


def beside_bluez(
    bus: Bus,
    story: Callable[[FakeBlueZ], Awaitable[T]],
    *,
    adapter: bool = True,
    powered: bool = True,
) -> T:
    """Tell a story in virtual time, beside a bluetoothd on a bus of the test's."""

    async def both() -> T:
        async with FakeBlueZ(bus.address, adapter=adapter, powered=powered) as bluez:
            return await story(bluez)

    return run(both(), settle=bus.settle)


class BlueZError(Exception):
    """What bluetoothd answers in place of what it was asked for: a name, and a text."""


class _Radio:
    """The radio of one wearable, seen from BlueZ."""

    def __init__(self, bluez: FakeBlueZ, path: str, wearable: Wearable):
        self.wearable = wearable
        self._bluez = bluez
        self._path = path
        self._in_reach = True
        self._linked = False
        self._bonded = False
        self._back = asyncio.Event()
        self._known = False
        self._characteristics: dict[str, Characteristic] = {}

    @property
    def connected(self) -> bool:
        return self._linked and self._in_reach

    @property
    def mtu(self) -> int:
        return self.wearable.max_mtu

    def send(self, uuid: str, data: bytes) -> bool:
        if not self.connected:
            return False
        path = next(path for path, one in self._characteristics.items() if one.uuid == uuid)
        carried = data[: self.mtu - ATT_HEADER_BYTES]
        return self._bluez.notify(path, carried) and carried == data

    def disconnect(self) -> None:
        if self._linked:
            self.wearable.disconnected()
            self._unlinked()

    def vanish(self, noticed_after_s: float | None) -> None:
        self._in_reach = False
        self._back.clear()
        self.wearable.disconnected()
        if self._linked and noticed_after_s is not None:
            asyncio.get_running_loop().call_later(noticed_after_s, self._unlinked)

    def cut(self) -> None:
        """Lose the wearable, and tell nobody."""
        self._linked = False
        self.wearable.disconnected()

    def flicker(self) -> None:
        """Seem to be connected for a moment."""
        self._set("Connected", value=True)
        self._set("Connected", value=False)

    def forget(self) -> None:
        """Be unknown to a bluetoothd that has just started."""
        self._known = False
        self._bonded = False

    def come_back(self) -> None:
        self._in_reach = True
        self._back.set()

    def advertise(self) -> None:
        if not self._in_reach or self._linked:
            return
        if self._known:
            self._bluez.set_property(self._path, DEVICE, "RSSI", Variant("n", -60))
            return
        self._known = True
        wearable = self.wearable
        self._bluez.add(
            self._path,
            DEVICE,
            {
                "Adapter": Variant("o", ADAPTER_PATH),
                "Address": Variant("s", wearable.address),
                "Name": Variant("s", wearable.name),
                "Alias": Variant("s", wearable.name),
                "UUIDs": Variant("as", [*wearable.advertised]),
                "RSSI": Variant("n", -60),
                "Connected": Variant("b", False),
                "Paired": Variant("b", False),
                "ServicesResolved": Variant("b", False),
            },
        )

    async def connect(self) -> None:
        if not self._known:
            raise KeyError(self._path)
        if self._bluez.hung:
            raise BlueZError("org.bluez.Error.Failed", "br-connection-canceled")
        if not self._in_reach:
            await self._back.wait()
        self._linked = True
        self._set("Connected", value=True)
        if not self._bluez.resolves:
            return
        for number, service in enumerate(self.wearable.services, start=1):
            service_path = f"{self._path}/service{16 * number:04x}"
            properties = {
                "UUID": Variant("s", service.uuid),
                "Device": Variant("o", self._path),
                "Primary": Variant("b", True),
            }
            self._bluez.add(service_path, SERVICE, properties)
            for place, described in enumerate(service.characteristics, start=1):
                path = f"{service_path}/char{16 * number + place:04x}"
                self._characteristics[path] = described
                self._bluez.add(
                    path,
                    CHARACTERISTIC,
                    {
                        "UUID": Variant("s", described.uuid),
                        "Service": Variant("o", service_path),
                        "Flags": Variant("as", [*described.properties]),
                        "MTU": Variant("q", self.mtu),
                    },
                )
        self._set("ServicesResolved", value=True)

    async def close(self) -> None:
        self.disconnect()

    async def pair(self) -> None:
        self._bonded = self.wearable.accepts_bond("BlueZ")
        self._set("Paired", value=self._bonded)

    def permitted(self, path: str) -> Characteristic:
        described = self._characteristics[path]
        if described.needs_bond and not self._bonded:
            raise GattError(GattErrorCode.INSUFFICIENT_AUTHENTICATION)
        return described

    def _unlinked(self) -> None:
        self._linked = False
        self._set("ServicesResolved", value=False)
        self._set("Connected", value=False)

    def _set(self, name: str, *, value: bool) -> None:
        self._bluez.set_property(self._path, DEVICE, name, Variant("b", value))


def _adapter(*, powered: bool) -> dict[str, Variant]:
    return {
        "Address": Variant("s", "00:00:00:00:00:01"),
        "Powered": Variant("b", powered),
        "Roles": Variant("as", ["central", "peripheral"]),
    }


def _named(code: GattErrorCode) -> tuple[str, str]:
    """Return the error and its text as BlueZ gives them for an error of GATT."""
    if code is GattErrorCode.READ_NOT_PERMITTED:
        return "org.bluez.Error.NotPermitted", "Read not permitted"
    if code is GattErrorCode.WRITE_NOT_PERMITTED:
        return "org.bluez.Error.NotPermitted", "Write not permitted"
    if code is GattErrorCode.INSUFFICIENT_AUTHENTICATION:
        return "org.bluez.Error.NotPermitted", "Not paired"
    return "org.bluez.Error.Failed", f"Operation failed with ATT error: 0x{code:02x}"


async def _leave(bus: MessageBus) -> None:
    bus.disconnect()
    try:
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
    except (EOFError, OSError):
        # The bus has died before.
        return
