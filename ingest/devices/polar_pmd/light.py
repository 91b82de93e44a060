"""Polar's frames of the optical sensor (PPG), its light readings before they become a pulse."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.devices.packed import Integers
from ingest.devices.polar_pmd.delta import Blocks, decode_deltas
from ingest.devices.polar_pmd.frame import (
    CONTENT_AT,
    MeasurementType,
    decode_header,
    decode_plain,
)
from ingest.errors import DecodeError

__all__ = ["PpgFrame", "decode_ppg"]

CHANNEL_BITS = 24
"""Width of a light reading."""
STATUS_MASK = 0xFFFFFF
"""The status is 24 bits without a sign, in the place of a last light reading."""

COMPRESSED = 0x80
"""The bit of the frame type that says so."""

FOUR_CHANNELS = ("ppg0", "ppg1", "ppg2", "ambient")
"""What the channels of type 0 are."""
STATUS_TYPES = {0x07: 17, 0x08: 25}
"""Channels by frame type, the last of them a status."""


@dataclass(frozen=True, slots=True, eq=False)
class PpgFrame:
    """A frame of light readings.

    Parameters
    ----------
    timestamp_ns
        Time of the last sample, in nanoseconds of the device since 2000.
    frame_type
        With bit 7 set where compressed.
    channels
        The name of each channel; how many there are where they have no names.
    samples : int64, shape (n, channels)
        Oldest first.
    delta_blocks
        Width in bits and number of samples of each block of differences.
    """

    timestamp_ns: int
    frame_type: int
    channels: tuple[str, ...] | int
    samples: Integers
    delta_blocks: Blocks

    @property
    def n(self) -> int:
        """How many samples there are."""
        return len(self.samples)

    @property
    def status(self) -> tuple[int, ...]:
        """The status with each sample; empty where the type has none."""
        if not isinstance(self.channels, int):
            return ()
        return tuple(value & STATUS_MASK for value in self.samples[:, -1].tolist())

    @property
    def status_channel(self) -> str | None:
        """Where ``status`` comes from; None where the type has none."""
        return f"last, mask 0x{STATUS_MASK:X}" if isinstance(self.channels, int) else None


def decode_ppg(data: bytes) -> PpgFrame:
    """Decode a frame of the types 0 (plain or compressed), 7 and 8 (compressed).

    Raises
    ------
    DecodeError
        If the frame is not whole, or of another type.
    """
    frame = "Polar PPG frame"
    timestamp_ns, frame_type = decode_header(MeasurementType.PPG, data)
    compressed, type_number = bool(frame_type & COMPRESSED), frame_type & ~COMPRESSED
    channels: tuple[str, ...] | int
    if type_number == 0:
        channels, width = FOUR_CHANNELS, len(FOUR_CHANNELS)
    elif compressed and type_number in STATUS_TYPES:
        channels = width = STATUS_TYPES[type_number]
    else:
        raise DecodeError(frame, f"is of the unknown type 0x{frame_type:02x}", data)

    blocks: Blocks = ()
    if compressed:
        samples, blocks = decode_deltas(
            frame, data, start=CONTENT_AT, channels=width, bits=CHANNEL_BITS
        )
    else:
        samples = decode_plain(frame, data, channels=width, bits=CHANNEL_BITS)
    return PpgFrame(timestamp_ns, frame_type, channels, samples, blocks)
