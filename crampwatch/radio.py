"""The Bluetooth of this machine, as a night asks for it."""

from __future__ import annotations

from crampwatch.night import Radio
from ingest.collector.system import connected_devices, new_client, new_scanner

__all__ = ["system_radio"]


def system_radio() -> Radio:
    """Give the radio of this machine."""
    return Radio(new_scanner, new_client, connected_devices)
