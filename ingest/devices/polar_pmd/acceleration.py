"""Polar's frames of acceleration."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from ingest.devices.packed import Integers
from ingest.devices.polar_pmd.delta import Blocks, decode_deltas
from ingest.devices.polar_pmd.frame import (
    CONTENT_AT,
    UNIX_OFFSET_NS,
    MeasurementType,
    decode_header,
    decode_plain,
    sample_times_ns,
)
from ingest.errors import DecodeError, SampleError
from ingest.samples import MAX_ABS_G, Acceleration

__all__ = ["AccFrame", "AccFrameType", "decode_acc", "to_acceleration"]

CHANNELS = 3
"""Values in a sample: x, y and z."""
REFERENCE_BITS = 16
"""Width of a channel in the reference sample of compressed acceleration."""
MG_PER_G = 1000
"""Thousandths of a g in one."""


class AccFrameType(IntEnum):
    """How the acceleration in a frame is written."""

    RAW_8_BIT = 0x00
    RAW_16_BIT = 0x01
    RAW_24_BIT = 0x02
    DELTA_G = 0x80
    DELTA_MG = 0x81


@dataclass(frozen=True, slots=True, eq=False)
class AccFrame:
    """A frame of acceleration.

    Parameters
    ----------
    timestamp_ns
        Time of the last sample, in nanoseconds of the device since 2000.
    frame_type
        How the samples are written.
    raw : int64, shape (n, 3)
        As written, oldest first.
    mg : float32, shape (n, 3)
        In thousandths of a g.
    sample_ts_ns : int64, shape (n,)
        Time of each sample as `sample_times_ns` gives it; None where nothing says how far apart
        they are.
    delta_blocks
        Width in bits and number of samples of each block of differences.
    """

    timestamp_ns: int
    frame_type: AccFrameType
    raw: Integers
    mg: npt.NDArray[np.float32]
    sample_ts_ns: Integers | None
    delta_blocks: Blocks

    @property
    def n(self) -> int:
        """How many samples there are."""
        return len(self.raw)

    @property
    def unit(self) -> str:
        """The unit of ``mg`` as Polar writes it."""
        return "mG"


def decode_acc(
    data: bytes,
    *,
    factor: float | None = None,
    rate_hz: float | None = None,
    previous_ns: int | None = None,
) -> AccFrame:
    """Decode a frame of acceleration.

    Parameters
    ----------
    data
        The frame.
    factor
        What the response to the start gave to multiply compressed samples with; 1 without it.
    rate_hz, previous_ns
        For `sample_times_ns`.

    Raises
    ------
    DecodeError
        If the frame is not whole, of a type not known, or holds more than 64 g.
    """
    frame = "Polar ACC frame"
    timestamp_ns, type_number = decode_header(MeasurementType.ACC, data)
    if type_number not in set(AccFrameType):
        raise DecodeError(frame, f"is of the unknown type 0x{type_number:02x}", data)
    frame_type = AccFrameType(type_number)

    blocks: Blocks = ()
    scale = 1.0
    if frame_type in (AccFrameType.DELTA_G, AccFrameType.DELTA_MG):
        raw, blocks = decode_deltas(
            frame, data, start=CONTENT_AT, channels=CHANNELS, bits=REFERENCE_BITS
        )
        unit_mg = MG_PER_G if frame_type is AccFrameType.DELTA_G else 1
        scale = unit_mg * (1.0 if factor is None else factor)
    else:
        raw = decode_plain(frame, data, channels=CHANNELS, bits=8 * (frame_type + 1))
    mg = raw * scale
    if not (np.abs(mg) <= MAX_ABS_G * MG_PER_G).all():
        raise DecodeError(
            frame, f"holds more than {MAX_ABS_G:g} g; was the factor of the start left out?", data
        )
    return AccFrame(
        timestamp_ns=timestamp_ns,
        frame_type=frame_type,
        raw=raw,
        mg=mg.astype(np.float32),
        sample_ts_ns=sample_times_ns(
            timestamp_ns, len(raw), rate_hz=rate_hz, previous_ns=previous_ns
        ),
        delta_blocks=blocks,
    )


def to_acceleration(frame: AccFrame) -> Acceleration:
    """Give the samples as the house takes them, by the clock of the device as it stands.

    Raises
    ------
    SampleError
        If the frame was decoded without a rate and without the frame before.
    """
    if frame.sample_ts_ns is None:
        raise SampleError("acceleration: the samples have no times; decode them with a rate")
    return Acceleration(frame.sample_ts_ns + UNIX_OFFSET_NS, frame.mg / np.float32(MG_PER_G))
