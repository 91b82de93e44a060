from __future__ import annotations

import pytest

from ingest.devices.open_seizure_detector import (
    AlarmState,
    Magnitudes,
    ThreeAxes,
    decode_acceleration,
    decode_status,
    decode_text,
    encode_status,
)
from ingest.errors import DecodeError
from tests.ingest.devices.frames import WALK, raw_content


def test_three_axes_are_what_was_sent_with_or_without_the_unused_end() -> None:
    sent = raw_content(WALK[:3], 2)
    for data in (sent, sent + bytes(2)):
        found = decode_acceleration(data)
        assert isinstance(found, ThreeAxes)
        assert found.xyz_mg.tolist() == [list(sample) for sample in WALK[:3]]


def test_an_end_that_is_used_is_not_cut_off() -> None:
    with pytest.raises(DecodeError, match="ends within a sample of three axes"):
        decode_acceleration(raw_content(WALK[:3], 2) + b"\x00\x01")


def test_magnitudes_are_64_to_the_g() -> None:
    found = decode_acceleration(bytes([64, 255]), format_code=0)
    assert isinstance(found, Magnitudes)
    assert found.magnitude_mg.tolist() == [1000, 3984.375]


def test_a_format_without_axes_says_what_to_do() -> None:
    with pytest.raises(DecodeError, match="is in format 1; set the watch to format 3"):
        decode_acceleration(bytes(18), format_code=1)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "ends after 0 of 1 bytes"),
        (b"\xff\xfe", "is not text in UTF-8"),
        (b"a\x07", "is not printable text"),
        (b"a" * 21, "has more than 20 bytes"),
    ],
)
def test_a_damaged_name_says_how(data: bytes, says: str) -> None:
    with pytest.raises(DecodeError, match=says):
        decode_text(data)


def test_every_status_can_be_written_and_read_back() -> None:
    for state in AlarmState:
        assert decode_status(encode_status(state)).status is state
    with pytest.raises(DecodeError, match="is 8, which stands for none"):
        decode_status(bytes([8]))
