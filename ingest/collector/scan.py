"""What is in range: who advertises, how strong, and what of it can be spoken to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from ingest.collector.bluetooth import ScannerFactory, within
from ingest.collector.radio import SCANNER_S
from ingest.devices.wearables import recognise

__all__ = ["Seen", "look_around"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A device in range.

    Parameters
    ----------
    name
        What it calls itself; empty where it does not.
    rssi
        How strong it was heard last, in dBm: -50 is beside the receiver, -90 about lost.
    kind
        Its name in `ingest.devices.wearables.WEARABLES`; None where it speaks nothing known.
    """

    address: str
    name: str
    rssi: int
    kind: str | None


async def look_around(scanner: ScannerFactory, seconds: float) -> tuple[Seen, ...]:
    """Listen for a while, and give who was heard: what can be spoken to first, then the strongest.

    Raises
    ------
    Exception
        Whatever the scan fails with: Bluetooth off, no adapter, no permission.
    """
    found: dict[str, Seen] = {}

    def seen(device: BLEDevice, told: AdvertisementData) -> None:
        before = found.get(device.address)
        name = _printable(told.local_name or device.name or (before.name if before else ""))
        kind = recognise(name, told.service_uuids)
        # A name or a service may come in only some of the advertisements.
        if kind is None and before is not None:
            kind = before.kind
        found[device.address] = Seen(device.address, name, told.rssi, kind)

    listening = scanner(seen)
    await within(SCANNER_S, listening.start())
    try:
        await asyncio.sleep(seconds)
    finally:
        await within(SCANNER_S, listening.stop())
    return tuple(sorted(found.values(), key=lambda each: (each.kind is None, -each.rssi)))


def _printable(name: str) -> str:
    """Take out what would move the cursor: whoever is in range can name a device anything."""
    return "".join(each if each.isprintable() else " " for each in name).strip()
