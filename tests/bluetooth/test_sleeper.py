from __future__ import annotations

import asyncio
from datetime import date

import numpy as np
import pytest

from ingest.devices.infinitime import MOTION_VALUES
from ingest.errors import SettingsError
from simulator.night import NightSettings
from simulator.wearable import KINDS, MemoryAir, run, wear
from tests.bluetooth.listener import listener

EVENING = NightSettings(date(2026, 1, 15), hours=1)


def test_a_simulated_night_is_worn() -> None:
    watch, night = wear("polar", EVENING, seed=3)
    body = watch.body
    assert len(body.xyz_g) == pytest.approx(3600 * 52, abs=100)
    assert len(body.bpm) == pytest.approx(3600, abs=2)
    at = np.searchsorted(night.acceleration.times_ns, night.acceleration.times_ns[0] + 1800 * 10**9)
    assert body.xyz_g[1800 * 52] == pytest.approx(night.acceleration.xyz_g[at], abs=0.02)
    assert 35 < np.median(body.bpm) < 90


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_can_be_worn(kind: str) -> None:
    watch, night = wear(kind, EVENING, seed=4, drift_ppm=10)
    assert len(watch.counts) / watch.rate_hz == pytest.approx(3600, abs=2)
    assert np.median(np.linalg.norm(watch.acc_g(range(1000)), axis=1)) == pytest.approx(1, abs=0.05)
    assert night.info.source.endswith("a simulation, not a person")


def test_there_is_no_other_kind() -> None:
    with pytest.raises(SettingsError, match="choose polar, infinitime, bangle"):
        wear("tamagotchi", EVENING, seed=1)


def test_a_night_that_is_worn_can_be_heard() -> None:
    async def hear() -> int:
        air = MemoryAir()
        watch, _ = wear("infinitime", EVENING, seed=5)
        await air.place(watch)
        heart = await listener(air, watch)
        async with heart.client:
            await heart.hear(MOTION_VALUES)
            await asyncio.sleep(600)
        return len(heart.heard[MOTION_VALUES])

    assert run(hear()) > 3000
