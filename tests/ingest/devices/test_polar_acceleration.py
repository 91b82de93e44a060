from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.devices.polar_pmd.acceleration import AccFrameType, decode_acc, to_acceleration
from ingest.devices.polar_pmd.frame import MeasurementType, measurement_type, sample_times_ns
from ingest.errors import DecodeError, SampleError
from tests.ingest.devices.frames import SECOND, TAKEN, WALK, delta_content, pmd_frame, raw_content

AXIS = st.integers(-32_768, 32_767)
SAMPLES = st.lists(st.tuples(AXIS, AXIS, AXIS), min_size=1, max_size=100)


@given(SAMPLES, st.data())
def test_compressed_samples_are_what_was_sent(
    samples: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    sizes: list[int] = []
    while sum(sizes) < len(samples) - 1:
        sizes.append(data.draw(st.integers(1, len(samples) - 1 - sum(sizes))))
    frame = decode_acc(pmd_frame(2, TAKEN, 0x81, delta_content(samples, sizes, 2)))
    assert frame.raw.tolist() == [list(sample) for sample in samples]
    assert [count for _, count in frame.delta_blocks] == sizes
    assert frame.mg.dtype == np.float32
    assert frame.mg.tolist() == frame.raw.tolist()


@pytest.mark.parametrize(("frame_type", "width"), [(0, 1), (1, 2), (2, 3)])
@given(st.lists(st.tuples(*[st.integers(-128, 127)] * 3), min_size=1, max_size=70))
def test_plain_samples_are_what_was_sent(
    frame_type: int, width: int, samples: list[tuple[int, int, int]]
) -> None:
    frame = decode_acc(pmd_frame(2, TAKEN, frame_type, raw_content(samples, width)), factor=0.5)
    assert frame.raw.tolist() == [list(sample) for sample in samples]
    assert frame.mg.tolist() == frame.raw.tolist()
    assert frame.delta_blocks == ()


@given(st.integers(1, 200), st.integers(1, 2**62 - 10**12), st.integers(10**6, 10**12), st.none())
def test_times_run_evenly_from_the_frame_before(
    n: int, previous_ns: int, span_ns: int, rate_hz: None
) -> None:
    found = sample_times_ns(previous_ns + span_ns, n, rate_hz=rate_hz, previous_ns=previous_ns)
    assert found is not None
    times_ns = found.tolist()
    assert len(times_ns) == n
    assert times_ns[-1] == previous_ns + span_ns
    for place, time_ns in enumerate(times_ns, start=1):
        assert abs(2 * (time_ns - previous_ns) * n - 2 * span_ns * place) <= n


@pytest.mark.parametrize(
    "previous_ns",
    [
        None,
        0,
        TAKEN,
        TAKEN + SECOND,
        TAKEN - 3 * SECOND,
        TAKEN - 3,
    ],
    ids=["first", "first in the SDK", "sent twice", "clock set back", "frame lost", "too close"],
)
def test_the_nominal_rate_stands_in(previous_ns: int | None) -> None:
    times_ns = sample_times_ns(TAKEN, 50, rate_hz=50.0, previous_ns=previous_ns)
    assert times_ns is not None
    assert times_ns.tolist() == [TAKEN - 20_000_000 * place for place in range(49, -1, -1)]


def test_a_clock_that_is_off_by_some_percent_is_followed() -> None:
    times_ns = sample_times_ns(TAKEN, 50, rate_hz=50.0, previous_ns=TAKEN - SECOND * 110 // 100)
    assert times_ns is not None
    assert set(np.diff(times_ns).tolist()) == {22_000_000}


def test_without_a_rate_or_a_frame_before_there_are_no_times() -> None:
    frame = decode_acc(pmd_frame(2, TAKEN, 1, raw_content(WALK, 2)))
    assert frame.sample_ts_ns is None
    with pytest.raises(SampleError, match="decode them with a rate"):
        to_acceleration(frame)


def test_samples_enter_the_house_in_g_and_utc() -> None:
    frame = decode_acc(pmd_frame(2, TAKEN, 1, raw_content(WALK, 2)), rate_hz=52.0)
    samples = to_acceleration(frame)
    taken = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=TAKEN // SECOND)
    assert samples.times_ns[-1] == int(taken.timestamp()) * SECOND
    assert len(samples) == 5
    assert samples.xyz_g[0].tolist() == pytest.approx([-0.020, 0.005, 0.990])


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (pmd_frame(2, TAKEN, 0x81, b""), "Polar ACC frame: ends after 10 of 11 bytes"),
        (pmd_frame(3, TAKEN, 0x81, bytes(6)), "is of the measurement 3"),
        (pmd_frame(2, 2**63, 1, bytes(6)), "has a time after the year 2146"),
        (pmd_frame(2, TAKEN, 0x82, bytes(6)), "is of the unknown type 0x82"),
        (pmd_frame(2, TAKEN, 1, bytes(7)), "ends 1 bytes into a sample"),
        (pmd_frame(2, TAKEN, 0x81, bytes(6) + b"\x21\x01"), "has differences of 33 bits"),
        (pmd_frame(2, TAKEN, 0x81, bytes(6) + b"\x08\x01\x00"), "ends after 19 of 21 bytes"),
        (pmd_frame(2, TAKEN, 2, raw_content([(64_001, 0, 0)], 3)), "holds more than 64 g"),
    ],
)
def test_a_damaged_frame_says_how(frame: bytes, says: str) -> None:
    with pytest.raises(DecodeError) as refused:
        decode_acc(frame)
    assert says in str(refused.value)


def test_a_long_frame_is_shown_by_its_beginning() -> None:
    with pytest.raises(DecodeError) as refused:
        decode_acc(pmd_frame(2, TAKEN, 1, bytes(100)))
    assert str(refused.value).endswith(" 00 ... of 110 bytes)")
    assert len(str(refused.value)) < 200


def test_the_upper_bits_of_the_measurement_are_passed_over() -> None:
    frame = bytearray(pmd_frame(2, TAKEN, 1, raw_content(WALK, 2)))
    frame[0] |= 0x80
    assert measurement_type(bytes(frame)) is MeasurementType.ACC
    assert decode_acc(bytes(frame)).frame_type is AccFrameType.RAW_16_BIT
