"""The Bluetooth of this computer, for whoever starts a collector.

bleak-retry-connector is not used. Its retries are what `ingest.collector.machine` shows in the
status, with rests that are injected; its cache of services saves a second of a connection that
lasts for hours. The one thing beyond that is to find devices that the system still holds a
connection with, and bleak 3.1 can tell those by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.backends.device import BLEDevice

from ingest.collector.bluetooth import Client, OnSeen, Scanner

__all__ = ["connected_devices", "new_client", "new_scanner"]


def new_scanner(seen: OnSeen) -> Scanner:
    """Make a scan."""
    return BleakScanner(seen)


def new_client(device: BLEDevice, dropped: Callable[[BleakClient], None]) -> Client:
    """Make a connection; a new one each time, as macOS takes no client twice."""
    return BleakClient(device, dropped)


async def connected_devices() -> Iterable[BLEDevice]:
    """Give the devices that the system is connected with."""
    adapter = await BleakAdapter.get()
    return await adapter.get_connected_devices()
