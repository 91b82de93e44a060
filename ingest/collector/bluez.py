"""What is asked of BlueZ beyond bleak: the connections that it holds, and the adapter's power."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from bleak.backends.device import BLEDevice
from bleak.exc import BleakDBusError
from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.unpack import unpack_variants

__all__ = ["AdapterReset", "connected_devices"]

log = logging.getLogger(__name__)

ADAPTER, DEVICE = "org.bluez.Adapter1", "org.bluez.Device1"

OFF_S = 2.0
"""Seconds that an adapter stays off: the kernel takes about one to let go of its connections."""

Objects = dict[str, dict[str, dict[str, Any]]]


async def connected_devices() -> list[BLEDevice]:
    """Give the devices that BlueZ is connected with.

    bleak gives only those whose services are found, by what it remembers. One without services is
    what a collector that was killed leaves behind; a client that cannot find them in time has BlueZ
    let go of it.

    Raises
    ------
    BleakDBusError, OSError, EOFError
        If BlueZ does not answer.
    """
    async with _system_bus() as bus:
        objects = await _objects(bus)
    return [
        BLEDevice(device["Address"], device.get("Name"), {"path": path, "props": device})
        for path, interfaces in objects.items()
        if (device := interfaces.get(DEVICE)) is not None and device.get("Connected")
    ]


class AdapterReset:
    """Brings adapters that hang back to life, as `ingest.collector.bluetooth.Recover`.

    Every adapter that is on is switched off and on, which any user may do who may use Bluetooth.
    Where that was in vain, and the package bluetooth-auto-recovery is installed, the next time its
    USB port is reset as well, for which it needs rights. An adapter that somebody has switched off
    stays off.
    """

    def __init__(self) -> None:
        self._left_off: set[str] = set()

    async def __call__(self, in_vain: bool) -> bool:
        """Reset the adapters.

        Parameters
        ----------
        in_vain
            Whether there was a reset before, after which nothing worked.

        Returns
        -------
        bool
            Whether there was one to reset.

        Raises
        ------
        BleakDBusError, OSError, EOFError
            If BlueZ does not answer, or refuses.
        """
        async with _system_bus() as bus:
            adapters = {
                path: interfaces[ADAPTER]
                for path, interfaces in (await _objects(bus)).items()
                if ADAPTER in interfaces
                and (interfaces[ADAPTER]["Powered"] or path in self._left_off)
            }
            for path, adapter in adapters.items():
                await self._power_cycle(bus, path)
                if in_vain:
                    await _reset_port(path, adapter["Address"])
        return bool(adapters)

    async def _power_cycle(self, bus: MessageBus, path: str) -> None:
        # What fails from here on leaves it off, and the next reset switches it on.
        self._left_off.add(path)
        await _power(bus, path, on=False)
        await asyncio.sleep(OFF_S)
        await _power(bus, path, on=True)
        self._left_off.discard(path)


async def _reset_port(path: str, address: str) -> None:
    try:
        from bluetooth_auto_recovery import recover_adapter
    except ImportError:
        return
    number = path.rpartition("hci")[2]
    if not await recover_adapter(int(number), address, gone_silent=True):
        log.warning("The USB port of the Bluetooth adapter could not be reset")


async def _power(bus: MessageBus, path: str, *, on: bool) -> None:
    await _call(
        bus,
        Message(
            destination="org.bluez",
            path=path,
            interface="org.freedesktop.DBus.Properties",
            member="Set",
            signature="ssv",
            body=[ADAPTER, "Powered", Variant("b", on)],
        ),
    )


async def _objects(bus: MessageBus) -> Objects:
    answer = await _call(
        bus,
        Message(
            destination="org.bluez",
            path="/",
            interface="org.freedesktop.DBus.ObjectManager",
            member="GetManagedObjects",
        ),
    )
    objects: Objects = unpack_variants(answer.body[0])
    return objects


async def _call(bus: MessageBus, message: Message) -> Message:
    answer = await bus.call(message)
    if answer is None:
        raise EOFError("the bus has ended")
    if answer.message_type is MessageType.ERROR:
        raise BleakDBusError(answer.error_name or "", answer.body)
    return answer


@asynccontextmanager
async def _system_bus() -> AsyncIterator[MessageBus]:
    bus = MessageBus(bus_type=BusType.SYSTEM)
    try:
        await bus.connect()
        yield bus
    finally:
        bus.disconnect()
        # What ended the bus before is told by whoever used it.
        with suppress(EOFError, OSError):
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
