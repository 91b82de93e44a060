"""Whatever bytes come, a decoder gives a frame or says `DecodeError`, nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.devices.decoder import Decoder
from ingest.devices.plain import plain
from ingest.devices.polar_pmd.control import decode_indication
from ingest.devices.polar_pmd.frame import measurement_type
from ingest.devices.registry import DECODERS
from ingest.devices.vectors import Vector, read_vectors
from ingest.errors import DecodeError

OWN = read_vectors(Path(__file__).with_name("vectors.json"))
CALLS = [*DECODERS.values(), Decoder(decode_indication)]
BEGINNINGS = [b"", *sorted({vector.frames[0][:1] for vector in OWN})]


def frame_of(decoder: Decoder, data: bytes, context: Any = None) -> Any:
    """What JSON can write of a frame, or None for one that is refused."""
    try:
        frame = decoder(data, context)
    except DecodeError as error:
        refused = error
    else:
        return json.loads(json.dumps(plain(frame), allow_nan=False))
    assert refused.data == data
    assert f"(seen: {data[:32].hex(' ') or 'none'}" in str(refused)
    return None


CONTEXTS = st.fixed_dictionaries(
    {},
    optional={
        "factor": st.floats(1e-6, 1e6),
        "rate_hz": st.floats(1, 1000),
        "previous_ns": st.integers(0, 2**62),
        "format_code": st.integers(0, 255),
    },
)


@given(st.sampled_from(BEGINNINGS), st.binary(max_size=300), CONTEXTS)
def test_random_bytes(beginning: bytes, data: bytes, context: dict[str, float]) -> None:
    for decoder in CALLS:
        frame_of(decoder, beginning + data, context)


@given(st.integers(0, 2**62), st.sampled_from([0, 1, 2, 0x80, 0x81, 0x87, 0x88]), st.binary())
def test_random_content_behind_a_good_header(time: int, frame_type: int, content: bytes) -> None:
    for kind, name in ((1, "pmd_ppg"), (2, "pmd_acc"), (3, "pmd_ppi")):
        data = bytes([kind]) + time.to_bytes(8, "little") + bytes([frame_type]) + content
        frame_of(DECODERS[name], data, {"rate_hz": 52.0})


@given(st.binary(max_size=20))
def test_a_random_measurement(data: bytes) -> None:
    try:
        measurement = measurement_type(data)
    except DecodeError:
        return
    assert data[0] & 0x3F == measurement


def cut_everywhere(vectors: list[Vector]) -> int:
    refused = 0
    for vector in vectors:
        decoder = DECODERS[vector.kind]
        for frame in vector.frames:
            for length in range(len(frame)):
                refused += frame_of(decoder, frame[:length], vector.context) is None
            for extra in (b"\0", b"\xff", b"\x01\x02", bytes(2), frame, frame * 4, bytes(600)):
                refused += frame_of(decoder, frame + extra, vector.context) is None
    return refused


def test_own_frames_cut_at_every_byte_and_overgrown() -> None:
    assert cut_everywhere(OWN) > 500


def test_reference_frames_cut_at_every_byte_and_overgrown(reference_vectors: Path) -> None:
    assert cut_everywhere(read_vectors(reference_vectors)) > 800


@pytest.mark.parametrize(
    ("kind", "size"),
    [("bas_2a19", 1), ("infinitime_00030002", 6), ("osd_0005", 1), ("osd_0006", 1)],
)
def test_a_frame_of_fixed_size_is_refused_at_any_other(kind: str, size: int) -> None:
    decoded = [frame_of(DECODERS[kind], bytes(length)) is not None for length in range(20)]
    assert decoded == [length == size for length in range(20)]
