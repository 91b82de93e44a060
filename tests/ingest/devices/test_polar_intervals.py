from __future__ import annotations

import pytest

from ingest.devices.polar_pmd.frame import UNIX_OFFSET_NS
from ingest.devices.polar_pmd.intervals import decode_ppi, to_rr_intervals
from ingest.errors import DecodeError, SampleError
from tests.ingest.devices.frames import TAKEN, pmd_frame, ppi


def test_intervals_enter_the_house_each_at_its_pulse() -> None:
    content = ppi(60, 1000, 8, 6) + ppi(0, 0, 0, 1) + ppi(61, 980, 9, 6)
    found = to_rr_intervals(decode_ppi(pmd_frame(3, TAKEN, 0, content)))
    last_ns = TAKEN + UNIX_OFFSET_NS
    assert found.times_ns.tolist() == [last_ns - 980_000_000, last_ns]
    assert found.rr_ms.tolist() == [1000, 980]


def test_a_frame_without_a_time_does_not_enter() -> None:
    frame = decode_ppi(pmd_frame(3, 0, 0, ppi(60, 1000, 8, 6)))
    with pytest.raises(SampleError, match="take the time of its arrival"):
        to_rr_intervals(frame)


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (pmd_frame(3, TAKEN, 1, bytes(6)), "is of the unknown type 0x01"),
        (pmd_frame(3, TAKEN, 0, bytes(8)), "ends 2 bytes into an interval"),
        (pmd_frame(3, TAKEN, 0, b""), "ends after 10 of 11 bytes"),
    ],
)
def test_a_damaged_frame_says_how(frame: bytes, says: str) -> None:
    with pytest.raises(DecodeError, match=says):
        decode_ppi(frame)
