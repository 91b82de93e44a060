from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.devices.heart_rate_service import decode_battery_level, decode_measurement
from ingest.errors import DecodeError
from tests.ingest.devices.frames import heart_rate

WORDS = st.integers(0, 65535)


@given(
    WORDS,
    st.none() | st.booleans(),
    st.none() | WORDS,
    st.none() | st.lists(WORDS, max_size=9),
)
def test_a_measurement_is_what_was_sent(
    hr: int, contact: bool | None, energy: int | None, rr: list[int] | None
) -> None:
    found = decode_measurement(heart_rate(hr, wide=True, contact=contact, energy=energy, rr=rr))
    assert (found.hr, found.contact, found.energy) == (hr, contact, energy)
    assert found.contact_supported is (contact is not None)
    assert found.rr_1024 == tuple(rr or ())
    assert found.rr_ms == pytest.approx([interval / 1.024 for interval in rr or ()])


@pytest.mark.parametrize(
    ("data", "has_reading"),
    [("0048", True), ("0000", False), ("00ff", False), ("01ff00", True), ("010000", False)],
)
def test_a_reading_of_none_is_told_from_one(data: str, has_reading: bool) -> None:
    assert decode_measurement(bytes.fromhex(data)).has_reading is has_reading


def test_flags_kept_for_the_future_are_passed_over() -> None:
    assert decode_measurement(bytes.fromhex("e048")).hr == 72


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("", "ends after 0 of 2 bytes (seen: none)"),
        ("0148", "ends after 2 of 3 bytes (seen: 01 48)"),
        ("004800", "has more than 2 bytes (seen: 00 48 00)"),
        ("10480004ff", "ends within an RR interval"),
        ("084800", "ends after 3 of 4 bytes"),
    ],
)
def test_a_damaged_measurement_says_how(data: str, says: str) -> None:
    with pytest.raises(DecodeError) as refused:
        decode_measurement(bytes.fromhex(data))
    assert says in str(refused.value)
    assert str(refused.value).startswith("heart rate measurement: ")


def test_a_battery_is_0_to_100_percent() -> None:
    assert [decode_battery_level(bytes([level])).percent for level in (0, 100)] == [0, 100]
    with pytest.raises(DecodeError, match="says 101 %"):
        decode_battery_level(bytes([101]))
