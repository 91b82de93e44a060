"""A plain user of bleak, who writes down what comes."""

from __future__ import annotations

import asyncio

from bleak import BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice

from ingest.devices.polar_pmd import control
from ingest.devices.polar_pmd.frame import DATA, MeasurementType
from simulator.wearable import Wearable
from tests.bluetooth.conftest import AnyAir

START_ACC = control.start(MeasurementType.ACC, sample_rate=52, resolution=16, range_g=8, channels=3)


class Listener:
    """One client of one wearable."""

    def __init__(self, air: AnyAir, device: BLEDevice | str):
        self.heard: dict[str, list[bytes]] = {}
        self.disconnections = 0
        self.client = BleakClient(device, self._disconnected, backend=air.client)
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()

    async def hear(self, *uuids: str) -> None:
        for uuid in uuids:
            await self.client.start_notify(uuid, self._note)

    def _note(self, characteristic: BleakGATTCharacteristic, data: bytearray) -> None:
        self.heard.setdefault(characteristic.uuid, []).append(bytes(data))

    async def open_control_point(self) -> None:
        await self.client.start_notify(
            control.CONTROL, lambda _, data: self._answers.put_nowait(bytes(data))
        )

    async def command(self, data: bytes) -> bytes:
        await self.client.write_gatt_char(control.CONTROL, data, response=True)
        return await self.indication()

    async def indication(self) -> bytes:
        async with asyncio.timeout(5):
            return await self._answers.get()

    async def start_polar(self, *uuids: str) -> bytes:
        await self.client.connect()
        await self.open_control_point()
        await self.hear(DATA, *uuids)
        return await self.command(START_ACC)

    def _disconnected(self, client: BleakClient) -> None:
        assert client is self.client
        self.disconnections += 1


async def find(air: AnyAir, wearable: Wearable) -> BLEDevice:
    found = await BleakScanner.find_device_by_name(wearable.name, backend=air.scanner)
    assert found is not None
    return found


async def listener(air: AnyAir, wearable: Wearable) -> Listener:
    return Listener(air, await find(air, wearable))


async def placed(air: AnyAir, wearable: Wearable) -> Listener:
    """Put a wearable into the air, and return who found it there."""
    await air.place(wearable)
    return await listener(air, wearable)
