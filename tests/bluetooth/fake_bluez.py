"""A stand-in for bluetoothd on a private D-Bus: simulated wearables behind bleak's own backend.

It knows as much of ``org.bluez`` as bleak asks for. Interfaces and errors: BlueZ, doc/org.bluez.*
"""

from __future__ import annotations

import asyncio
import subprocess
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bleak.backends.bluezdbus import manager
from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from simulator.wearable import Wearable
from simulator.wearable.gatt import ATT_HEADER_BYTES, Characteristic, GattError, GattErrorCode
from simulator.wearable.stream import Steps, Stream

ADAPTER_PATH = "/org/bluez/hci0"
ADAPTER, DEVICE = "org.bluez.Adapter1", "org.bluez.Device1"
SERVICE, CHARACTERISTIC = "org.bluez.GattService1", "org.bluez.GattCharacteristic1"
PROPERTIES = "org.freedesktop.DBus.Properties"
OBJECTS = "org.freedesktop.DBus.ObjectManager"
UNKNOWN_OBJECT = "org.freedesktop.DBus.Error.UnknownObject"

ADVERTISING_S = 0.5

BUS_CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true"/>
    <allow receive_type="method_call"/>
    <allow receive_type="signal"/>
    <allow receive_requested_reply="true"/>
    <allow send_destination="org.freedesktop.DBus"/>
    <{bluez} send_destination="org.bluez"/>
  </policy>
</busconfig>
"""


@contextmanager
def private_bus(folder: Path, *, permitted: bool = True) -> Iterator[subprocess.Popen[bytes]]:
    """Run a dbus-daemon whose socket is ``bus`` in the folder.

    Parameters
    ----------
    folder
        For its configuration and socket; short, because a socket's path may have 107 characters.
    permitted
        Whether users may talk to bluetoothd.
    """
    config = folder / "bus.conf"
    config.write_text(
        BUS_CONFIG.format(socket=folder / "bus", bluez="allow" if permitted else "deny")
    )
    daemon = subprocess.Popen(
        ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"],
        stdout=subprocess.PIPE,
    )
    try:
        assert daemon.stdout is not None
        # It prints its address when it is ready.
        assert daemon.stdout.readline()
        yield daemon
    finally:
        daemon.kill()
        daemon.communicate()


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
        Errors that the next calls of a method give, as name and text.
    hangs
        Methods that are never answered.
    """

    def __init__(self, address: str, *, adapter: bool = True, powered: bool = True):
        self.fails: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.hangs: set[str] = set()
        self.calls: list[str] = []
        self._bus = MessageBus(bus_address=address)
        self._objects: dict[str, dict[str, dict[str, Variant]]] = {}
        self._radios: dict[str, _Radio] = {}
        self._notified: dict[str, list[str]] = defaultdict(list)
        self._answering: set[asyncio.Task[None]] = set()
        self._discovery = Stream(self._discover)
        if adapter:
            self._objects[ADAPTER_PATH] = {
                ADAPTER: {
                    "Address": Variant("s", "00:00:00:00:00:01"),
                    "Powered": Variant("b", powered),
                    "Roles": Variant("as", ["central", "peripheral"]),
                }
            }

    async def __aenter__(self) -> FakeBlueZ:
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
        return self

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
        if self.fails[member]:
            await self._refuse(message, *self.fails[member].pop(0))
            return
        try:
            signature, body = await self._obey(message, member)
        except GattError as error:
            await self._refuse(message, *_named(error.code))
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
        if member == "StartDiscovery":
            self._discovery.start()
        elif member == "StopDiscovery":
            self._discovery.stop()
        elif member in ("Connect", "Disconnect", "Pair"):
            radio = self._radios[path]
            obey: dict[str, Callable[[], Awaitable[None]]] = {
                "Connect": radio.connect,
                "Disconnect": radio.close,
                "Pair": radio.pair,
            }
            await obey[member]()
        elif message.interface == CHARACTERISTIC:
            return self._characteristic(path, member, message)
        return "", []

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
        if not self._in_reach:
            await self._back.wait()
        self._linked = True
        self.wearable.connected()
        self._set("Connected", value=True)
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
