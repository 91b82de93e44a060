"""The compressed content of Polar's data frames: a reference sample, then blocks of differences.

Layout: Polar, 'Polar Measurement Data Specification'. The reference sample has whole bytes for
each channel. A block is its width in bits, its number of samples, and the differences of each
sample from the one before, packed without gaps and padded to a whole byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from ingest.devices.packed import Integers, require_size, unpack_signed
from ingest.errors import DecodeError

__all__ = ["Blocks", "DeltaPrefix", "decode_deltas", "decode_prefix"]

Blocks: TypeAlias = tuple[tuple[int, int], ...]
"""Width in bits and number of samples of each block."""

MAX_DELTA_BITS = 32
"""Widest difference in bits: the widest channel of any frame has 24, so wider ones are damage."""

PREFIX_CHANNELS, PREFIX_BITS = 3, 16
"""What `decode_prefix` takes its content for: acceleration."""


@dataclass(frozen=True, slots=True, eq=False)
class DeltaPrefix:
    """The beginning of compressed content.

    Parameters
    ----------
    samples : int64, shape (n, channels)
        The reference and as many further samples as are there whole.
    delta_bits, delta_count_declared
        Width in bits and number of samples of the first block, as it says.
    """

    samples: Integers
    delta_bits: int
    delta_count_declared: int


def decode_deltas(
    frame: str, data: bytes, *, start: int, channels: int, bits: int
) -> tuple[Integers, Blocks]:
    """Decompress the content of a frame.

    Parameters
    ----------
    frame
        What ``data`` is, for the message.
    data
        The whole frame.
    start
        Where the content begins.
    channels
        Values in a sample.
    bits
        Width of a channel of the reference sample.

    Returns
    -------
    samples : int64, shape (n, channels)
    blocks

    Raises
    ------
    DecodeError
        If the frame does not end with the last block.
    """
    reference, at = _reference(frame, data, start, channels, bits)
    parts = [reference]
    blocks: list[tuple[int, int]] = []
    while at < len(data):
        width, count, at = _block_header(frame, data, at)
        end = at + -(-width * count * channels // 8)
        require_size(frame, data, end, len(data))
        parts.append(_values(data[at:end], width, count, channels))
        blocks.append((width, count))
        at = end
    return np.cumsum(np.concatenate(parts), axis=0), tuple(blocks)


def decode_prefix(data: bytes) -> DeltaPrefix:
    """Decompress the beginning of compressed acceleration that is cut off in its first block.

    Raises
    ------
    DecodeError
        If the reference sample or the head of the first block is not there.
    """
    frame = "beginning of compressed content"
    reference, at = _reference(frame, data, 0, PREFIX_CHANNELS, PREFIX_BITS)
    width, declared, at = _block_header(frame, data, at)
    present = 8 * (len(data) - at) // (width * PREFIX_CHANNELS) if width else declared
    deltas = _values(data[at:], width, min(declared, present), PREFIX_CHANNELS)
    return DeltaPrefix(np.cumsum(np.concatenate([reference, deltas]), axis=0), width, declared)


def _reference(
    frame: str, data: bytes, start: int, channels: int, bits: int
) -> tuple[Integers, int]:
    width_bytes = -(-bits // 8)
    end = start + channels * width_bytes
    require_size(frame, data, end, len(data))
    return _values(data[start:end], 8 * width_bytes, 1, channels), end


def _block_header(frame: str, data: bytes, at: int) -> tuple[int, int, int]:
    """Return width and count of the block that begins at a place, and where its values begin."""
    end = at + 2
    require_size(frame, data, end, len(data))
    width, count = data[at:end]
    if width > MAX_DELTA_BITS:
        raise DecodeError(frame, f"has differences of {width} bits", data)
    return width, count, end


def _values(packed: bytes, bits: int, count: int, channels: int) -> Integers:
    return unpack_signed(packed, bits, count * channels).reshape(count, channels)
