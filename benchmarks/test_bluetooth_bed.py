"""What a night of simulated Bluetooth costs, before any collector does anything with it.

Figures, not tests: nothing here asserts a time. Over bumble's stack each notification passes HCI,
L2CAP and ATT twice; in memory it is handed over. ``notifications`` stands in the extra information.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from bleak import BleakClient, BleakScanner
from pytest_benchmark.fixture import BenchmarkFixture

from ingest.devices.polar_pmd.control import CONTROL
from simulator.wearable import (
    BangleWatch,
    HeartRateStrap,
    InfiniTimeWatch,
    PolarSense,
    Wearable,
    run,
)
from tests.bluetooth.conftest import AIRS, OpenAir
from tests.bluetooth.listener import START_ACC

NIGHT_S = 8 * 3600


async def night(open_air: OpenAir, kind: str) -> int:
    """Hear everything that a wearable notifies in a night; return how often that was."""
    wearables: dict[str, Callable[[], Wearable]] = {
        "polar": PolarSense,
        "infinitime": InfiniTimeWatch,
        "bangle": BangleWatch,
        "strap": HeartRateStrap,
    }
    air, wearable = await open_air(), wearables[kind]()
    await air.place(wearable)
    device = await BleakScanner.find_device_by_address(wearable.address, backend=air.scanner)
    assert device is not None
    heard = 0

    def count(*_: object) -> None:
        nonlocal heard
        heard += 1

    async with BleakClient(device, backend=air.client) as client:
        for service in client.services:
            for characteristic in service.characteristics:
                if {"notify", "indicate"} & {*characteristic.properties}:
                    await client.start_notify(characteristic, count)
        if kind == "polar":
            await client.write_gatt_char(CONTROL, START_ACC, response=True)
        await asyncio.sleep(NIGHT_S)
    return heard


@pytest.mark.parametrize("air", AIRS)
@pytest.mark.parametrize("kind", ["polar", "infinitime", "bangle", "strap"])
def test_a_night_of_8_h(benchmark: BenchmarkFixture, kind: str, air: str) -> None:
    heard = benchmark.pedantic(lambda: run(night(AIRS[air], kind)), rounds=1)
    benchmark.extra_info["notifications"] = heard
