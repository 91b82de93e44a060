"""How fast frames decode, in samples a second: the notifications of a Polar wearable.

Figures, not tests: nothing here asserts a time. ``samples_per_s`` stands in the extra information
of each row and is printed with ``-s``. A wearable at 52 Hz sends 52.
"""

from __future__ import annotations

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from ingest.devices.polar_pmd.acceleration import decode_acc
from tests.ingest.devices.frames import SECOND, TAKEN, delta_content, pmd_frame, raw_content

FRAMES = 1000
"""Frames in a round: about half an hour."""


def frames(frame_type: int, n: int) -> list[bytes]:
    """Frames of a sleeping arm: steps of some mg around 1 g."""
    rng = np.random.default_rng(1)
    found = []
    for number in range(FRAMES):
        samples = (np.array([0, 0, 1000]) + rng.normal(0, 6, (n, 3))).astype(int).tolist()
        if frame_type & 0x80:
            content = delta_content(samples, [n // 2, n - 1 - n // 2], 2)
        else:
            content = raw_content(samples, 2)
        found.append(pmd_frame(2, TAKEN + number * SECOND, frame_type, content))
    return found


@pytest.mark.parametrize(("frame_type", "n"), [(0x81, 80), (0x01, 36)], ids=["compressed", "plain"])
def test_decode_acceleration(benchmark: BenchmarkFixture, frame_type: int, n: int) -> None:
    sent = frames(frame_type, n)

    def decode_all() -> int:
        return sum(decode_acc(data, rate_hz=52.0).n for data in sent)

    samples = benchmark.pedantic(decode_all, rounds=9, warmup_rounds=1)
    assert samples == FRAMES * n
    if benchmark.stats is not None:
        rate = samples / benchmark.stats.stats.median
        benchmark.extra_info["samples_per_s"] = round(rate)
        print(f"\n{benchmark.name}: {rate:,.0f} samples/s")
