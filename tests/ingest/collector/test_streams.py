from __future__ import annotations

import numpy as np
import pytest

from ingest.collector.clock import NightClock
from ingest.collector.streams import AccelerationStream, HeartStream
from ingest.collector.talk import Heard
from ingest.devices.conversation import AccelerationFrame, Frame, HeartFrame
from ingest.samples import NS_PER_S, Acceleration, HeartRate, RRIntervals
from tests.ingest.collector.test_clock import START_NS, Clock

MS = 1_000_000


@pytest.fixture
def night() -> NightClock:
    return NightClock(Clock())


def heard(
    frame: Frame, at_ms: float, data: bytes = b"", *, connection: int = 1, asked: bool = False
) -> Heard:
    return Heard(frame, data, 10**12 + round(at_ms * MS), connection, asked)


def still(n: int = 1, x: float = 0.5) -> AccelerationFrame:
    return AccelerationFrame(np.tile(np.array([x, 0, 1], np.float32), (n, 1)))


def timed(last_s: float, n: int = 5) -> AccelerationFrame:
    device_ns = np.rint((last_s - np.arange(n - 1, -1, -1) * 0.02) * NS_PER_S).astype(np.int64)
    return AccelerationFrame(still(n).xyz_g, device_ns)


def samples(stream: AccelerationStream, night: NightClock, *frames: Heard) -> int:
    return sum(len(each) for each in stream.take(frames, night))


def test_a_frame_with_a_time_is_taken_once_in_whatever_order_copies_come(
    night: NightClock,
) -> None:
    stream = AccelerationStream(50.0)
    a, b = heard(timed(9.0), 0, b"a"), heard(timed(9.1), 100, b"b")
    assert samples(stream, night, a, b, a, b, b) == 10
    assert samples(stream, night, a, heard(timed(9.2), 200, b"c"), b) == 5
    assert (stream.counts.frames, stream.counts.repeats) == (3, 5)
    assert stream.device_clock.restarts == 0


def test_without_a_time_an_equal_frame_is_a_copy_only_where_it_comes_at_once(
    night: NightClock,
) -> None:
    stream = AccelerationStream(25.0)
    frames = [heard(still(3), at_ms, b"x") for at_ms in (0, 0.1, 0.2, 120, 121, 240, 360)]
    assert samples(stream, night, *frames) == 4 * 3
    assert stream.counts.repeats == 3


def test_a_value_that_was_asked_for_and_is_unchanged_stands_for_the_silence(
    night: NightClock,
) -> None:
    stream = AccelerationStream(10.0)
    assert samples(stream, night, heard(still(), 0, b"x")) == 1
    [held] = stream.take([heard(still(), 1500, b"x", asked=True)], night)
    assert len(held) == 15
    assert np.diff(held.times_ns).max() < 110 * MS
    assert samples(stream, night, heard(still(x=0.7), 3000, b"y", asked=True)) == 1
    assert samples(stream, night, heard(still(x=0.7), 9000, b"y", connection=2, asked=True)) == 1


def test_samples_that_the_recording_has_reached_are_left_out(night: NightClock) -> None:
    first = AccelerationStream(50.0).take([heard(timed(9.0), 0)], night)[0]
    stream = AccelerationStream(50.0, after_ns=int(first.times_ns[1]))
    assert samples(stream, night, heard(timed(9.0), 0)) == 3
    assert stream.counts.overlaps == 2


def test_utc_is_the_arrival_less_the_least_delay(night: NightClock) -> None:
    [chunk] = AccelerationStream(50.0).take([heard(timed(9.0), 40)], night)
    assert isinstance(chunk, Acceleration)
    assert int(chunk.times_ns[-1]) == START_NS + 10**12 + 40 * MS


def test_heart_rate_brings_contact_and_beats_end_at_its_arrival(night: NightClock) -> None:
    stream = HeartStream(1.0)
    frames = [
        heard(HeartFrame(60, contact=True, rr_ms=(900.0,)), 0, b"1"),
        heard(HeartFrame(0, contact=False), 1000, b"2"),
        heard(HeartFrame(70, rr_ms=(0.0, 800.0, 850.0)), 2000, b"3"),
    ]
    rate, beats = stream.take(frames, night)
    assert isinstance(rate, HeartRate)
    assert rate.contact is not None
    assert (rate.bpm.tolist(), rate.contact.tolist()) == ([60, 0, 70], [1, 0, -1])
    assert np.diff(rate.times_ns).tolist() == [NS_PER_S, NS_PER_S]
    assert isinstance(beats, RRIntervals)
    assert beats.rr_ms.tolist() == [900, 800, 850]
    assert int(beats.times_ns[-1]) == START_NS + 10**12 + 2000 * MS
    assert np.diff(beats.times_ns).tolist() == [800 * MS, 850 * MS]


def test_a_device_that_cannot_tell_contact_says_nothing_of_it(night: NightClock) -> None:
    [rate] = HeartStream(None).take([heard(HeartFrame(61), 0)], night)
    assert isinstance(rate, HeartRate)
    assert rate.contact is None
