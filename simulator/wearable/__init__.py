"""Simulated wearables that speak Bluetooth to a collector, without a radio.

They are reached through the public API of bleak: `MemoryAir` gives a scanner and a client backend.
In a test::

    from bleak import BleakClient, BleakScanner
    from simulator.wearable import MemoryAir, PolarSense, run

    async def night() -> None:
        air = MemoryAir()
        polar = PolarSense(drift_ppm=20)
        await air.place(polar)
        device = await BleakScanner.find_device_by_name(polar.name, backend=air.scanner)
        async with BleakClient(device, backend=air.client) as client:
            ...                                # start the collector in place of this
            await asyncio.sleep(8 * 3600)      # passes as fast as it computes
            polar.vanish()                     # and whatever else a night may bring
        polar.sent_acc                         # numbers of the samples that were sent, in order
        polar.acc_g(polar.sent_acc)            # and what each of them must be on disk

    run(night())                               # in virtual time; no exception goes unseen

A collector that makes its clients and scanners itself takes ``air.host.new_client`` and
``air.host.new_scanner``, and `VirtualClock` for its clocks.

The modules: ``virtual_time`` the loop and the clocks; ``body`` what is measured; ``frames`` the
encoders; ``wearable`` what all wearables share and how they fail; ``heart_rate_strap``, ``polar``,
``infinitime``, ``open_seizure_detector`` the kinds, and ``lamp`` what is none; ``sleeper`` one worn
in a simulated night; ``mishaps`` a night's worth of failures; ``gatt`` and ``air`` what they ask of
a radio; ``backend`` the one backend of bleak; ``memory_air`` the air without a stack. The tests
have another air, over bumble's virtual controllers, for the same wearables and the same backend.
"""

from __future__ import annotations

from simulator.wearable.body import Body
from simulator.wearable.heart_rate_strap import HeartRateStrap
from simulator.wearable.infinitime import InfiniTimeWatch
from simulator.wearable.lamp import Lamp
from simulator.wearable.memory_air import MemoryAir
from simulator.wearable.mishaps import Mishap, MishapKind, draw_mishaps, suffer
from simulator.wearable.open_seizure_detector import BangleWatch
from simulator.wearable.polar import PolarSense
from simulator.wearable.sleeper import KINDS, wear
from simulator.wearable.virtual_time import EVENING, VirtualClock, VirtualTimeLoop, run
from simulator.wearable.wearable import Wearable, noise, truncated

__all__ = [
    "EVENING",
    "KINDS",
    "BangleWatch",
    "Body",
    "HeartRateStrap",
    "InfiniTimeWatch",
    "Lamp",
    "MemoryAir",
    "Mishap",
    "MishapKind",
    "PolarSense",
    "VirtualClock",
    "VirtualTimeLoop",
    "Wearable",
    "draw_mishaps",
    "noise",
    "run",
    "suffer",
    "truncated",
    "wear",
]
