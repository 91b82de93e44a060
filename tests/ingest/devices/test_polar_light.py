from __future__ import annotations

import pytest

from ingest.devices.polar_pmd.light import decode_ppg
from ingest.errors import DecodeError
from tests.ingest.devices.frames import TAKEN, delta_content, pmd_frame


@pytest.mark.parametrize(("frame_type", "channels"), [(0x80, 4), (0x87, 17), (0x88, 25)])
def test_compressed_readings_are_what_was_sent(frame_type: int, channels: int) -> None:
    readings = [
        [(-1) ** row * (1000 * row + channel) for channel in range(channels)] for row in range(9)
    ]
    frame = decode_ppg(pmd_frame(1, TAKEN, frame_type, delta_content(readings, [3, 5], 3)))
    assert frame.samples.tolist() == readings
    assert (frame.status == ()) is (frame_type == 0x80)
    assert (frame.status_channel is None) is (frame_type == 0x80)


def test_a_status_has_no_sign() -> None:
    readings = [[0] * 16 + [-1]]
    frame = decode_ppg(pmd_frame(1, TAKEN, 0x87, delta_content(readings, [], 3)))
    assert frame.status == (0xFFFFFF,)


@pytest.mark.parametrize("frame_type", [0x01, 0x07, 0x08, 0x89])
def test_an_unknown_type_is_refused(frame_type: int) -> None:
    with pytest.raises(DecodeError, match=f"unknown type 0x{frame_type:02x}"):
        decode_ppg(pmd_frame(1, TAKEN, frame_type, bytes(75)))
