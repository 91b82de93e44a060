from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress

import numpy as np
from bleak import BleakScanner
from bleak.exc import BleakError
from hypothesis import given
from hypothesis import strategies as st

from ingest.devices.infinitime import MOTION_VALUES, decode_motion
from ingest.devices.polar_pmd.acceleration import decode_acc
from ingest.devices.polar_pmd.frame import DATA
from ingest.errors import DecodeError
from simulator.wearable import (
    InfiniTimeWatch,
    Mishap,
    MishapKind,
    PolarSense,
    Wearable,
    draw_mishaps,
    run,
    suffer,
)
from tests.bluetooth.conftest import AnyAir, OpenAir
from tests.bluetooth.listener import Listener

SILENCE_S = 10.0


async def keep_listening(air: AnyAir, wearable: Wearable, uuid: str, heard: list[bytes]) -> None:
    """Reconnect for ever, in the plainest way."""
    while True:
        device = await BleakScanner.find_device_by_address(wearable.address, backend=air.scanner)
        if device is None:
            continue
        listener = Listener(air, device)
        listener.heard[uuid] = heard
        try:
            if isinstance(wearable, PolarSense):
                await listener.start_polar()
            else:
                await listener.client.connect()
                await listener.hear(uuid)
            count = -1
            while listener.client.is_connected and count != len(heard):
                count = len(heard)
                await asyncio.sleep(SILENCE_S)
        except (BleakError, TimeoutError):
            pass
        finally:
            await listener.client.disconnect()


async def rough_night(
    open_air: OpenAir, wearable: Wearable, uuid: str, mishaps: list[Mishap]
) -> list[bytes]:
    air = await open_air()
    await air.place(wearable)
    heard: list[bytes] = []
    keeping = asyncio.ensure_future(keep_listening(air, wearable, uuid, heard))
    await suffer(wearable, mishaps)
    await asyncio.sleep(300)
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    return heard


def test_every_sample_that_a_polar_counts_as_sent_was_heard(open_air: OpenAir) -> None:
    polar = PolarSense(drift_ppm=-30)
    heard = run(rough_night(open_air, polar, DATA, draw_mishaps(seed=1, hours=1, count=16)))
    good: dict[bytes, None] = {}
    spoilt = 0
    for frame in heard:
        try:
            decode_acc(frame)
            good[frame] = None
        except DecodeError:
            spoilt += 1
    raw = np.concatenate([decode_acc(frame).raw for frame in good])
    assert raw.tolist() == polar.acc_counts(polar.sent_acc).tolist()
    assert spoilt > 10
    assert len(heard) - spoilt - len(good) > 10
    assert len(raw) > 0.5 * 3600 * 52


def test_every_sample_that_a_pinetime_counts_as_sent_was_heard(open_air: OpenAir) -> None:
    # Its frames carry no time, so that noise and copies cannot be told from samples.
    kinds = [kind for kind in MishapKind if kind not in (MishapKind.TWICE, MishapKind.GARBLED)]
    kinds.remove(MishapKind.TRUNCATED)
    watch = InfiniTimeWatch()
    mishaps = draw_mishaps(seed=2, hours=0.3, count=5, kinds=kinds)
    heard = run(rough_night(open_air, watch, MOTION_VALUES, mishaps))
    counts = [list(decode_motion(frame).xyz_counts) for frame in heard]
    assert counts == watch.acc_counts(watch.sent_acc).tolist()
    assert len(counts) > 7000


@given(seed=st.integers(0, 2**32 - 1), hours=st.floats(0.5, 12), count=st.integers(1, 60))
def test_mishaps_do_not_overlap_and_are_of_all_kinds(seed: int, hours: float, count: int) -> None:
    mishaps = draw_mishaps(seed, hours=hours, count=count)
    assert len(mishaps) == count
    ends = [mishap.start_s + mishap.lasts_s for mishap in mishaps]
    starts = [mishap.start_s for mishap in mishaps]
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
    assert ends[-1] <= hours * 3600
    kinds = Counter(mishap.kind for mishap in mishaps)
    assert max(kinds.values()) - min(kinds.get(kind, 0) for kind in MishapKind) <= 1


def test_the_same_seed_draws_the_same_mishaps() -> None:
    assert draw_mishaps(7, hours=8, count=30) == draw_mishaps(7, hours=8, count=30)
    assert draw_mishaps(7, hours=8, count=30) != draw_mishaps(8, hours=8, count=30)
