"""Wearables that stream, each by its own clock."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterator
from itertools import count

from ingest.devices.heart_rate_service import BATTERY_LEVEL, HEART_RATE_MEASUREMENT
from ingest.devices.infinitime import MOTION_VALUES
from ingest.devices.polar_pmd.control import CONTROL
from ingest.devices.polar_pmd.frame import DATA
from tests.ingest.collector.fake_air import Device
from tests.ingest.devices.frames import heart_rate, pmd_frame, raw_content

HZ = 52
FRAME = 36
SETTINGS = bytes.fromhex("00013400 01011000 02010800 040103")
START = bytes.fromhex("02020001340001011000020108000401 03")
STOP = bytes.fromhex("0302")


class Polar(Device):
    """A Verity Sense: it measures all the time, and sends while it is told to."""

    def __init__(self, address: str = "AA:00", name: str = "Polar Sense 1") -> None:
        super().__init__(
            address,
            name,
            [HEART_RATE_MEASUREMENT, BATTERY_LEVEL, CONTROL, DATA],
            values={BATTERY_LEVEL: bytes([80]), CONTROL: bytes.fromhex("0f0c00") + bytes(14)},
        )
        self.on_write = self._written
        self.started = False
        self.muted = False
        self.statuses: list[int] = []
        """What the next commands to start are answered with."""
        self.sent: list[tuple[int, tuple[int, int, int]]] = []
        """Every sample that went out: when it was measured, in ns of the loop, and its values."""
        self.times = 1
        self.ppm = 0.0
        self._clock_zero_s: float | None = None
        self._numbers: Iterator[int] = count()

    def reboot(self) -> None:
        """Begin at zero, and know nothing of a stream."""
        self.started = False
        self._clock_zero_s = asyncio.get_running_loop().time()
        self.drop()

    def device_ns(self, loop_s: float) -> int:
        zero_s = -800_000_000.0 if self._clock_zero_s is None else self._clock_zero_s
        return round((loop_s - zero_s) * (1 + self.ppm * 1e-6) * 1e9)

    async def live(self) -> None:
        await asyncio.gather(self._beat(), self._move())

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            self.notify(HEART_RATE_MEASUREMENT, heart_rate(60, contact=True, rr=[1024]))

    async def _move(self) -> None:
        loop = asyncio.get_running_loop()
        last_s = loop.time()
        while True:
            last_s += FRAME / HZ
            await asyncio.sleep(last_s + 0.02 - loop.time())
            samples = [
                (number % 1000 - 500, (number * 7) % 900, 1000) for number in self._some(FRAME)
            ]
            client = self.client
            if not self.started or self.muted or client is None or DATA not in client.callbacks:
                continue
            measured = [last_s - (FRAME - 1 - place) / HZ for place in range(FRAME)]
            self.sent += [
                (round(at * 1e9), sample) for at, sample in zip(measured, samples, strict=True)
            ]
            frame = pmd_frame(2, self.device_ns(last_s), 0x01, raw_content(samples, 2))
            self.notify(DATA, frame, self.times)

    def stop_by_itself(self) -> None:
        self.started = False
        self.notify(CONTROL, bytes([0x01, 0x02]))

    def _some(self, n: int) -> list[int]:
        return [next(self._numbers) for _ in range(n)]

    def _written(self, uuid: str, data: bytes) -> None:
        assert uuid == CONTROL
        if data[0] == 1:
            # In two parts: the first says that more follows.
            self._answer(bytes([0xF0, 1, 2, 0, 1]) + SETTINGS[:8])
            self._answer(bytes([0xF0, 1, 2, 0, 0]) + SETTINGS[8:])
        elif data[0] == 2:
            status = self.statuses.pop(0) if self.statuses else (6 if self.started else 0)
            self.started |= status == 0
            self._answer(bytes([0xF0, 2, 2, status, 0]))
        else:
            self.started = False
            self._answer(bytes([0xF0, 3, 2, 0, 0]))

    def _answer(self, data: bytes) -> None:
        asyncio.get_running_loop().call_later(0.03, self.notify, CONTROL, data)


class InfiniTime(Device):
    """A PineTime: it sends what changes, and answers when it is asked."""

    def __init__(self, address: str = "BB:00", name: str = "InfiniTime") -> None:
        super().__init__(
            address,
            name,
            [HEART_RATE_MEASUREMENT, BATTERY_LEVEL, MOTION_VALUES],
            values={
                BATTERY_LEVEL: bytes([55]),
                MOTION_VALUES: bytes(6),
                HEART_RATE_MEASUREMENT: bytes(2),
            },
        )
        self.still = False

    async def live(self) -> None:
        for number in count():
            await asyncio.sleep(0.1)
            if not self.still:
                self.values[MOTION_VALUES] = struct.pack("<3h", number % 2000, 12, 1024)
                self.notify(MOTION_VALUES, self.values[MOTION_VALUES])


class Strap(Device):
    """A chest strap with nothing but heart rate."""

    def __init__(self, address: str = "CC:00", name: str = "Strap") -> None:
        super().__init__(address, name, [HEART_RATE_MEASUREMENT])

    async def live(self) -> None:
        for number in count():
            await asyncio.sleep(1.0)
            self.notify(HEART_RATE_MEASUREMENT, heart_rate(50 + number % 30, rr=[1000]))
