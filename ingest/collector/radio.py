"""The one radio that all links share: one scan, and one attempt to connect at a time.

A stack that scans while it connects, or connects twice at once, fails in ways of its own (BlueZ:
``InProgress``, ``le-connection-abort-by-local``).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from ingest.collector.bluetooth import Recover, ScannerFactory, abandon, within

__all__ = ["ConnectedDevices", "Radio"]

log = logging.getLogger(__name__)

ConnectedDevices = Callable[[], Awaitable[Iterable[BLEDevice]]]
"""Gives the devices that the system is connected with."""

SCANNER_S = 10.0
"""Seconds that a scan may take to begin or to end: it takes some tenths."""
RECOVER_AFTER = 5
"""Failures one after another that look like an adapter that hangs: about a minute's worth."""
RECOVER_EVERY_S = 600.0
"""Seconds from one reset to the next at least: each cuts off whatever else is connected, and what
did not help will not help a minute later."""
RECOVER_S = 60.0
"""Seconds that an adapter is given to come back: the reset of its USB port takes some ten."""


class Radio:
    """Finds devices for links, and lets one of them connect at a time.

    Parameters
    ----------
    scanner
        Makes a scan.
    connected_devices
        For a device that the system still holds a connection with: it advertises no more, so no
        scan finds it.
    recover
        Brings an adapter that hangs back to life; used only while no link is up.

    Attributes
    ----------
    resets
        How often the adapter was reset.
    """

    def __init__(
        self,
        scanner: ScannerFactory,
        *,
        connected_devices: ConnectedDevices | None = None,
        recover: Recover | None = None,
    ) -> None:
        self._scanner = scanner
        self._connected_devices = connected_devices
        self._recover = recover
        self._turn = asyncio.Lock()
        self._wanted: dict[str, set[asyncio.Future[BLEDevice]]] = {}
        self._changed = asyncio.Event()
        self._connects = 0
        self._scanning: asyncio.Task[None] | None = None
        self._failures = 0
        self._up: set[object] = set()
        self._heard_s = 0.0
        self._reset_s: float | None = None
        self._in_vain = False
        self.resets = 0

    async def find(self, address: str, seconds: float) -> BLEDevice | None:
        """Look for a device; None where it is not there.

        Raises
        ------
        Exception
            Whatever the scan fails with.
        """
        found: asyncio.Future[BLEDevice] = asyncio.get_running_loop().create_future()
        key = address.lower()
        self._wanted.setdefault(key, set()).add(found)
        self._change()
        if self._scanning is None or self._scanning.done():
            self._scanning = asyncio.ensure_future(self._scan_while_wanted())
        try:
            await asyncio.wait({found}, timeout=seconds)
            if found.done():
                return found.result()
            return await self._held(key)
        finally:
            found.cancel()
            self._wanted[key].discard(found)
            if not self._wanted[key]:
                del self._wanted[key]
            self._change()

    @asynccontextmanager
    async def connecting(self) -> AsyncIterator[None]:
        """Have the radio for an attempt to connect; scans pause meanwhile."""
        self._connects += 1
        self._change()
        try:
            async with self._turn:
                yield
        finally:
            self._connects -= 1
            self._change()

    def is_up(self, link: object) -> None:
        """Note that a link is up: the adapter works, and may not be reset."""
        self._up.add(link)
        self._failures = 0
        self._in_vain = False

    def is_down(self, link: object) -> None:
        """Note that a link is up no more."""
        self._up.discard(link)

    async def failed(self) -> None:
        """Note a failure of the stack; after some the adapter is reset, if there is a way.

        Raises
        ------
        Exception
            Whatever the reset fails with.
        """
        self._failures += 1
        now_s = asyncio.get_running_loop().time()
        if self._recover is None or self._failures < RECOVER_AFTER or self._up:
            return
        if self._reset_s is not None and now_s - self._reset_s < RECOVER_EVERY_S:
            return
        self._reset_s = now_s
        async with self.connecting():
            if self._up:
                return
            log.warning("Bluetooth failed %d times in a row; resetting the adapter", self._failures)
            if await within(RECOVER_S, self._recover(self._in_vain)):
                self.resets += 1
            self._in_vain = True
            self._failures = 0

    def heard_since(self, loop_s: float) -> bool:
        """Tell whether anybody was heard since a time of the loop."""
        return self._heard_s >= loop_s

    async def close(self) -> None:
        """End the scan that may be going on."""
        if self._scanning is not None:
            await abandon(self._scanning)

    async def _scan_while_wanted(self) -> None:
        while self._wanted:
            async with self._turn:
                try:
                    await self._scan()
                except Exception as error:
                    # Whatever the stack raises, those who wait hear it, and try again.
                    self._tell(error)
                    return
            while self._connects and self._wanted:
                self._changed.clear()
                await self._changed.wait()

    async def _scan(self) -> None:
        if self._connects or not self._wanted:
            return
        scanner = self._scanner(self._seen)
        await within(SCANNER_S, scanner.start())
        try:
            while self._wanted and not self._connects:
                self._changed.clear()
                await self._changed.wait()
        finally:
            await within(SCANNER_S, scanner.stop())

    def _seen(self, device: BLEDevice, _: AdvertisementData) -> None:
        self._heard_s = asyncio.get_running_loop().time()
        for found in self._wanted.get(device.address.lower(), ()):
            if not found.done():
                found.set_result(device)

    def _tell(self, error: Exception) -> None:
        for waiting in self._wanted.values():
            for found in waiting:
                if not found.done():
                    found.set_exception(error)

    def _change(self) -> None:
        self._changed.set()

    async def _held(self, key: str) -> BLEDevice | None:
        if self._connected_devices is None:
            return None
        held = await within(SCANNER_S, self._connected_devices())
        return next((each for each in held if each.address.lower() == key), None)
