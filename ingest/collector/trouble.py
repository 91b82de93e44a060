"""What Bluetooth says when it cannot be used, in a sentence with what to do."""

from __future__ import annotations

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
)

from ingest.errors import BluetoothError

__all__ = ["explain"]

Reason = BleakBluetoothNotAvailableReason

NO_ADAPTER = "This computer has no Bluetooth adapter that we can use. Plug one in, and try again."
SWITCHED_OFF = (
    "Bluetooth is switched off. Switch it on (on Linux: `bluetoothctl power on`; "
    "`rfkill unblock bluetooth` where that fails), and try again."
)
NO_PERMISSION = (
    "Bluetooth may not be used by you. On Linux, add yourself to the group 'bluetooth' and log in "
    "again; on macOS, allow it to the terminal in the privacy settings."
)
NO_SERVICE = (
    "The Bluetooth service of this computer does not answer. On Linux, install the package bluez "
    "and start it: `sudo systemctl enable --now bluetooth`."
)

ADVICE = {
    Reason.NO_BLUETOOTH: NO_ADAPTER,
    Reason.NO_BLE_CENTRAL_ROLE: NO_ADAPTER,
    Reason.POWERED_OFF: SWITCHED_OFF,
    Reason.DENIED_BY_USER: NO_PERMISSION,
    Reason.DENIED_BY_SYSTEM: NO_PERMISSION,
    Reason.DENIED_BY_UNKNOWN: NO_PERMISSION,
    Reason.UNKNOWN: NO_SERVICE,
}

DBUS_ADVICE = {
    "org.freedesktop.DBus.Error.AccessDenied": NO_PERMISSION,
    "org.bluez.Error.NotAuthorized": NO_PERMISSION,
    "org.bluez.Error.NotPermitted": NO_PERMISSION,
    "org.bluez.Error.NotReady": SWITCHED_OFF,
    "org.freedesktop.DBus.Error.ServiceUnknown": NO_SERVICE,
    "org.freedesktop.DBus.Error.NameHasNoOwner": NO_SERVICE,
    "org.freedesktop.DBus.Error.NoReply": NO_SERVICE,
    "org.bluez.Error.InProgress": (
        "Bluetooth is busy with another scan or connection. Close what else uses it, and try again."
    ),
}


def explain(error: BaseException) -> BluetoothError:
    """Turn what a Bluetooth stack raised into what somebody can do about it."""
    if isinstance(error, BleakBluetoothNotAvailableError):
        return BluetoothError(ADVICE.get(error.reason, NO_SERVICE))
    if isinstance(error, BleakDBusError) and error.dbus_error in DBUS_ADVICE:
        return BluetoothError(DBUS_ADVICE[error.dbus_error])
    if isinstance(error, PermissionError):
        return BluetoothError(NO_PERMISSION)
    if isinstance(error, FileNotFoundError | ConnectionError | EOFError):
        # Without a system bus there is no socket to connect to.
        return BluetoothError(NO_SERVICE)
    if isinstance(error, TimeoutError):
        return BluetoothError(
            "Bluetooth does not answer. Switch it off and on again, or restart this computer."
        )
    said = str(error) or type(error).__name__
    return BluetoothError(f"Bluetooth failed: {said}. Switch it off and on again.")
