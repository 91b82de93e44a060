"""The frames of wearables, encoded: the other side of `ingest.devices`, written apart from it.

Layouts as there; the tests hold both against each other and against frames of real devices.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack

import numpy as np
import numpy.typing as npt

__all__ = [
    "ACC",
    "DELTA_MG",
    "HEAD_BYTES",
    "PPI",
    "RAW_16_BIT",
    "delta_acc",
    "heart_rate_measurement",
    "pack_signed",
    "pmd_frame",
    "ppi_frame",
    "raw_acc",
    "xyz_int16",
]

Integers = npt.NDArray[np.int64]

ACC, PPI = 2, 3
"""Numbers of the measurements in the head of a frame."""
RAW_16_BIT, DELTA_MG = 0x01, 0x81
"""Types of frames of acceleration."""
HEAD_BYTES = 10
"""Length of the head: measurement, time and frame type."""

BLOCK_SAMPLES = 16
"""Samples whose differences share a width: short enough that a movement widens few."""


def heart_rate_measurement(
    bpm: int,
    *,
    contact: bool | None = None,
    energy: int | None = None,
    rr_1024: Sequence[int] = (),
    wide: bool = False,
) -> bytes:
    """Return a Heart Rate Measurement (0x2A37).

    Parameters
    ----------
    bpm
        Beats per minute.
    contact
        Whether it touches the skin; None where the device cannot tell.
    energy
        Kilojoules; None leaves them out.
    rr_1024
        RR intervals in 1/1024 s.
    wide
        Whether to write the heart rate with 16 bits.
    """
    flags = wide | (contact is True) << 1 | (contact is not None) << 2
    flags |= (energy is not None) << 3 | bool(rr_1024) << 4
    data = pack("<BH" if wide else "<BB", flags, bpm)
    if energy is not None:
        data += pack("<H", energy)
    return data + pack(f"<{len(rr_1024)}H", *rr_1024)


def xyz_int16(samples: npt.NDArray[np.int64]) -> bytes:
    """Return samples of three axes as little-endian int16."""
    return samples.astype("<i2").tobytes()


def pmd_frame(measurement: int, timestamp_ns: int, frame_type: int, content: bytes) -> bytes:
    """Return a frame of Polar's data characteristic."""
    return pack("<BQB", measurement, timestamp_ns, frame_type) + content


def raw_acc(samples: Integers, *, max_bytes: int, width_bytes: int = 2) -> tuple[bytes, int]:
    """Return acceleration without compression, and how many of the samples it holds.

    Parameters
    ----------
    samples : int64, shape (n, 3)
        As many as there are; those that do not fit are left out.
    max_bytes
        How long the content may be.
    width_bytes
        Bytes of a value, 1 to 3.
    """
    held = min(len(samples), max_bytes // (3 * width_bytes))
    return pack_signed(samples[:held].ravel(), 8 * width_bytes), held


def delta_acc(samples: Integers, *, max_bytes: int) -> tuple[bytes, int]:
    """Return compressed acceleration, and how many of the samples it holds.

    Parameters
    ----------
    samples : int64, shape (n, 3)
        As many as there are; those that do not fit are left out.
    max_bytes
        How long the content may be.
    """
    content = pack("<3h", *samples[0].tolist())
    room = max_bytes - len(content)
    deltas = np.diff(samples, axis=0)
    held = 1
    while held < len(samples):
        block = deltas[held - 1 : held - 1 + BLOCK_SAMPLES]
        bits = _width(block)
        block = block[: max(0, (room - 2) * 8 // (bits * 3))]
        if not len(block):
            break
        packed = bytes([bits, len(block)]) + pack_signed(block.ravel(), bits)
        content += packed
        room -= len(packed)
        held += len(block)
    return content, held


def ppi_frame(timestamp_ns: int, beats: Sequence[tuple[int, int, int, int]]) -> bytes:
    """Return a frame of beat-to-beat intervals.

    Parameters
    ----------
    timestamp_ns
        Time of the last beat; 0 from firmware that does not say.
    beats
        Heart rate, interval and its error in milliseconds, and flags of each.
    """
    return pmd_frame(PPI, timestamp_ns, 0, b"".join(pack("<BHHB", *beat) for beat in beats))


def pack_signed(values: Integers, bits: int) -> bytes:
    """Return two's complement integers of any width without gaps, the lowest bit first."""
    digits = (values[:, None] >> np.arange(bits)) & 1
    return np.packbits(digits.astype(np.uint8).ravel(), bitorder="little").tobytes()


def _width(values: Integers) -> int:
    """Return the least width in bits that holds all values with their sign."""
    extreme = max(int(values.max()), -int(values.min()) - 1, 0)
    return extreme.bit_length() + 1
