from __future__ import annotations

import numpy as np

from ingest.extent import measure
from ingest.recording import Recording, Repeats, SampleStream
from ingest.samples import NS_PER_S, Acceleration, HeartRate, RecordingInfo, Samples

INFO = RecordingInfo("night", 0, "Europe/Berlin")


def recording(*chunks: Samples) -> Recording:
    return Recording(INFO, lambda: SampleStream(iter(chunks), Repeats(3)))


def seconds(first: float, last: float) -> Acceleration:
    times_ns = (np.arange(first * 10, last * 10 + 1) * NS_PER_S / 10).astype(np.int64)
    return Acceleration(times_ns, np.zeros((len(times_ns), 3), np.float32))


def test_holes_are_not_recorded_and_chunks_are_no_holes() -> None:
    beats = HeartRate(np.array([0, 99 * NS_PER_S]), np.zeros(2, np.float32))
    extent = measure(recording(seconds(1, 5), beats, seconds(5.1, 9), seconds(60, 61)))
    assert (extent.start_ns, extent.end_ns) == (1 * NS_PER_S, 61 * NS_PER_S)
    assert extent.recorded_ns == 9 * NS_PER_S
    assert extent.repeated_times == 3


def test_without_acceleration_nothing_is_recorded() -> None:
    extent = measure(recording())
    assert (extent.start_ns, extent.end_ns, extent.recorded_ns) == (None, None, 0)
