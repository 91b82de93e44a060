from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ingest.devices.heart_rate_service import decode_measurement
from ingest.devices.infinitime import decode_motion
from ingest.devices.open_seizure_detector import ThreeAxes, decode_acceleration
from ingest.devices.polar_pmd.acceleration import decode_acc
from ingest.devices.polar_pmd.intervals import decode_ppi
from simulator.wearable.frames import (
    ACC,
    DELTA_MG,
    RAW_16_BIT,
    Integers,
    delta_acc,
    heart_rate_measurement,
    pack_signed,
    pmd_frame,
    ppi_frame,
    raw_acc,
    xyz_int16,
)


@pytest.fixture(scope="module")
def vectors(reference_vectors: Path) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads(reference_vectors.read_text())["vectors"]
    return loaded


def frames_of(vectors: list[dict[str, Any]], kind: str) -> list[bytes]:
    found = [bytes.fromhex(vector["hex"]) for vector in vectors if vector["kind"] == kind]
    assert found
    return found


def test_heart_rates_of_real_devices_are_encoded_as_they_were(
    vectors: list[dict[str, Any]],
) -> None:
    for data in frames_of(vectors, "hrs_2a37"):
        decoded = decode_measurement(data)
        again = heart_rate_measurement(
            decoded.hr,
            contact=decoded.contact,
            energy=decoded.energy,
            rr_1024=decoded.rr_1024,
            wide=bool(data[0] & 1),
        )
        # A contact bit without the bit that it is supported means nothing, and is not written.
        meaningless = 0 if data[0] & 4 else data[0] & 2
        assert again == bytes([data[0] - meaningless]) + data[1:]


def test_infinitime_motion_is_encoded_as_it_was(vectors: list[dict[str, Any]]) -> None:
    for data in frames_of(vectors, "infinitime_00030002"):
        assert xyz_int16(np.array(decode_motion(data).xyz_counts)) == data


def test_polar_acceleration_is_encoded_as_it_was(vectors: list[dict[str, Any]]) -> None:
    for data in frames_of(vectors, "pmd_acc"):
        decoded = decode_acc(data, factor=0.000244 if data[9] == 0x80 else None)
        if data[9] < 0x80:
            content, _ = raw_acc(decoded.raw, max_bytes=len(data))
            assert pmd_frame(ACC, decoded.timestamp_ns, RAW_16_BIT, content) == data
        else:
            content = by_blocks(decoded.raw, decoded.delta_blocks)
            assert pmd_frame(ACC, decoded.timestamp_ns, data[9], content) == data


def by_blocks(raw: Integers, blocks: Sequence[tuple[int, int]]) -> bytes:
    """Compress with the blocks that the device chose."""
    content = pack_signed(raw[0], 16)
    deltas = np.diff(raw, axis=0)
    for bits, count in blocks:
        content += bytes([bits, count]) + pack_signed(deltas[:count].ravel(), bits)
        deltas = deltas[count:]
    return content


def test_polar_intervals_are_encoded_as_they_were(vectors: list[dict[str, Any]]) -> None:
    for data in frames_of(vectors, "pmd_ppi"):
        decoded = decode_ppi(data)
        beats = [
            (
                beat.hr,
                beat.pp_ms,
                beat.err_ms,
                beat.blocker | beat.skin_contact << 1 | beat.skin_contact_supported << 2,
            )
            for beat in decoded.samples
        ]
        # One vector has bits in its flags that nobody has named.
        again = ppi_frame(decoded.timestamp_ns, beats)
        assert decode_ppi(again) == decoded
        assert len(again) == len(data)


milli_g = arrays.arrays(
    np.int64, st.tuples(st.integers(1, 120), st.just(3)), elements=st.integers(-8000, 8000)
)


@given(samples=milli_g, at_ns=st.integers(0, 2**62), max_bytes=st.integers(10, 500))
def test_compressed_acceleration_decodes_to_what_it_was(
    samples: Integers, at_ns: int, max_bytes: int
) -> None:
    content, held = delta_acc(samples, max_bytes=max_bytes)
    decoded = decode_acc(pmd_frame(ACC, at_ns, DELTA_MG, content))
    assert len(content) <= max_bytes
    assert decoded.timestamp_ns == at_ns
    assert decoded.raw.tolist() == samples[:held].tolist()


@given(samples=milli_g)
def test_as_much_is_compressed_as_fits(samples: Integers) -> None:
    _, everything = delta_acc(samples, max_bytes=10_000)
    content, held = delta_acc(samples, max_bytes=90)
    assert everything == len(samples)
    # What is left would not have held the next block's head and one sample of the widest kind.
    assert held == len(samples) or len(content) > 90 - 2 - 3 * 15 / 8 - 1


@given(samples=milli_g, width_bytes=st.integers(2, 3), max_bytes=st.integers(9, 500))
def test_raw_acceleration_decodes_to_what_it_was(
    samples: Integers, width_bytes: int, max_bytes: int
) -> None:
    content, held = raw_acc(samples, max_bytes=max_bytes, width_bytes=width_bytes)
    decoded = decode_acc(pmd_frame(ACC, 7, width_bytes - 1, content))
    assert len(content) <= max_bytes
    assert decoded.raw.tolist() == samples[:held].tolist()


@given(
    bpm=st.integers(0, 254),
    contact=st.sampled_from([None, False, True]),
    rr_1024=st.lists(st.integers(0, 65535), max_size=9),
    wide=st.booleans(),
)
def test_a_heart_rate_decodes_to_what_it_was(
    bpm: int, contact: bool | None, rr_1024: list[int], wide: bool
) -> None:
    decoded = decode_measurement(
        heart_rate_measurement(bpm, contact=contact, rr_1024=rr_1024, wide=wide)
    )
    assert (decoded.hr, decoded.contact, decoded.rr_1024) == (bpm, contact, tuple(rr_1024))


@given(samples=milli_g)
def test_three_axes_decode_to_what_they_were(samples: Integers) -> None:
    decoded = decode_acceleration(xyz_int16(samples))
    assert isinstance(decoded, ThreeAxes)
    assert decoded.xyz_mg.tolist() == samples.tolist()
