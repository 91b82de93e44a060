"""Signed integers packed without gaps, the least significant bit first."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ingest.errors import DecodeError

__all__ = ["Integers", "require_size", "unpack_signed"]

Integers: TypeAlias = npt.NDArray[np.int64]


def unpack_signed(packed: bytes, bits: int, count: int) -> Integers:
    """Unpack two's complement integers of any width.

    Whole little-endian bytes are the case of 8, 16 or 24 bits.

    Parameters
    ----------
    packed
        At least ``bits * count`` bits; what is beyond is padding.
    bits
        Width of each integer, 0 to 62; integers of no width are 0.
    count
        How many there are.

    Returns
    -------
    int64, shape (count,)
    """
    digits = np.unpackbits(
        np.frombuffer(packed, np.uint8), count=bits * count, bitorder="little"
    ).reshape(count, bits)
    weights = 1 << np.arange(bits, dtype=np.int64)
    # In two's complement the highest bit counts downwards.
    weights[-1:] *= -1
    return digits @ weights


def require_size(frame: str, data: bytes, least: int, most: int | None = None) -> None:
    """Refuse a frame that has not the bytes it needs.

    Parameters
    ----------
    frame
        What the bytes are taken for, for the message.
    data
        The bytes.
    least, most
        How many bytes there may be; exactly ``least`` where ``most`` is not given.

    Raises
    ------
    DecodeError
        If there are fewer or more.
    """
    if len(data) < least:
        raise DecodeError(frame, f"ends after {len(data)} of {least} bytes", data)
    if len(data) > (least if most is None else most):
        raise DecodeError(frame, f"has more than {least if most is None else most} bytes", data)
