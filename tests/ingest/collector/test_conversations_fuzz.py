from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest
from bleak.backends.device import BLEDevice
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.collector.clock import NightClock
from ingest.collector.faults import FaultLog
from ingest.collector.paired import PairedDevice
from ingest.collector.station import Station
from ingest.collector.status import LinkStatus
from ingest.collector.talk import LinkTalk
from ingest.devices import open_seizure_detector as osd
from ingest.devices.heart_rate_service import BATTERY_LEVEL, HEART_RATE_MEASUREMENT
from ingest.devices.infinitime import MOTION_VALUES
from ingest.devices.polar_pmd.control import CONTROL
from ingest.devices.polar_pmd.frame import DATA
from ingest.devices.wearables import WEARABLES
from ingest.errors import CrampwatchError
from ingest.samples import Acceleration, HeartRate, RRIntervals, Samples
from simulator.wearable import run
from tests.ingest.collector.fake_air import Air, Device
from tests.ingest.collector.fake_wearables import Polar
from tests.ingest.collector.loop_clock import LoopClock

NOTIFIED = {
    "polar": (HEART_RATE_MEASUREMENT, DATA, CONTROL),
    "infinitime": (HEART_RATE_MEASUREMENT, MOTION_VALUES),
    "open_seizure_detector": (HEART_RATE_MEASUREMENT, osd.ACCELERATION),
    "heart_rate": (HEART_RATE_MEASUREMENT,),
}
"""What each kind subscribes to."""

HEARTS = st.binary(max_size=24)
POLAR = st.builds(
    lambda head, body: head + body,
    st.sampled_from(
        [b"\x02" + bytes(range(1, 9)) + kind for kind in (b"\0", b"\1", b"\x80", b"\x81")]
    ),
    st.binary(max_size=260),
)
FRAMES = st.lists(HEARTS | POLAR | st.binary(max_size=600), max_size=30)


def device_of(kind: str) -> Device:
    if kind == "polar":
        return Polar()
    uuids = [*NOTIFIED[kind], BATTERY_LEVEL]
    return Device("DD:00", "a wearable", uuids, values={BATTERY_LEVEL: bytes([50])})


async def told(kind: str, frames: Sequence[bytes]) -> tuple[LinkStatus, list[Samples], int]:
    """Have every characteristic notify every frame, and see what becomes of them."""
    clock = LoopClock()
    device = device_of(kind)
    client = Air([device]).client
    paired = PairedDevice(device.address, device.name, kind)
    station = Station(paired, clock, NightClock(clock), FaultLog(lambda _: None), {})
    connection = client(BLEDevice(device.address, device.name, None), lambda _: None)
    await connection.connect()
    talk = LinkTalk(
        connection, paired.takes, station, clock, connection=1, on_stopped=lambda _: None
    )
    await WEARABLES[kind].converse(talk)
    taken: list[Samples] = []
    for data in frames:
        for uuid in NOTIFIED[kind]:
            device.notify(uuid, data)
        await asyncio.sleep(0.4)
        station.collect(lambda record, _: taken.append(record))
    return station.status(), taken, len(frames) * len(NOTIFIED[kind])


@pytest.mark.parametrize("kind", WEARABLES)
@settings(max_examples=40)
@given(frames=FRAMES)
@example(frames=[b""])
def test_whatever_a_wearable_sends_is_taken_or_counted_and_nothing_is_raised(
    kind: str, frames: list[bytes]
) -> None:
    status, taken, sent = run(told(kind, frames))
    frames_taken = sum(stream.frames + stream.repeats for stream in status.streams)
    # An indication of Polar's control point is neither a sample nor an error.
    assert status.decode_errors + frames_taken <= sent
    assert status.decode_errors >= frames.count(b"") * len(NOTIFIED[kind])
    for sort in (Acceleration, HeartRate, RRIntervals):
        times = [at for each in taken if isinstance(each, sort) for at in each.times_ns.tolist()]
        assert times == sorted(set(times))


@pytest.mark.parametrize("kind", WEARABLES)
@settings(max_examples=40)
@given(data=st.binary(max_size=64))
def test_whatever_a_wearable_answers_a_conversation_begins_or_fails_as_a_link_can_take(
    kind: str, data: bytes
) -> None:
    async def begin() -> None:
        device = device_of(kind)
        device.values = dict.fromkeys(device.uuids, data)

        def answer(uuid: str, _: bytes) -> None:
            asyncio.get_running_loop().call_soon(device.notify, uuid, data)

        device.on_write = answer
        clock = LoopClock()
        connection = Air([device]).client(
            BLEDevice(device.address, device.name, None), lambda _: None
        )
        await connection.connect()
        paired = PairedDevice(device.address, device.name, kind)
        station = Station(paired, clock, NightClock(clock), FaultLog(lambda _: None), {})
        talk = LinkTalk(
            connection, paired.takes, station, clock, connection=1, on_stopped=lambda _: None
        )
        await WEARABLES[kind].converse(talk)

    with suppress(CrampwatchError, TimeoutError):
        run(begin())
