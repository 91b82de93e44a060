"""The Bluetooth of this computer, for whoever starts a collector."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.backends.device import BLEDevice

from ingest.collector.bluetooth import Client, OnSeen, Recover, Scanner

__all__ = ["adapter_recovery", "connected_devices", "new_client", "new_scanner"]


def new_scanner(seen: OnSeen) -> Scanner:
    """Make a scan."""
    return BleakScanner(seen)


def new_client(device: BLEDevice, dropped: Callable[[BleakClient], None]) -> Client:
    """Make a connection; a new one each time, as macOS takes no client twice."""
    return BleakClient(device, dropped)


async def connected_devices() -> Iterable[BLEDevice]:
    """Give the devices that the system is connected with."""
    if sys.platform == "linux":
        from ingest.collector import bluez

        return await bluez.connected_devices()
    else:  # noqa: RET505  mypy takes what is not of its own system for unreachable
        adapter = await BleakAdapter.get()
        return await adapter.get_connected_devices()


def adapter_recovery() -> Recover | None:
    """Give what brings an adapter that hangs back to life; None where the system has no way."""
    if sys.platform == "linux":
        from ingest.collector.bluez import AdapterReset

        return AdapterReset()
    else:  # noqa: RET505  as above
        return None
