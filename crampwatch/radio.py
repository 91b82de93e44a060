"""The Bluetooth of this machine, as a night asks for it."""

from __future__ import annotations

from crampwatch.night import Radio
from ingest.collector.system import (
    adapter_recovery,
    connected_devices,
    new_client,
    new_scanner,
)
from ingest.errors import SettingsError

__all__ = ["system_radio"]


def system_radio(*, recovery: bool = False) -> Radio:
    """Give the radio of this machine.

    Parameters
    ----------
    recovery
        Whether an adapter that hangs is to be reset.

    Raises
    ------
    SettingsError
        If the system has no way to do that.
    """
    recover = adapter_recovery() if recovery else None
    if recovery and recover is None:
        raise SettingsError("CRAMPWATCH_ADAPTER_RECOVERY works on Linux only. Set it to off.")
    return Radio(new_scanner, new_client, connected_devices, recover)
